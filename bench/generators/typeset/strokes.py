"""Cuts a drawn character into its strokes: each as a mask of its own, whole where it crosses another.

The outlines of most fonts hold a character's strokes merged, so they are told apart by their shape: the ink is thinned
to lines a pixel wide, the lines are cut where they meet or turn, and joined again where one runs straight on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""Of shape (height, width); true where there is ink."""

_STRAIGHT = np.cos(np.deg2rad(42))  # Lines that meet are one stroke if they turn by less.
_CORNER = np.cos(np.deg2rad(58))  # A line is cut where it turns by more.
_SPUR = 0.7  # Free ends shorter than this share of the stroke's half width come from the shape of its end.
_RING = np.array([[64, 128, 1], [32, 0, 2], [16, 8, 4]], np.float32)  # Neighbours clockwise from the upper right.


@dataclass(frozen=True, slots=True, eq=False)
class _Branch:
    """A line between two places where lines meet, end or turn, or a bridge over one: points (x, y) in order."""

    points: NDArray[np.float64]
    is_bridge: bool = False

    def leaving(self, end: int, reach: float) -> NDArray[np.float64]:
        """Return the unit vector in which the line leaves at its first (0) or last (1) point."""
        points = self.points if end else self.points[::-1]
        way = points[-1] - points[max(0, len(points) - 1 - max(3, round(reach)))]
        length = float(np.hypot(*way))
        return np.asarray(way / max(length, 1e-9))

    def tip(self, end: int) -> NDArray[np.float64]:
        """Return its first (0) or last (1) point."""
        point: NDArray[np.float64] = self.points[-1 if end else 0]
        return point


def cut_strokes(ink: Mask) -> list[Mask]:
    """Return the strokes of one character; together they cover its ink exactly.

    Args:
        ink: The character, best at 100 to 300 pixels to the em.
    """
    if not ink.any():
        return []
    padded = np.pad(ink, 2)
    depth = cv2.distanceTransform(padded.astype(np.uint8), cv2.DIST_L2, 5)
    chains = _chains(_branches(thinned(padded), depth), depth)
    if not chains:
        return [ink.copy()]
    strokes = [_swept(chain, depth) & padded for chain in chains]
    _share_rest(strokes, chains, padded)
    return [stroke[2:-2, 2:-2] for stroke in strokes if stroke.any()]


def thinned(ink: Mask) -> Mask:
    """Return the ink's middle lines, a pixel wide (Zhang and Suen, CACM 27, 1984)."""
    tables = _removable()
    left = ink.astype(np.uint8)
    while True:
        before = int(left.sum())
        for table in tables:
            around = cv2.filter2D(left.astype(np.float32), -1, _RING, borderType=cv2.BORDER_CONSTANT)
            left[table[around.astype(np.uint8)]] = 0
        if int(left.sum()) == before:
            return left.astype(bool)


def _removable() -> tuple[Mask, Mask]:
    """Return for each pattern of the eight neighbours whether the first and the second pass take the pixel away."""
    ring = _rings()
    north, east, south, west = ring[0], ring[2], ring[4], ring[6]
    count = ring.sum(axis=0)
    common = (count >= 2) & (count <= 6) & (_rises(ring) == 1)
    first = common & (north * east * south == 0) & (east * south * west == 0)
    second = common & (north * east * west == 0) & (north * south * west == 0)
    return first, second


def _meets() -> Mask:
    """Return for each pattern of the eight neighbours whether three lines or more leave the pixel."""
    return np.asarray(_rises(_rings()) >= 3)


def _rings() -> NDArray[np.int64]:
    """Return the eight neighbours, clockwise from the north, of each of their 256 patterns: shape (8, 256)."""
    codes = np.arange(256)
    return np.stack([(codes >> bit) & 1 for bit in (7, 0, 1, 2, 3, 4, 5, 6)])


def _rises(ring: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how often ink begins on the way around."""
    return np.asarray(((ring == 0) & (np.roll(ring, -1, axis=0) == 1)).sum(axis=0))


def _branches(lines: Mask, depth: NDArray[np.float32]) -> list[_Branch]:
    """Return the lines between the places where they meet, which are taken away as discs as wide as the stroke."""
    around = cv2.filter2D(lines.astype(np.float32), -1, _RING, borderType=cv2.BORDER_CONSTANT).astype(np.uint8)
    meeting = np.zeros(lines.shape, np.uint8)
    for y, x in zip(*np.nonzero(lines & _meets()[around]), strict=True):
        cv2.circle(meeting, (int(x), int(y)), max(1, round(float(depth[y, x]) * 0.9)), 1, -1)
    found = []
    count, labels = cv2.connectedComponents((lines & (meeting == 0)).astype(np.uint8), connectivity=8)
    near = cv2.dilate(meeting, np.ones((5, 5), np.uint8)) > 0
    for label in range(1, count):
        points = _ordered(labels == label)
        width = float(np.median(depth[points[:, 1].astype(int), points[:, 0].astype(int)]))
        is_free = sum(bool(near[int(y), int(x)]) for x, y in (points[0], points[-1])) < 2
        if is_free and near.any() and len(points) < _SPUR * width:
            continue
        found += _at_corners(points, width)
    return found


def _ordered(line: Mask) -> NDArray[np.float64]:
    """Return the points of a line one after the other, from one of its ends."""
    left = {(int(x), int(y)) for y, x in zip(*np.nonzero(line), strict=True)}

    def around(point: tuple[int, int]) -> Iterator[tuple[int, int]]:
        x, y = point
        for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)):
            if (x + dx, y + dy) in left:
                yield x + dx, y + dy

    point = min(left, key=lambda at: (sum(1 for _ in around(at)), at))
    path = [point]
    left.discard(point)
    while (following := next(around(point), None)) is not None:
        point = following
        path.append(point)
        left.discard(point)
    return np.array(path, np.float64)


def _at_corners(points: NDArray[np.float64], width: float) -> list[_Branch]:
    """Return a line in pieces, cut where it turns sharply."""
    reach = max(10, round(1.5 * width))
    if len(points) < 4 * reach:
        return [_Branch(points)]
    before = points[reach:-reach] - points[: -2 * reach]
    after = points[2 * reach :] - points[reach:-reach]
    straightness = (before * after).sum(axis=1) / (np.hypot(*before.T) * np.hypot(*after.T) + 1e-9)
    pieces = []
    while straightness.size and straightness.min() < _CORNER:
        at = int(straightness.argmin())
        straightness[max(0, at - 2 * reach) : at + 2 * reach] = 1.0
        pieces.append(at + reach)
    cuts = [0, *sorted(pieces), len(points)]
    return [_Branch(points[start : end + 1]) for start, end in pairwise(cuts)]


def _chains(branches: list[_Branch], depth: NDArray[np.float32]) -> list[list[_Branch]]:
    """Return the branches joined into strokes where one runs straight on into the next."""
    widths = [float(np.median(depth[b.points[:, 1].astype(int), b.points[:, 0].astype(int)])) for b in branches]
    ends = [(i, end) for i in range(len(branches)) for end in (0, 1)]
    pairs = []
    for position, (i, a) in enumerate(ends):
        for j, b in ends[position + 1 :]:
            if i == j:
                continue
            gap = branches[j].tip(b) - branches[i].tip(a)
            distance, width = float(np.hypot(*gap)), max(widths[i], widths[j])
            if not 2.0 < distance < 4.5 * width + 3:
                continue  # Nearer tips are those of a corner, which was cut on purpose.
            out, into = branches[i].leaving(a, 2 * width), -branches[j].leaving(b, 2 * width)
            straightness = min(float(out @ into), float(out @ gap) / distance, float(into @ gap) / distance)
            if straightness > _STRAIGHT:
                pairs.append((straightness, i, a, j, b))
    group = list(range(len(branches)))
    bridges: dict[int, list[_Branch]] = {i: [branch] for i, branch in enumerate(branches)}
    taken: set[tuple[int, int]] = set()
    for _, i, a, j, b in sorted(pairs, reverse=True):
        if (i, a) in taken or (j, b) in taken or group[i] == group[j]:
            continue
        taken |= {(i, a), (j, b)}
        bridge = _Branch(np.linspace(branches[i].tip(a), branches[j].tip(b), 12), is_bridge=True)
        kept, gone = group[i], group[j]
        bridges[kept] += [bridge, *bridges.pop(gone)]
        group = [kept if number == gone else number for number in group]
    return list(bridges.values())


def _swept(chain: list[_Branch], depth: NDArray[np.float32]) -> Mask:
    """Return what a pen as wide as the stroke covers along it; at crossings no wider than elsewhere."""
    points = np.concatenate([branch.points for branch in chain])
    radii = np.concatenate([_half_widths(branch, depth) for branch in chain])
    radii = np.minimum(radii, 1.2 * np.median(radii) + 1)
    drawn = np.zeros(depth.shape, np.uint8)
    for (x, y), radius in zip(points[::2], radii[::2], strict=True):
        cv2.circle(drawn, (round(float(x)), round(float(y))), round(float(radius) + 0.6), 1, -1)
    return drawn > 0


def _half_widths(branch: _Branch, depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return half the stroke's width at each point; a bridge over a crossing is as wide as at its narrower end."""
    widths: NDArray[np.float32] = depth[branch.points[:, 1].astype(int), branch.points[:, 0].astype(int)]
    return np.minimum(widths, min(widths[0], widths[-1])) if branch.is_bridge else widths


def _share_rest(strokes: list[Mask], chains: list[list[_Branch]], ink: Mask) -> None:
    """Give ink that no stroke has (corners, serifs) to the stroke whose line is nearest."""
    nearest = np.full(ink.shape, -1)
    away = np.full(ink.shape, np.inf, np.float32)
    for number, chain in enumerate(chains):
        line = np.ones(ink.shape, np.uint8)
        points = np.concatenate([branch.points for branch in chain]).round().astype(int)
        line[points[:, 1], points[:, 0]] = 0
        distance = cv2.distanceTransform(line, cv2.DIST_L2, 3)
        nearest[distance < away] = number
        away = np.minimum(away, distance)
    rest = ink & ~np.logical_or.reduce(strokes)
    for number, stroke in enumerate(strokes):
        stroke |= rest & (nearest == number)
