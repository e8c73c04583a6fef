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
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from bench.masking import masked
from bench.reader_record import ReaderRecord
from bench.records import ReadingRecord, Sample
from metrics.evidence import CharacterEvidence
from metrics.profiles import find_profile
from metrics.readers import EvidenceReader, NamedPictureReader, PictureName, Reader, open_reader
from metrics.reading import Reading
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt

_readers: dict[str, Reader] = {}


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """A picture to read: by which reader, and what was asked for, which decides nothing but the evidence."""

    sample: Sample
    reader: ReaderRecord
    prompt: Prompt
    profile: str


@dataclass(frozen=True, slots=True)
class ReadingFailure:
    """A picture that could not be read, and why: a fault of ours, tried again on the next run."""

    task: ReadingTask
    reason: str


@dataclass(frozen=True, slots=True)
class ReadingDone:
    """A picture that was read, and how many seconds the reader took."""

    task: ReadingTask
    record: ReadingRecord
    seconds: float


ReadingOutcome: TypeAlias = ReadingDone | ReadingFailure
Answer: TypeAlias = tuple[Reading, tuple[CharacterEvidence, ...] | None, float]
"""Reading, evidence, seconds."""


class ReadingPool:
    """Reads pictures in `workers` processes; results come back in the order of submission.

    At most `workers` × 4 pictures wait, so that memory does not grow with the number of samples.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder = folder
        self._limit = workers * 4
        self._waiting: deque[tuple[ReadingTask, Future[Answer]]] = deque()
        self._pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_prepare)

    def __enter__(self) -> ReadingPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, task: ReadingTask) -> Iterator[ReadingOutcome]:
        """Ask for one picture to be read; yield what is finished by now."""
        path = self._folder / str(task.sample.file)
        sample = task.sample
        picture = PictureName(sample.prompt, sample.seed, str(sample.file), str(sample.sha256))
        question = (path, picture, task.reader.name, task.prompt, task.profile, sample.details.get("mask"))
        with _interrupts_kept_from_new_processes():
            self._waiting.append((task, self._pool.submit(_read, *question)))
        while self._waiting and (self._waiting[0][1].done() or len(self._waiting) > self._limit):
            yield self._next()

    def read_all(self, tasks: Iterable[ReadingTask]) -> Iterator[ReadingOutcome]:
        """Yield what becomes of every task."""
        for task in tasks:
            yield from self.submit(task)
        yield from self.finish()

    def finish(self) -> Iterator[ReadingOutcome]:
        """Yield all that is still to come."""
        while self._waiting:
            yield self._next()

    def _next(self) -> ReadingOutcome:
        task, future = self._waiting.popleft()
        try:
            reading, evidence, seconds = future.result()
        except (OSError, ValueError, GlyphbenchError) as error:
            return ReadingFailure(task, f"{type(error).__name__}: {error}")
        sample = task.sample
        record = ReadingRecord(sample.prompt, sample.seed, str(sample.sha256), reading, evidence)
        return ReadingDone(task, record, seconds)


@contextmanager
def _interrupts_kept_from_new_processes() -> Iterator[None]:
    """Hold Ctrl-C back while the pool may start a process, which inherits the block: the run alone answers to it.

    A Ctrl-C in this moment is delivered to the run as soon as the block ends. The handler is held back as well as the
    signal: another thread may receive it, and Python would still answer in this one.
    """
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: arrived.append(number))
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGINT, handler)
        if arrived:
            signal.raise_signal(signal.SIGINT)


def default_workers() -> int:
    """Return one process for each core that this process may use, at most 8."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, cores))


def _prepare() -> None:
    """Make a new process end as soon as the process that started it does."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _read(path: Path, picture: PictureName, spec: str, prompt: Prompt, profile: str, mask: object) -> Answer:
    """Return what is read in the picture file, the evidence where the reader gives it, and the seconds it took.

    Where a maker's mark is in the picture, `mask` is its place (see `bench.masking`), and the reader does not see it.
    """
    import numpy as np
    from PIL import Image

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise GlyphbenchError(f"{path} is gone; restore it, or make it anew with the run's own command") from None
    if hashlib.sha256(content).hexdigest() != picture.sha256:
        raise ValueError(f"{path} is not the picture that was recorded: its SHA-256 differs; remove it to make it anew")
    with Image.open(io.BytesIO(content)) as image:
        pixels: Any = masked(np.asarray(image.convert("RGB")), mask)
    if spec not in _readers:
        _readers[spec] = open_reader(spec)
    reader = _readers[spec]
    start = time.perf_counter()
    if isinstance(reader, EvidenceReader):
        reading, evidence = reader.weigh(pixels, prompt, find_profile(profile))
        return reading, evidence, time.perf_counter() - start
    reading = reader.read_named(pixels, picture) if isinstance(reader, NamedPictureReader) else reader.read(pixels)
    return reading, None, time.perf_counter() - start
