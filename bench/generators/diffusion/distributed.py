"""Weights in the format of torch.distributed.checkpoint, as training runs leave them, read without running code.

PyTorch's own reader unpickles the index and would run whatever is in it. Here the index may name nothing but the
format's own data classes, and the tensors are read with `weights_only`.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import torch

from bench.generators.diffusion.finetune import DCP_INDEX
from bench.generators.listing import first_of
from prompts.errors import GlyphbenchError

MODEL_KEY = "app.model."
"""What CogKit's trainer puts before the names of a model's weights."""

_METADATA = "torch.distributed.checkpoint.metadata"
_ALLOWED = {
    (_METADATA, "Metadata"),
    (_METADATA, "TensorStorageMetadata"),
    (_METADATA, "BytesStorageMetadata"),
    (_METADATA, "TensorProperties"),
    (_METADATA, "ChunkStorageMetadata"),
    (_METADATA, "MetadataIndex"),
    (_METADATA, "StorageMeta"),
    (_METADATA, "_MEM_FORMAT_ENCODING"),
    ("torch.distributed.checkpoint.filesystem", "_StorageInfo"),
    ("torch.serialization", "_get_layout"),
    ("torch", "Size"),
    ("collections", "OrderedDict"),
}
_PATHS = {"PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"}


class _IndexReader(pickle.Unpickler):
    """Unpickles the format's data classes and nothing else."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - as pickle has it
        if module.startswith("pathlib") and name in _PATHS:
            return PurePosixPath
        if module == "torch" and isinstance(getattr(torch, name, None), torch.dtype | torch.memory_format):
            return getattr(torch, name)
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no part of the format")
        return super().find_class(module, name)


def read_distributed(folder: Path, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model's weights in a folder of torch.distributed.checkpoint, by the model's own names.

    Args:
        folder: With the index and the shards of all processes.
        wanted: The model's weights by name; a name that the folder lacks is left out of the result.

    Raises:
        GlyphbenchError: The index holds more than data, or a shard is missing or damaged.
    """
    index = _read_index(folder)
    entries = {
        name.removeprefix(MODEL_KEY): entry
        for name, entry in index.state_dict_metadata.items()
        if name.startswith(MODEL_KEY)
    }
    if not entries:
        found = sorted({name.partition(".")[0] for name in index.state_dict_metadata})
        raise GlyphbenchError(f"{folder}: holds no weights under {MODEL_KEY}…; it has {first_of(found)}")
    weights = {
        name: torch.empty(tuple(entry.size), dtype=entry.properties.dtype)
        for name, entry in entries.items()
        if type(entry).__name__ == "TensorStorageMetadata"
    }
    filled = dict.fromkeys(weights, 0)
    for place, stored in index.storage_data.items():
        name = place.fqn.removeprefix(MODEL_KEY)
        if place.fqn.startswith(MODEL_KEY) and name in weights:
            chunk = _read_chunk(folder, stored)
            offset = tuple(place.offset or (0,) * chunk.dim())
            target = weights[name][tuple(slice(o, o + n) for o, n in zip(offset, chunk.shape, strict=True))]
            if target.shape != chunk.shape:
                raise GlyphbenchError(f"{folder}: a part of {place.fqn} lies outside of it; save the checkpoint anew")
            target.copy_(chunk)
            filled[name] += chunk.numel()
    if gaps := sorted(name for name, numbers in filled.items() if numbers != weights[name].numel()):
        raise GlyphbenchError(f"{folder}: parts of {len(gaps)} weights are missing: {first_of(gaps)}")
    return {name: tensor.to(wanted[name].dtype) if name in wanted else tensor for name, tensor in weights.items()}


def _read_index(folder: Path) -> Any:  # noqa: ANN401 - torch's Metadata
    try:
        with (folder / DCP_INDEX).open("rb") as file:
            return _IndexReader(file).load()
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, TypeError, ValueError, IndexError) as error:
        raise GlyphbenchError(f"{folder / DCP_INDEX}: cannot be read: {error}") from None


def _read_chunk(folder: Path, stored: Any) -> Any:  # noqa: ANN401 - torch's _StorageInfo and a tensor
    """Return one piece of a tensor."""
    name = stored.relative_path
    if Path(name).name != name or getattr(stored, "transform_descriptors", None):
        raise GlyphbenchError(f"{folder}: {name} is no plain shard of the folder (compressed, or elsewhere)")
    try:
        with (folder / name).open("rb") as shard:
            shard.seek(stored.offset)
            content = shard.read(stored.length)
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, ValueError) as error:
        raise GlyphbenchError(f"{folder / name}: cannot be read: {error}") from None
