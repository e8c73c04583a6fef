"""Configuration: defaults < `bench.toml` < `BENCH_*` < flags, each value with its origin."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bench.seeds import parse_seeds
from prompts.errors import GlyphbenchError
from prompts.validation import describe_faults

FILE = "bench.toml"
PREFIX = "BENCH_"
CALIBRATIONS = Path("calibrations")
"""Where the user's own calibrations are, unless told otherwise."""


def _names(value: object) -> object:
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


def _seeds(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, list) and all(type(seed) is int for seed in value):
        value = ",".join([*map(str, value), ""])
    return parse_seeds(value) if isinstance(value, str) else value


class Settings(BaseModel):
    """What `run` needs to know. The field descriptions are what `--show-config` and the documentation print."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suite: Annotated[tuple[str, ...], BeforeValidator(_names), Field(min_length=1)] = Field(
        ("zh_text",), description="suites, by name or path of a .toml file, separated by commas"
    )
    model: str | None = Field(None, description="model spec; by default cogview4 on a CUDA device, else typeset")
    reader: Annotated[tuple[str, ...], BeforeValidator(_names), Field(min_length=1)] = Field(
        ("ppocr",), description="readers, separated by commas; the first one makes the headline"
    )
    tower: str | None = Field(
        None,
        description="open_clip model that scores how pictures fit prompts; none for no such scores; "
        "by default a multilingual SigLIP 2 where its weights are on disk",
    )
    seeds: Annotated[tuple[int, ...], BeforeValidator(_seeds)] | None = Field(
        None, description="seeds: a count, a list or a range; by default the suite's"
    )
    limit: int | None = Field(None, ge=1, description="only the first N prompts of a suite: a partial run")
    out: Path = Field(Path("runs"), description="folder that holds the run folders")
    calibrations: Path = Field(CALIBRATIONS, description="folder of your own calibrations")
    tier: Literal["exact", "equivalent"] | None = Field(
        None, description="speed-ups of the model that may be used; lossy ones are options of the model itself"
    )
    memory: str | None = Field(
        None, description="memory of the device, such as 24GB, or auto: how the model is laid out"
    )
    batch: int | None = Field(None, ge=1, description="pictures a forward pass; more than one is tier equivalent")
    workers: int | None = Field(None, ge=1, le=256, description="reading processes; by default one a core, at most 8")
    concurrency: int = Field(1, ge=1, le=64, description="pictures that an API is asked for at a time")
    budget: int | None = Field(
        None,
        ge=0,
        description="paid pictures that a command's runs may ask an API for, interruptions included; else any number",
    )

    @property
    def driving(self) -> dict[str, object]:
        """How the model is to be driven, as options of its spec."""
        asked = {"tier": self.tier, "memory": self.memory, "batch": self.batch}
        return {name: value for name, value in asked.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings, and for each where its value came from."""

    settings: Settings
    origins: Mapping[str, str]


def load_configuration(flags: Mapping[str, Any], file: Path | None = None) -> Configuration:
    """Return the settings after all layers.

    Args:
        flags: Values given on the command line, by setting; None where a flag was not given.
        file: A configuration file; without one `bench.toml` in the working directory is read if it is there.

    Raises:
        GlyphbenchError: Unknown keys (with near matches) and values out of range, all at once.
    """
    layers: list[tuple[str, Mapping[str, Any]]] = []
    if file is not None or Path(FILE).exists():
        path = file or Path(FILE)
        layers.append((str(path), _read_toml(path)))
    environment = {
        name.removeprefix(PREFIX).lower(): value for name, value in os.environ.items() if name.startswith(PREFIX)
    }
    layers.append(("environment", environment))
    layers.append(("flag", {name: value for name, value in flags.items() if value is not None}))
    origins = dict.fromkeys(Settings.model_fields, "default")
    values: dict[str, Any] = {}
    faults: list[str] = []
    for origin, layer in layers:
        faults += _layer_faults(origin, layer)
        values |= layer
        origins |= {name: _origin(origin, name) for name in layer}
    if faults:
        raise GlyphbenchError("\n  ".join(["configuration that cannot be used", *faults]))
    return Configuration(Settings.model_validate(values), origins)


def _layer_faults(origin: str, layer: Mapping[str, Any]) -> list[str]:
    try:
        Settings.model_validate(dict(layer))
    except ValidationError as error:
        return [
            f"{_origin(origin, line.partition(':')[0])}: {line.partition(': ')[2]}"
            for line in describe_faults(error, Settings)
        ]
    return []


def _origin(origin: str, name: str) -> str:
    if origin == "environment":
        return f"{PREFIX}{name.upper()}"
    return f"--{name}" if origin == "flag" else f"{origin}, key {name}"


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise GlyphbenchError(f"{path}: there is no such configuration file") from None
    except (OSError, ValueError) as error:
        raise GlyphbenchError(f"{path}: cannot be read as TOML: {error}") from None
