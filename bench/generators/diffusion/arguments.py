"""The arguments of a pipeline's call: stated in full, and none that it does not take."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping
from typing import Any

from bench.generators.diffusion.presets import Preset
from prompts.errors import GlyphbenchError

_NEEDED = ("prompt", "width", "height", "generator", "output_type")
_MECHANICAL = frozenset(
    {*_NEEDED, "num_images_per_prompt", "return_dict", "callback_on_step_end_tensor_inputs", "callback_steps"}
)
"""What says how a picture is handed over, not which one it is."""

_log = logging.getLogger(__name__)


def call_arguments(
    pipeline: type[Any], preset: Preset | None, steps: int | None, guidance: float | None
) -> dict[str, Any]:
    """Return the arguments beside prompt, size and noise: those asked for, else the preset's, else the pipeline's own.

    All that the pipeline would fall back on is stated, so that it is part of the model's identity and a default that
    another version of diffusers has is noticed. Left out are defaults of None, which mean "not given".

    Raises:
        GlyphbenchError: The pipeline takes no prompt, size or noise, not what is asked for, or not what the preset
            gives it.
    """
    accepted = inspect.signature(pipeline.__call__).parameters
    _check_use(pipeline, accepted)
    arguments = {name: _listed(parameter.default) for name, parameter in accepted.items() if _is_stated(parameter)}
    known = _known(preset)
    if strangers := [name for name in known if name not in accepted]:
        raise GlyphbenchError(
            f"{pipeline.__name__} takes no {' or '.join(strangers)}, which the preset {_name(preset)} needs: diffusers "
            "is of another version than the one the preset was checked with; pip install --upgrade diffusers"
        )
    guidance_argument = preset.guidance_argument if preset else "guidance_scale"
    asked: dict[str, Any] = {}
    if steps is not None:
        asked["num_inference_steps"] = steps
    if guidance is not None:
        if guidance_argument is None:
            raise GlyphbenchError(
                f"{_name(preset)} has no guidance to set: it was distilled to do without, or its checkpoint fixes it; "
                "leave that option out"
            )
        asked[guidance_argument] = guidance
    if refused := [name for name in asked if name not in accepted]:
        raise GlyphbenchError(f"{pipeline.__name__} takes no {' or '.join(refused)}; leave that option out")
    arguments |= known | asked
    if preset is None:
        _log.warning(
            "%s has no preset: sizes and lengths of prompts are not checked, and it is called with %s",
            pipeline.__name__,
            arguments,
        )
    return arguments


def recorded(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as JSON gives them back: lists for tuples."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in arguments.items()}


def _check_use(pipeline: type[Any], accepted: Mapping[str, inspect.Parameter]) -> None:
    lacking = [name for name in _NEEDED if name not in accepted]
    if lacking:
        raise GlyphbenchError(
            f"{pipeline.__name__} does not draw a picture from a text, a size and a seed: its call takes no "
            f"{', '.join(lacking)}"
        )


def _is_stated(parameter: inspect.Parameter) -> bool:
    """Tell whether a parameter's default is a plain value that decides the picture."""
    value = parameter.default
    items = value if isinstance(value, list | tuple) else [value]
    return parameter.name not in _MECHANICAL and all(isinstance(item, str | int | float) for item in items)


def _listed(value: Any) -> Any:  # noqa: ANN401 - a default of any type
    """Return a default, a copy of it where it is a list."""
    return list(value) if isinstance(value, list) else value


def _known(preset: Preset | None) -> dict[str, Any]:
    """Return what the preset gives the call."""
    if preset is None:
        return {}
    arguments: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in preset.arguments.items()
    }
    arguments["num_inference_steps"] = preset.steps
    if preset.guidance_argument is not None:
        arguments[preset.guidance_argument] = preset.guidance
    return arguments


def _name(preset: Preset | None) -> str:
    return preset.name if preset else "the pipeline"
