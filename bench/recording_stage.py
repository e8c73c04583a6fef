"""The part of the work that keeps what was made: pictures as files, and what became of each, on a thread of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from bench.generators import Failure, Generator, Outcome, Resumable
from bench.records import Sample, SampleKey
from bench.run_folder import RunFolder
from bench.thumbnails import small_copy, thumbnail_path, write_thumbnail

if TYPE_CHECKING:
    from types import TracebackType

    from PIL import Image

WAITING = 4
"""Outcomes that may wait to be written before the generator has to."""


class Recorder:
    """Writes outcomes one after the other while the generator is at work on the next ones.

    Leaving the block waits for all that was submitted, however it is left: what was made is kept.
    """

    def __init__(self, folder: RunFolder, generator: Generator) -> None:
        self._folder = folder
        self._generator = generator if isinstance(generator, Resumable) else None
        self._thread = ThreadPoolExecutor(1, "recorder")
        self._waiting: deque[tuple[Outcome, Future[Sample]]] = deque()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True)

    def submit(self, outcome: Outcome, seconds: float) -> Iterator[tuple[Outcome, Sample]]:
        """Have an outcome written, which took so many seconds to come; yield those that are."""
        self._waiting.append((outcome, self._thread.submit(self._record, outcome, seconds)))
        while self._waiting and (self._waiting[0][1].done() or len(self._waiting) > WAITING):
            yield self._next()

    def finish(self) -> Iterator[tuple[Outcome, Sample]]:
        """Yield all that is still to be written."""
        while self._waiting:
            yield self._next()

    def _next(self) -> tuple[Outcome, Sample]:
        outcome, future = self._waiting.popleft()
        return outcome, future.result()

    def _record(self, outcome: Outcome, seconds: float) -> Sample:
        """Write an outcome; return its record."""
        job = outcome.job
        key = SampleKey(job.prompt.id, job.seed)
        if isinstance(outcome, Failure):
            sample = Sample(*key, status=outcome.status, reason=outcome.reason)
        else:
            file, sha256 = self._folder.write_image(key, outcome.image)
            width, height = outcome.image.size
            write_thumbnail(self._folder.path / thumbnail_path(key, sha256), small_copy(outcome.image.copy()))
            status, reason = ("blank", "one colour throughout") if is_blank(outcome.image) else ("ok", None)
            sample = Sample(*key, status, file, sha256, width, height, reason, dict(outcome.details))  # type: ignore[arg-type]
        self._folder.append_sample(sample)
        self._folder.append_timing(key, "make", seconds)
        for effort in () if isinstance(outcome, Failure) else outcome.efforts:
            peak = {} if effort.peak_bytes is None else {"peak_bytes": effort.peak_bytes}
            self._folder.append_timing(key, effort.stage, effort.seconds, {**peak, **effort.details})
        if self._generator is not None:
            self._generator.recorded(job)
        return sample


def is_blank(image: Image.Image) -> bool:
    """Tell whether a picture has one colour throughout."""
    return all(low == high for low, high in image.convert("RGB").getextrema())  # type: ignore[misc]
