"""The tightest rectangle, at any angle, around points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.generators.typeset.glyphs import Point, Quad


def tightest_rectangle(points: Sequence[Point], towards: Point) -> Quad:
    """Return the corners of the smallest rectangle around `points`, clockwise.

    One side of it lies on a side of the points' convex hull (Freeman and Shapira, 1975). The first corner is the upper
    left one to somebody who reads in the direction `towards`, or nearly so.
    """
    hull = _hull(np.array(points, float))
    sides = np.roll(hull, -1, axis=0) - hull
    candidates = [_around(hull, float(angle)) for angle in np.arctan2(sides[:, 1], sides[:, 0])]
    corners = min(candidates, key=_area)
    heading = np.array(towards) if any(towards) else np.array([1.0, 0.0])
    first = max(range(4), key=lambda k: float(_unit(corners[(k + 1) % 4] - corners[k]) @ heading))
    a, b, c, d = ((float(x), float(y)) for x, y in np.roll(corners, -first, axis=0))
    return a, b, c, d


def _area(corners: NDArray[np.float64]) -> float:
    """Return the area of a rectangle to a millionth, so that equal ones are told apart by their order alone."""
    sides = np.linalg.norm(np.diff(corners[:3], axis=0), axis=1)
    return round(float(sides[0] * sides[1]), 6)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vector / max(1e-9, float(np.linalg.norm(vector))))


def _around(points: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """Return the rectangle around `points` with a side in the direction `angle`, clockwise."""
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    a, b = points @ along, points @ across
    return np.array(
        [
            a.min() * along + b.min() * across,
            a.max() * along + b.min() * across,
            a.max() * along + b.max() * across,
            a.min() * along + b.max() * across,
        ]
    )


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the corners of the convex hull in turn (Andrew's monotone chain)."""
    ordered = sorted(map(tuple, points))
    chains = []
    for sequence in (ordered, ordered[::-1]):
        chain: list[tuple[float, float]] = []
        for point in sequence:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    return np.array(chains[0] + chains[1])


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
