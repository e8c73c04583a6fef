"""The line through measured against true values: closed forms, clusters, and the cases without an interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from metrics.regression import Point, fit_line
from metrics.score import Missing


def cloud(count, clusters, seed=0, slope=0.9, offset=0.03, noise=0.1):
    rng = np.random.default_rng(seed)
    shared = rng.normal(0, noise, clusters)
    points = []
    for number in range(count):
        x, group = rng.random(), number % clusters
        y = offset + slope * x + shared[group] + rng.normal(0, noise)
        points.append(Point(x, y, float(rng.integers(1, 20)), f"g{group}"))
    return points


def by_brute_force(points):
    """Weighted least squares with the covariance written out point by point, cluster by cluster."""
    x = np.array([[1.0, p.true] for p in points])
    y, w = np.array([p.measured for p in points]), np.diag([p.weight for p in points])
    inverse = np.linalg.inv(x.T @ w @ x)
    beta = inverse @ x.T @ w @ y
    residuals = y - x @ beta
    middle = np.zeros((2, 2))
    groups = {p.group for p in points}
    for group in groups:
        score = sum(p.weight * r * row for p, r, row in zip(points, residuals, x, strict=True) if p.group == group)
        middle += np.outer(score, score)
    n, c = len(points), len(groups)
    covariance = inverse @ middle @ inverse * c / (c - 1) * (n - 1) / (n - 2)
    return beta, np.sqrt(np.diag(covariance)), c


def test_coefficients_and_intervals_are_those_of_the_formula():
    points = cloud(60, 12)
    line = fit_line(points)
    beta, errors, clusters = by_brute_force(points)
    reach = stats.t.ppf(0.975, clusters - 1) * errors
    for estimate, value, half in zip((line.offset, line.slope), beta, reach, strict=True):
        assert estimate.value == pytest.approx(value)
        assert (estimate.low, estimate.high) == (pytest.approx(value - half), pytest.approx(value + half))
    assert (line.slope.prompts, line.slope.samples) == (12, 60)


def test_equal_weights_give_the_coefficients_of_scipy():
    points = [Point(p.true, p.measured, 1.0, p.group) for p in cloud(40, 40, seed=3)]
    line = fit_line(points)
    reference = stats.linregress([p.true for p in points], [p.measured for p in points])
    assert (line.slope.value, line.offset.value) == (pytest.approx(reference.slope), pytest.approx(reference.intercept))


@given(st.permutations(range(20)))
def test_the_order_of_the_points_changes_nothing(order):
    points = cloud(20, 5, seed=1)
    assert fit_line([points[i] for i in order]) == fit_line(points)


def test_the_interval_covers_the_true_slope_about_as_often_as_it_says():
    lines = [fit_line(cloud(80, 40, seed=seed)) for seed in range(400)]
    covered = sum(line.slope.low <= 0.9 <= line.slope.high for line in lines) / len(lines)
    assert 0.91 <= covered <= 0.98


def test_points_on_a_line_have_no_interval_and_say_so():
    line = fit_line([Point(x, 0.5 * x, 1.0, f"g{x}") for x in (0.0, 0.25, 0.5)])
    assert line.slope.value == pytest.approx(0.5)
    assert line.slope.low is None
    assert line.slope.method == "none: every picture lies on the line"


def test_one_group_has_no_interval():
    line = fit_line([Point(x, x * x, 1.0, "g") for x in (0.0, 0.5, 1.0)])
    assert line.slope.low is None
    assert "fewer than two prompt groups" in line.slope.method


@pytest.mark.parametrize("points", [[], [Point(0.1, 0.2, 1.0, "a"), Point(0.1, 0.3, 1.0, "b")]])
def test_without_two_true_values_there_is_no_line(points):
    assert fit_line(points) == Missing("fewer than two different true values")
