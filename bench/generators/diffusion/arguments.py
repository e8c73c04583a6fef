"""The arguments of a pipeline's call: stated in full, and none that it does not take."""

from __future__ import annotations

import inspect
import logging
from typing import Any

from bench.generators.diffusion.presets import Preset
from prompts.errors import GlyphbenchError

_NEEDED = ("prompt", "width", "height", "generator", "output_type")
_log = logging.getLogger(__name__)


def call_arguments(
    pipeline: type[Any], preset: Preset | None, steps: int | None, guidance: float | None
) -> dict[str, int | float]:
    """Return the arguments beside prompt, size and noise: those asked for, else the preset's, else the pipeline's own.

    Raises:
        GlyphbenchError: The pipeline takes no prompt, size or noise, or not what is asked for.
    """
    accepted = inspect.signature(pipeline.__call__).parameters
    lacking = [name for name in _NEEDED if name not in accepted]
    if lacking:
        raise GlyphbenchError(
            f"{pipeline.__name__} does not draw a picture from a text, a size and a seed: its call takes no "
            f"{', '.join(lacking)}"
        )
    guidance_argument = preset.guidance_argument if preset else "guidance_scale"
    asked: dict[str, int | float | None] = {"num_inference_steps": steps, guidance_argument: guidance}
    refused = [name for name, value in asked.items() if value is not None and name not in accepted]
    if refused:
        raise GlyphbenchError(f"{pipeline.__name__} takes no {' or '.join(refused)}; leave that option out")
    known = {"num_inference_steps": preset.steps, guidance_argument: preset.guidance} if preset else {}
    arguments = {
        name: value if value is not None else known.get(name, accepted[name].default)
        for name, value in asked.items()
        if name in accepted
    }
    if preset is None:
        _log.warning(
            "%s has no preset: sizes and lengths of prompts are not checked, and it is called with %s",
            pipeline.__name__,
            arguments,
        )
    return arguments
