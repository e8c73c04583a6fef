"""Is a candidate worse by more than a margin? One-sided bounds, and how many prompts it takes to tell.

Larger is better throughout this file. A candidate is not worse by the margin m or more (non-inferior) where the lower
bound L = Δ − t·SE lies above −m. With C prompt groups, standard deviation s of their differences and no true
difference, (Δ + m)/SE follows a noncentral t with C−1 degrees of freedom and noncentrality m·√C/s; for many groups the
chance of a pass is 1−β with C = ((z₀.₉₅ + z₁₋β)·s/m)². Source: S. A. Julious, "Sample Sizes for Clinical Trials"
(2009), chapter on non-inferiority.
"""

from __future__ import annotations

import math

CONFIDENCE = 0.95
WANTED_POWER = 0.9
"""Chance that an unchanged model passes, with which a suite is called large enough."""

_MOST_CLUSTERS = 10_000_000


def one_sided_bounds(value: float, error: float, clusters: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return L and U: each is beyond the true value with a chance of 1 − confidence.

    Args:
        value: The difference.
        error: Its standard error; with 0, every group differs alike and both bounds are the value.
        clusters: How many groups, two or more.
        confidence: Of each bound, in 0.5..1.
    """
    from scipy import stats

    reach = float(stats.t.ppf(confidence, clusters - 1)) * error
    return value - reach, value + reach


def pass_probability(margin: float, error: float, clusters: int, confidence: float = CONFIDENCE) -> float:
    """Return the chance that an unchanged candidate passes: 1 where there is no spread at all."""
    from scipy import stats

    if error == 0:
        return 1.0
    critical = float(stats.t.ppf(confidence, clusters - 1))
    # Further out scipy's noncentral t is not to be had; the answer is 1 there anyway.
    if margin / error > 30:
        return 1.0
    return float(stats.nct.sf(critical, clusters - 1, margin / error))


def clusters_needed(
    deviation: float, margin: float, power: float = WANTED_POWER, confidence: float = CONFIDENCE
) -> int | None:
    """Return the fewest prompt groups with which an unchanged candidate passes with the chance `power`.

    Args:
        deviation: Standard deviation of a group's difference, seeds averaged.
        margin: Above 0, in the same unit.
        power: In 0.5..1.
        confidence: Of the one-sided bound.

    Returns:
        At least 2; None where more than ten million would be needed.
    """
    from scipy import stats

    if deviation == 0:
        return 2
    z = float(stats.norm.ppf(confidence) + stats.norm.ppf(power))
    estimate = (z * deviation / margin) ** 2
    if estimate > _MOST_CLUSTERS:
        return None
    # The normal formula is short by one or two groups, never long.
    count = max(2, math.floor(estimate))
    while pass_probability(margin, deviation / math.sqrt(count), count, confidence) < power:
        count += 1
    return count
