"""The difference between two runs on the same prompts: its value, its interval, its test.

The unit is the prompt group. Seeds are averaged first (for a ratio, summed), so that with one prompt a group this is a
paired test over prompts. Every aggregate is a ratio ΣE/ΣN of sums over groups: for a mean, E adds the prompts' values
and N counts the prompts. By the delta method a group then weighs u = (E_b − R_b·N_b)/ΣN_b − (E_a − R_a·N_a)/ΣN_a in the
difference R_b − R_a, and SE² = C/(C−1) · Σ u² over C groups; for a mean this is the clustered standard error of the
prompts' differences. Source: E. Miller, "Adding Error Bars to Evals" (arXiv 2411.00640), with the small-sample factor;
W. G. Cochran, "Sampling Techniques", 3rd ed. (1977), 6.5, for the ratio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from metrics.resampling import FEWEST_RESAMPLED, RESAMPLES, bootstrap_interval
from metrics.score import Missing
from metrics.sign_flip import Sums, flipped_together, two_sided
from metrics.statistics import pick_at_k
from metrics.table import Metric

Floats: TypeAlias = NDArray[np.float64]
IntervalKind = Literal["t", "bootstrap"]

TIE = 1e-9
"""Values of two sides closer than this are equal: shares of small whole numbers differ by more or not at all."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a candidate's value of a metric differs from that of its base, and how sure that is.

    Attributes:
        value: Candidate − base, in the metric's own unit and direction: below 0 is better where lower is better.
        low: Lower end of the two-sided interval, or None where there is none; `method` says why.
        high: Upper end, likewise.
        p: Two-sided, of the sign-flip test over prompt groups; 1 where nothing differs.
        error: Standard error of `value`, 0 where every prompt group differs alike; None with one prompt group.
        prompts: How many prompts were compared.
        samples: How many pictures a side; the fewer ones where the sides have unequal numbers.
        clusters: How many prompt groups: the units of the statistics.
        wins: Prompts of which the candidate is better, its seeds averaged.
        ties: Prompts of which neither is.
        losses: Prompts of which the candidate is worse.
        method: How the interval was made.
        level: Its nominal coverage, in 0..1.
    """

    value: float
    low: float | None
    high: float | None
    p: float
    error: float | None
    prompts: int
    samples: int
    clusters: int
    wins: int
    ties: int
    losses: int
    method: str
    level: float = 0.95

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


@dataclass(frozen=True)
class Scores:
    """The scores of one side for one metric, one row a prompt, one column a seed.

    Attributes:
        numerators: [prompts, seeds]; NaN where there is no score.
        denominators: Likewise.
    """

    numerators: Floats
    denominators: Floats

    @cached_property
    def there(self) -> NDArray[np.bool_]:
        """Where there is a score."""
        return ~np.isnan(self.numerators)

    def at(self, rows: Sequence[int] | NDArray[Any], columns: Sequence[int] | None = None) -> Scores:
        """Return the scores of these prompts and seeds, in this order."""
        picked = Scores(self.numerators[rows], self.denominators[rows])
        if columns is None:
            return picked
        return Scores(picked.numerators[:, columns], picked.denominators[:, columns])

    def where(self, kept: NDArray[np.bool_]) -> Scores:
        """Return the scores with those not `kept` taken out."""
        return Scores(np.where(kept, self.numerators, np.nan), np.where(kept, self.denominators, np.nan))


@dataclass(frozen=True)
class PairedScores:
    """The scores of two sides on the same prompts, sorted by prompt so that their order changes no number.

    With the same seeds on both sides, a picture that has a score on one side only counts on neither. Prompts without
    any score on a side are not here.

    Attributes:
        metric: What was scored.
        prompts: Ids, ascending.
        groups: Of each prompt: the clusters.
        base: Its scores.
        candidate: Its scores.
        k: How many seeds `pick@k` may choose from.
    """

    metric: Metric
    prompts: tuple[str, ...]
    groups: tuple[str, ...]
    base: Scores
    candidate: Scores
    k: int

    @classmethod
    def of(
        cls,
        metric: Metric,
        prompts: Sequence[str],
        groups: Sequence[str],
        base: Scores,
        candidate: Scores,
        k: int = 4,
        *,
        same_seeds: bool = True,
    ) -> PairedScores:
        """Return the pairs that both sides have scores for."""
        if same_seeds:
            both = base.there & candidate.there
            base, candidate = base.where(both), candidate.where(both)
        fewest = k if metric.aggregate == "pick" else 1
        usable = (base.there.sum(1) >= fewest) & (candidate.there.sum(1) >= fewest)
        rows = [row for row in sorted(range(len(prompts)), key=prompts.__getitem__) if usable[row]]
        return cls(
            metric,
            tuple(prompts[row] for row in rows),
            tuple(groups[row] for row in rows),
            base.at(rows),
            candidate.at(rows),
            k,
        )

    def swapped(self) -> PairedScores:
        """Return the same with the sides exchanged."""
        return PairedScores(self.metric, self.prompts, self.groups, self.candidate, self.base, self.k)

    @cached_property
    def values(self) -> tuple[Floats, Floats]:
        """The value of each prompt, seeds together: base, candidate."""
        return tuple(e / n for e, n in map(self._sums_of, (self.base, self.candidate)))  # type: ignore[return-value]

    @cached_property
    def gains(self) -> Floats:
        """By how much the candidate is better, for each prompt; 0 where the sides tie."""
        base, candidate = self.values
        found = (candidate - base) * (1 if self.metric.better == "higher" else -1)
        return np.where(np.abs(found) < TIE, 0.0, found)

    def sample_differences(self) -> list[list[float]]:
        """Return for each prompt the differences of its pairs of pictures; seeds must be the same on both sides."""
        base, candidate = (side.numerators / side.denominators for side in (self.base, self.candidate))
        rows = zip(candidate - base, self.base.there, strict=True)
        return [row[there].tolist() for row, there in rows]

    @cached_property
    def sums(self) -> Sums:
        """Sums over each prompt group, in the order of the groups' names."""
        _, cluster = np.unique(np.array(self.groups, dtype=str), return_inverse=True)
        columns = [*self._sums_of(self.base), *self._sums_of(self.candidate)]
        return Sums(*(np.bincount(cluster, weights=column).astype(np.float64) for column in columns))

    def _sums_of(self, side: Scores) -> tuple[Floats, Floats]:
        """Return E and N of each prompt, of which its value is the ratio."""
        if self.metric.aggregate == "ratio":
            return np.nansum(side.numerators, 1), np.nansum(side.denominators, 1)
        counted = side.there.sum(1)
        if self.metric.aggregate == "pick":
            right = np.nansum(side.numerators == side.denominators, 1)
            values = np.array([pick_at_k(int(n), int(c), self.k) for n, c in zip(counted, right, strict=True)])
        else:
            values = np.nansum(side.numerators / side.denominators, 1) / counted
        return values, np.ones(len(values))


def difference(pairs: PairedScores, level: float = 0.95, interval: IntervalKind = "t") -> Difference | Missing:
    """Return how the candidate differs from the base, or `Missing` where no prompt has scores on both sides.

    Args:
        pairs: The scores.
        level: Nominal coverage of the interval, in 0..1.
        interval: `t` over prompt groups, or the percentile `bootstrap` over them; fewer than `FEWEST_RESAMPLED` groups
            have t in any case.
    """
    return differences([pairs], level, interval)[0]


def differences(
    several: Sequence[PairedScores], level: float = 0.95, interval: IntervalKind = "t"
) -> list[Difference | Missing]:
    """Return what `difference` does for each; together they are tested faster than one by one."""
    flips = iter(flipped_together([pairs.sums for pairs in several if pairs.prompts]))
    return [
        difference_with(pairs, next(flips), level, interval)
        if pairs.prompts
        else Missing("no prompt has scores in both runs")
        for pairs in several
    ]


def difference_with(
    pairs: PairedScores, flips: Floats, level: float = 0.95, interval: IntervalKind = "t"
) -> Difference:
    """Return what `difference` does, with the flips of the pairs' sums at hand; there must be prompts."""
    sums, gains = pairs.sums, pairs.gains
    error = None if sums.clusters < 2 else sums.error
    low, high, method = _interval(sums, level, interval)
    return Difference(
        value=sums.difference,
        low=low,
        high=high,
        p=two_sided(sums.difference, flips),
        error=error,
        prompts=len(pairs.prompts),
        samples=int(min(pairs.base.there.sum(), pairs.candidate.there.sum())),
        clusters=sums.clusters,
        wins=int((gains > 0).sum()),
        ties=int((gains == 0).sum()),
        losses=int((gains < 0).sum()),
        method=method,
        level=level,
    )


def _interval(sums: Sums, level: float, kind: IntervalKind) -> tuple[float | None, float | None, str]:
    if sums.are_equal:
        return 0.0, 0.0, "identical: no prompt group differs"
    if sums.clusters < 2:
        return None, None, "none: one prompt group"
    if sums.error == 0:
        return None, None, "none: all prompt groups differ alike"
    if kind == "bootstrap" and sums.clusters >= FEWEST_RESAMPLED:
        return *bootstrap_interval(sums, level), f"percentile bootstrap over {sums.clusters} prompt groups, {RESAMPLES}"
    from scipy import stats

    reach = float(stats.t.ppf((1 + level) / 2, sums.clusters - 1)) * sums.error
    method = f"t({sums.clusters - 1}) over prompt groups, paired"
    return sums.difference - reach, sums.difference + reach, method
