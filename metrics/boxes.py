"""Rectangles as fractions of the picture, and what two of them have to do with each other.

Everything is measured after the picture is stretched to a square of side 1: across in fractions of its width, down in
fractions of its height. A third of a wide picture is then as far as a third of a tall one, whatever their ratios, as
it is in the cells and boxes that a prompt names.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from metrics.reading import Point
from prompts.suite import Box


def box_around(points: Iterable[Point], width: float, height: float) -> Box:
    """Return the smallest box around `points`, in pixels of a picture of `width` × `height`."""
    xs, ys = zip(*points, strict=True)
    return Box(min(xs) / width, min(ys) / height, max(xs) / width, max(ys) / height)


def centre(box: Box) -> Point:
    """Return the middle of a box."""
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def distance(one: Box, other: Box) -> float:
    """Return how far two boxes' middles are apart: √((Δx/width)² + (Δy/height)²), at most √2 within the picture."""
    return math.dist(centre(one), centre(other))


def contains(box: Box, point: Point) -> bool:
    """Tell whether a point lies in a box or on its edge."""
    return box.left <= point[0] <= box.right and box.top <= point[1] <= box.bottom


def area(box: Box) -> float:
    """Return the area, as a fraction of the picture's."""
    return max(0.0, box.right - box.left) * max(0.0, box.bottom - box.top)


def intersection(one: Box, other: Box) -> Box:
    """Return what two boxes share: a box of area 0 where they share nothing."""
    return Box(
        max(one.left, other.left),
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
    )


def share_inside(box: Box, place: Box) -> float:
    """Return which share of a box's area lies in a place, 0..1; of a box without area, whether its middle does."""
    whole = area(box)
    return area(intersection(box, place)) / whole if whole else float(contains(place, centre(box)))


def share_leaking(box: Box, own: Box | None, other: Box) -> float:
    """Return which share of a box's area lies in another's place and not in its own, 0..1."""
    inside = share_inside(box, other)
    if own is None or not inside:
        return inside
    whole = area(box)
    shared = area(intersection(intersection(box, own), other)) / whole if whole else share_inside(box, own)
    return max(0.0, inside - shared)
