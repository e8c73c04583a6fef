"""Draws the pictures of a calibration, has them read, and throws them away: a stream, whatever its length."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.calibration.conditions import Condition
from bench.errors import RunFailedError
from bench.generators import Failure, Job, Picture
from bench.generators.table import open_generator
from bench.progress import Progress, show_progress
from bench.reading_pool import ReadingDone, ReadingOutcome, ReadingPool
from bench.records import Sample
from metrics.reading import Reading
from prompts.suite import Prompt


@dataclass(frozen=True, slots=True)
class Observation:
    """One picture: how it was drawn, what the typesetter recorded of it, what was read in it."""

    condition: Condition
    prompt: Prompt
    seed: int
    details: Mapping[str, Any]
    reading: Reading


@dataclass
class Observing:
    """Draws and reads pictures in `workers` processes; `left_out` counts those that could not be, by reason."""

    reader: str
    workers: int
    left_out: Counter[str] = field(default_factory=Counter)

    def observe(self, title: str, conditions: Sequence[Condition]) -> Iterator[Observation]:
        """Yield what was read in each picture, in order, with progress on stderr.

        Raises:
            RunFailedError: A reading process was killed.
        """
        count = sum(len(condition.jobs) for condition in conditions)
        with (
            tempfile.TemporaryDirectory(prefix="glyphbench-") as folder,
            show_progress(title, count, count) as progress,
            _open_pool(self.reader, Path(folder), self.workers) as pool,
        ):
            yield from self._stream(_Desk(Path(folder), pool, progress), conditions)

    def _stream(self, desk: _Desk, conditions: Sequence[Condition]) -> Iterator[Observation]:
        for condition in conditions:
            generator = open_generator(condition.spec)
            for job, outcome in zip(condition.jobs, generator.generate(_drawn(condition)), strict=True):
                desk.progress.made()
                if isinstance(outcome, Failure):
                    self.left_out[outcome.reason] += 1
                    desk.progress.read()
                else:
                    yield from self._observations(desk, desk.hand_in(condition, job, outcome))
        yield from self._observations(desk, desk.pool.finish())

    def _observations(self, desk: _Desk, outcomes: Iterator[ReadingOutcome]) -> Iterator[Observation]:
        for outcome in outcomes:
            condition, job, details = desk.take_back()
            desk.progress.read()
            if isinstance(outcome, ReadingDone):
                yield Observation(condition, job.prompt, job.seed, details, outcome.record.reading)
            else:
                self.left_out[f"not read: {outcome.reason}"] += 1


class _Desk:
    """Pictures that lie on disk while they wait for their reading, the oldest first."""

    def __init__(self, folder: Path, pool: ReadingPool, progress: Progress) -> None:
        self.pool, self.progress = pool, progress
        self._folder = folder
        self._waiting: deque[tuple[Path, tuple[Condition, Job, Mapping[str, Any]]]] = deque()
        self._number = 0

    def hand_in(self, condition: Condition, job: Job, picture: Picture) -> Iterator[ReadingOutcome]:
        """Put a picture into the pool; yield what is finished by now."""
        self._number += 1
        path = self._folder / f"{self._number}.ppm"
        buffer = io.BytesIO()
        picture.image.save(buffer, format="PPM")
        path.write_bytes(buffer.getvalue())
        self._waiting.append((path, (condition, job, picture.details)))
        sample = Sample(job.prompt.id, job.seed, "ok", path.name, hashlib.sha256(buffer.getvalue()).hexdigest())
        yield from self.pool.submit(sample)

    def take_back(self) -> tuple[Condition, Job, Mapping[str, Any]]:
        """Remove the oldest picture, which has been read; return what it shows."""
        path, shown = self._waiting.popleft()
        path.unlink()
        return shown


@contextmanager
def _open_pool(reader: str, folder: Path, workers: int) -> Iterator[ReadingPool]:
    try:
        with ReadingPool(reader, folder, workers) as pool:
            yield pool
    except BrokenProcessPool:
        raise RunFailedError(
            "a reading process was killed, perhaps for want of memory; calibrate again with fewer --workers"
        ) from None


def _drawn(condition: Condition) -> tuple[Job, ...]:
    """Return the jobs as the typesetter gets them: without any lettering for pictures that are to be blank."""
    if condition.part != "blank":
        return condition.jobs
    return tuple(replace(job, prompt=replace(job.prompt, regions=(), relations=())) for job in condition.jobs)
