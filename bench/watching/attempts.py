"""How often the evaluation of a checkpoint was begun without coming to an end, whatever ended it."""

from __future__ import annotations

import json
from pathlib import Path

from bench.files import write_json

FILE = "attempts.json"


class Attempts:
    """Counts on disk, so that a checkpoint that takes its process down is not begun for ever."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            found = json.loads(path.read_bytes())
        except (OSError, ValueError):
            found = {}
        self._counts: dict[str, int] = (
            {name: count for name, count in found.items() if isinstance(count, int)} if isinstance(found, dict) else {}
        )

    def of(self, key: str) -> int:
        """Return how often it was begun."""
        return self._counts.get(key, 0)

    def begin(self, key: str) -> None:
        """Count one more."""
        self._set(key, self.of(key) + 1)

    def undo(self, key: str) -> None:
        """Take one back: a person ended it, which says nothing of the checkpoint."""
        self._set(key, self.of(key) - 1)

    def forget(self, key: str) -> None:
        """Count from nought again: it came to an end."""
        self._set(key, 0)

    def _set(self, key: str, count: int) -> None:
        self._counts[key] = count
        self._counts = {name: number for name, number in self._counts.items() if number > 0}
        write_json(self._path, self._counts)
