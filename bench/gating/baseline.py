"""A blessed baseline: the scores that a gate needs, kept for the user's own repository, and opened like a run."""

from __future__ import annotations

import getpass
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bench.comparison.conditions import Conditions
from bench.comparison.contender import Contender
from bench.comparison.sheet import PromptFacts, ScoreSheet, sheet_of
from bench.config import CALIBRATIONS
from bench.gating.baseline_file import Baseline, Count, PromptScores, read_baseline, write_baseline
from bench.run import Run
from metrics.paired import Scores
from prompts.errors import GlyphbenchError

ALWAYS = ("accuracy", "exact", "cer")
"""Metrics that every baseline has, whatever the policy gates."""


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
    write_baseline(baseline, path)
    return baseline


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


def _account() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None
