import math

import numpy as np
import pytest
from scipy import stats

from metrics.power import ASSUMED, Spread, detectable_difference, power_of, seed_deviation
from metrics.score import Missing


@pytest.mark.parametrize(
    ("spread", "expected"), [(0.10, 0.028), (0.13, 0.036), (0.20, 0.056), (0.25, 0.070), (0.35, 0.098)]
)
def test_a_hundred_groups_show_what_the_normal_approximation_says(spread, expected):
    assert detectable_difference(100, spread) == pytest.approx(expected, abs=0.0015)


def test_many_groups_come_to_the_textbook_formula():
    normal = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) / math.sqrt(100_000)
    assert detectable_difference(100_000, 1.0) == pytest.approx(normal, rel=1e-4)


@pytest.mark.parametrize("clusters", [3, 8, 40])
def test_the_paired_t_test_shows_it_four_times_in_five(clusters):
    """By simulation, with scipy's own test."""
    draws = np.random.default_rng(20261125)
    spread = 0.13
    difference = detectable_difference(clusters, spread)
    samples = draws.normal(difference, spread, (20_000, clusters))
    shown = stats.ttest_1samp(samples, 0, axis=1).pvalue < 0.05
    assert shown.mean() == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / 20_000))


def test_without_a_difference_the_test_shows_one_at_its_level():
    for clusters in (2, 5, 60):
        assert power_of(0, clusters) == pytest.approx(0.05, rel=0.02)
        powers = [power_of(shift, clusters) for shift in np.linspace(0, 12, 60)]
        assert all(np.diff(powers) > -1e-9)


def test_one_group_shows_nothing_and_no_spread_shows_everything():
    assert isinstance(detectable_difference(1, 0.1), Missing)
    assert detectable_difference(10, 0) == 0


def test_seeds_lower_their_own_part_of_the_spread_alone():
    spread = Spread(0.06, 0.2)
    assert spread.of_means(1) == pytest.approx(math.hypot(0.06, 0.2))
    assert spread.of_means(4) == pytest.approx(math.hypot(0.06, 0.1))
    assert spread.of_means(10**9) == pytest.approx(0.06, rel=1e-6)


def test_the_assumed_spread_is_that_of_the_simulation_it_names():
    assert ASSUMED.of_means(1) == pytest.approx(0.23, abs=0.001)
    assert ASSUMED.of_means(4) == pytest.approx(0.127, abs=0.001)


def test_the_deviation_over_seeds_is_pooled_over_prompts():
    draws = np.random.default_rng(3)
    rows = draws.uniform(0, 1, (300, 1)) + draws.normal(0, 0.2, (300, 4))
    pooled = seed_deviation(rows.tolist())
    assert pooled == pytest.approx(math.sqrt(rows.var(axis=1, ddof=1).mean()))
    assert pooled == pytest.approx(0.2, rel=0.1)
    assert seed_deviation([[0.2, 0.4], [], [0.5]]) == pytest.approx(math.sqrt(0.02))
    assert seed_deviation([[0.5], [0.7]]) is None
