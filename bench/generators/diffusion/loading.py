"""Loads a pipeline so that nothing in it is left to chance."""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import diffusers
import torch
import transformers
from diffusers import DiffusionPipeline, ModelMixin
from transformers import PreTrainedModel

from bench.generators.diffusion.adapters import add_adapter
from bench.generators.diffusion.checkpoint import Checkpoint
from bench.generators.diffusion.finetune import FineTune
from bench.generators.diffusion.weights import attempt, dtype_argument, load_folder, load_transformer
from prompts.errors import GlyphbenchError

Offload = Literal["none", "model"]

_LIBRARIES = frozenset({"diffusers", "transformers"})
_log = logging.getLogger(__name__)


def pipeline_class(checkpoint: Checkpoint) -> type[Any]:
    """Return the class of a checkpoint's pipeline.

    Raises:
        GlyphbenchError: diffusers does not have it, lacks a library that it needs, or a part needs other code.
    """
    found = getattr(diffusers, checkpoint.pipeline, None)
    if found is None:
        raise GlyphbenchError(
            f"{checkpoint.source} is a {checkpoint.pipeline}, which diffusers {diffusers.__version__} does not have; "
            "pip install --upgrade diffusers"
        )
    if not (isinstance(found, type) and issubclass(found, DiffusionPipeline)):
        needs = ", ".join(getattr(found, "_backends", [])) or "nothing that can be installed"
        raise GlyphbenchError(f"{checkpoint.source}: diffusers cannot use {checkpoint.pipeline} here; it needs {needs}")
    for part, (library, name) in checkpoint.parts.items():
        if library not in _LIBRARIES and not hasattr(diffusers.pipelines, library):
            raise GlyphbenchError(
                f"{checkpoint.source}: the part {part} is {library}.{name}, code outside diffusers and transformers, "
                "which is never run"
            )
    return found


def load_pipeline(checkpoint: Checkpoint, dtype: str, device: str, offload: Offload, tuning: FineTune) -> Any:  # noqa: ANN401 - untyped
    """Return the pipeline, ready to be called, its weights all from safetensors files.

    Args:
        checkpoint: What to load; fetched from the hub where need be.
        dtype: Name of a torch dtype, of all weights.
        device: Where it runs.
        offload: `model` keeps every part in main memory and brings it to `device` for as long as it works.
        tuning: What takes the place of the checkpoint's transformer, or is added to it.

    Raises:
        GlyphbenchError: The checkpoint is damaged, leaves weights to chance, or does not fit in memory.
    """
    folder = weights_folder(checkpoint)
    parts = {part: load_model(checkpoint, part, dtype, tuning) for part in model_parts(checkpoint)}
    pipeline = attempt(
        folder,
        lambda: DiffusionPipeline.from_pretrained(
            str(folder), use_safetensors=True, **{dtype_argument(DiffusionPipeline): getattr(torch, dtype)}, **parts
        ),
    )
    pipeline.set_progress_bar_config(disable=True)
    try:
        if offload == "model":
            pipeline.enable_model_cpu_offload(device=device)
        else:
            pipeline.to(device)
    except torch.cuda.OutOfMemoryError:
        raise GlyphbenchError(f"{checkpoint.source} does not fit on {device}: {memory_plan(pipeline)}") from None
    return pipeline


def model_parts(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Return the names of the parts that have weights."""
    return tuple(
        part
        for part, (library, name) in checkpoint.parts.items()
        if isinstance(found := _class(library, name), type) and issubclass(found, ModelMixin | PreTrainedModel)
    )


def load_model(checkpoint: Checkpoint, part: str, dtype: str, tuning: FineTune) -> Any:  # noqa: ANN401 - untyped
    """Return a part with its weights, in main memory.

    Raises:
        GlyphbenchError: Its files are damaged or lack a weight; an adapter does not fit it.
    """
    _log.info("loading %s of %s %s (%s)", part, checkpoint.pipeline, checkpoint.source, dtype)
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    folder, part_class, weights = (
        weights_folder(checkpoint) / part,
        _class(*checkpoint.parts[part]),
        getattr(torch, dtype),
    )
    if part != "transformer":
        return load_folder(part_class, folder, weights, variant=_variant(folder, checkpoint.variant))
    source = tuning.transformer or folder
    loaded = load_transformer(part_class, folder, source, weights, _variant(source, checkpoint.variant))
    return add_adapter(loaded, tuning) if tuning.lora else loaded


def load_plain_part(checkpoint: Checkpoint, part: str) -> Any:  # noqa: ANN401 - untyped
    """Return a part without weights: tokenizer or scheduler."""
    folder = weights_folder(checkpoint)
    part_class = _class(*checkpoint.parts[part])
    return attempt(folder / part, lambda: part_class.from_pretrained(str(folder), subfolder=part))


def outline(checkpoint: Checkpoint, part: str, dtype: str) -> Any:  # noqa: ANN401 - untyped
    """Return a part without its weights, on the device `meta`: shapes alone."""
    folder, part_class = weights_folder(checkpoint) / part, _class(*checkpoint.parts[part])

    def build() -> Any:  # noqa: ANN401 - untyped
        with torch.device("meta"):
            if issubclass(part_class, PreTrainedModel):
                return part_class(part_class.config_class.from_pretrained(str(folder)))
            return part_class.from_config(part_class.load_config(str(folder)))

    # Not the model's own `to`, which warns of weights that are kept in float32 while it keeps none.
    return torch.nn.Module.to(attempt(folder, build), getattr(torch, dtype))


def memory_plan(pipeline: Any) -> str:  # noqa: ANN401 - untyped
    """Return a sentence on what the weights take whole and part by part."""
    sizes = {
        name: sum(tensor.numel() * tensor.element_size() for tensor in part.parameters())
        for name, part in pipeline.components.items()
        if isinstance(part, torch.nn.Module)
    }
    largest = max(sizes, key=lambda name: sizes[name])
    return (
        f"its weights take {sum(sizes.values()) / 1e9:.1f} GB; with offload=model only one part at a time is there, "
        f"at most {sizes[largest] / 1e9:.1f} GB ({largest})"
    )


def _variant(folder: Path, variant: str | None) -> str | None:
    """Return the variant where a part has it; one whose files have no suffix has but one."""
    return variant if variant and any(folder.glob(f"*.{variant}*.safetensors")) else None


def weights_folder(checkpoint: Checkpoint) -> Path:
    """Return the folder with the checkpoint's files, fetched from the hub where they are not in its cache."""
    if checkpoint.commit is None:
        return Path(checkpoint.source)
    return _fetched(checkpoint.source, checkpoint.commit, checkpoint.variant)


@cache
def _fetched(repository: str, commit: str, variant: str | None) -> Path:
    try:
        return Path(DiffusionPipeline.download(repository, revision=commit, variant=variant, use_safetensors=True))
    # The client reports network faults as whatever its transport raises: requests, httpx or its own, by version.
    except Exception as error:
        raise GlyphbenchError(f"cannot fetch {repository} at {commit} from the Hugging Face hub: {error}") from error


def _class(library: str, name: str) -> Any:  # noqa: ANN401 - untyped
    """Return a class of diffusers, of transformers or of one of diffusers' pipelines; None where there is none."""
    module = import_module(library) if library in _LIBRARIES else getattr(diffusers.pipelines, library)
    return getattr(module, name, None)


def part_config(checkpoint: Checkpoint, part: str) -> dict[str, Any]:
    """Return the configuration of a part of diffusers."""
    part_class, folder = _class(*checkpoint.parts[part]), weights_folder(checkpoint) / part
    found: dict[str, Any] = attempt(folder, lambda: part_class.load_config(str(folder)))
    return found
