"""Draws one picture with a pipeline, and tells what went wrong where it did."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import torch

from bench.generators.diffusion.control import Controls, encoded_noise
from bench.generators.diffusion.faults import CALL_FAULTS, describe, fault_in, first_line, is_out_of_memory
from bench.generators.diffusion.loading import memory_plan
from prompts.suite import Prompt, Size

if TYPE_CHECKING:
    from PIL import Image

_log = logging.getLogger(__name__)


class DrawingError(Exception):
    """Raised for a picture that was not made; its text is the reason."""


def draw(
    pipeline: Any,  # noqa: ANN401 - untyped
    prompt: Prompt,
    seed: int,
    arguments: Mapping[str, Any],
    control: tuple[str, Controls] | None = None,
) -> Image.Image:
    """Return the picture that a plain call of `pipeline` makes, bit for bit.

    One picture a call, because CogView4 attends to padding: in a batch, prompts of other lengths change the picture.
    The noise comes from a generator on the CPU, so that a seed means the same on every device.

    Args:
        pipeline: Of diffusers.
        prompt: What is asked for.
        seed: Of the noise.
        arguments: Of the call, beside prompt, size and noise.
        control: The argument that takes a control image, and what gives the prompt its own.

    Raises:
        DrawingError: Out of memory, values that are not finite, a picture of another size, or a fault inside.
    """
    noise = torch.Generator("cpu").manual_seed(seed)
    width, height = prompt.size
    try:
        with encoded_noise(pipeline, seed) if control else nullcontext():
            beside = {control[0]: control[1].image(prompt)} if control else {}
            pixels = pipeline(
                prompt=prompt.text,
                width=width,
                height=height,
                generator=noise,
                output_type="np",
                **arguments,
                **beside,
            ).images
    except CALL_FAULTS as error:
        _log.debug("%s with seed %d", prompt.id, seed, exc_info=True)
        fault: str | None = _reason(error, pipeline, prompt.size)
    else:
        fault = fault_in(pixels, prompt.size)
    if fault:
        _clear(pipeline)
        raise DrawingError(fault)
    picture: Image.Image = pipeline.numpy_to_pil(pixels)[0]
    return picture


def _reason(error: Exception, pipeline: Any, size: Size) -> str:  # noqa: ANN401 - untyped
    """Return a sentence on what a call raised."""
    if not is_out_of_memory(error):
        return describe(error)
    return (
        f"out of memory at {size.width}x{size.height} ({first_line(error)}); {memory_plan(pipeline)}. What helps and "
        "leaves the pixels as they are: offload=model if it is not in use yet, or a device to itself"
    )


def _clear(pipeline: Any) -> None:  # noqa: ANN401 - untyped
    """Free what a call that broke off has left on the device, lest the next one fail for it."""
    pipeline.maybe_free_model_hooks()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
