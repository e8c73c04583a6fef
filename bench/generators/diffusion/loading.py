"""Loads a pipeline so that nothing in it is left to chance."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import diffusers
import torch
import transformers
from diffusers import DiffusionPipeline, ModelMixin
from packaging.version import Version
from safetensors import SafetensorError
from transformers import PreTrainedModel

from bench.generators.diffusion.checkpoint import Checkpoint
from prompts.errors import GlyphbenchError

Offload = Literal["none", "model"]

_LIBRARIES = frozenset({"diffusers", "transformers"})
_LOADING_FAULTS = (OSError, ValueError, RuntimeError, ImportError, AttributeError, SafetensorError)
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


def load_pipeline(checkpoint: Checkpoint, dtype: str, device: str, offload: Offload) -> Any:  # noqa: ANN401 - untyped
    """Return the pipeline, ready to be called, its weights all from safetensors files.

    Args:
        checkpoint: What to load; fetched from the hub where need be.
        dtype: Name of a torch dtype, of all weights.
        device: Where it runs.
        offload: `model` keeps every part in main memory and brings it to `device` for as long as it works.

    Raises:
        GlyphbenchError: The checkpoint is damaged, leaves weights to chance, or does not fit in memory.
    """
    _log.info("loading %s %s (%s, %s)", checkpoint.pipeline, checkpoint.source, dtype, device)
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    folder = _folder(checkpoint)
    weights = getattr(torch, dtype)
    parts = {}
    for part, (library, name) in checkpoint.parts.items():
        part_class = _class(library, name)
        if isinstance(part_class, type) and issubclass(part_class, ModelMixin | PreTrainedModel):
            parts[part] = _load_part(part_class, folder / part, weights)
    pipeline = _attempt(
        folder,
        lambda: DiffusionPipeline.from_pretrained(
            str(folder), use_safetensors=True, **{_dtype_argument(DiffusionPipeline): weights}, **parts
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


def token_count(checkpoint: Checkpoint, part: str) -> Callable[[str], int]:
    """Return a function that counts the tokens, special ones included, which the tokenizer `part` makes of a text."""
    library, name = checkpoint.parts[part]
    tokenizer_class = _class(library, name)
    if tokenizer_class is None:
        raise GlyphbenchError(f"{checkpoint.source}: {library} has no {name}; pip install --upgrade {library}")
    tokenizer = _attempt(
        checkpoint.source,
        lambda: tokenizer_class.from_pretrained(checkpoint.source, subfolder=part, revision=checkpoint.commit),
    )
    return lambda text: len(tokenizer(text).input_ids)


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


def _folder(checkpoint: Checkpoint) -> Path:
    """Return the folder with the checkpoint's files, fetched from the hub where they are not in its cache."""
    if checkpoint.commit is None:
        return Path(checkpoint.source)
    try:
        fetched = DiffusionPipeline.download(checkpoint.source, revision=checkpoint.commit, use_safetensors=True)
    # The client reports network faults as whatever its transport raises: requests, httpx or its own, by version.
    except Exception as error:
        raise GlyphbenchError(
            f"cannot fetch {checkpoint.source} at {checkpoint.commit} from the Hugging Face hub: {error}"
        ) from error
    return Path(fetched)


def _load_part(part_class: type[Any], folder: Path, dtype: Any) -> Any:  # noqa: ANN401 - untyped
    """Return a part with its weights; one that the files do not hold would be drawn at random, and is refused."""
    part, report = _attempt(
        folder,
        lambda: part_class.from_pretrained(
            str(folder),
            use_safetensors=True,
            low_cpu_mem_usage=True,
            output_loading_info=True,
            **{_dtype_argument(part_class): dtype},
        ),
    )
    # Older transformers do not report a weight that is missing, but leave it without data.
    absent = sorted({*report["missing_keys"], *(name for name, weight in part.named_parameters() if weight.is_meta)})
    if absent:
        raise GlyphbenchError(
            f"{folder}: the files lack {len(absent)} of the weights of {part_class.__name__}, such as {absent[0]}; "
            "they would be random. Save the whole part, under the names that diffusers uses"
        )
    return part


def _attempt(source: str | Path, load: Callable[[], Any]) -> Any:  # noqa: ANN401 - untyped
    """Return what `load` does; what it complains about is a fault of the files in `source`."""
    try:
        return load()
    except _LOADING_FAULTS as error:
        raise GlyphbenchError(f"{source} cannot be loaded: {error}") from error


def _class(library: str, name: str) -> Any:  # noqa: ANN401 - untyped
    """Return a class of diffusers, of transformers or of one of diffusers' pipelines; None where there is none."""
    module = import_module(library) if library in _LIBRARIES else getattr(diffusers.pipelines, library)
    return getattr(module, name, None)


def _dtype_argument(loaded: type[Any]) -> str:
    """Return what `from_pretrained` calls the dtype: it takes any keyword, so that a wrong one does nothing.

    Renamed in transformers 4.56 and diffusers 0.40.
    """
    if issubclass(loaded, PreTrainedModel):
        return "dtype" if Version(transformers.__version__) >= Version("4.56") else "torch_dtype"
    return "dtype" if Version(diffusers.__version__) >= Version("0.40") else "torch_dtype"
