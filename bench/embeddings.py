"""A tower's vectors in a run folder, by digest of what they are of: asked for once, then read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from bench.digest import digest_of, short
from bench.journal import Journal
from metrics.towers.tower import TextVector, Tower
from prompts.suite import Box

Floats = npt.NDArray[np.float64]
WHOLE = Box(0, 0, 1, 1)


class Embeddings:
    """Vectors of one tower in `embeddings.<tower8>.jsonl`; a kill loses at most the batch under way."""

    def __init__(self, folder: Path, tower: Tower) -> None:
        self.tower = tower
        self.short = short(digest_of(tower.identity))
        self._folder = folder
        self._journal = Journal(folder / f"embeddings.{self.short}.jsonl")
        self._known: dict[str, Mapping[str, Any]] = {record["key"]: record for _, record in self._journal.records()}

    def texts(self, texts: list[str], language: str) -> list[TextVector]:
        """Return the vectors of texts in one language."""
        keys = [f"text:{language}:{hashlib.sha256(text.encode()).hexdigest()}" for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        for batch in _batches(list(new), self.tower.batch):
            made = self.tower.texts([new[key] for key in batch], language)
            for key, text in zip(batch, made, strict=True):
                self._keep(key, text.vector, {"pieces": text.pieces})
        return [TextVector(self._vector(key), self._known[key]["pieces"]) for key in keys]

    def crops(self, crops: list[tuple[str, str, Box]]) -> list[Floats]:
        """Return the vectors of parts of pictures: each is a file below the folder, its SHA-256, and a box in it."""
        keys = [f"picture:{digest}:{','.join(f'{edge:.6g}' for edge in _edges(box))}" for _, digest, box in crops]
        new = {key: crop for key, crop in zip(keys, crops, strict=True) if key not in self._known}
        for batch in _batches(list(new), self.tower.batch):
            pictures = [_cut(self._folder / file, box) for file, _, box in map(new.__getitem__, batch)]
            for key, vector in zip(batch, self.tower.pictures(pictures), strict=True):
                self._keep(key, vector, {})
        return [self._vector(key) for key in keys]

    def _keep(self, key: str, vector: Floats, details: Mapping[str, Any]) -> None:
        record = {"key": key, **details, "vector": [round(float(value), 8) for value in vector]}
        self._journal.append(record)
        self._known[key] = record

    def _vector(self, key: str) -> Floats:
        return np.asarray(self._known[key]["vector"], dtype=np.float64)


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def _cut(path: Path, box: Box) -> Image.Image:
    with Image.open(path) as picture:
        width, height = picture.size
        left, top = int(box.left * width), int(box.top * height)
        right, bottom = max(left + 1, round(box.right * width)), max(top + 1, round(box.bottom * height))
        return picture.convert("RGB").crop((left, top, right, bottom))


def _batches(keys: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
