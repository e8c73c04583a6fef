"""Reading in processes of their own, beside the work that makes the pictures."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from bench.records import ReadingRecord, Sample
from metrics.readers import NamedPictureReader, PictureName, Reader, open_reader
from metrics.reading import Reading
from prompts.errors import GlyphbenchError

_reader: Reader | None = None


@dataclass(frozen=True, slots=True)
class ReadingFailure:
    """A picture that could not be read, and why: a fault of ours, tried again on the next run."""

    sample: Sample
    reason: str


@dataclass(frozen=True, slots=True)
class ReadingDone:
    """A picture that was read, and how many seconds the reader took."""

    record: ReadingRecord
    seconds: float


ReadingOutcome: TypeAlias = ReadingDone | ReadingFailure


class ReadingPool:
    """Reads pictures in `workers` processes; results come back in the order of submission.

    At most `workers` × 4 pictures wait, so that memory does not grow with the number of samples.
    """

    def __init__(self, reader: str, folder: Path, workers: int) -> None:
        self._folder = folder
        self._limit = workers * 4
        self._waiting: deque[tuple[Sample, Future[tuple[Reading, float]]]] = deque()
        self._pool = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), initializer=_prepare, initargs=(reader,)
        )

    def __enter__(self) -> ReadingPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, sample: Sample) -> Iterator[ReadingOutcome]:
        """Ask for one picture to be read; yield what is finished by now."""
        path = self._folder / str(sample.file)
        with _interrupts_kept_from_new_processes():
            self._waiting.append((sample, self._pool.submit(_read, path, _name(sample))))
        while self._waiting and (self._waiting[0][1].done() or len(self._waiting) > self._limit):
            yield self._next()

    def finish(self) -> Iterator[ReadingOutcome]:
        """Yield all that is still to come."""
        while self._waiting:
            yield self._next()

    def _next(self) -> ReadingOutcome:
        sample, future = self._waiting.popleft()
        try:
            reading, seconds = future.result()
        except (OSError, ValueError, GlyphbenchError) as error:
            return ReadingFailure(sample, f"{type(error).__name__}: {error}")
        record = ReadingRecord(sample.prompt, sample.seed, str(sample.sha256), reading)
        return ReadingDone(record, seconds)


@contextmanager
def _interrupts_kept_from_new_processes() -> Iterator[None]:
    """Block Ctrl-C while the pool may start a process, which inherits the block: the run alone answers to it.

    A Ctrl-C in this moment is delivered to the run as soon as the block ends.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def default_workers() -> int:
    """Return one process for each core that this process may use, at most 8."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, cores))


def _prepare(reader: str) -> None:
    """Open the reader in a new process, which ends as soon as the process that started it does."""
    global _reader
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _reader = open_reader(reader)


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _name(sample: Sample) -> PictureName:
    return PictureName(sample.prompt, sample.seed, str(sample.file), str(sample.sha256))


def _read(path: Path, picture: PictureName) -> tuple[Reading, float]:
    """Return what is read in the picture file, and the seconds that reading took."""
    import numpy as np
    from PIL import Image

    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != picture.sha256:
        raise ValueError(f"{path} is not the picture that was recorded: its SHA-256 differs; remove it to make it anew")
    with Image.open(io.BytesIO(content)) as image:
        pixels: Any = np.asarray(image.convert("RGB"))
    assert _reader is not None, "the pool prepares each process"
    start = time.perf_counter()
    reading = _reader.read_named(pixels, picture) if isinstance(_reader, NamedPictureReader) else _reader.read(pixels)
    return reading, time.perf_counter() - start
