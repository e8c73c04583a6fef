"""Unfinished work on disk: what was computed for pictures that are not there yet, so that a kill does not undo it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

_TENSOR, _SHA256 = "tensor", "sha256"


class Spill:
    """Tensors under keys that name everything which decides them; in a folder, or in main memory without one.

    A file is whole or not there: it comes into being under another name, and a damaged one is found by its SHA-256
    and counts as absent. It is not forced onto the disk, because a power cut costs no more than the computation.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: dict[str, Any] = {}

    def put(self, key: str, tensor: Any) -> None:  # noqa: ANN401 - a tensor
        """Keep a copy of `tensor`."""
        tensor = tensor.detach().to("cpu", copy=self._folder is None).contiguous()
        if self._folder is None:
            self._held[key] = tensor
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(key)
        part = path.with_suffix(".part")
        part.write_bytes(save({_TENSOR: tensor}, metadata={_SHA256: _digest(tensor)}))
        part.replace(path)

    def get(self, key: str) -> Any:  # noqa: ANN401 - a tensor
        """Return what was kept under `key`, on the CPU, or None."""
        if self._folder is None:
            return self._held.get(key)
        try:
            with safe_open(self._path(key), framework="pt") as file:
                # Copied, because where a tensor lies in memory decides which instructions compute with it.
                tensor = file.get_tensor(_TENSOR).clone()
                intact = (file.metadata() or {}).get(_SHA256) == _digest(tensor)
        except (OSError, SafetensorError):
            return None
        return tensor if intact else None

    def has(self, key: str) -> bool:
        """Tell whether something was kept under `key`; `get` may still find it damaged."""
        return key in self._held if self._folder is None else self._path(key).is_file()

    def drop(self, key: str) -> None:
        """Forget what was kept under `key`."""
        self._held.pop(key, None)
        if self._folder is not None:
            self._path(key).unlink(missing_ok=True)

    def keep_only(self, keys: Collection[str]) -> None:
        """Forget everything but `keys`; without any, remove the folder."""
        self._held = {key: tensor for key, tensor in self._held.items() if key in keys}
        if self._folder is None or not self._folder.is_dir():
            return
        if not keys:
            shutil.rmtree(self._folder, ignore_errors=True)
            return
        names = {self._path(key).name for key in keys}
        for file in self._folder.iterdir():
            if file.name not in names:
                file.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{key}.safetensors"


def _digest(tensor: Any) -> str:  # noqa: ANN401 - a tensor
    return hashlib.sha256(tensor.contiguous().view(torch.uint8).numpy().data).hexdigest()
