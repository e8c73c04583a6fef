"""Widely spaced lettering: gaps that a recogniser takes for the ends of words, or of the line, are squeezed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.readers.bands import Band
from metrics.readers.crops import Image

_INK = 0.35
"""A column holds ink if some pixel differs from its row's background by this share of the strongest difference."""

_ALONE = 1.6
"""Characters to a word, fewer than which make a text of single letters."""

_LETTERS, _WORDS = 0.12, 0.4
"""What gaps between letters and between words are squeezed to, as shares of the band's depth."""

_WIDE = 0.3
"""Gaps wider than this share of the depth are wide."""

_WORD = 1.6
"""A gap this many times as wide as the usual one parts words."""

_TURNS = 4
"""Times that a ring is turned, at the most, to have its widest gap at its ends."""

_LOW = 32
"""Pixels of a line's height that are enough to see its ink."""

_SAMPLE = 2.0
"""Pixels of a squeezed band between its points."""


def is_spaced(text: str) -> bool:
    """Return whether most characters of a text are parted from the next one by a space."""
    words = text.split()
    return len(words) > 2 and len("".join(words)) < _ALONE * len(words)


def squeezed(band: Band, crop: Image) -> Band | None:
    """Return a band with the gaps between its characters squeezed, None where they are not wide.

    A ring is opened in its widest gap.

    Args:
        band: Where the line lies.
        crop: The line laid straight.
    """
    runs = ink_runs(crop)
    if band.closed:
        # A gap narrower than the steps between a band's points may not come to lie at its ends, however it is turned.
        for _ in range(_TURNS):
            widest = _wider_than_the_ends(runs, crop.shape[1])
            if widest is None:
                break
            band, crop = _turned(band, crop, widest)
            runs = ink_runs(crop)
    if len(runs) < 2:
        return None
    length, depth = crop.shape[1], crop.shape[0]
    gaps = runs[1:, 0] - runs[:-1, 1]
    wide = gaps[gaps > _WIDE * depth]
    if len(wide) == 0 or (not band.closed and len(wide) < len(gaps) / 2):
        return None
    usual = float(np.median(wide))
    targets = np.where(gaps > _WORD * usual, _WORDS * depth, np.minimum(gaps, _LETTERS * depth))
    margin = min(0.15 * depth, runs[0, 0], length - runs[-1, 1])
    ends = np.stack([np.maximum(runs[:, 0] - (np.arange(len(runs)) == 0) * margin, 0), runs[:, 1]], axis=1).astype(
        float
    )
    ends[-1, 1] += margin
    sizes = ends[:, 1] - ends[:, 0]
    laid = np.concatenate([[0.0], np.cumsum(np.column_stack([sizes, [*targets, 0.0]]).ravel()[:-1])])
    total = float(laid[-1])
    shares = np.interp(np.linspace(0, total, max(3, round(total / _SAMPLE))), laid, ends.ravel()) / length
    zeros = np.zeros(len(shares))
    return Band(band.points_at(shares, zeros), band.points_at(shares, zeros + 1), laid=total * band.depth / depth)


def _wider_than_the_ends(runs: NDArray[np.int64], length: int) -> float | None:
    """Return the middle of the widest gap, as a share of the length; None where that is the one around the ends."""
    if len(runs) < 2:
        return None
    gaps = runs[1:, 0] - runs[:-1, 1]
    widest = int(gaps.argmax())
    if gaps[widest] <= runs[0, 0] + length - runs[-1, 1]:
        return None
    return float(runs[widest, 1] + runs[widest + 1, 0]) / 2 / length


def _turned(band: Band, crop: Image, share: float) -> tuple[Band, Image]:
    """Return a ring and its crop from another point of it on."""
    first = round(share * (len(band.top) - 1)) / (len(band.top) - 1)
    return band.beginning_at(share), np.roll(crop, -round(first * crop.shape[1]), axis=1)


def unread(crop: Image, spans: Sequence[tuple[float, float]]) -> float:
    """Return how long the ink beside what was read in a line is, as a share of the line's height.

    Args:
        crop: The line laid straight.
        spans: Where each character that was read begins and ends, as shares of the line's length in 0..1.
    """
    length = max(1, round(_LOW * crop.shape[1] / crop.shape[0]))
    inked = _inked(cv2.resize(crop, (length, _LOW), interpolation=cv2.INTER_AREA))
    for start, end in spans:
        inked[int(start * length) : math.ceil(end * length)] = False
    return float(inked.sum()) / _LOW


def ink_runs(crop: Image) -> NDArray[np.int64]:
    """Return the first column, and the one after the last, of every stretch of columns with ink, of shape (n, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], _inked(crop).astype(int), [0]])))
    return edges.reshape(-1, 2)


def _inked(crop: Image) -> NDArray[np.bool_]:
    """Return which columns hold ink."""
    values = crop.astype(np.float32)
    strength = np.abs(values - np.median(values, axis=1, keepdims=True)).max(axis=2)
    return np.asarray((strength > _INK * np.quantile(strength, 0.99)).any(axis=0))
