"""What a run may ask of a server: how many pictures at a time, and how many paid ones altogether."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.journal import Journal
from prompts.errors import GlyphbenchError

PAID = "paid.jsonl"
"""The ledger's name in a run folder."""


class Ledger:
    """Counts the pictures that were asked for and may be charged, on disk before they are asked for.

    The count goes on across interruptions: a picture asked for by a process that was killed has been paid for.
    One line a change: +1 when a picture is asked for, -1 when the server said that it made none.
    """

    def __init__(self, path: Path, budget: int | None) -> None:
        self._journal = Journal(path)
        self._budget = budget
        self._lock = threading.Lock()
        self._spent = sum(_pictures(path, line, record) for line, record in self._journal.records())

    @property
    def spent(self) -> int:
        """How many pictures may have been charged so far."""
        return self._spent

    @property
    def budget(self) -> int | None:
        """How many may be charged altogether; None for any number."""
        return self._budget

    def take(self, prompt: str, seed: int) -> bool:
        """Return whether one more picture may be asked for; if so, it is counted before this returns."""
        with self._lock:
            if self._budget is not None and self._spent >= self._budget:
                return False
            self._write(prompt, seed, 1)
            return True

    def give_back(self, prompt: str, seed: int) -> None:
        """Count a picture out again that was asked for and certainly not made."""
        with self._lock:
            self._write(prompt, seed, -1)

    def _write(self, prompt: str, seed: int, pictures: int) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._journal.append({"at": at, "prompt": prompt, "seed": seed, "pictures": pictures})
        self._spent += pictures


def budget_left(budget: int | None, folders: Iterable[Path]) -> int | None:
    """Return what is left of a budget beside what the runs in these folders have spent of it; None for any number."""
    if budget is None:
        return None
    return max(0, budget - sum(Ledger(folder / PAID, None).spent for folder in folders))


def _pictures(path: Path, line: int, record: Mapping[str, Any]) -> int:
    pictures = record.get("pictures")
    if not isinstance(pictures, int):
        raise GlyphbenchError(f"{path}:{line}: says of no pictures; restore the file or remove the line")
    return pictures


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many pictures may be in the making at a time, and the ledger of what is paid for, if one is kept."""

    concurrency: int = 1
    ledger: Ledger | None = field(default=None, repr=False)

    def take(self, prompt: str, seed: int) -> bool:
        """Return whether one more picture may be asked for; see `Ledger.take`."""
        return self.ledger is None or self.ledger.take(prompt, seed)

    def give_back(self, prompt: str, seed: int) -> None:
        """Count a picture out again; see `Ledger.give_back`."""
        if self.ledger is not None:
            self.ledger.give_back(prompt, seed)
