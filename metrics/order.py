"""The orders in which a person may read several lines of one text, or the places of a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from metrics.reading import Line
from prompts.suite import Box

Span = tuple[float, float]


def reading_orders(lines: Sequence[Line]) -> tuple[tuple[int, ...], ...]:
    """Return the natural orders of `lines`, as permutations of their indices, without repeats.

    The first is by rows, top to bottom and left to right; then by columns from the left (blocks side by side); then,
    where most lines are taller than wide, by columns from the right (vertical Chinese). Lines that tilt together are
    levelled first, so that a slanted paragraph keeps its order.
    """
    spans = _levelled_spans(lines)
    orders = [
        _banded([(y, x[0]) for x, y in spans]),
        _banded([(x, y[0]) for x, y in spans]),
    ]
    upright = sum(y[1] - y[0] > x[1] - x[0] for x, y in spans)
    if upright > len(lines) / 2:
        orders.append(_banded([((-x[1], -x[0]), y[0]) for x, y in spans]))
    return tuple(dict.fromkeys(orders))


def places_in_rows(places: Sequence[Box], *, in_columns: bool) -> tuple[tuple[int, ...], ...]:
    """Return the rows in which places of a picture are read, each with the indices of its places in order.

    Rows go from the top down, each from left to right; columns (vertical Chinese) from right to left, each from the
    top down. Places of which more than half of the shorter extent is shared stand in one row or column.
    """
    if in_columns:
        return _bands([((-place.right, -place.left), place.top) for place in places])
    return _bands([((place.top, place.bottom), place.left) for place in places])


def _banded(places: Sequence[tuple[Span, float]]) -> tuple[int, ...]:
    """Return indices by bands of overlapping spans, within a band by the second number."""
    return tuple(i for band in _bands(places) for i in band)


def _bands(places: Sequence[tuple[Span, float]]) -> tuple[tuple[int, ...], ...]:
    """Return bands of overlapping spans, each with its indices by the second number."""
    order = sorted(range(len(places)), key=lambda i: (sum(places[i][0]), places[i][1], i))
    bands: list[list[int]] = []
    for i in order:
        low, high = places[i][0]
        if bands:
            first_low, first_high = places[bands[-1][0]][0]
            shared = min(high, first_high) - max(low, first_low)
            if shared > 0.5 * min(high - low, first_high - first_low):
                bands[-1].append(i)
                continue
        bands.append([i])
    return tuple(tuple(sorted(band, key=lambda i: (places[i][1], i))) for band in bands)


def _levelled_spans(lines: Sequence[Line]) -> list[tuple[Span, Span]]:
    """Return the extent of each line along x and along y after turning all by their common tilt."""
    tilt = median(tilts) if (tilts := [_tilt(line) for line in lines]) else 0.0
    cos, sin = math.cos(-tilt), math.sin(-tilt)
    spans = []
    for line in lines:
        xs = [x * cos - y * sin for x, y in line.polygon]
        ys = [x * sin + y * cos for x, y in line.polygon]
        spans.append(((min(xs), max(xs)), (min(ys), max(ys))))
    return spans


def _tilt(line: Line) -> float:
    """Return how far a line's longest edge is off the nearest axis, in radians, −π/4 to π/4."""
    corners = line.polygon
    edges = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(corners, (*corners[1:], corners[0]), strict=True)]
    dx, dy = max(edges, key=lambda edge: math.hypot(*edge))
    angle = math.atan2(dy, dx) % (math.pi / 2)
    return angle if angle <= math.pi / 4 else angle - math.pi / 2
