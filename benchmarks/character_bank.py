"""A bank of drawn characters, right and malformed, as `benchmarks/drawn_characters.py` makes it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from metrics.readers.references import has_reference, reference

EM, BANK_SIDE = 128, 160  # As the bank was drawn.


class Bank:
    """Drawn characters, unpacked when asked for."""

    def __init__(self, paths: list[Path]) -> None:
        files = [np.load(path) for path in paths]
        self._intact, self._damaged, self.characters = (
            np.concatenate([file[name] for file in files]) for name in ("intact", "damaged", "characters")
        )
        self.designs = np.concatenate([file["designs"] + 100 * number for number, file in enumerate(files)])
        offsets = np.cumsum([0, *(len(file["intact"]) for file in files)])[:-1]
        owners = np.concatenate([file["owners"] + offset for file, offset in zip(files, offsets, strict=True)])
        starts = np.searchsorted(owners, np.arange(len(self._intact)))
        self._spans = np.stack([starts, np.append(starts[1:], len(owners))], axis=1)
        self.usable = np.array([i for i, c in enumerate(self.characters) if has_reference(str(c))])
        self._of_design = {d: np.flatnonzero(self.designs == d) for d in np.unique(self.designs)}
        self._alike = self._look_alikes()

    def _look_alikes(self) -> dict[str, list[str]]:
        """Return for each character those whose reference is most like its own."""
        names = sorted({str(c) for c in self.characters if has_reference(str(c))})
        small = np.stack([cv2.resize(reference(c)[0], (16, 16), interpolation=cv2.INTER_AREA).ravel() for c in names])
        small = cv2.blur(small.astype(np.float32).reshape(-1, 16, 16).transpose(1, 2, 0).copy().reshape(16, -1), (1, 1))
        vectors = small.reshape(16, 16, -1).reshape(256, -1).T
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        nearest = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:9]
        return {c: [names[j] for j in row] for c, row in zip(names, nearest, strict=True)}

    def intact(self, number: int) -> np.ndarray:
        """Return a character's ink as it should be."""
        return np.unpackbits(self._intact[number]).reshape(BANK_SIDE, BANK_SIDE)

    def damaged(self, number: int, rng: np.random.Generator) -> np.ndarray | None:
        """Return one of its malformed versions, None where there is none."""
        low, high = self._spans[number]
        return None if low == high else np.unpackbits(self._damaged[rng.integers(low, high)]).reshape(BANK_SIDE, -1)

    def neighbour(self, number: int, rng: np.random.Generator) -> np.ndarray:
        """Return the ink of another character of the same design and script."""
        group = self._of_design[self.designs[number]]
        for _ in range(8):
            other = int(group[rng.integers(len(group))])
            if (ord(str(self.characters[other])) > 127) == (ord(str(self.characters[number])) > 127):
                break
        return self.intact(other)

    def other(self, character: str, rng: np.random.Generator) -> str:
        """Return a wrong character: half of the time one that looks alike."""
        if rng.random() < 0.5:
            return self._alike[character][rng.integers(8)]
        wide = ord(character) > 127
        while True:
            found = str(self.characters[self.usable[rng.integers(len(self.usable))]])
            if found != character and (ord(found) > 127) == wide:
                return found
