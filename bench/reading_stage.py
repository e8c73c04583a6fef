"""The part of the work that reads pictures: for a run that is being made, and for one that exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from bench.errors import RunFailedError
from bench.manifest import Manifest
from bench.reader_record import ReaderRecord
from bench.reading_pool import ReadingDone, ReadingOutcome, ReadingPool, ReadingTask
from bench.run_folder import RunFolder


def enrol(folder: RunFolder, manifest: Manifest, readers: Sequence[ReaderRecord], *, behind: bool = False) -> Manifest:
    """Return the manifest with these readers before any others, or behind, after their records are in the folder."""
    for reader in readers:
        if not (folder.path / f"reader.{reader.short}.json").exists():
            reader.write(folder.path)
    asked = {reader.short: {"name": reader.name, **reader.signature} for reader in readers}
    if behind:
        return manifest.model_copy(update={"readers": manifest.readers | asked})
    others = {short: signature for short, signature in manifest.readers.items() if short not in asked}
    return manifest.model_copy(update={"readers": asked | others})


def unread(folder: RunFolder, tasks: Iterable[ReadingTask]) -> tuple[ReadingTask, ...]:
    """Return the tasks whose picture has no reading by their reader yet, or one of an earlier picture."""
    known = {}
    left = []
    for task in tasks:
        if task.reader.short not in known:
            known[task.reader.short] = {r.key: r.sha256 for r in folder.readings(task.reader.short).values()}
        if known[task.reader.short].get(task.sample.key) != task.sample.sha256:
            left.append(task)
    return tuple(left)


def record_reading(folder: RunFolder, outcome: ReadingOutcome) -> str | None:
    """Keep a reading and its time in the run folder; return what failed, if it did."""
    sample, reader = outcome.task.sample, outcome.task.reader
    if isinstance(outcome, ReadingDone):
        folder.append_reading(reader.short, outcome.record)
        folder.append_timing(outcome.record.key, f"read {reader.short}", outcome.seconds)
        return None
    return f"{sample.prompt}, seed {sample.seed}: not read by {reader.name}: {outcome.reason}"


@contextmanager
def open_pool(
    folder: Path,
    workers: int,
    remedy: str = "run the same command with fewer --workers: what is done is kept",
) -> Iterator[ReadingPool]:
    """Open a pool for the block, over the pictures below `folder`.

    Raises:
        RunFailedError: One of its processes was killed.
    """
    try:
        with ReadingPool(folder, workers) as pool:
            yield pool
    except BrokenProcessPool:
        raise RunFailedError(f"a reading process was killed, perhaps for want of memory; {remedy}") from None
