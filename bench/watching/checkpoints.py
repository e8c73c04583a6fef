"""Checkpoints in the folder of a training run, in the order in which they were trained."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from prompts.errors import GlyphbenchError

WEIGHTS = ".safetensors"

_STEPS = tuple(
    re.compile(rf"(?:{words})s?[-_=. ]?(\d+)", re.IGNORECASE)
    for words in ("step|iteration|iter", "checkpoint|ckpt", "epoch")
)
_NUMBER = re.compile(r"\d+")
_SHARD = re.compile(r"-\d{5}-of-\d{5}")
_UNFINISHED = re.compile(r"^(\.|tmp|temp)|\.(tmp|temp|part|partial|incomplete)$|~$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder or a file of weights.

    Attributes:
        path: As found under the watched folder.
        step: The number in its name, by which checkpoints are ordered.
    """

    path: Path
    step: int

    @property
    def name(self) -> str:
        """What the history calls it."""
        return self.path.name.encode(errors="backslashreplace").decode()


def find_checkpoints(folder: Path, pattern: str = "*") -> list[Checkpoint]:
    """Return what may be checkpoints in `folder`, by ascending number.

    They are its folders and `.safetensors` files that match `pattern` and have a number in their name; not hidden ones,
    single shards, or what is named as unfinished (`tmp-…`, `….part`).

    Raises:
        GlyphbenchError: There is no such folder, or it cannot be read.
    """
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        raise GlyphbenchError(f"there is no folder {folder} to watch") from None
    except OSError as error:
        raise GlyphbenchError(f"{folder} cannot be watched: {error.strerror}") from None
    found = []
    for path in entries:
        step = step_of(path.name)
        if step is None or _UNFINISHED.search(path.name) or not fnmatchcase(path.name, pattern):
            continue
        if path.is_dir() or (path.suffix == WEIGHTS and not _SHARD.search(path.name)):
            found.append(Checkpoint(path, step))
    return sorted(found, key=lambda checkpoint: (checkpoint.step, checkpoint.name))


def step_of(name: str) -> int | None:
    """Return the number by which a checkpoint of this name is ordered, or None where there is none.

    The one behind `step` or `iter`, else behind `checkpoint` or `ckpt`, else behind `epoch`, else the last one.
    """
    stem = name.removesuffix(WEIGHTS)
    for steps in _STEPS:
        if behind := steps.findall(stem):
            return int(behind[-1])
    numbers = _NUMBER.findall(stem)
    return int(numbers[-1]) if numbers else None


def files_of(path: Path) -> Iterator[Path]:
    """Yield the files of a checkpoint, in order."""
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file())
    else:
        yield path


def fingerprint(path: Path) -> str:
    """Return what changes when a checkpoint is written anew: digest of names, sizes and times of its files.

    Raises:
        OSError: It was removed meanwhile.
    """
    total = hashlib.sha256()
    for file in files_of(path):
        found = file.stat()
        total.update(os.fsencode(file.relative_to(path.parent)))
        total.update(f"\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return total.hexdigest()[:12]
