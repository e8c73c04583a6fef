"""How small a difference between two models a suite can show, before either is run.

Both runs are of the same prompts and seeds; d is the difference of a prompt group's scores, averaged over seeds. The
test is the paired t test over C groups. With s the standard deviation of d it shows a true difference D with the
probability that a noncentral t with C−1 degrees of freedom and noncentrality D·√C/s lies beyond the critical value; for
many groups D = (z₀.₉₇₅ + z₀.₈)·s/√C = 2.80·s/√C. Source: J. Cohen, "Statistical Power Analysis for the Behavioral
Sciences", 2nd ed. (1988), chapter 2; E. Miller, "Adding Error Bars to Evals" (arXiv 2411.00640), for the parts of s².
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from metrics.score import Missing

POWER = 0.8
"""Chance to see a difference that is there."""

LEVEL = 0.05
"""Chance to see one that is not, on either side."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How much the difference of two models varies.

    Attributes:
        prompts: Standard deviation over prompts of the true difference: no number of seeds makes it smaller.
        seeds: Standard deviation of the difference between one picture each, over seeds of one prompt.
    """

    prompts: float
    seeds: float

    def of_means(self, seeds: int) -> float:
        """Return the standard deviation of a prompt's difference with this many seeds: √(prompts² + seeds²/K)."""
        return math.sqrt(self.prompts**2 + self.seeds**2 / seeds)


ASSUMED = Spread(0.062, 0.221)
"""For accuracy, where nothing is known: from simulated scores of two neighbouring checkpoints (a third of the pictures
faultless, 3% with nothing right, strong differences between prompts, seeds of the two correlated by 0.5), whose
prompt differences had a standard deviation of 0.23 with one seed and 0.127 with four."""


def detectable_difference(clusters: int, spread: float, power: float = POWER, level: float = LEVEL) -> float | Missing:
    """Return the smallest true difference that a paired comparison shows with probability `power`.

    Args:
        clusters: Prompt groups, each one difference.
        spread: Standard deviation of these differences, in the metric's unit.
        power: In 0..1, above `level`.
        level: Of the two-sided test, in 0..1.
    """
    if clusters < 2:
        return Missing("one prompt group has no spread to judge by")
    if spread == 0:
        return 0.0
    from scipy import optimize

    reach = 2.0
    while power_of(reach, clusters, level) < power:
        reach *= 2
    shift = optimize.brentq(lambda at: power_of(at, clusters, level) - power, 0, reach, xtol=1e-9)
    return float(shift) * spread / math.sqrt(clusters)


def power_of(shift: float, clusters: int, level: float = LEVEL) -> float:
    """Return the chance that the two-sided paired t test shows a difference of `shift` standard errors."""
    from scipy import stats

    freedom = clusters - 1
    critical = float(stats.t.ppf(1 - level / 2, freedom))
    # Beyond 5 the other tail is less than 1e-8, and more than scipy can compute.
    below = float(stats.nct.cdf(-critical, freedom, shift)) if shift <= 5 else 0.0
    return float(stats.nct.sf(critical, freedom, shift)) + below


def seed_deviation(prompts: Iterable[Sequence[float]]) -> float | None:
    """Return the standard deviation of one model's scores over seeds, pooled over prompts; None without two seeds.

    Args:
        prompts: For each prompt, the scores of its pictures.
    """
    squares, freedom = 0.0, 0
    for scores in prompts:
        mean = math.fsum(scores) / len(scores) if scores else 0.0
        squares += math.fsum((score - mean) ** 2 for score in scores)
        freedom += max(0, len(scores) - 1)
    return math.sqrt(squares / freedom) if freedom else None


def spread_of(differences: Sequence[Sequence[float]]) -> Spread | None:
    """Return the parts of a measured spread; None without two prompts, or without a prompt of two seeds.

    s² = τ² + σ²/K, with s the standard deviation of the prompts' mean differences over K seeds each (the mean of 1/K
    where the numbers differ) and σ² the variance over seeds, pooled; a τ² that comes out below 0 is 0.

    Args:
        differences: For each prompt, the difference of each pair of pictures.
    """
    rows = [row for row in differences if row]
    noise = seed_deviation(rows)
    if len(rows) < 2 or noise is None:
        return None
    means = [math.fsum(row) / len(row) for row in rows]
    middle = math.fsum(means) / len(means)
    between = math.fsum((mean - middle) ** 2 for mean in means) / (len(means) - 1)
    share = math.fsum(1 / len(row) for row in rows) / len(rows)
    return Spread(math.sqrt(max(0.0, between - noise**2 * share)), noise)
