"""How far a run is: a bar on a terminal, a line every 30 seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

HEARTBEAT_S = 30.0


class Progress(Protocol):
    """Told of each step as it is done."""

    def made(self) -> None:
        """One more picture is made, or failed."""

    def read(self) -> None:
        """One more picture is read."""


@contextmanager
def show_progress(title: str, to_make: int, to_read: int) -> Iterator[Progress]:
    """Show progress on stderr while the block runs.

    Args:
        title: What is being run.
        to_make: How many pictures are to be made.
        to_read: How many pictures are to be read, as far as is known beforehand.
    """
    if sys.stderr.isatty():
        with _Bar(title, to_make, to_read) as bar:
            yield bar
    else:
        heartbeat = _Heartbeat(title, to_make, to_read)
        yield heartbeat
        heartbeat.tell()


class _Bar:
    def __init__(self, title: str, to_make: int, to_read: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._progress = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._make = self._progress.add_task(f"{title}: make", total=to_make, rate="")
        self._read = self._progress.add_task(f"{title}: read", total=to_read, rate="")

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def made(self) -> None:
        self._advance(self._make)

    def read(self) -> None:
        self._advance(self._read)

    def _advance(self, task: object) -> None:
        current = next(t for t in self._progress.tasks if t.id == task)
        speed = current.speed
        rate = "" if not speed else f"{speed:.1f}/s" if speed >= 1 else f"{1 / speed:.1f} s each"
        self._progress.update(current.id, advance=1, rate=rate)


class _Heartbeat:
    def __init__(self, title: str, to_make: int, to_read: int) -> None:
        self._title = title
        self._to_make, self._to_read = to_make, to_read
        self._made = self._read = 0
        self._start = self._told = time.monotonic()

    def made(self) -> None:
        self._made += 1
        self._beat()

    def read(self) -> None:
        self._read += 1
        self._beat()

    def _beat(self) -> None:
        if time.monotonic() - self._told >= HEARTBEAT_S:
            self.tell()

    def tell(self) -> None:
        """Print one line."""
        self._told = time.monotonic()
        elapsed = self._told - self._start
        done, total = self._made + self._read, self._to_make + self._to_read
        left = f"{elapsed / done * max(total - done, 0):.0f} s left" if done else "time left unknown"
        rate = f"{self._read / elapsed:.2f}/s" if elapsed and self._read else "no rate yet"
        print(
            f"{self._title}: made {self._made} of {self._to_make}, read {self._read} of {self._to_read}, "
            f"{rate}, {elapsed:.0f} s gone, {left}",
            file=sys.stderr,
            flush=True,
        )
