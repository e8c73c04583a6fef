"""Estimates with intervals; the statistical unit is the prompt group, seeds are repeated measurements inside it.

Seeds are averaged first, prompts are then treated as clustered by their group. Standard errors are those of Miller,
"Adding Error Bars to Evals" (arXiv 2411.00640), with the small-sample factor C/(C−1) for C clusters and Student's t
with C−1 degrees of freedom.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from metrics.score import Missing, Score
from metrics.table import Aggregation

Floats: TypeAlias = NDArray[np.float64]


class Quantity(Protocol):
    """What is estimated: how scores aggregate (see `Metric`), and the bounds of the aggregate."""

    @property
    def aggregate(self) -> Aggregation:
        """`mean`, `ratio` or `pick`."""

    @property
    def low(self) -> float:
        """Smallest possible value."""

    @property
    def high(self) -> float | None:
        """Largest possible value, or None where there is none."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The scores of one prompt, one for each seed that has one."""

    prompt: str
    group: str
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, and what both rest on.

    Attributes:
        value: The point estimate.
        low: Lower end of the interval, or None where there is none; `method` says why.
        high: Upper end, likewise.
        prompts: How many prompts.
        samples: How many pictures.
        method: How the interval was made.
        level: Its nominal coverage.
    """

    value: float
    low: float | None
    high: float | None
    prompts: int
    samples: int
    method: str
    level: float = 0.95


def estimate(metric: Quantity, measured: Sequence[Measured], k: int = 4, level: float = 0.95) -> Estimate | Missing:
    """Return the aggregate of a metric over prompts, with its interval.

    Args:
        metric: Says how scores aggregate and within which bounds.
        measured: One entry a prompt; those without any score are left out. Their order changes nothing.
        k: How many seeds `pick@k` may choose from; prompts with fewer have no value.
        level: Nominal coverage of the interval, in 0..1.
    """
    usable = sorted((m for m in measured if m.scores), key=lambda m: m.prompt)
    if metric.aggregate == "pick":
        enough = [m for m in usable if len(m.scores) >= k]
        if usable and not enough:
            return Missing(f"fewer than {k} seeds")
        usable = enough
    if not usable:
        return Missing("no prompt has a score")
    value, influence = _value_and_influence(metric, usable, k)
    samples = sum(len(m.scores) for m in usable)
    low, high, method = _interval(metric, value, influence, [m.group for m in usable], level)
    return Estimate(value, low, high, len(usable), samples, method, level)


def pick_at_k(n: int, c: int, k: int) -> float:
    """Return 1 − C(n−c, k)/C(n, k): the unbiased chance that k of n samples, c of them right, hold a right one.

    Source: Chen et al., "Evaluating Large Language Models Trained on Code" (arXiv 2107.03374), pass@k.
    """
    if not 1 <= k <= n or not 0 <= c <= n:
        raise ValueError(f"pick@k needs 1 <= k <= n and 0 <= c <= n; got n={n}, c={c}, k={k}")
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)


def cluster_error(influence: Floats, groups: Sequence[str]) -> tuple[float, int]:
    """Return the standard error of a mean and the number of clusters C.

    SE² = C/(C−1) · Σ_c (Σ_{i in c} u_i)² / n², where u_i is each prompt's deviation from the mean (its influence).
    With clusters of one prompt each this is the plain standard error of the mean.
    """
    sums: dict[str, float] = {}
    for u, group in zip(influence.tolist(), groups, strict=True):
        sums[group] = sums.get(group, 0.0) + u
    count = len(sums)
    if count < 2:
        return math.nan, count
    return math.sqrt(count / (count - 1) * math.fsum(s * s for s in sums.values())) / len(influence), count


def _value_and_influence(metric: Quantity, measured: Sequence[Measured], k: int) -> tuple[float, Floats]:
    """Return the aggregate and each prompt's influence on it (for a ratio, by the delta method)."""
    if metric.aggregate == "ratio":
        errors = np.array([math.fsum(s.numerator for s in m.scores) for m in measured])
        sizes = np.array([math.fsum(s.denominator for s in m.scores) for m in measured])
        ratio = math.fsum(errors) / math.fsum(sizes)
        return ratio, (errors - ratio * sizes) / sizes.mean()
    values = np.array([_prompt_value(metric, m, k) for m in measured])
    mean = math.fsum(values) / len(values)
    return mean, values - mean


def _prompt_value(metric: Quantity, measured: Measured, k: int) -> float:
    values = [score.value for score in measured.scores]
    if metric.aggregate == "pick":
        return pick_at_k(len(values), sum(value == 1 for value in values), k)
    return math.fsum(values) / len(values)


def _interval(
    metric: Quantity, value: float, influence: Floats, groups: Sequence[str], level: float
) -> tuple[float | None, float | None, str]:
    error, clusters = cluster_error(influence, groups)
    if clusters < 2:
        return None, None, "none: one prompt group"
    if math.isclose(error, 0, abs_tol=1e-12):
        return _unanimous(metric, value, clusters, level)
    reach = float(stats.t.ppf((1 + level) / 2, clusters - 1)) * error
    low, high = value - reach, value + reach
    bounded_low = max(low, metric.low)
    bounded_high = high if metric.high is None else min(high, metric.high)
    cut = ", ends at the bound" if (bounded_low, bounded_high) != (low, high) else ""
    return bounded_low, bounded_high, f"t({clusters - 1}) over prompt groups{cut}"


def _unanimous(metric: Quantity, value: float, clusters: int, level: float) -> tuple[float | None, float | None, str]:
    """Return the interval where every prompt group agrees, so that there is no spread to judge by.

    At a bound of a metric bounded on both sides, a mean of μ leaves all n groups at that bound with a probability of
    at most (distance of μ from the other bound)^n: the exact binomial (Clopper–Pearson) bound, about 3.7/n at 95%.
    """
    method = "none: all prompt groups agree"
    if metric.high is None or value not in (metric.low, metric.high):
        return None, None, method
    share = ((1 - level) / 2) ** (1 / clusters) * (metric.high - metric.low)
    method = "binomial bound: all prompt groups agree"
    if value == metric.high:
        return metric.low + share, metric.high, method
    return metric.low, metric.high - share, method
