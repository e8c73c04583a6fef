"""A straight line through measured against true values, with errors that hold where pictures share a prompt group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from metrics.score import Missing
from metrics.statistics import Estimate, Floats

_COEFFICIENTS = 2
_EXACT = 1e-12
"""Coefficients and errors below this (of values of order 1) are rounding."""


@dataclass(frozen=True, slots=True)
class Point:
    """One picture: what is true and what was measured, how much it counts, and the prompt group it belongs to."""

    true: float
    measured: float
    weight: float
    group: str


@dataclass(frozen=True, slots=True)
class StraightLine:
    """measured = offset + slope · true. A slope of 1 and an offset of 0 are those of a perfect instrument."""

    slope: Estimate
    offset: Estimate


def fit_line(points: Sequence[Point], level: float = 0.95) -> StraightLine | Missing:
    """Return the line of least weighted squares, with cluster-robust intervals.

    With X the rows (1, true), W the weights, r the residuals and C groups of n points, the covariance of the
    coefficients is (X'WX)⁻¹ · Σ_c (X_c'W_c r_c)(X_c'W_c r_c)' · (X'WX)⁻¹ · C/(C−1) · (n−1)/(n−2); the intervals are
    Student's t with C−1 degrees of freedom. Source: Cameron and Miller, "A Practitioner's Guide to Cluster-Robust
    Inference", Journal of Human Resources 50 (2015), equations 10 to 12.

    Args:
        points: Their order changes nothing; weights are above 0.
        level: Nominal coverage of the intervals, in 0..1.
    """
    groups = sorted({point.group for point in points})
    if len({point.true for point in points}) < _COEFFICIENTS:
        return Missing("fewer than two different true values")
    ordered = sorted(points, key=lambda p: (p.group, p.true, p.measured, p.weight))
    design = np.array([[1.0, p.true] for p in ordered])
    weighted = design * np.array([[p.weight] for p in ordered])
    measured = np.array([p.measured for p in ordered])
    bread = np.linalg.inv(weighted.T @ design)
    coefficients = bread @ (weighted.T @ measured)
    influence = weighted * (measured - design @ coefficients)[:, None]
    errors = _clustered_errors(bread, influence, [groups.index(p.group) for p in ordered], len(groups))
    offset, slope = (
        _estimate(float(value), error, len(groups), len(points), level)
        for value, error in zip(coefficients, errors, strict=True)
    )
    return StraightLine(slope, offset)


def _clustered_errors(bread: Floats, influence: Floats, numbers: Sequence[int], clusters: int) -> list[float]:
    """Return the standard error of each coefficient; NaN where there are too few clusters or points for one."""
    count = len(influence)
    if clusters < _COEFFICIENTS or count <= _COEFFICIENTS:
        return [math.nan] * _COEFFICIENTS
    sums = np.zeros((clusters, _COEFFICIENTS))
    np.add.at(sums, numbers, influence)
    factor = clusters / (clusters - 1) * (count - 1) / (count - _COEFFICIENTS)
    covariance = factor * bread @ (sums.T @ sums) @ bread
    return [math.sqrt(max(0.0, float(variance))) for variance in np.diag(covariance)]


def _estimate(value: float, error: float, clusters: int, count: int, level: float) -> Estimate:
    value = 0.0 if abs(value) < _EXACT else value
    if math.isnan(error):
        return Estimate(value, None, None, clusters, count, "none: fewer than two prompt groups", level)
    if error < _EXACT:
        return Estimate(value, None, None, clusters, count, "none: every picture lies on the line", level)
    reach = float(stats.t.ppf((1 + level) / 2, clusters - 1)) * error
    method = f"cluster-robust t({clusters - 1}) over prompt groups"
    return Estimate(value, value - reach, value + reach, clusters, count, method, level)
