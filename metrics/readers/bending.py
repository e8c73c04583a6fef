"""Deciding between a straight and a curved reading of the same text: what they say decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from metrics.readers.bands import Band
from metrics.readers.detection import TextBox
from metrics.readers.lines import ReadBand, weight
from metrics.readers.quadrilaterals import Points

_COVERED = 0.5
"""A line lies on another if more than this share of its points does."""

_SURE = 0.98
"""A curve read with this confidence is not read again as it was seen at another scale."""


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A reading, and the points in the picture that stand for its place."""

    points: Points
    read: ReadBand
    curved: bool


def bent(
    straight: Iterable[tuple[TextBox, ReadBand]], curves: Sequence[Band], read: Callable[[Band], ReadBand]
) -> list[ReadBand]:
    """Return what was read, curved lines in the place of readings of the same text that weigh less.

    Args:
        straight: Boxes and what was read in them.
        curves: Bands of curved lines, shorter ones first, so that a line is weighed against its parts.
        read: Reads a band.
    """
    standing = [_Entry(box.contour, found, curved=False) for box, found in straight]
    for band in curves:
        rivals = [entry for entry in standing if _same_place(entry, band)]
        if any(_is_settled(entry, band) for entry in rivals):
            continue
        found = max((_read(way, read) for way in (band, band.reversed)), key=lambda one: weight(one.recognition))
        if weight(found.recognition) > sum(max(0.0, weight(entry.read.recognition)) for entry in rivals):
            kept = [entry for entry in standing if entry not in rivals]
            standing = [*kept, _Entry(found.band.middle, found, curved=True)]
    return [entry.read for entry in standing]


def _same_place(entry: _Entry, band: Band) -> bool:
    """Return whether one of both lies mostly on the other."""
    return band.share_of(entry.points) > _COVERED or entry.read.band.share_of(band.middle) > _COVERED


def _is_settled(entry: _Entry, band: Band) -> bool:
    """Return whether all of a band is within a curve that was surely read."""
    return entry.curved and entry.read.recognition.confidence > _SURE and entry.read.band.share_of(band.middle) > _SURE


def _read(band: Band, read: Callable[[Band], ReadBand]) -> ReadBand:
    """Return what a band says; a ring is read from its widest gap on."""
    found = read(band)
    signs = found.recognition.signs
    if not band.closed or not signs:
        return found
    middles = [(sign.start + sign.end) / 2 for sign in signs]
    gaps = [after - before for before, after in pairwise([*middles, middles[0] + 1])]
    widest = int(np.argmax(gaps))
    return read(band.beginning_at((middles[widest] + gaps[widest] / 2) % 1))
