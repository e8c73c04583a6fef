"""Weights from files: every one that the model has, none at random, none left over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from packaging.version import Version
from safetensors import SafetensorError
from transformers import PreTrainedModel

from bench.generators.diffusion.finetune import DCP_INDEX
from bench.generators.listing import first_of
from prompts.errors import GlyphbenchError

_LOADING_FAULTS = (OSError, ValueError, RuntimeError, ImportError, AttributeError, SafetensorError)


def load_folder(
    part_class: type[Any],
    folder: Path,
    dtype: Any,  # noqa: ANN401 - untyped
    *,
    strict: bool = False,
    variant: str | None = None,
) -> Any:  # noqa: ANN401 - untyped
    """Return a part with its weights; one that the files do not hold would be drawn at random, and is refused.

    Args:
        part_class: Of diffusers or transformers.
        folder: With configuration and safetensors files.
        dtype: Of the weights.
        strict: Refuse files with more weights than the part has, too.
        variant: Which of the weight files; None for those without a suffix.
    """
    part, report = attempt(
        folder,
        lambda: part_class.from_pretrained(
            str(folder),
            use_safetensors=True,
            variant=variant,
            low_cpu_mem_usage=True,
            output_loading_info=True,
            **{dtype_argument(part_class): dtype},
        ),
    )
    # Older transformers do not report a weight that is missing, but leave it without data.
    absent = sorted({*report["missing_keys"], *(name for name, weight in part.named_parameters() if weight.is_meta)})
    if absent:
        raise GlyphbenchError(
            f"{folder}: the files lack {len(absent)} of the weights of {part_class.__name__}, such as {absent[0]}; "
            "they would be random. Save the whole part, under the names that diffusers uses"
        )
    if strict and (unused := sorted(report["unexpected_keys"])):
        raise GlyphbenchError(_left_over(folder, unused, part_class))
    return part


def load_transformer(
    part_class: type[Any],
    base: Path,
    source: Path,
    dtype: Any,  # noqa: ANN401 - untyped
    variant: str | None = None,
) -> Any:  # noqa: ANN401 - untyped
    """Return the transformer in `source`: the checkpoint's own folder, or what was fine-tuned.

    Args:
        part_class: The transformer's class.
        base: Folder of the checkpoint's own transformer, whose configuration holds for bare weights.
        source: A folder with a configuration, a folder of torch.distributed.checkpoint, or a .safetensors file.
        dtype: Of the weights.
        variant: Of the files in a folder.

    Raises:
        GlyphbenchError: A weight is missing, left over, or of another shape.
    """
    if source == base:
        return load_folder(part_class, source, dtype, variant=variant)
    if (source / "config.json").is_file():
        return load_folder(part_class, source, dtype, strict=True, variant=variant)
    transformer = attempt(base, lambda: part_class.from_config(part_class.load_config(str(base))))
    # Not the model's own `to`, which warns of weights that are kept in float32 while it keeps none.
    torch.nn.Module.to(transformer, dtype)
    if (source / DCP_INDEX).is_file():
        from bench.generators.diffusion.distributed import read_distributed

        weights = read_distributed(source, transformer.state_dict())
    else:
        from safetensors.torch import load_file

        weights = attempt(source, lambda: load_file(source))
    _fill(transformer, weights, source)
    return transformer.eval()


def _fill(transformer: Any, weights: Mapping[str, Any], source: Path) -> None:  # noqa: ANN401 - untyped
    """Put weights into a transformer, all of them into all of it."""
    wanted = transformer.state_dict()
    faults = []
    if absent := sorted(wanted.keys() - weights.keys()):
        faults.append(f"it lacks {len(absent)} of {len(wanted)} weights: {first_of(absent)}")
    if unused := sorted(weights.keys() - wanted.keys()):
        faults.append(f"it has {len(unused)} that the transformer has not: {first_of(unused)}")
    shapes = [
        f"{name} is {tuple(weights[name].shape)} instead of {tuple(wanted[name].shape)}"
        for name in sorted(wanted.keys() & weights.keys())
        if weights[name].shape != wanted[name].shape
    ]
    faults += [f"other shapes: {first_of(shapes)}"] if shapes else []
    if faults:
        raise GlyphbenchError("\n  ".join([f"{source} does not hold this transformer:", *faults]))
    transformer.load_state_dict(dict(weights))


def _left_over(source: Path, unused: list[str], part_class: type[Any]) -> str:
    return (
        f"{source}: {len(unused)} weights that {part_class.__name__} does not have and would ignore: {first_of(unused)}"
    )


def attempt(source: str | Path, load: Callable[[], Any]) -> Any:  # noqa: ANN401 - untyped
    """Return what `load` does; what it complains about is a fault of the files in `source`."""
    try:
        return load()
    except _LOADING_FAULTS as error:
        raise GlyphbenchError(f"{source} cannot be loaded: {error}") from error


def dtype_argument(loaded: type[Any]) -> str:
    """Return what `from_pretrained` calls the dtype: it takes any keyword, so that a wrong one does nothing.

    Renamed in transformers 4.56 and diffusers 0.40.
    """
    if issubclass(loaded, PreTrainedModel):
        return "dtype" if Version(transformers.__version__) >= Version("4.56") else "torch_dtype"
    return "dtype" if Version(diffusers.__version__) >= Version("0.40") else "torch_dtype"
