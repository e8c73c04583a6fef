"""Parts of a drawn character: cut out, moved, turned over, put in each other's place."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.generators.typeset.strokes import Mask

_MIDDLE = (0.3, 0.7)  # Where a character is cut, as shares of its width or height: at the emptiest row there.
_STRETCH = 1.7  # Parts that would have to be stretched or squeezed more are not exchanged.


def halves(ink: Mask, axis: int) -> tuple[Mask, Mask]:
    """Return the left and right (axis 0) or the upper and lower (axis 1) half, cut where there is least ink."""
    along = ink.sum(axis=axis)
    inked = np.flatnonzero(along)
    first, last = int(inked[0]), int(inked[-1]) + 1
    low, high = (first + int(share * (last - first)) for share in _MIDDLE)
    least = np.flatnonzero(along[low : high + 1] == along[low : high + 1].min())
    cut = low + int(least[len(least) // 2])
    before = np.arange(ink.shape[1 - axis]) < cut
    chosen = before[None, :] if axis == 0 else before[:, None]
    return ink & chosen, ink & ~chosen


def exchanged(ink: Mask, order: NDArray[np.int64]) -> Mask:
    """Return the four quarters of a character's room (by the clock of reading: 0 1 over 2 3) in another order."""
    top, left, bottom, right = _room(ink)
    height, width = (bottom - top) // 2, (right - left) // 2
    corners = [(top + row * height, left + column * width) for row in (0, 1) for column in (0, 1)]
    drawn = np.zeros_like(ink)
    for (y, x), source in zip(corners, order, strict=True):
        from_y, from_x = corners[source]
        drawn[y : y + height, x : x + width] = ink[from_y : from_y + height, from_x : from_x + width]
    return drawn


def turned_over(part: Mask, axis: int) -> Mask:
    """Return a part mirrored within its own room, left to right (axis 0) or upside down (axis 1)."""
    if not part.any():
        return part
    top, left, bottom, right = _room(part)
    turned = np.zeros_like(part)
    inner = part[top:bottom, left:right]
    turned[top:bottom, left:right] = inner[:, ::-1] if axis == 0 else inner[::-1]
    return turned


def placed(part: Mask, place: Mask) -> Mask | None:
    """Return a part stretched to the room that another one takes up; None where it would not be itself any more."""
    if not part.any() or not place.any():
        return None
    top, left, bottom, right = _room(part)
    inner = part[top:bottom, left:right].astype(np.float32)
    top, left, bottom, right = _room(place)
    stretch = (right - left) / inner.shape[1], (bottom - top) / inner.shape[0]
    if min(stretch) < 1 / _STRETCH or max(stretch) > _STRETCH:
        return None
    put = np.zeros_like(part)
    put[top:bottom, left:right] = cv2.resize(inner, (right - left, bottom - top)) > 0.5
    return put


def moved(part: Mask, shift: NDArray[np.float64], degrees: float, scale: float) -> Mask:
    """Return a part turned and scaled about its middle, then moved by (x, y) pixels."""
    rows, columns = np.nonzero(part)
    if not len(rows):
        return part
    turn = cv2.getRotationMatrix2D((float(columns.mean()), float(rows.mean())), degrees, scale)
    turn[:, 2] += shift
    drawn = cv2.warpAffine(part.astype(np.float32), turn, part.shape[::-1], flags=cv2.INTER_LINEAR)
    return np.asarray(drawn > 0.5)


def _room(part: Mask) -> tuple[int, int, int, int]:
    places = np.argwhere(part)
    (top, left), (bottom, right) = places.min(axis=0), places.max(axis=0) + 1
    return int(top), int(left), int(bottom), int(right)
