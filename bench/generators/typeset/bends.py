"""Curves that lettering runs along: arcs, waves and circles, in em, so that one shape serves every size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, pi, radians, sin, tau
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.generators.typeset.distribution import Range

BendKind = Literal["arc-up", "arc-down", "wave", "circle"]

SWEEP = Range(50, 180)
"""Degrees that an arc turns through, unless its letters are too few for it."""

PERIODS = Range(0.5, 1.5)
"""Of a wave, over its longest line."""

DEPTH = Range(0.55, 1)
"""Of a wave: share of the deepest one that is still smooth."""

TIGHTEST = 1.6
"""Least radius at the inner edge of the lettering, em: tighter, and its letters lean too far apart."""

GAP = 1.3
"""Between the end of a ring and its beginning at least, em."""

SPREAD = 0.4
"""Added between two letters of a ring at most, to close it, em."""

_STEEPEST = 0.75  # Greatest slope of a wave.
_SAMPLES = 2000  # Points at which a wave is measured.


class Place(NamedTuple):
    """A point of a curve, in em, and the direction in which it goes on there, in degrees clockwise."""

    x: float
    y: float
    angle: float


@dataclass(frozen=True, slots=True)
class Bend:
    """The shape of a curve before the lengths of its lines are known.

    Attributes:
        kind: `arc-up` (its middle is its highest point), `arc-down`, `wave` or `circle`.
        sweep: Of an arc: degrees that the longest line turns through, at most.
        periods: Of a wave, over the longest line.
        depth: Of a wave: share of the deepest that is still smooth.
        start: Where a circle begins or a wave is in its period: degrees (of a circle: clockwise from the top).
    """

    kind: BendKind
    sweep: float
    periods: float
    depth: float
    start: float

    @property
    def room(self) -> float:
        """How much longer a line along it is than the curve is wide, at most, times."""
        turn = radians(self.sweep) / 2
        return {"wave": 1.25, "circle": pi}.get(self.kind, turn / sin(turn))


def draw_bend(rng: np.random.Generator, kind: BendKind) -> Bend:
    """Return a curve of this kind; every kind takes the same number of draws."""
    sweep, periods, depth, start = (float(share) for share in rng.random(4))
    return Bend(kind, SWEEP.at(sweep), PERIODS.at(periods), DEPTH.at(depth), 360 * start)


@dataclass(frozen=True, slots=True)
class Arc:
    """A line's way along a circle about the origin; `sense` is 1 for one that runs clockwise.

    Lettering is spaced by its inner edge, so that it stands as far apart there as on a straight line.
    """

    radius: float
    middle: float
    sense: int
    stretch: float
    spread: float

    def at(self, along: float) -> Place:
        """Return the place `along` em behind the middle of the line (before it, if negative)."""
        turn = self.middle + self.sense * along / self.radius
        return Place(self.radius * sin(turn), -self.radius * cos(turn), degrees(turn) + (0 if self.sense > 0 else 180))


@dataclass(frozen=True, slots=True)
class Wave:
    """A line's way along a sine wave, `drop` em below the first line; `table` holds length, x and y of its points."""

    table: NDArray[np.float64]
    slope: NDArray[np.float64]
    drop: float
    stretch: float
    spread: float = 0.0

    def at(self, along: float) -> Place:
        """Return the place `along` em behind the middle of the line (before it, if negative)."""
        x, y, slope = (float(np.interp(along, self.table[0], values)) for values in (*self.table[1:], self.slope))
        return Place(x, y + self.drop, degrees(atan2(slope, 1)))


def courses(
    bend: Bend, lengths: Sequence[float], letters: Sequence[int], half: float, leading: float
) -> list[Arc | Wave]:
    """Return the way of each line.

    Args:
        bend: The shape.
        lengths: Of the lines when straight, em.
        letters: How many each has.
        half: From the middle of the lettering to its upper or lower edge, em.
        leading: Line to line, em.
    """
    if bend.kind == "wave":
        return _waves(bend, lengths, half, leading)
    return list(_arcs(bend, lengths, letters, half, leading))


def _arcs(bend: Bend, lengths: Sequence[float], letters: Sequence[int], half: float, leading: float) -> list[Arc]:
    """Return circles about one centre; the innermost line is the last one, of `arc-down` the first."""
    is_ring = bend.kind == "circle"
    steps = [(1 if bend.kind == "arc-down" else -1) * index * leading for index in range(len(lengths))]
    turn = tau if is_ring else radians(bend.sweep)
    gap = GAP if is_ring else 0.0
    radius = max(
        max(TIGHTEST, (length + gap) / turn) + half - step for length, step in zip(lengths, steps, strict=True)
    )
    found = []
    for length, count, step in zip(lengths, letters, steps, strict=True):
        own = radius + step
        inner = own - half
        spare = inner * tau - GAP - length
        spread = min(SPREAD, max(0.0, spare / max(1, count - 1))) * own / inner if is_ring else 0.0
        middle = {"arc-up": 0.0, "arc-down": pi}.get(bend.kind)
        if middle is None:
            middle = radians(bend.start) + (length * own / inner + spread * max(0, count - 1)) / own / 2
        found.append(Arc(own, middle, -1 if bend.kind == "arc-down" else 1, own / inner, spread))
    return found


def _waves(bend: Bend, lengths: Sequence[float], half: float, leading: float) -> list[Arc | Wave]:
    """Return equal waves below each other."""
    stretch, depth, rate = 1.0, 0.0, 1.0
    # The length that the letters take up and the sharpness of the wave's bends depend on each other.
    for _ in range(4):
        rate = tau * bend.periods / (max(lengths) * stretch)
        depth = bend.depth * min(_STEEPEST / rate, 1 / ((TIGHTEST + half) * rate**2))
        stretch = 1 / (1 - depth * rate**2 * half)
    reach = max(lengths) * stretch / 2 + 2
    x = np.linspace(-reach, reach, _SAMPLES)
    phase = rate * x + radians(bend.start)
    y, slope = depth * np.sin(phase), depth * rate * np.cos(phase)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    table = np.stack([along - np.interp(0.0, x, along), x, y])
    apart = leading * float(np.hypot(1, depth * rate))
    return [Wave(table, slope, index * apart, stretch) for index in range(len(lengths))]
