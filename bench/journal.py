"""Append-only JSON Lines files that survive being killed at any instant."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from prompts.errors import GlyphbenchError
from prompts.strict_json import parse_json


class Journal:
    """One file, one JSON object a line; what is appended is on disk when `append` returns.

    A line cut short by a kill has no line end: it is not a record. Readers pass it over, the next append removes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._repaired = False
        self._lock = Lock()

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one record and wait until it is on disk. Threads may call it at once."""
        self.extend([record])

    def extend(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Add records, in order, and wait once until they are on disk; a kill meanwhile may keep the first ones."""
        lines = [json.dumps(r, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n" for r in records]
        if lines:
            with self._lock:
                self._append("".join(lines).encode())

    def _append(self, data: bytes) -> None:
        if not self._repaired:
            self._remove_torn_end()
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            while data:
                data = data[os.write(file, data) :]
            os.fsync(file)
        finally:
            os.close(file)

    def records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield line number (from 1) and record, in file order.

        Raises:
            GlyphbenchError: A whole line is not a JSON object; the message has file and line.
        """
        if not self.path.exists():
            return
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    record = parse_json(line)
                except ValueError:
                    record = None
                if not isinstance(record, dict):
                    raise GlyphbenchError(
                        f"{self.path}:{number}: not a JSON object; restore the file or remove the line"
                    )
                yield number, record

    def _remove_torn_end(self) -> None:
        if self.path.exists():
            with self.path.open("rb+") as file:
                whole = sum(len(line) for line in file if line.endswith(b"\n"))
                file.truncate(whole)
        self._repaired = True
