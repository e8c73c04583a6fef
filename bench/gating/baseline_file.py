"""The file of a blessed baseline: its schema, and how it is read and written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from bench.comparison.conditions import Conditions
from bench.files import write_whole
from bench.json_file import read_formatted
from metrics.table import METRICS
from prompts.errors import GlyphbenchError
from prompts.validation import describe_faults

FORMAT = 1
"""Raised when older versions could not read a baseline any more."""

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
        if len(set(self.conditions.seeds)) < seeds or not seeds:
            raise ValueError("conditions.seeds: none, or one that stands there twice")
        names = set(self.prompts[0].scores)
        if names != set(self.conditions.metrics):
            raise ValueError("conditions.metrics: not the same metrics as the prompts' scores, so that none is checked")
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


def read_baseline(path: Path) -> Baseline:
    """Return the baseline in a file.

    Raises:
        GlyphbenchError: It is missing, damaged, or of a newer format.
    """
    content = read_formatted(path, FORMAT, f"there is no baseline {path}")
    try:
        return Baseline.model_validate(content)
    except ValidationError as error:
        faults = describe_faults(error, Baseline)[:10]
        raise GlyphbenchError("\n  ".join([f"{path}: not a baseline", *faults])) from None


def write_baseline(baseline: Baseline, path: Path) -> None:
    """Write a baseline to a file, whole or not at all; its folder is made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, _text(baseline))


def _text(baseline: Baseline) -> str:
    """Return the file's text: a line for each prompt, so that a change of one shows as one."""
    content = baseline.model_dump(mode="json")
    prompts = content.pop("prompts")
    head = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    lines = ",\n".join(
        "  " + json.dumps(prompt, ensure_ascii=False, separators=(",", ":"), allow_nan=False) for prompt in prompts
    )
    return f'{head.removesuffix("}").rstrip()},\n "prompts": [\n{lines}\n ]\n}}\n'


def as_content(baseline: Baseline) -> dict[str, Any]:
    """Return what is to be told of a baseline, without its scores."""
    return {
        **baseline.model_dump(mode="json", exclude={"prompts", "conditions", "surroundings"}),
        "prompts": len(baseline.prompts),
        "seeds": list(baseline.conditions.seeds),
        "metrics": list(baseline.prompts[0].scores),
    }
