"""What of a model lies in the hub's cache on this machine; nothing is fetched."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

Presence: TypeAlias = Literal["complete", "in part", "absent"]

_BEST_FIRST: tuple[Presence, ...] = ("complete", "in part")
_INDEX = "model_index.json"
_WITH_WEIGHTS = ("transformer", "unet", "vae", "text_encoder", "text_encoder_2", "text_encoder_3")


def hub_cache() -> Path:
    """Return the folder in which the hub's client keeps what it fetched.

    Source: `huggingface_hub.constants`, which is not imported because it may not be installed.
    """
    if found := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(found).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("HF_HOME") or f"{cache}/huggingface").expanduser() / "hub"


def presence(hub: Iterable[str]) -> Presence:
    """Tell how much of a pipeline is in the cache, under whichever of its ids has most.

    `complete` means that one commit has every part of its index, and in every part with weights all the files of
    safetensors that it names.
    """
    found = [_presence(snapshot) for repository in hub for snapshot in _snapshots(repository)]
    return next((state for state in _BEST_FIRST if state in found), "absent")


def _snapshots(repository: str) -> list[Path]:
    place = hub_cache() / f"models--{repository.replace('/', '--')}" / "snapshots"
    return sorted(place.iterdir()) if place.is_dir() else []


def _presence(snapshot: Path) -> Presence:
    try:
        index = json.loads((snapshot / _INDEX).read_bytes())
    except (OSError, ValueError):
        return "in part" if any(snapshot.iterdir()) else "absent"
    parts = [name for name, value in index.items() if isinstance(value, list) and all(value)]
    return "complete" if all(_has(snapshot / part) for part in parts) else "in part"


def _has(part: Path) -> bool:
    """Tell whether a part's folder has files, all weights among them that its lists of shards name."""
    files = {file.name for file in part.iterdir() if file.exists()} if part.is_dir() else set()
    if not files:
        return False
    if part.name not in _WITH_WEIGHTS:
        return True
    shards = {shard for name in files if ".safetensors.index." in name for shard in _shards(part / name)}
    return shards <= files if shards else any(name.endswith(".safetensors") for name in files)


def _shards(listing: Path) -> set[str]:
    try:
        content = json.loads(listing.read_bytes())
    except (OSError, ValueError):
        return {"unreadable"}
    weights = content.get("weight_map") if isinstance(content, Mapping) else None
    return set(weights.values()) if isinstance(weights, Mapping) else {"unreadable"}
