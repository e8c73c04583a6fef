"""Rings of lettering whose characters a detector found one by one."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from metrics.readers.bands import Band
from metrics.readers.centrelines import circle
from metrics.readers.curves import CurveSettings, band_around
from metrics.readers.lines import ReadBand
from metrics.readers.quadrilaterals import Points

_FEWEST, _MOST = 3, 16
"""How many parts a ring is made of."""

_NEAR = 0.3
"""A part is on a circle if its middle is within this share of the usual height from it."""

_SHARE = 0.6
"""A ring takes this share of all loose parts."""

_LARGEST = 20.0
"""Greatest radius of a ring in heights of its characters."""

_AROUND = 3.0
"""The parts of a ring lie on more than this angle of it, in radians."""

_LOOSE_SIGNS, _LOOSE, _TILTED = 3, 0.9, 0.1
"""A level line of more characters than these, read with this confidence, is no part of something else; a line that is
tilted by more radians may be one."""


def scattered_ring(reads: list[ReadBand], settings: CurveSettings) -> Band | None:
    """Return the band of the circle on which most of the loose parts among `reads` lie, heads outside; None without."""
    parts = [read.band for read in reads if not read.band.closed and _is_loose(read)]
    if not _FEWEST <= len(parts) <= _MOST:
        return None
    height = float(np.median([_height(part) for part in parts]))
    alike = [part for part in parts if height / 2 < _height(part) < height * 2]
    shares = [(0.5,) if part.straight else (0.1, 0.5, 0.9) for part in alike]
    spots = np.array([part.along(at, at)[0] for part, ats in zip(alike, shares, strict=True) for at in ats])
    circles = (_on_circle(spots[list(three)], spots, height) for three in combinations(range(len(spots)), 3))
    on = max(circles, key=len, default=spots[:0])
    if len(on) < max(_FEWEST, _SHARE * len(spots)):
        return None
    centre, radius, _ = circle(on)
    if _covered(on - centre) < _AROUND or radius < height:
        return None
    angles = np.linspace(0.0, 2 * np.pi, max(16, round(40 * radius / height)))
    middle = centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return band_around(np.asarray(middle, np.float32), (1 + 2 * settings.across) * height, closed=True)


def _on_circle(three: Points, spots: Points, height: float) -> Points:
    """Return the spots that lie on the circle through three of them."""
    centre, radius, _ = circle(three)
    if not height < radius < _LARGEST * height:
        return spots[:0]
    near: Points = spots[np.abs(np.linalg.norm(spots - centre, axis=1) - radius) < _NEAR * height]
    return near


def _covered(spots: Points) -> float:
    """Return the angle of a circle on which spots lie, the widest gap between them left out, in radians."""
    angles = np.sort(np.arctan2(spots[:, 1], spots[:, 0]))
    return float(2 * np.pi - np.diff(angles, append=angles[0] + 2 * np.pi).max())


def _is_loose(read: ReadBand) -> bool:
    signs = [sign for sign in read.recognition.signs if not sign.text.isspace()]
    if not read.band.straight or len(signs) <= _LOOSE_SIGNS or read.recognition.confidence < _LOOSE:
        return True
    along = read.band.top[1] - read.band.top[0]
    return abs(math.remainder(math.atan2(along[1], along[0]), math.pi / 2)) > _TILTED


def _height(band: Band) -> float:
    """Return how high the lettering in a band may be."""
    if not band.straight:
        return band.depth / 1.2
    return min(float(np.linalg.norm(band.top[1] - band.top[0])), band.depth) / 1.2
