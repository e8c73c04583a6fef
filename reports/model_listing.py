"""What `models` shows: the models there are, and all that is known about one."""

from __future__ import annotations

from typing import Any

from bench.generators.hub_cache import presence
from bench.generators.model import Model
from bench.generators.model_table import find_model, models, summary
from prompts.suite import Size

_UNSURE = "?"


def model_rows() -> list[dict[str, Any]]:
    """Return one row for each model; a `?` follows what no document of its makers was found to say."""
    return [_row(model) for model in models().values()]


def model_content(name: str) -> dict[str, Any]:
    """Return all that is known about a model, as JSON data.

    Raises:
        UnknownNameError: There is no model of that name.
    """
    model = find_model(name)
    preset = model.preset
    guidance = {preset.guidance_argument: preset.guidance} if preset.guidance_argument else {}
    return {
        "name": model.name,
        "title": model.title,
        "pipeline": preset.pipeline,
        "hub": list(preset.hub),
        "variant": preset.variant,
        "cached": presence(preset.hub),
        "writes": list(model.writes),
        "licence": model.licence,
        "native": list(model.native),
        "sizes": {
            "multiple": preset.sizes.multiple,
            "smallest": preset.sizes.smallest,
            "largest": preset.sizes.largest,
            "area": preset.sizes.area,
        },
        "dtype": preset.dtype,
        "gigabytes": round(model.gigabytes, 1),
        "gigabytes_of_largest_part": round(model.largest_part, 1),
        "parameters_in_billions": dict(model.parameters),
        "call": {"num_inference_steps": preset.steps, **guidance, **_plain(preset.arguments)},
        "control": preset.control,
        "limits": [
            {"tokenizer": e.tokenizer, "tokens": e.tokens, "counting": e.counting, "whole": e.whole}
            for e in preset.limits
        ],
        "card": model.card,
        "checked": model.checked.isoformat(),
        "sources": dict(sorted(model.sources.items())),
        "unverified": list(model.unverified),
        "notes": model.notes,
    }


def model_page(name: str) -> str:
    """Return all that is known about a model, for people.

    Raises:
        UnknownNameError: There is no model of that name.
    """
    model = find_model(name)
    preset = model.preset
    arguments = ", ".join(f"{key}={value!r}" for key, value in preset.arguments.items())
    limits = [
        f"{limit.tokenizer}: {limit.tokens if limit.tokens else 'as its files say'} tokens"
        + ("" if limit.whole else ", of the beginning alone")
        for limit in preset.limits
    ]
    lines = {
        "name": model.name,
        "title": model.title,
        "pipeline": preset.pipeline,
        "hub": ", ".join(preset.hub) + (f" (variant {preset.variant})" if preset.variant else ""),
        "cached": presence(preset.hub),
        "writes": _languages(model),
        "licence": model.licence,
        "native size": _size(model.native),
        "sizes": str(preset.sizes),
        "memory": f"{model.gigabytes:.1f} GB of weights in {preset.dtype}; largest part {model.largest_part:.1f} GB",
        "call": summary(preset) + (f", {arguments}" if arguments else ""),
        "needs": f"an image ({preset.control})" if preset.control else "",
        "reads": "; ".join(limits),
        "notes": model.notes,
        "card": model.card,
        "checked": model.checked.isoformat(),
    }
    head = "\n".join(f"{key:12} {value}" for key, value in lines.items() if value)
    sources = "\n".join(f"  {aspect:10} {source}" for aspect, source in sorted(model.sources.items()))
    return f"{head}\nsources\n{sources}"


def _row(model: Model) -> dict[str, Any]:
    preset = model.preset
    return {
        "model": model.name,
        "writes": _languages(model) + _doubt(model, "writes"),
        "licence": model.licence + _doubt(model, "licence"),
        "native": _size(model.native),
        "GB": f"{model.gigabytes:.0f}{_doubt(model, 'parameters')}",
        "steps": f"{preset.steps}{_doubt(model, 'call')}",
        "guidance": "" if preset.guidance is None else f"{preset.guidance:g}",
        "cached": presence(preset.hub),
    }


def _doubt(model: Model, aspect: str) -> str:
    return _UNSURE if aspect in model.unverified else ""


def _languages(model: Model) -> str:
    return ", ".join(model.writes) or "none"


def _size(size: Size) -> str:
    return f"{size.width}x{size.height}"


def _plain(arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - values of any plain type
    return {key: list(value) if isinstance(value, tuple) else value for key, value in arguments.items()}
