"""Draws the pictures of a calibration's conditions and has them read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.calibration.conditions import Condition
from bench.calibration.reading_stream import ReadingStream, Shown
from bench.generators import Job, Picture
from bench.generators.table import open_generator
from metrics.evidence import CharacterEvidence
from metrics.reading import Reading
from prompts.suite import Prompt


@dataclass(frozen=True, slots=True)
class Observation:
    """One picture: how it was drawn, what was asked for, what the typesetter recorded, what was read in it."""

    condition: Condition
    prompt: Prompt
    seed: int
    details: Mapping[str, Any]
    reading: Reading
    evidence: tuple[CharacterEvidence, ...] | None = None


def observe(stream: ReadingStream, title: str, conditions: Sequence[Condition]) -> Iterator[Observation]:
    """Yield every picture of the conditions with what was read in it, in order."""
    count = sum(len(condition.jobs) for condition in conditions)
    for shown, record in stream.read(title, count, _drawn(conditions)):
        condition, job = shown.tag
        details = shown.outcome.details if isinstance(shown.outcome, Picture) else {}
        yield Observation(condition, job.prompt, job.seed, details, record.reading, record.evidence)


def _drawn(conditions: Sequence[Condition]) -> Iterator[Shown[tuple[Condition, Job]]]:
    # All are opened before anything is drawn: a spec that cannot be used shows at once.
    generators = [open_generator(condition.spec) for condition in conditions]
    for condition, generator in zip(conditions, generators, strict=True):
        for job, outcome in zip(condition.jobs, generator.generate(condition.drawn), strict=True):
            yield Shown((condition, job), job.prompt, outcome)
