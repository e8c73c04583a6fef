"""The history of a watched training run: one CSV file, a line for each checkpoint and suite."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, TypeAlias

from bench.files import write_whole
from prompts.errors import GlyphbenchError

FILE = "history.csv"

State: TypeAlias = Literal["evaluated", "failed"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one checkpoint on one suite.

    Attributes:
        checkpoint: Its name.
        step: The number in it.
        suite: Name of the suite.
        state: `failed` where it could not be evaluated.
        verdict: Of the gate; `base` for the checkpoint that others are judged by, "" where it failed.
        reason: Why it failed, or why there is no such verdict as pass.
        prompts: How many were compared with the base, or asked for.
        seconds: That the evaluation took.
        finished: When, in UTC.
        run: The run folder.
        base: What it was judged against.
        policy: By which.
        files: Fingerprint of its files as evaluated.
        signature: Of the run.
        numbers: `accuracy`, `accuracy_low`, `accuracy_high` and so on: the run's own values; and of gated metrics
            `…_base`, `…_margin`, `…_gain` with its one-sided bounds `…_gain_low`, `…_gain_high`.
    """

    checkpoint: str
    step: int
    suite: str
    state: State
    verdict: str = ""
    reason: str = ""
    prompts: int = 0
    seconds: float = 0.0
    finished: str = ""
    run: str = ""
    base: str = ""
    policy: str = ""
    files: str = ""
    signature: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)


_PLAIN = tuple(each.name for each in fields(Entry) if each.name != "numbers")
_FRONT = 7
"""Of the plain columns, as many stand before the numbers."""


class History:
    """The file, read once and written whole at each addition, so that a kill leaves the old one or the new."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries = _read(path)

    @property
    def entries(self) -> Sequence[Entry]:
        """All of them, in the order of evaluation."""
        return tuple(self._entries)

    def last(self, checkpoint: str, suite: str) -> Entry | None:
        """Return what holds for a checkpoint: its last entry."""
        found = [each for each in self._entries if (each.checkpoint, each.suite) == (checkpoint, suite)]
        return found[-1] if found else None

    def current(self) -> list[Entry]:
        """Return the last entry of each checkpoint and suite, by step."""
        last = {(each.checkpoint, each.suite): each for each in self._entries}
        return sorted(last.values(), key=lambda each: (each.suite, each.step, each.checkpoint))

    def append(self, entries: Sequence[Entry]) -> None:
        """Add entries to the file."""
        self._entries += entries
        write_whole(self.path, _text(self._entries))


def _text(entries: Sequence[Entry]) -> str:
    numbers = list(dict.fromkeys(name for entry in entries for name in entry.numbers))
    target = io.StringIO()
    writer = csv.DictWriter(target, [*_PLAIN[:_FRONT], *numbers, *_PLAIN[_FRONT:]], restval="", lineterminator="\n")
    writer.writeheader()
    for entry in entries:
        writer.writerow({name: getattr(entry, name) for name in _PLAIN} | dict(entry.numbers))
    return target.getvalue()


def _read(path: Path) -> list[Entry]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [_entry(row) for row in csv.DictReader(file, strict=True)]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise GlyphbenchError(f"{path}: not a history of checkpoints ({error}); restore it or move it away") from None


def _entry(row: Mapping[str, str]) -> Entry:
    plain = {name: row[name] for name in _PLAIN}
    state = plain["state"]
    if state not in ("evaluated", "failed"):
        raise ValueError(f"state {state!r}")
    numbers = {name: float(value) for name, value in row.items() if name not in _PLAIN and value != ""}
    converted = {"step": int(plain["step"]), "prompts": int(plain["prompts"]), "seconds": float(plain["seconds"])}
    return Entry(**{**plain, **converted, "numbers": numbers})  # type: ignore[arg-type]
