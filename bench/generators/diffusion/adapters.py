"""Adapters: low-rank additions to a transformer's weights (LoRA), loaded at the strength they were trained with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from bench.generators.diffusion.finetune import FineTune, adapter_config
from bench.generators.diffusion.weights import attempt
from bench.generators.listing import first_of
from prompts.errors import GlyphbenchError

NAME = "glyphbench"
"""Under which an adapter is loaded."""

COGKIT_RANK, COGKIT_ALPHA = 128, 64
"""Of every adapter that CogKit trains: its files name neither, its trainer has both as constants (THUDM/CogKit)."""

_PREFIXES = ("base_model.model.transformer.", "base_model.model.", "transformer.")
_STRENGTH = frozenset({"r", "lora_alpha", "rank_pattern", "alpha_pattern", "use_rslora"})
_DOWN, _UP = ".lora_A.weight", ".lora_B.weight"


def add_adapter(transformer: Any, tuning: FineTune) -> Any:  # noqa: ANN401 - untyped
    """Return the transformer with the adapter of `tuning` added to it.

    An adapter (A, B) of rank r adds scale · (α / r) · B · A to a weight.

    Raises:
        GlyphbenchError: The adapter fits no weight, leaves a weight of its own unused, changes nothing, or does not
            say how strong it was trained.
    """
    assert tuning.lora is not None
    weights, header = _read(tuning.lora)
    ranks = _check(transformer, weights, tuning.lora)
    dtype = next(transformer.parameters()).dtype
    metadata = {**_strength(header, tuning.lora, ranks), "target_modules": sorted(ranks)}
    cast = {name: weight.to(dtype) for name, weight in weights.items()}
    attempt(
        tuning.lora,
        lambda: transformer.load_lora_adapter(cast, prefix=None, adapter_name=NAME, metadata=metadata),
    )
    transformer.set_adapters([NAME], [tuning.scale])
    _confirm(transformer, cast, tuning.lora)
    return transformer.eval()


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Return the tensors of an adapter under the transformer's own names, and the file's header."""
    from safetensors import safe_open

    def read() -> tuple[dict[str, torch.Tensor], dict[str, str]]:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118

    found: tuple[dict[str, torch.Tensor], dict[str, str]] = attempt(path, read)
    return {_own_name(name): tensor for name, tensor in found[0].items()}, found[1]


def _own_name(name: str) -> str:
    return next((name.removeprefix(prefix) for prefix in _PREFIXES if name.startswith(prefix)), name)


def _check(transformer: Any, weights: Mapping[str, torch.Tensor], path: Path) -> dict[str, int]:  # noqa: ANN401
    """Return the rank of the adapter for each module that it changes; raise `GlyphbenchError` for any key of no use."""
    linear = {name: module for name, module in transformer.named_modules() if isinstance(module, torch.nn.Linear)}
    ranks: dict[str, int] = {}
    unused = []
    for name in weights:
        module = name.removesuffix(_DOWN).removesuffix(_UP)
        up, down = weights.get(f"{module}{_UP}"), weights.get(f"{module}{_DOWN}")
        if module == name or module not in linear or up is None or down is None:
            unused.append(name)
        elif (up.shape[0], down.shape[1]) != tuple(linear[module].weight.shape) or up.shape[1] != down.shape[0]:
            unused.append(f"{name} (of shape {tuple(weights[name].shape)})")
        else:
            ranks[module] = down.shape[0]
    if not ranks:
        raise GlyphbenchError(
            f"{path}: the adapter fits no weight of {type(transformer).__name__}; it has {first_of(sorted(weights))}"
        )
    if unused:
        raise GlyphbenchError(
            f"{path}: {len(unused)} of the adapter's {len(weights)} weights would be left unused: "
            f"{first_of(sorted(unused))}"
        )
    if not any(weights[f"{module}{_UP}"].any() for module in ranks):
        raise GlyphbenchError(f"{path}: the adapter was never trained: all its B matrices are zero")
    return ranks


def _strength(header: Mapping[str, str], path: Path, ranks: Mapping[str, int]) -> dict[str, object]:
    """Return ranks and α as the adapter's makers tell them, in PEFT's words; diffusers' own files mean α = r."""
    told = _described(header, path) or {name: v for name, v in adapter_config(path).items() if name in _STRENGTH}
    if "lora_alpha" in told:
        return told
    rank, *others = sorted(set(ranks.values()), reverse=True)
    if path.name != "adapter_model.safetensors":
        pattern = {f"^{name}$": own for name, own in ranks.items()} if others else {}
        return {"r": rank, "lora_alpha": rank, "rank_pattern": pattern, "alpha_pattern": pattern}
    if rank == COGKIT_RANK and not others:
        return {"r": rank, "lora_alpha": COGKIT_ALPHA}
    raise GlyphbenchError(
        f"{path}: neither its header nor an adapter_config.json beside it tells the strength (lora_alpha) that it was "
        f"trained with, and its rank {', '.join(map(str, [rank, *others]))} is not that of CogKit ({COGKIT_RANK}). "
        f'Put adapter_config.json with {{"r": {rank}, "lora_alpha": …}} beside it'
    )


def _described(header: Mapping[str, str], path: Path) -> dict[str, object]:
    """Return what diffusers wrote into the file's header about the adapter."""
    content = header.get("lora_adapter_metadata")
    if content is None:
        return {}
    found = attempt(path, lambda: json.loads(content))
    return {_own_name(name): value for name, value in found.items()} if isinstance(found, dict) else {}


def _confirm(transformer: Any, weights: Mapping[str, torch.Tensor], path: Path) -> None:  # noqa: ANN401 - untyped
    """Raise `GlyphbenchError` unless every weight of the adapter is really in the transformer."""
    held = {name.replace(f".{NAME}.", "."): tensor for name, tensor in transformer.named_parameters()}
    lost = [name for name, weight in weights.items() if name not in held or not torch.equal(held[name].cpu(), weight)]
    if lost:
        raise GlyphbenchError(f"{path}: diffusers did not load {len(lost)} of its weights: {first_of(sorted(lost))}")
