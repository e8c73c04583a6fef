"""A blessed baseline: the scores that a gate needs, in one small JSON file for the user's own repository."""

from __future__ import annotations

import getpass
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from bench.comparison.conditions import Conditions
from bench.comparison.contender import Contender
from bench.comparison.sheet import PromptFacts, ScoreSheet, sheet_of
from bench.config import CALIBRATIONS
from bench.files import write_whole
from bench.run import Run
from metrics.paired import Scores
from metrics.table import METRICS
from prompts.errors import GlyphbenchError
from prompts.strict_json import parse_json
from prompts.validation import describe_faults

FORMAT = 1
"""Raised when older versions could not read a baseline any more."""

ALWAYS = ("accuracy", "exact", "cer")
"""Metrics that every baseline has, whatever the policy gates."""

Count = FiniteFloat | int | None


class PromptScores(BaseModel):
    """One prompt: its facts, and for each metric numerator and denominator of each seed, null where there is none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    group: str
    language: str
    length: str
    tags: tuple[str, ...] = ()
    empty: tuple[int, ...] = ()
    scores: dict[str, tuple[tuple[Count, Count], ...]]


class Baseline(BaseModel):
    """The content of a baseline file. `empty` of a prompt has the places of seeds without a picture by the model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    glyphbench: str
    name: str
    signature: str
    run: str
    reason: str = Field(min_length=1)
    blessed: str
    by: str | None = None
    model: str
    conditions: Conditions
    surroundings: dict[str, str]
    prompts: tuple[PromptScores, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Baseline:
        if not self.reason.strip():
            raise ValueError("reason: is empty")
        seeds = len(self.conditions.seeds)
        names = set(self.prompts[0].scores)
        for prompt in self.prompts:
            if set(prompt.scores) != names or any(len(row) != seeds for row in prompt.scores.values()):
                raise ValueError(f"prompt {prompt.id}: not the same metrics and {seeds} seeds as the others")
            if any(not 0 <= place < seeds for place in prompt.empty):
                raise ValueError(f"prompt {prompt.id}: empty names a seed that is not there")
            for row in prompt.scores.values():
                if any((n is None) != (d is None) or (d is not None and d <= 0) for n, d in row):
                    raise ValueError(f"prompt {prompt.id}: a score is no numerator with a denominator above 0")
            if wrong := [name for name, row in prompt.scores.items() if not all(map(_within(name), row))]:
                raise ValueError(f"prompt {prompt.id}: {', '.join(wrong)} out of bounds")
        if len({prompt.id for prompt in self.prompts}) != len(self.prompts):
            raise ValueError("a prompt stands there twice")
        if len(self.prompts) != self.conditions.asked:
            raise ValueError(f"{len(self.prompts)} prompts instead of {self.conditions.asked}")
        return self


def _within(name: str) -> Callable[[tuple[Count, Count]], bool]:
    """Return a test of whether a score can be one of this metric; of one that is not known here, any can."""
    metric = METRICS.get(name)

    def test(score: tuple[Count, Count]) -> bool:
        numerator, denominator = score
        if metric is None or numerator is None or denominator is None:
            return True
        value = numerator / denominator
        return value >= metric.low - 1e-9 and (metric.high is None or value <= metric.high + 1e-9)

    return test


def bless(run: Run, reason: str, path: Path, metrics: Iterable[str] = (), by: str | None = None) -> Baseline:
    """Write the baseline of a run, whole or not at all, and return it.

    Args:
        run: Complete, and of all its suite's prompts.
        reason: Why this run is what others are measured by.
        path: Of the file.
        metrics: To be kept beside `ALWAYS`.
        by: Who blesses it; by default the account.

    Raises:
        GlyphbenchError: The run is incomplete or partial, or has no score of a metric; there is no reason.
    """
    sheet = sheet_of(run)
    names = tuple(dict.fromkeys((*ALWAYS, *metrics)))
    faults = _faults(sheet, names)
    if not reason.strip():
        faults.append("--reason is empty; say why this run is what others are measured by")
    if faults:
        raise GlyphbenchError("\n  ".join([f"{sheet.contender.source} cannot be blessed", *faults]))
    conditions = asdict(sheet.conditions)
    conditions["metrics"] = {name: sheet.conditions.metrics[name] for name in names}
    baseline = Baseline(
        glyphbench=version("glyphbench"),
        name=sheet.contender.name,
        signature=sheet.contender.signature,
        run=run.folder.path.name,
        reason=reason.strip(),
        blessed=datetime.now(UTC).isoformat(timespec="seconds"),
        by=by or _account(),
        model=sheet.model_digest,
        conditions=Conditions(**conditions),
        surroundings=dict(sheet.surroundings),
        prompts=tuple(_prompt(sheet, place, names) for place in range(len(sheet.prompts))),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, _text(baseline))
    return baseline


def read_baseline(path: Path) -> Baseline:
    """Return the baseline in a file.

    Raises:
        GlyphbenchError: It is missing, damaged, or of a newer format.
    """
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise GlyphbenchError(f"there is no baseline {path}") from None
    except (OSError, ValueError) as error:
        raise GlyphbenchError(f"{path}: cannot be read: {error}") from None
    found = content.get("format") if isinstance(content, dict) else None
    if isinstance(found, int) and found > FORMAT:
        raise GlyphbenchError(
            f"{path}: format {found} is newer than format {FORMAT}, the newest that this version of Glyphbench "
            'knows; upgrade with: pip install -U "glyphbench"'
        )
    try:
        return Baseline.model_validate(content)
    except ValidationError as error:
        faults = describe_faults(error, Baseline)[:10]
        raise GlyphbenchError("\n  ".join([f"{path}: not a baseline", *faults])) from None


def open_sheet(path: Path, calibrations: Path = CALIBRATIONS, reader: str | None = None) -> ScoreSheet:
    """Return the score sheet of a run folder, or of a baseline file.

    Args:
        path: A folder, or a `.json` file that `bless` wrote.
        calibrations: Folder of the user's own calibrations.
        reader: Name of the reader whose scores count; by default the run's first. A baseline has one.

    Raises:
        GlyphbenchError: There is neither, it cannot be read, or no such reader has read it.
    """
    if path.is_file() or path.suffix == ".json":
        sheet = sheet_of_baseline(read_baseline(path), path)
        if reader is not None and sheet.conditions.reader != reader:
            raise GlyphbenchError(f"{path} was read by {sheet.conditions.reader}, not by {reader}")
        return sheet
    return sheet_by(Run.open(path, calibrations), reader)


def sheet_by(run: Run, reader: str | None) -> ScoreSheet:
    """Return the score sheet of a run by the reader of this name; without a name, by its first.

    Raises:
        GlyphbenchError: No such reader has read it, or its files cannot be read.
    """
    if reader is None:
        return sheet_of(run)
    found = [record for record in run.readers if record.name == reader]
    if not found:
        path, names = run.folder.path, ", ".join(record.name for record in run.readers) or "none"
        raise GlyphbenchError(
            f"{path}: {reader} has not read this run, only {names}; have it read: python -m bench read {path} "
            f"--reader {reader}"
        )
    return sheet_of(run, found[0])


def sheet_of_baseline(baseline: Baseline, path: Path) -> ScoreSheet:
    """Return the score sheet that a baseline keeps."""
    prompts = tuple(PromptFacts(p.id, p.group, p.language, p.length, p.tags) for p in baseline.prompts)
    empty = np.zeros((len(prompts), len(baseline.conditions.seeds)), np.bool_)
    for row, prompt in enumerate(baseline.prompts):
        empty[row, list(prompt.empty)] = True
    tables = {
        name: np.array([prompt.scores[name] for prompt in baseline.prompts], dtype=np.float64)
        for name in baseline.prompts[0].scores
    }
    return ScoreSheet(
        Contender(baseline.name, baseline.signature, str(path)),
        baseline.model,
        baseline.conditions,
        prompts,
        {name: Scores(table[..., 0], table[..., 1]) for name, table in tables.items()},
        empty,
        {},
        baseline.surroundings,
    )


def _faults(sheet: ScoreSheet, names: Sequence[str]) -> list[str]:
    faults = [f"it is not complete: {count} × {reason}" for reason, count in sheet.unfinished.items()]
    if sheet.conditions.is_partial:
        extent = f"{sheet.conditions.asked} of {sheet.conditions.whole} prompts"
        faults.append(f"it is a partial run ({extent}); run it without --limit")
    return faults + [f"it has no score of {name}" for name in names if name not in sheet.scores]


def _prompt(sheet: ScoreSheet, place: int, names: Sequence[str]) -> PromptScores:
    facts = sheet.prompts[place]
    scores = {}
    for name in names:
        rows = zip(
            sheet.scores[name].numerators[place].tolist(), sheet.scores[name].denominators[place].tolist(), strict=True
        )
        scores[name] = tuple((_count(n), _count(d)) for n, d in rows)
    empty = tuple(np.flatnonzero(sheet.empty[place]).tolist())
    return PromptScores(
        id=facts.id,
        group=facts.group,
        language=facts.language,
        length=facts.length,
        tags=facts.tags,
        empty=empty,
        scores=scores,
    )


def _count(value: float) -> Count:
    """Return a count as JSON has it: whole numbers without a point, and None for none."""
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() else value


def _text(baseline: Baseline) -> str:
    """Return the file's text: a line for each prompt, so that a change of one shows as one."""
    content = baseline.model_dump(mode="json")
    prompts = content.pop("prompts")
    head = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    lines = ",\n".join(
        "  " + json.dumps(prompt, ensure_ascii=False, separators=(",", ":"), allow_nan=False) for prompt in prompts
    )
    return f'{head.removesuffix("}").rstrip()},\n "prompts": [\n{lines}\n ]\n}}\n'


def _account() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def as_content(baseline: Baseline) -> dict[str, Any]:
    """Return what is to be told of a baseline, without its scores."""
    return {
        **baseline.model_dump(mode="json", exclude={"prompts", "conditions", "surroundings"}),
        "prompts": len(baseline.prompts),
        "seeds": list(baseline.conditions.seeds),
        "metrics": list(baseline.prompts[0].scores),
    }
