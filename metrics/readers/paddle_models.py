"""Model folders as PaddleOCR wants them: `inference.yml` beside the weights.

PaddleOCR fetches the models that it is given no folder for, from the hubs of its makers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from prompts.errors import GlyphbenchError

MODELS: Mapping[str, str] = {
    "v6-tiny": "PP-OCRv6_tiny",
    "v6-small": "PP-OCRv6_small",
    "v6-medium": "PP-OCRv6_medium",
    "v5-mobile": "PP-OCRv5_mobile",
    "v5-server": "PP-OCRv5_server",
    "v4-mobile": "PP-OCRv4_mobile",
    "v4-server": "PP-OCRv4_server",
}
"""Sets of models by the names that our option has, and what PaddleOCR calls them (with `_det` and `_rec` behind)."""

WEIGHTS: Mapping[str, tuple[str, ...]] = {
    "onnxruntime": ("inference.onnx",),
    "paddle": ("inference.json", "inference.pdmodel"),
    "transformers": ("model.safetensors",),
}
"""Which file holds the model, one or the other, for each engine."""

CONFIGURATION = "inference.yml"
"""The file with a model's name, settings and dictionary."""


@dataclass(frozen=True)
class ModelFolder:
    """A folder with one model."""

    path: Path

    @classmethod
    def given(cls, path: Path, option: str, engine: str) -> ModelFolder:
        """Return the folder that an option names.

        Raises:
            GlyphbenchError: It lacks a file that PaddleOCR needs, or its configuration has no name.
        """
        path = path.expanduser()
        weights = WEIGHTS[engine]
        if not any((path / name).is_file() for name in weights):
            raise GlyphbenchError(f"{option}={path}: for engine={engine} the folder must hold {' or '.join(weights)}")
        folder = cls(path)
        if engine == "transformers":
            return folder
        if not (path / CONFIGURATION).is_file():
            raise GlyphbenchError(f"{option}={path}: the folder must hold {CONFIGURATION}, as PaddleOCR exports it")
        if not folder.name:
            raise GlyphbenchError(f"{path / CONFIGURATION}: must have the model's name as Global.model_name")
        return folder

    @cached_property
    def configuration(self) -> Mapping[str, Any]:
        """What `inference.yml` says; nothing where the folder has none, as those for transformers may.

        Raises:
            GlyphbenchError: It is no YAML.
        """
        import yaml

        path = self.path / CONFIGURATION
        if not path.exists():
            return {}
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise GlyphbenchError(f"{path}: cannot be read as YAML: {error}") from None
        if not isinstance(content, dict):
            raise GlyphbenchError(f"{path}: must be a table of settings")
        return content

    @property
    def name(self) -> str:
        """The model's name, which PaddleOCR must be told; "" where there is none."""
        return str((self.configuration.get("Global") or {}).get("model_name") or "")

    @property
    def post_processing(self) -> Mapping[str, Any]:
        """The settings with which the model's makers turn its output into boxes or text."""
        return self.configuration.get("PostProcess") or {}

    @property
    def characters(self) -> frozenset[str] | None:
        """What a recogniser can put out; None where the folder does not say it. PaddleOCR adds the space."""
        entries = self.post_processing.get("character_dict") or self._listed_for_transformers()
        return frozenset("".join(map(str, entries)) + " ") if entries else None

    def _listed_for_transformers(self) -> list[str]:
        try:
            content = json.loads((self.path / "preprocessor_config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        entries = content.get("character_list") if isinstance(content, dict) else None
        return [entry for entry in entries or () if entry != "blank"]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over names and contents of the folder's model files."""
        digests = hashlib.sha256()
        for path in sorted(self.path.iterdir()):
            if path.is_file() and (path.name.startswith("inference.") or path.suffix in {".json", ".safetensors"}):
                digests.update(f"{path.name}\0{file_digest(path)}\n".encode())
        return digests.hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 (hex) of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
