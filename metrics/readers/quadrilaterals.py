"""Quadrilaterals around text: four corners as a float32 array of shape (4, 2), clockwise as seen.

The first corner is where the text begins, so the first side runs along the text and the second across it.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import pyclipper
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float32]

_FINENESS = 64
"""Steps in a pixel that the polygon clipper, which counts in integers, tells apart."""


def tightest_rectangle(points: Points) -> Points:
    """Return the corners of the smallest rectangle around `points`, from the one at the top left of upright text."""
    corners = cv2.boxPoints(cv2.minAreaRect(points))
    by_x = corners[np.lexsort((corners[:, 1], corners[:, 0]))]
    left, right = (half[np.argsort(half[:, 1], kind="stable")] for half in (by_x[:2], by_x[2:]))
    return np.array([left[0], right[0], right[1], left[1]], np.float32)


def upright_rectangle(points: Points) -> Points:
    """Return the corners of the smallest rectangle around `points` with sides along the picture's, top left first."""
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def sides(corners: Points) -> tuple[float, float]:
    """Return the length of the first side and of the second, the longer one of each opposite pair."""
    lengths = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    return float(max(lengths[0], lengths[2])), float(max(lengths[1], lengths[3]))


def elongation(corners: Points) -> float:
    """Return the longer side over the shorter one, ≥ 1."""
    short, long = sorted(sides(corners))
    return long / max(short, 1e-6)


def shared_area(first: Points, second: Points) -> float:
    """Return the area in which two quadrilaterals overlap.

    OpenCV's `intersectConvexConvex` is not used: it returns 0 for some rectangles that share an edge.
    """
    clipper = pyclipper.Pyclipper()
    clipper.AddPath(_steps(first), pyclipper.PT_SUBJECT, True)
    clipper.AddPath(_steps(second), pyclipper.PT_CLIP, True)
    return float(sum(abs(pyclipper.Area(path)) for path in clipper.Execute(pyclipper.CT_INTERSECTION))) / _FINENESS**2


def offset(corners: Points, ratio: float) -> Points:
    """Return the outline at a distance of area × `ratio` / perimeter outside of `corners`.

    A DB detector finds text shrunk by such a distance and leaves it to be undone (Liao et al., arXiv 1911.08947).
    """
    distance = cv2.contourArea(corners) * ratio / cv2.arcLength(corners, closed=True)
    clipper = pyclipper.PyclipperOffset()
    clipper.AddPath(_steps(corners), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    return np.array(clipper.Execute(distance * _FINENESS)[0], np.float32) / np.float32(_FINENESS)


def widened(corners: Points, along: float, across: float) -> Points:
    """Return a rectangle made longer at both ends by `along` and wider on both sides by `across` pixels.

    `along` is measured on the first side, `across` on the second.
    """
    length, width = sides(corners)
    forward = (corners[1] - corners[0]) / max(length, 1e-6) * along
    down = (corners[3] - corners[0]) / max(width, 1e-6) * across
    shifts = np.array([-forward - down, forward - down, forward + down, down - forward])
    return np.asarray(corners + shifts, np.float32)


def _steps(corners: Points) -> list[list[int]]:
    """Return corners in the whole numbers that the polygon clipper counts in."""
    steps: list[list[int]] = np.rint(corners * _FINENESS).astype(int).tolist()
    return steps
