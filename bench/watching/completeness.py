"""Whether a checkpoint is written to its end: a trainer may be in the middle of it, or may have been killed there."""

from __future__ import annotations

import json
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from bench.generators.diffusion.finetune import DCP_INDEX
from bench.watching.checkpoints import WEIGHTS, files_of

INDEX = f"{WEIGHTS}.index.json"
SETTLE_S = 60.0

_LONGEST_HEADER = 100_000_000
"""Bytes. Source: MAX_HEADER_SIZE of safetensors."""

_PARTIAL = (".tmp", ".temp", ".part", ".partial", ".incomplete")


@dataclass(frozen=True, slots=True)
class Rule:
    """When a checkpoint counts as complete.

    Attributes:
        settle_s: Nothing in it has changed for as many seconds.
        marker: A file that the trainer writes last, inside the folder; beside a file of weights, its name with the
            marker added. Where it is demanded, nothing is waited for.
    """

    settle_s: float = SETTLE_S
    marker: str | None = None


def unfinished(path: Path, rule: Rule) -> str | None:
    """Return why a checkpoint cannot be evaluated yet, or None where it is complete.

    Besides, each `.safetensors` file must be as long as its header says, each shard that an index names be there, and
    no file be named as unfinished.
    """
    try:
        return _waiting(path, rule) or _broken(path)
    except FileNotFoundError:
        return "files come and go in it"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _waiting(path: Path, rule: Rule) -> str | None:
    if rule.marker is not None:
        place = path / rule.marker if path.is_dir() else path.with_name(path.name + rule.marker)
        return None if place.exists() else f"waits for {place.name}"
    places = [path, *path.rglob("*")] if path.is_dir() else [path]
    # The time of change, unlike that of modification, is not carried along by a copy.
    age = time.time() - max(place.stat().st_ctime for place in places)
    return None if age >= rule.settle_s else f"changed less than {rule.settle_s:g} s ago"


def _broken(path: Path) -> str | None:
    files = list(files_of(path))
    if not files:
        return "is empty"
    for file in files:
        if file.suffix == ".distcp" and not (file.parent / DCP_INDEX).is_file():
            return f"{DCP_INDEX} of torch.distributed.checkpoint is not there yet"
        if file.name.endswith(_PARTIAL):
            return f"{file.name} is named as unfinished"
        if file.name.endswith(WEIGHTS) and (fault := _weights_fault(file)):
            return f"{file.name}: {fault}"
        if file.name.endswith(INDEX) and (fault := _index_fault(file)):
            return f"{file.name}: {fault}"
    return None


def _weights_fault(file: Path) -> str | None:
    """Return what a `.safetensors` file lacks.

    It is 8 bytes for the length of the header (little-endian), the header in JSON with the place of each tensor, and
    the tensors. Source: huggingface.co/docs/safetensors, "Format".
    """
    size = file.stat().st_size
    with file.open("rb") as content:
        head = content.read(8)
        if len(head) < 8:
            return "has no header yet"
        (length,) = struct.unpack("<Q", head)
        if length > _LONGEST_HEADER:
            return "its header is damaged"
        try:
            header = json.loads(content.read(length))
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
            wanted = 8 + length + max(ends, default=0)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            return "its header is not whole"
    return None if size == wanted else f"has {size:,} of {wanted:,} bytes"


def _index_fault(file: Path) -> str | None:
    try:
        shards = set(json.loads(file.read_bytes())["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return "is no whole index"
    absent = sorted(name for name in shards if not (file.parent / str(name)).is_file())
    return f"{absent[0]} is not there yet" if absent else None
