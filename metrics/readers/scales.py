"""Deciding between the boxes that a detector found at several scales.

One line of large lettering may be found whole at a coarse scale and in pieces at a fine one; several lines of small
lettering may be found one by one at a fine scale and as one blot at a coarse one. What the boxes say decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from metrics.readers.detection import TextBox
from metrics.readers.quadrilaterals import elongation, shared_area, sides, upright_rectangle
from metrics.readers.recognition import Recognition

Read: TypeAlias = Callable[[TextBox], Recognition]


@dataclass(frozen=True, slots=True)
class ScaleSettings:
    """What decides between boxes.

    Attributes:
        least_seen_height: A box of a coarser scale counts if it is at least so many pixels high there.
        covered: A box is part of another if more than this share of its area lies within.
        same_height: Two boxes are the same line if the lower one has more than this share of the other's height.
        single_below: Two boxes less elongated than this are one character seen twice.
    """

    least_seen_height: float = 24.0
    covered: float = 0.5
    same_height: float = 0.6
    single_below: float = 1.6


def settle(scales: Sequence[Sequence[TextBox]], read: Read, settings: ScaleSettings) -> list[TextBox]:
    """Return the boxes that stand out of those found at each scale, the finest scale first.

    Args:
        scales: Boxes found at each scale.
        read: Reads a box; asked only where boxes contradict each other.
        settings: Thresholds.
    """
    standing = list(scales[0])
    for boxes in scales[1:]:
        for box in boxes:
            if box.seen_height >= settings.least_seen_height:
                standing = _with(standing, box, read, settings)
    return standing


def _with(standing: list[TextBox], box: TextBox, read: Read, settings: ScaleSettings) -> list[TextBox]:
    """Return the standing boxes after a coarser one was weighed against them."""
    pieces = [other for other in standing if _covers(box, other, settings)]
    others = [other for other in standing if other not in pieces]
    area = cv2.contourArea(box.corners)
    if sum(shared_area(box.corners, other.corners) for other in others) > settings.covered * area:
        return standing
    if len(pieces) == 1 and _height(pieces[0]) > settings.same_height * _height(box):
        return [*others, _fuller(pieces[0], box, settings)]
    if pieces and not _explains(read(box), [read(piece) for piece in pieces]):
        return standing
    return [*others, box]


def _covers(box: TextBox, piece: TextBox, settings: ScaleSettings) -> bool:
    return shared_area(box.corners, piece.corners) > settings.covered * cv2.contourArea(piece.corners)


def _height(box: TextBox) -> float:
    return min(sides(box.corners))


def _fuller(fine: TextBox, coarse: TextBox, settings: ScaleSettings) -> TextBox:
    """Return the box that holds more of a line found at two scales, or both together for a single character."""
    if max(elongation(fine.corners), elongation(coarse.corners)) < settings.single_below:
        return TextBox(
            corners=upright_rectangle(np.concatenate([fine.corners, coarse.corners])),
            contour=coarse.contour,
            score=coarse.score,
            seen_height=coarse.seen_height,
        )
    return fine if max(sides(fine.corners)) >= max(sides(coarse.corners)) else coarse


def _explains(whole: Recognition, pieces: Sequence[Recognition]) -> bool:
    """Return whether a box is text that was found in `pieces`, rather than a blot over several texts.

    It must be read as surely as they are, a character on average; and it must not lose words: strokes and parts of a
    large character are mostly read as single characters, so what comes in longer pieces must come out again.
    """
    if not whole.signs:
        return False
    signs = [sign for piece in pieces for sign in piece.signs]
    if not signs:
        return True
    words = [piece for piece in pieces if len(piece.signs) > 1]
    sure = sum(sign.confidence for word in words for sign in word.signs)
    return (
        whole.confidence >= sum(sign.confidence for sign in signs) / len(signs)
        and whole.confidence * len(whole.signs) >= sure - 1
    )
