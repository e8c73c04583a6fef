"""How surely a drawn character is as it should be: its picture beside the character itself, and the recogniser's doubt.

A small network compares a window on the character with the character in two well-known designs. It was trained with
characters drawn in a dozen designs, right or damaged at the level of strokes, on all sorts of grounds
(benchmarks/train_intactness.py); docs/legibility.md says how well it does on others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from metrics.readers.crops import Image
from metrics.readers.models import open_session
from metrics.readers.references import has_reference, reference
from metrics.readers.windows import WINDOW, ink_planes

MODEL = Path(__file__).with_name("intactness.onnx")

DOUBT_SHARE = 0.2
"""Weight of the recogniser's log odds against the picture's: the best for kai characters damaged by their true strokes
(benchmarks/stroke_vectors.py). The network is surer of faces that it was trained with than of those."""

_BIAS = -0.3
"""Added to the sum, so that 1% of well-drawn Chinese characters come below 0.5
(python benchmarks/legibility.py --fit; sans, song and kai count alike)."""

LATIN_SHIFT = 1.2
"""Added to the log odds of Latin letters and digits, whose shapes tell less, so that 1% of them come below 0.5 too
(likewise)."""

_SUREST = 14.0  # Log odds of the recogniser count up to here; float32 outputs say nothing finer.
_BATCH = 64


class IntactnessModel:
    """Judges characters by their pictures, on one CPU thread; the model is loaded by the first call."""

    def judge(self, windows: Sequence[Image], characters: Sequence[str]) -> NDArray[np.float64]:
        """Return for each window the log odds that it shows that character well drawn; NaN for one without a reference.

        Args:
            windows: Squares around the characters, upright, as `metrics.readers.windows.window` cuts them; RGB.
            characters: What they should show, one code point each.
        """
        odds = np.full(len(windows), np.nan)
        known = [i for i, character in enumerate(characters) if has_reference(character)]
        for first in range(0, len(known), _BATCH):
            chosen = known[first : first + _BATCH]
            planes = ink_planes(np.stack([_sized(windows[i]) for i in chosen]))[:, None]
            references = np.stack([reference(characters[i]) for i in chosen]).astype(np.float32)
            (found,) = self._session.run(None, {"window": planes, "references": references})
            odds[chosen] = found + [LATIN_SHIFT * characters[i].isascii() for i in chosen]
        return odds

    def combine(self, doubt: NDArray[np.float64], picture: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how surely each character is intact, in 0..1; NaN where the picture is not judged.

        Args:
            doubt: 1 − P of the expected character (`metrics.ctc.Weight.doubt`), in 0..1.
            picture: As `judge` returns it.
        """
        return np.asarray(1 / (1 + np.exp(-np.clip(picture + DOUBT_SHARE * odds(doubt) + _BIAS, -60, 60))))

    @property
    def sha256(self) -> str:
        """SHA-256 of the model file, in hex."""
        return hashlib.sha256(MODEL.read_bytes()).hexdigest()

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return open_session(MODEL)


def odds(doubt: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log odds against a doubt in 0..1, kept within ±14."""
    least = np.exp(-_SUREST)
    return np.asarray(np.log((1 - doubt).clip(least)) - np.log(doubt.clip(least)))


def _sized(window: Image) -> Image:
    if window.shape[:2] == (WINDOW, WINDOW):
        return window
    resized: Image = cv2.resize(window, (WINDOW, WINDOW), interpolation=cv2.INTER_AREA)
    return resized
