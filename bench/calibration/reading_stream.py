"""Pictures that are read and thrown away: a stream through the reading pool, whatever its length."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from bench.generators import Failure, Outcome, Picture
from bench.progress import Progress, show_progress
from bench.reader_record import ReaderRecord
from bench.reading_pool import ReadingDone, ReadingOutcome, ReadingTask
from bench.reading_stage import open_pool
from bench.records import ReadingRecord, Sample
from prompts.suite import Prompt

Tag = TypeVar("Tag")


@dataclass(frozen=True, slots=True)
class Shown(Generic[Tag]):
    """A picture to read, or why there is none; `prompt` is what was asked for, `tag` whatever belongs to it."""

    tag: Tag
    prompt: Prompt
    outcome: Outcome


@dataclass
class ReadingStream:
    """Has pictures read in `workers` processes; `left_out` counts those that could not be, by reason."""

    reader: ReaderRecord
    profile: str
    workers: int
    left_out: Counter[str] = field(default_factory=Counter)

    def read(
        self, title: str, count: int, pictures: Iterable[Shown[Tag]]
    ) -> Iterator[tuple[Shown[Tag], ReadingRecord]]:
        """Yield what was read in each picture, in order, with progress on stderr.

        Args:
            title: What is being done.
            count: How many pictures will come.
            pictures: Taken one by one, as they are read.

        Raises:
            RunFailedError: A reading process was killed.
        """
        with (
            tempfile.TemporaryDirectory(prefix="glyphbench-") as folder,
            show_progress(title, count, count) as progress,
            open_pool(Path(folder), self.workers, "calibrate again with fewer --workers") as pool,
        ):
            desk = _Desk[Tag](Path(folder))
            for shown in pictures:
                progress.made()
                if isinstance(shown.outcome, Failure):
                    self.left_out[shown.outcome.reason] += 1
                    progress.read()
                    continue
                sample = desk.put_down(shown, shown.outcome)
                task = ReadingTask(sample, self.reader, shown.prompt, self.profile)
                yield from self._done(desk, pool.submit(task), progress)
            yield from self._done(desk, pool.finish(), progress)

    def _done(
        self, desk: _Desk[Tag], outcomes: Iterator[ReadingOutcome], progress: Progress
    ) -> Iterator[tuple[Shown[Tag], ReadingRecord]]:
        for outcome in outcomes:
            shown = desk.take_back()
            progress.read()
            if isinstance(outcome, ReadingDone):
                yield shown, outcome.record
            else:
                self.left_out[f"not read: {outcome.reason}"] += 1


class _Desk(Generic[Tag]):
    """Pictures that lie on disk while they wait for their reading, the oldest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: deque[tuple[Path, Shown[Tag]]] = deque()
        self._number = 0

    def put_down(self, shown: Shown[Tag], picture: Picture) -> Sample:
        """Write a picture and return its record."""
        self._number += 1
        path = self._folder / f"{self._number}.ppm"
        buffer = io.BytesIO()
        picture.image.save(buffer, format="PPM")
        path.write_bytes(buffer.getvalue())
        self._waiting.append((path, Shown(shown.tag, shown.prompt, _without_pixels(picture))))
        sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
        return Sample(shown.prompt.id, picture.job.seed, "ok", path.name, sha256, *picture.image.size)

    def take_back(self) -> Shown[Tag]:
        """Remove the oldest picture, which has been read; return what it showed."""
        path, shown = self._waiting.popleft()
        path.unlink()
        return shown


def _without_pixels(picture: Picture) -> Picture:
    """Return a picture that keeps no pixels in memory, only what was recorded about them."""
    return Picture(picture.job, picture.image.resize((1, 1)), picture.details)
