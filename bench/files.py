"""Files that are written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def write_whole(path: Path, content: str | bytes, *, durable: bool = True) -> None:
    """Put `content` in the file `path` so that a kill leaves the old file or the new one, never a part.

    With `durable` that holds for a power cut, too; without, the file is written several times as fast, for what can
    be made anew.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def write_chunks(path: Path, chunks: Iterable[str]) -> None:
    """Put text that comes piece by piece in the file `path`, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.writelines(chunks)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_json(path: Path, content: Any) -> None:  # noqa: ANN401 - any JSON data
    """Put JSON data in the file `path`, whole or not at all."""
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
