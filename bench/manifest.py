"""The manifest of a run: what was run, with what, where; written first as `started`, last as `complete`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bench.files import write_json
from bench.json_file import read_formatted
from prompts.errors import GlyphbenchError
from prompts.validation import describe_faults

FORMAT = 1
"""Raised when older versions could not read a run folder any more; newer ones must still read older formats."""


class SuiteEntry(BaseModel):
    """Which suite was run."""

    model_config = ConfigDict(extra="forbid")

    name: str
    version: str
    digest: str


class ModelEntry(BaseModel):
    """Which model: its short name, the spec as typed, all that decides its pixels, and whether it is a model at all."""

    model_config = ConfigDict(extra="forbid")

    name: str
    spec: str
    identity: dict[str, Any]
    digest: str
    is_model: bool


class Manifest(BaseModel):
    """The content of `manifest.json`.

    `readers` holds each reader's signature under its short digest; `towers` likewise the identity of each tower that
    scored the pictures, the first one for the summary, and `no_tower` why none did; `continued` the environment of
    every later process that worked on the run, where it was not that of the first.
    """

    model_config = ConfigDict(extra="forbid")

    format: int = FORMAT
    status: Literal["started", "complete"] = "started"
    glyphbench: str
    created: str
    finished: str | None = None
    suite: SuiteEntry
    model: ModelEntry
    seeds: tuple[int, ...] = Field(min_length=1)
    limit: int | None = Field(None, ge=1)
    tier: str = Field("exact", pattern="^(exact|equivalent|lossy)")
    readers: dict[str, dict[str, Any]] = {}
    towers: dict[str, str] = {}
    no_tower: str | None = None
    environment: dict[str, Any]
    continued: list[dict[str, Any]] = []
    signature: str | None = None

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Return the manifest in the file `path`.

        Raises:
            GlyphbenchError: It is missing, damaged, or of a newer format.
        """
        absent = f"{path.parent} is not a run folder: it has no manifest.json"
        content = read_formatted(path, FORMAT, absent)
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            faults = "\n  ".join(describe_faults(error, cls))
            raise GlyphbenchError(f"{path}: not a manifest\n  {faults}") from None

    def write(self, path: Path) -> None:
        """Put the manifest in the file `path`, whole or not at all."""
        write_json(path, self.model_dump(mode="json"))
