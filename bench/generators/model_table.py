"""The table of models: from a name, or from a checkpoint's pipeline class, to how the model is called."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from bench.generators.diffusion.presets import Preset
from bench.generators.model import Model
from bench.generators.model_schema import ModelFile
from prompts.errors import GlyphbenchError, UnknownNameError
from prompts.validation import describe_faults

_SHIPPED = Path(__file__).parents[1] / "models.toml"
_log = logging.getLogger(__name__)


@cache
def models() -> Mapping[str, Model]:
    """Return the models that come with the project, by name, in the order of the file."""
    return MappingProxyType(load_models(_SHIPPED))


def find_model(name: str) -> Model:
    """Return the model of that name.

    Raises:
        UnknownNameError: There is none; the message has the nearest names.
    """
    if name not in models():
        raise UnknownNameError("model", name, models())
    return models()[name]


def load_models(path: Path) -> dict[str, Model]:
    """Return the models in the file `path`.

    Raises:
        GlyphbenchError: The file cannot be read or used; the message has every fault, with its key.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GlyphbenchError(f"{path}: cannot be read as TOML: {error}") from None
    faults = _clashes(data)
    try:
        file = ModelFile.model_validate(data)
    except ValidationError as error:
        faults += describe_faults(error, ModelFile)
    if faults:
        raise GlyphbenchError("\n  ".join([f"{path}: {len(faults)} faults", *faults]))
    return {name: entry.model(name) for name, entry in file.root.items()}


def preset_of(pipeline: str, source: str) -> Preset | None:
    """Return how a checkpoint is called for which no model was named; None where the class is in no preset.

    Several models can share a class (FLUX.1 dev and schnell). The hub's id decides; of a folder or an unknown id, the
    first model of the table is taken, and a warning says so.

    Args:
        pipeline: Class of the checkpoint's pipeline.
        source: Its folder or id.
    """
    candidates = [model.preset for model in models().values() if model.preset.pipeline == pipeline]
    for preset in candidates:
        if source.casefold() in map(str.casefold, preset.hub):
            return preset
    if not candidates:
        return None
    taken, *others = candidates
    if others:
        _log.warning(
            "%s is a %s, as %s are: it is called like %s (%s). To choose another, write for example --model %s:%s",
            source,
            pipeline,
            " and ".join([", ".join(preset.name for preset in candidates[:-1]), candidates[-1].name]),
            taken.name,
            summary(taken),
            others[0].name,
            source,
        )
    return taken


def summary(preset: Preset) -> str:
    """Return the heart of a call in words: `50 steps, guidance_scale 3.5`."""
    guidance = f"{preset.guidance_argument} {preset.guidance:g}" if preset.guidance is not None else "no guidance"
    return f"{preset.steps} steps, {guidance}"


def _clashes(data: Mapping[str, object]) -> list[str]:
    """Return the ids on the hub that two models claim."""
    owners: dict[str, str] = {}
    faults = []
    for name, entry in data.items():
        hub = entry.get("hub") if isinstance(entry, dict) else None
        for repository in hub if isinstance(hub, list) else []:
            owner = owners.setdefault(str(repository).casefold(), name)
            if owner != name:
                faults.append(f"{name}.hub: {repository} belongs to {owner} already")
    return faults
