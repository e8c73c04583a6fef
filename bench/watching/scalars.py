"""The history as TensorBoard's scalars, where that is installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from bench.watching.history import Entry

_CONSTANT = ("_base", "_margin")


class Scalars:
    """Writes events into a folder that is its own: made anew from the history at the start, then added to.

    So that an event is there exactly once for each entry, whenever an earlier watcher was killed. Without TensorBoard
    nothing is written.
    """

    def __init__(self, folder: Path, entries: Sequence[Entry]) -> None:
        self._folder = folder
        self.is_there = find_spec("tensorboard") is not None
        if self.is_there:
            shutil.rmtree(folder, ignore_errors=True)
            self.add(entries)

    def add(self, entries: Iterable[Entry]) -> None:
        """Write the numbers of entries, each at its step."""
        evaluated = [entry for entry in entries if entry.state == "evaluated"]
        if not (self.is_there and evaluated):
            return
        from tensorboard.summary import Writer

        writer = Writer(str(self._folder))
        for entry in evaluated:
            for name, value in entry.numbers.items():
                if not name.endswith(_CONSTANT):
                    writer.add_scalar(f"{entry.suite}/{name}", value, entry.step)
        writer.close()
