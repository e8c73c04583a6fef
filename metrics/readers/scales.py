"""Deciding between the boxes that a detector found at several scales.

One line of large lettering may be found whole at a coarse scale and in pieces at a fine one; several lines of small
lettering may be found one by one at a fine scale and as one blot at a coarse one. What the boxes say decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import cv2
import numpy as np

from metrics.readers.lines import CERTAIN, weight
from metrics.readers.quadrilaterals import elongation, shared_area, sides, upright_rectangle
from metrics.readers.recognition import Recognition
from metrics.readers.views import TextBox

Read: TypeAlias = Callable[[TextBox], Recognition]


@dataclass(frozen=True, slots=True)
class ScaleSettings:
    """What decides between boxes.

    Attributes:
        least_seen_height: A box of a coarser scale counts if it is at least so many pixels high there.
        least_longer: One of at least so many counts if it holds a single finer one, of the same line.
        covered: A box is part of another if more than this share of its area lies within.
        same_height: Two boxes are of the same line if the lower one has more than this share of the other's height.
        gained: A coarser box of the same line is read if it is longer by this share of its height, about a thin
            character.
        surely: It stands if it is read with this confidence, else the one that says more.
        single_below: Two boxes less elongated than this are one character seen twice.
        enough: Lines that are large and sure need no look at the finest scale if all are read with this confidence,
        unread: and ink beside what was read is shorter than this share of the line's height.
    """

    least_seen_height: float = 24.0
    least_longer: float = 12.0
    covered: float = 0.5
    same_height: float = 0.6
    gained: float = 0.3
    surely: float = 0.97
    single_below: float = 1.6
    enough: float = 0.6
    unread: float = 0.25


def settle(scales: Sequence[Sequence[TextBox]], read: Read, settings: ScaleSettings) -> list[TextBox]:
    """Return the boxes that stand out of those found at each scale.

    Args:
        scales: Boxes found at each scale, the finest first.
        read: Reads a box; asked only where boxes contradict each other.
        settings: Thresholds.
    """
    standing = list(scales[0])
    for boxes in scales[1:]:
        for box in boxes:
            if box.seen_height >= settings.least_seen_height:
                standing = _with(standing, box, read, settings)
            elif box.seen_height >= settings.least_longer:
                standing = _longer(standing, box, read, settings)
    return standing


def _with(standing: list[TextBox], box: TextBox, read: Read, settings: ScaleSettings) -> list[TextBox]:
    """Return the standing boxes after a coarser one was weighed against them."""
    pieces = [other for other in standing if _share_within(box, other) > settings.covered]
    others = [other for other in standing if other not in pieces]
    if sum(_share_within(other, box) for other in others) > settings.covered:
        return standing
    if len(pieces) == 1 and _same_height(pieces[0], box, settings):
        return [*others, _better(pieces[0], box, read, settings)]
    if pieces and not _explains(box, pieces, read, settings):
        return standing
    return [*others, box]


def _longer(standing: list[TextBox], box: TextBox, read: Read, settings: ScaleSettings) -> list[TextBox]:
    """Return the standing boxes after one too coarse to stand for others was weighed against one of the same line."""
    pieces = [other for other in standing if shared_area(box.corners, other.corners) > 0]
    if len(pieces) != 1 or not _same_height(pieces[0], box, settings) or _are_single(pieces[0], box, settings):
        return standing
    return [*(other for other in standing if other is not pieces[0]), _better(pieces[0], box, read, settings)]


def _share_within(box: TextBox, part: TextBox) -> float:
    """Return the share of `part` that lies within `box`."""
    return shared_area(box.corners, part.corners) / cv2.contourArea(part.corners)


def _height(box: TextBox) -> float:
    return min(sides(box.corners))


def _same_height(part: TextBox, box: TextBox, settings: ScaleSettings) -> bool:
    return _height(part) > settings.same_height * _height(box)


def _are_single(first: TextBox, second: TextBox, settings: ScaleSettings) -> bool:
    return max(elongation(first.corners), elongation(second.corners)) < settings.single_below


def _better(fine: TextBox, coarse: TextBox, read: Read, settings: ScaleSettings) -> TextBox:
    """Return the box to keep of a line found at two scales."""
    if _are_single(fine, coarse, settings):
        both = replace(coarse, corners=upright_rectangle(np.concatenate([fine.corners, coarse.corners])))
        return max(fine, coarse, both, key=lambda box: read(box).confidence)
    if max(sides(coarse.corners)) < max(sides(fine.corners)) + settings.gained * _height(coarse):
        return fine
    if read(coarse).confidence >= settings.surely:
        return coarse
    return max(fine, coarse, key=lambda box: weight(read(box)))


def _explains(box: TextBox, pieces: Sequence[TextBox], read: Read, settings: ScaleSettings) -> bool:
    """Return whether a box is text that was found in `pieces`, rather than a blot over several lines.

    It must be read as surely as they are, a character on average. If some of them are lower than it is, and thus may
    be lines of their own, it must not lose words either: parts of a large character are mostly read as single
    characters, lines come out as more.
    """
    whole, parts = read(box), [read(piece) for piece in pieces]
    signs = [sign for part in parts for sign in part.signs]
    if not whole.signs or not signs:
        return bool(whole.signs)
    if whole.confidence < sum(sign.confidence for sign in signs) / len(signs):
        return False
    words = [(piece, weight(part)) for piece, part in zip(pieces, parts, strict=True) if len(part.signs) > 1]
    if all(_same_height(piece, box, settings) for piece, _ in words):
        return True
    return weight(whole) >= sum(weight for _, weight in words) - CERTAIN
