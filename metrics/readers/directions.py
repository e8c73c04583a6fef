"""Which way a curve is read, and from where on a ring."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from metrics.readers.bands import Band
from metrics.readers.lines import ReadBand, letters
from metrics.readers.spacing import squeezed

Read = Callable[[Band], ReadBand]

FEW, _PLAIN = 3, 0.9
"""More characters than these, read with this confidence, do not stand on their heads."""

_CUTS = 3
"""How often a ring is cut at most to find where its text begins."""


def read_either_way(band: Band, read: Read, right: bool | None = None) -> ReadBand:
    """Return what a band says in the direction in which it says more.

    Args:
        band: The band.
        read: Reads it in its direction.
        right: Whether other lines of the picture turn right as they run: on one ring all do. Without, the direction
            from left to right is tried first.
    """
    ways = [band, band.reversed]
    if (band.middle[0, 0] > band.middle[-1, 0]) if right is None else (turns_right(band) != right):
        ways.reverse()
    found = read_on(ways[0], read)
    if len(found.recognition.signs) > FEW and found.recognition.confidence > _PLAIN:
        return found
    return max(found, read_on(ways[1], read), key=lambda one: letters(one.recognition))


def read_on(band: Band, read: Read) -> ReadBand:
    """Return what a band says; a ring is read from its widest gap on.

    Where a ring was cut through a character, that one may be missed, and its place look like the gap.
    """
    found = read(band)
    for _ in range(_CUTS if band.closed else 0):
        middles = [(sign.start + sign.end) / 2 for sign in found.recognition.signs if not sign.text.isspace()]
        if not middles or not found.band.closed:
            break
        gaps = [after - before for before, after in pairwise([*middles, middles[0] + 1])]
        widest = int(np.argmax(gaps))
        begin = middles[widest] + gaps[widest] / 2
        if abs(begin - 1) < gaps[widest] / 3:
            break
        found = read(found.band.beginning_at(begin % 1))
    return found


def turns_right(band: Band) -> bool:
    """Return whether a line turns clockwise as it runs, all in all."""
    steps = np.diff(band.middle, axis=0)
    return float(steps[:-1, 0] @ steps[1:, 1] - steps[:-1, 1] @ steps[1:, 0]) > 0


def gapless(read: Read) -> Read:
    """Return what reads a band without the gaps between its characters, where they are wide."""
    return lambda band: read(squeezed(band, read(band).crop) or band)
