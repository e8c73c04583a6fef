"""A tower's vectors in a run folder, by digest of what they are of: asked for once, then read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from bench.digest import digest_of, short
from bench.journal import Journal
from metrics.towers.tower import TextVector, Tower
from prompts.errors import GlyphbenchError
from prompts.suite import Box

Floats = npt.NDArray[np.float64]
WHOLE = Box(0, 0, 1, 1)


class NoVectorError(GlyphbenchError):
    """A vector was never computed, and the tower is not at hand."""


def tower8(identity: str) -> str:
    """Return the eight digits by which a run folder's files name a tower."""
    return short(digest_of(identity))


class Embeddings:
    """Vectors of one tower in `embeddings.<tower8>.jsonl`; a kill loses at most the batch under way.

    Without the tower itself only what is there can be had: anything else raises `NoVectorError`.
    """

    def __init__(self, folder: Path, identity: str, tower: Tower | None = None) -> None:
        self.short = tower8(identity)
        self._tower = tower
        self._folder = folder
        self._journal = Journal(folder / f"embeddings.{self.short}.jsonl")
        self._known: dict[str, Mapping[str, Any]] = {}
        self._remember(record for _, record in self._journal.records())

    def texts(self, texts: list[str], language: str) -> list[TextVector]:
        """Return the vectors of texts in one language."""
        keys = [f"text:{language}:{hashlib.sha256(text.encode()).hexdigest()}" for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        for batch, tower in self._batches(new):
            made = tower.texts([new[key] for key in batch], language)
            self._keep({key: (text.vector, {"pieces": text.pieces}) for key, text in zip(batch, made, strict=True)})
        return [TextVector(self._vector(key), self._known[key]["pieces"]) for key in keys]

    def crops(self, crops: list[tuple[str, str, Box]]) -> list[Floats]:
        """Return the vectors of parts of pictures: each is a file below the folder, its SHA-256, and a box in it."""
        keys = [f"picture:{digest}:{','.join(f'{edge:.6g}' for edge in _edges(box))}" for _, digest, box in crops]
        new = {key: crop for key, crop in zip(keys, crops, strict=True) if key not in self._known}
        for batch, tower in self._batches(new):
            pictures = [_cut(self._folder / file, box) for file, _, box in map(new.__getitem__, batch)]
            vectors = tower.pictures(pictures)
            self._keep({key: (vector, {}) for key, vector in zip(batch, vectors, strict=True)})
        return [self._vector(key) for key in keys]

    def _batches(self, new: Mapping[str, object]) -> Iterator[tuple[list[str], Tower]]:
        if new and self._tower is None:
            raise NoVectorError(f"{self._journal.path.name} lacks {len(new)} vectors: python -m bench align  adds them")
        if self._tower is not None:
            keys = list(new)
            for start in range(0, len(keys), self._tower.batch):
                yield keys[start : start + self._tower.batch], self._tower

    def _keep(self, made: Mapping[str, tuple[Floats, Mapping[str, Any]]]) -> None:
        records = [
            {"key": key, **details, "vector": [round(float(value), 8) for value in vector]}
            for key, (vector, details) in made.items()
        ]
        self._journal.extend(records)
        self._remember(records)

    def _remember(self, records: Iterable[Mapping[str, Any]]) -> None:
        for record in records:
            self._known[record["key"]] = {**record, "vector": np.asarray(record["vector"], dtype=np.float64)}

    def _vector(self, key: str) -> Floats:
        vector: Floats = self._known[key]["vector"]
        return vector


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def _cut(path: Path, box: Box) -> Image.Image:
    with Image.open(path) as picture:
        width, height = picture.size
        left, top = int(box.left * width), int(box.top * height)
        right, bottom = max(left + 1, round(box.right * width)), max(top + 1, round(box.bottom * height))
        return picture.convert("RGB").crop((left, top, right, bottom))
