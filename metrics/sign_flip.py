"""The sign-flip test: if two sides are equally good, every prompt group could as well have had them exchanged.

Also called approximate randomisation, or Fisher's randomisation test of paired data. Draws are shared by all metrics of
a comparison, and their seed is a constant, so that the same two runs give the same p, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

FLIPS = 10_000
"""Random exchanges that are drawn; with `EXACT_CLUSTERS` or fewer groups, all there are."""

EXACT_CLUSTERS = 14
"""2¹⁴ exchanges are not many more than are drawn otherwise."""

SEED = 20_261_125
"""Of the draws; part of a comparison's signature."""

SIGNATURE = f"sign-flip:{FLIPS}#{SEED}"

_TOLERANCE = 1e-12
"""Of the scale of the summed values: differences of means come in few sizes, and equal ones must count as equal."""

_BATCH = 500


@dataclass(frozen=True)
class Sums:
    """Sums over each prompt group, whose ratio ΣE/ΣN is the aggregate of a side; four vectors, one entry a group."""

    base_e: Floats
    base_n: Floats
    candidate_e: Floats
    candidate_n: Floats

    @property
    def clusters(self) -> int:
        """How many groups."""
        return len(self.base_e)

    @cached_property
    def base(self) -> float:
        """The base's aggregate."""
        return math.fsum(self.base_e) / math.fsum(self.base_n)

    @cached_property
    def candidate(self) -> float:
        """The candidate's aggregate."""
        return math.fsum(self.candidate_e) / math.fsum(self.candidate_n)

    @property
    def difference(self) -> float:
        """Candidate − base."""
        return 0.0 if self.are_equal else self.candidate - self.base

    @cached_property
    def are_equal(self) -> bool:
        """Whether no group differs."""
        apart = max(np.abs(self.candidate_e - self.base_e).max(), np.abs(self.candidate_n - self.base_n).max())
        return bool(apart <= _TOLERANCE * max(1.0, float(np.abs(self.base_e).max())))

    @cached_property
    def influence(self) -> Floats:
        """How much each group weighs in the difference; they add up to 0."""
        base = (self.base_e - self.base * self.base_n) / math.fsum(self.base_n)
        return (self.candidate_e - self.candidate * self.candidate_n) / math.fsum(self.candidate_n) - base

    @cached_property
    def error(self) -> float:
        """The standard error of the difference; NaN with one group, 0 where all differ alike."""
        if self.clusters < 2:
            return math.nan
        factor = self.clusters / (self.clusters - 1)
        found = math.sqrt(factor * math.fsum(u * u for u in self.influence.tolist()))
        return 0.0 if found < _TOLERANCE else found


def flipped(sums: Sums) -> Floats:
    """Return the difference after each exchange of sides: all 2^C of them for few groups, else `FLIPS` drawn ones."""
    return flipped_together([sums])[0]


def flipped_together(several: Sequence[Sums]) -> list[Floats]:
    """Return what `flipped` does for each; as fast for many of the same number of groups as for one."""
    found: list[Floats] = [np.empty(0)] * len(several)
    for clusters in sorted({sums.clusters for sums in several}):
        places = [place for place, sums in enumerate(several) if sums.clusters == clusters]
        for place, flips in zip(places, _flipped_alike([several[place] for place in places]), strict=True):
            found[place] = flips
    return found


def _flipped_alike(several: Sequence[Sums]) -> Iterator[Floats]:
    """Yield the flips of each; all have the same number of groups."""
    halves = [half for s in several for half in (s.candidate_e - s.base_e, s.candidate_n - s.base_n)]
    columns = np.stack(halves, axis=1) / 2
    shifts = np.concatenate([signs @ columns for signs in _signs(several[0].clusters)])
    for number, sums in enumerate(several):
        shift_e, shift_n = shifts[:, 2 * number], shifts[:, 2 * number + 1]
        sum_e = math.fsum(sums.candidate_e + sums.base_e) / 2
        sum_n = math.fsum(sums.candidate_n + sums.base_n) / 2
        yield (sum_e + shift_e) / (sum_n + shift_n) - (sum_e - shift_e) / (sum_n - shift_n)


def two_sided(observed: float, flips: Floats) -> float:
    """Return the share of exchanges that differ by as much as was observed, in either direction.

    p = (1 + #{|T*| ≥ |T|})/(R + 1) where the exchanges are drawn, as the observed one is one of them (B. Phipson and
    G. K. Smyth, "Permutation P-values Should Never Be Zero", 2010); where they are all there are, it is among them.
    """
    return _share(np.abs(flips) >= abs(observed) - _slack(flips))


def one_sided(observed: float, flips: Floats) -> float:
    """Return the share of exchanges that are as low as was observed or lower."""
    return _share(flips <= observed + _slack(flips))


def _share(extreme: NDArray[np.bool_]) -> float:
    is_drawn = len(extreme) == FLIPS
    return (int(extreme.sum()) + is_drawn) / (len(extreme) + is_drawn)


def _slack(flips: Floats) -> float:
    return _TOLERANCE * max(1.0, float(np.abs(flips).max()))


def _signs(clusters: int) -> Iterator[Floats]:
    """Yield the exchanges in batches, [exchanges, groups] of ±1."""
    drawn = _drawn(clusters)
    for start in range(0, len(drawn), _BATCH):
        yield drawn[start : start + _BATCH].astype(np.float64)


def _drawn(clusters: int) -> NDArray[np.int8]:
    if clusters <= EXACT_CLUSTERS:
        bits: NDArray[np.int8] = ((np.arange(2**clusters)[:, None] >> np.arange(clusters)) & 1).astype(np.int8)
    else:
        bits = np.random.default_rng(SEED).integers(0, 2, (FLIPS, clusters), np.int8)
    bits *= 2
    bits -= 1
    return bits
