"""Draws the pictures of a calibration, has them read, and throws them away: a stream, whatever its length."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.calibration.conditions import Condition
from bench.errors import RunFailedError
from bench.generators import Failure, Job, Picture
from bench.generators.table import open_generator
from bench.progress import Progress, show_progress
from bench.reader_record import ReaderRecord
from bench.reading_pool import ReadingDone, ReadingOutcome, ReadingPool, ReadingTask
from bench.records import Sample
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


@dataclass
class Observing:
    """Draws and reads pictures in `workers` processes; `left_out` counts those that could not be, by reason."""

    reader: ReaderRecord
    profile: str
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
            _open_pool(Path(folder), self.workers) as pool,
        ):
            yield from self._stream(_Desk(Path(folder), pool, progress), conditions)

    def _stream(self, desk: _Desk, conditions: Sequence[Condition]) -> Iterator[Observation]:
        generators = [open_generator(condition.spec) for condition in conditions]
        for condition, generator in zip(conditions, generators, strict=True):
            for job, outcome in zip(condition.jobs, generator.generate(condition.drawn), strict=True):
                desk.progress.made()
                if isinstance(outcome, Failure):
                    self.left_out[outcome.reason] += 1
                    desk.progress.read()
                else:
                    sample = desk.put_down(condition, job, outcome)
                    task = ReadingTask(sample, self.reader, job.prompt, self.profile)
                    yield from self._observations(desk, desk.pool.submit(task))
        yield from self._observations(desk, desk.pool.finish())

    def _observations(self, desk: _Desk, outcomes: Iterator[ReadingOutcome]) -> Iterator[Observation]:
        for outcome in outcomes:
            condition, job, details = desk.take_back()
            desk.progress.read()
            if isinstance(outcome, ReadingDone):
                record = outcome.record
                yield Observation(condition, job.prompt, job.seed, details, record.reading, record.evidence)
            else:
                self.left_out[f"not read: {outcome.reason}"] += 1


class _Desk:
    """Pictures that lie on disk while they wait for their reading, the oldest first."""

    def __init__(self, folder: Path, pool: ReadingPool, progress: Progress) -> None:
        self.pool, self.progress = pool, progress
        self._folder = folder
        self._waiting: deque[tuple[Path, tuple[Condition, Job, Mapping[str, Any]]]] = deque()
        self._number = 0

    def put_down(self, condition: Condition, job: Job, picture: Picture) -> Sample:
        """Write a picture, which is what `job` asked for, and return its record."""
        self._number += 1
        path = self._folder / f"{self._number}.ppm"
        buffer = io.BytesIO()
        picture.image.save(buffer, format="PPM")
        path.write_bytes(buffer.getvalue())
        self._waiting.append((path, (condition, job, picture.details)))
        return Sample(job.prompt.id, job.seed, "ok", path.name, hashlib.sha256(buffer.getvalue()).hexdigest())

    def take_back(self) -> tuple[Condition, Job, Mapping[str, Any]]:
        """Remove the oldest picture, which has been read; return what it shows."""
        path, shown = self._waiting.popleft()
        path.unlink()
        return shown


@contextmanager
def _open_pool(folder: Path, workers: int) -> Iterator[ReadingPool]:
    try:
        with ReadingPool(folder, workers) as pool:
            yield pool
    except BrokenProcessPool:
        raise RunFailedError(
            "a reading process was killed, perhaps for want of memory; calibrate again with fewer --workers"
        ) from None
