"""Turns pydantic's complaints about a file from outside into sentences with the key and the nearest right name."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from pydantic import BaseModel, ValidationError

Location = tuple[int | str, ...]


def describe_faults(
    error: ValidationError, model: type[BaseModel], locate: Callable[[Location], str] | None = None
) -> list[str]:
    """Return one line for each fault in `error`, which validating data against `model` raised.

    Args:
        error: What pydantic raised.
        model: The outermost model; the names of its fields, and of those inside it, serve as near matches.
        locate: Turns a key path such as `("prompt", 3, "id")` into a prefix for the line (a line number, say).
    """
    names = _field_names(model)
    lines = []
    for fault in error.errors():
        path = fault["loc"]
        key = ".".join(str(part) for part in path)
        if fault["type"] == "extra_forbidden":
            text = _unknown_key(str(path[-1]), names)
        else:
            text = fault["msg"].removeprefix("Value error, ")
            if fault["type"] not in {"missing", "value_error"}:
                text += f", got {fault['input']!r:.80}"
        prefix = locate(path) if locate else ""
        lines.append(f"{prefix}{key}: {text}" if key else f"{prefix}{text}")
    return lines


def _unknown_key(key: str, names: list[str]) -> str:
    """Return what to say of a key that its table does not have; `names` are the keys that any table has."""
    if key in names:
        return "is a key of another table; move it there"
    near = difflib.get_close_matches(key, names, n=1)
    return "unknown key" + (f"; did you mean {near[0]!r}?" if near else "")


def _field_names(model: type[BaseModel]) -> list[str]:
    """Return the names that keys of `model`, and of the models inside it, may have."""
    names: list[str] = []
    pending, seen = [model], {model}
    while pending:
        for name, info in pending.pop().model_fields.items():
            names.append(info.alias or name)
            inner = {*_models_in(info.annotation)} - seen
            seen |= inner
            pending.extend(inner)
    return names


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """Return the pydantic models that a type annotation such as `list[PromptEntry]` mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
