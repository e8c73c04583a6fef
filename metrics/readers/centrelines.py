"""Centre lines: the points along which a curved text runs, out of the region in which a detector saw it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from metrics.readers.quadrilaterals import Points

Mask: TypeAlias = NDArray[np.uint8]
"""1 where a text's core is, 0 elsewhere; of shape (height, width)."""

_STEPS = ((0, 1, 1.0), (1, 0, 1.0), (1, 1, 2**0.5), (1, -1, 2**0.5))
"""Down, right and length of the ways to a pixel's neighbours; the other four are their opposites."""

_HOLE = 0.25
"""A region is a ring if it has a hole of more than this share of the area within its outline."""

_SMOOTHNESS = 30.0
"""Weight of a change of curvature against a distance from the region's middle. At points half a core's width apart it
evens out what is shorter than about two characters and leaves arcs as round as they are."""

_MANY, _THICK = 2000, 6
"""A region of more pixels than these, more than so many of them from its edge inside, is as clear at half the size."""

_BULGE = 1.35
"""Where a region is wider than this many times its usual width it holds more than the line."""


@dataclass(frozen=True, slots=True, eq=False)
class CentreLine:
    """The middle of a line of text.

    Attributes:
        points: Evenly spaced, from one end to the other, of shape (n, 2).
        width: Of the region around it.
        closed: Whether it was a ring, whose ends meet.
    """

    points: Points
    width: float
    closed: bool = False

    @property
    def length(self) -> float:
        """From end to end along the line."""
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())


def centre_line(region: Mask, origin: Points) -> CentreLine | None:
    """Return the centre line of a connected region that is longer than wide, None for a blot.

    Args:
        region: Of one text.
        origin: Where its first pixel lies.
    """
    if np.count_nonzero(region) > _MANY and cv2.distanceTransform(region, cv2.DIST_L2, cv2.DIST_MASK_3).max() > _THICK:
        half = centre_line(np.ascontiguousarray(region[::2, ::2]), np.zeros(2, np.float32))
        return half and CentreLine(np.asarray(2 * half.points - 0.5 + origin, np.float32), 2 * half.width, half.closed)
    closed = _is_ring(region)
    if closed:
        region = _opened(region)
    spots, along = _ordered(region)
    length = float(along.max())
    width = float(len(spots)) / max(length, 1.0)
    if length < 2 * width:
        return None
    points = smoothed(_middles(spots, along, width / 2))
    for _ in range(2):
        points, width = _recentred(points, spots, width)
    line = CentreLine(np.asarray(points + origin + 0.5, np.float32), width, closed)
    return line if line.length > 2 * width else None


def _is_ring(region: Mask) -> bool:
    contours, levels = cv2.findContours(region, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    holes = [cv2.contourArea(contour) for contour, level in zip(contours, levels[0], strict=True) if level[3] >= 0]
    return max(holes, default=0.0) > _HOLE * max(cv2.contourArea(contour) for contour in contours)


def _opened(region: Mask) -> Mask:
    """Return a ring cut through where there is least of it."""
    spots = np.argwhere(region)[:, ::-1].astype(np.float32)
    centre = spots.mean(axis=0)
    angles = np.arctan2(*(spots - centre).T[::-1])
    counts, borders = np.histogram(angles, bins=90, range=(-np.pi, np.pi))
    middle = borders[counts.argmin()] + np.pi / 90
    ray = np.array([np.cos(middle), np.sin(middle)])
    ahead, aside = (spots - centre) @ ray, (spots - centre) @ np.array([-ray[1], ray[0]])
    cut = region.copy()
    gone = spots[(ahead > 0) & (np.abs(aside) < 1.5)].astype(int)
    cut[gone[:, 1], gone[:, 0]] = 0
    return cut


def _ordered(region: Mask) -> tuple[Points, NDArray[np.float64]]:
    """Return the pixels of a region, and how far each is from one end of it along the region."""
    number = np.full((region.shape[0] + 2, region.shape[1] + 2), -1)
    rows, columns = np.nonzero(region)
    number[rows + 1, columns + 1] = np.arange(len(rows))
    links = []
    for down, right, far in _STEPS:
        other = number[rows + 1 + down, columns + 1 + right]
        near = np.flatnonzero(other >= 0)
        links.append((near, other[near], np.full(len(near), far)))
    starts, ends, lengths = (np.concatenate(parts) for parts in zip(*links, strict=True))
    graph = csr_array((lengths, (starts, ends)), shape=(len(rows), len(rows)))
    distances = dijkstra(graph, directed=False, indices=[0])[0]
    for _ in range(2):
        reached = np.isfinite(distances)
        distances = dijkstra(graph, directed=False, indices=[int(np.where(reached, distances, -1).argmax())])[0]
    reached = np.isfinite(distances)
    return np.stack([columns, rows], axis=1).astype(np.float32)[reached], distances[reached]


def _middles(spots: Points, along: NDArray[np.float64], step: float) -> Points:
    """Return the mean of the pixels in each stretch of `step` along a region; NaN where there are none."""
    bins = (along / step).astype(int)
    counts = np.bincount(bins)
    sums = np.stack([np.bincount(bins, spots[:, i]) for i in range(2)], axis=1)
    return np.asarray(sums / np.where(counts, counts, np.nan)[:, None], np.float32)


def smoothed(points: Points, weights: NDArray[np.float64] | None = None) -> Points:
    """Return points through which a line of slowly changing curvature runs; NaN stands for points to be filled in.

    A Whittaker smoother (Eilers 2003) that penalises third differences, which vanish on straight and round lines.
    """
    count = len(points)
    known = np.isfinite(points[:, 0]).astype(float) * (1.0 if weights is None else weights)
    penalty = np.diff(np.eye(count), n=min(3, count - 1), axis=0)
    system = np.diag(known + 1e-9) + _SMOOTHNESS * penalty.T @ penalty
    return np.linalg.solve(system, known[:, None] * np.nan_to_num(points)).astype(np.float32)


def _recentred(points: Points, spots: Points, width: float) -> tuple[Points, float]:
    """Return a line moved into the middle of the pixels on either side of it, and their usual width."""
    line = resampled(points, max(width / 2, 0.5))
    count = len(line)
    right, down = (np.subtract.outer(spots[:, i], line[:, i]) for i in range(2))
    nearest = (np.square(right, out=right) + np.square(down, out=down)).argmin(axis=1)
    across = normals(line)
    off = ((spots - line[nearest]) * across[nearest]).sum(axis=1)
    counts = np.bincount(nearest, minlength=count)
    step = np.linalg.norm(np.diff(line, axis=0), axis=1).mean()
    widths = counts / step
    usual = float(np.median(widths[1:-1] if count > 4 else widths))
    means = np.bincount(nearest, off, minlength=count) / np.where(counts, counts, np.nan)
    weights = np.where(widths > _BULGE * usual, 0.05, 1.0)
    # The outermost points have all that is beyond them on their side: their middle is that of a corner or a cap.
    weights[[0, -1]] = 0.05
    return smoothed(np.asarray(line + means[:, None] * across, np.float32), weights), usual


def normals(points: Points) -> Points:
    """Return unit vectors at a right angle to a line, to the right of its direction as seen in a picture."""
    tangents = np.gradient(points, axis=0)
    tangents /= np.maximum(np.linalg.norm(tangents, axis=1, keepdims=True), 1e-6)
    return np.asarray(np.stack([-tangents[:, 1], tangents[:, 0]], axis=1), np.float32)


def resampled(points: Points, step: float) -> Points:
    """Return evenly spaced points on a line, about `step` apart, its ends included."""
    ways = np.concatenate([[0.0], np.linalg.norm(np.diff(points, axis=0), axis=1).cumsum()])
    places = np.linspace(0.0, ways[-1], max(4, round(ways[-1] / step) + 1))
    return np.stack([np.interp(places, ways, points[:, i]) for i in range(2)], axis=1).astype(np.float32)


def extended(points: Points, before: float, after: float) -> Points:
    """Return a line made longer at its ends by so much, as round as it is there."""
    step = float(np.linalg.norm(np.diff(points, axis=0), axis=1).mean())
    counts = [max(0, round(more / step)) for more in (before, after)]
    unknown = [np.full((count, 2), np.nan, np.float32) for count in counts]
    return smoothed(np.concatenate([unknown[0], points, unknown[1]]))


def turn(points: Points) -> float:
    """Return how far a line's direction swings altogether, in radians: the greatest difference of two of them."""
    angles = np.unwrap(np.arctan2(*np.diff(points, axis=0).T[::-1]))
    return float(np.ptp(angles))


def joined(first: Points, second: Points, gap: float, swing: float) -> Points | None:
    """Return one line through two that follow each other, the gap between them filled in as a curve.

    Args:
        first: A line, in either direction.
        second: Another one, likewise.
        gap: Greatest distance between the ends that meet; where the lines overlap, the shorter one gives way.
        swing: Greatest change of direction from one to the gap and on to the other, in radians.

    Returns:
        None where neither goes on where the other ends.
    """
    step = min(gap / 4, _spacing(first), _spacing(second))
    first, second = sorted((resampled(first, step), resampled(second, step)), key=len, reverse=True)
    near = np.linalg.norm(second[:, None] - first[None], axis=2).min(axis=1)
    apart = second[near > gap / 2.4]
    if len(apart) < 2:
        return None
    ways = [(a, b) for a in (first, first[::-1]) for b in (apart, apart[::-1])]
    head, tail = min(ways, key=lambda way: float(np.linalg.norm(way[1][0] - way[0][-1])))
    between = tail[0] - head[-1]
    distance = float(np.linalg.norm(between))
    if distance > gap:
        return None
    directions = [-_direction(head[::-1], gap), between, _direction(tail, gap)]
    angles = [math.atan2(way[1], way[0]) for way in directions]
    if max(abs(math.remainder(b - a, 2 * math.pi)) for a, b in pairwise(angles)) > swing:
        return None
    missing = max(0, round(distance / step) - 1)
    unknown = np.full((missing, 2), np.nan, np.float32)
    return smoothed(np.concatenate([head, unknown, tail]))


def _spacing(points: Points) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).mean())


def _direction(points: Points, reach: float) -> Points:
    """Return the way from the beginning of a line to the point about `reach` further on."""
    return np.asarray(points[min(len(points) - 1, max(1, round(reach / _spacing(points))))] - points[0], np.float32)


def circle(points: Points) -> tuple[Points, float, float]:
    """Return the centre and the radius of the circle nearest to most points, and their median distance from it.

    Least squares in the squared distances (Kåsa 1976), which is good where the points are on much of the circle; twice
    again without the third of the points that are farthest off, where a line strays into something else. Of a few
    points all are kept.
    """
    middle = points.mean(axis=0)
    spots = (points - middle).astype(float)
    near = np.ones(len(spots), bool)
    for _ in range(3 if len(spots) > 8 else 1):
        system = np.column_stack([2 * spots[near], np.ones(near.sum())])
        (x, y, rest), *_ = np.linalg.lstsq(system, (spots[near] ** 2).sum(axis=1), rcond=None)
        radius = math.sqrt(max(rest + x * x + y * y, 0.0))
        centre = np.array([x, y])
        off = np.abs(np.linalg.norm(spots - centre, axis=1) - radius)
        near = off <= np.quantile(off, 2 / 3)
    return np.asarray(middle + centre, np.float32), radius, float(np.median(off))
