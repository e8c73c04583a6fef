import math

import numpy as np
import pytest
from scipy import stats

from metrics.margin import clusters_needed, one_sided_bounds, pass_probability
from metrics.multiplicity import benjamini_hochberg, holm
from metrics.power import Spread, spread_of


def test_bounds_are_those_of_the_one_sided_t_tests():
    values = np.random.default_rng(2).normal(0.1, 0.3, 30)
    low, high = one_sided_bounds(values.mean(), stats.sem(values), 30, 0.95)
    assert low == pytest.approx(stats.ttest_1samp(values, 0, alternative="greater").confidence_interval(0.95).low)
    assert high == pytest.approx(stats.ttest_1samp(values, 0, alternative="less").confidence_interval(0.95).high)


@pytest.mark.parametrize(("clusters", "margin"), [(20, 0.05), (60, 0.03), (100, 0.02)])
def test_an_unchanged_model_passes_as_often_as_foreseen(clusters, margin):
    draws = np.random.default_rng(20261125).normal(0, 0.127, (20_000, clusters))
    error = draws.std(axis=1, ddof=1) / math.sqrt(clusters)
    low = draws.mean(axis=1) - stats.t.ppf(0.95, clusters - 1) * error
    foreseen = pass_probability(margin, 0.127 / math.sqrt(clusters), clusters)
    assert (low > -margin).mean() == pytest.approx(foreseen, abs=4 * math.sqrt(0.25 / 20_000))


def test_without_spread_an_unchanged_model_always_passes():
    assert pass_probability(0.01, 0, 50) == 1
    assert pass_probability(0.5, 0.001, 50) == 1
    assert clusters_needed(0, 0.01) == 2


@pytest.mark.parametrize(
    ("deviation", "margin", "normal"),
    [(0.23, 0.03, 505), (0.127, 0.03, 154), (0.23, 0.05, 182), (0.127, 0.05, 56), (0.127, 0.02, 347)],
)
def test_the_size_that_is_needed_is_the_least_and_near_the_normal_formula(deviation, margin, normal):
    count = clusters_needed(deviation, margin)
    assert abs(count - normal) <= 3
    assert pass_probability(margin, deviation / math.sqrt(count), count) >= 0.9
    assert pass_probability(margin, deviation / math.sqrt(count - 1), count - 1) < 0.9


def test_no_size_is_named_where_none_would_do():
    assert clusters_needed(1, 1e-4) is None


def test_holm_multiplies_the_smallest_most_and_keeps_the_order():
    assert holm([0.01, 0.04, 0.03, 0.02]) == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


def test_q_values_are_those_of_benjamini_and_hochberg():
    # The first eight p values of table 1 of their article, by hand: p·15/rank, no larger than the next one.
    ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    ps += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    expected = [min(ps[j] * 15 / (j + 1) for j in range(i, 15)) for i in range(15)]
    assert benjamini_hochberg(ps) == pytest.approx(expected)
    assert sum(q <= 0.05 for q in benjamini_hochberg(ps)) == 4
    assert benjamini_hochberg([]) == []


def test_a_measured_spread_has_its_parts_back():
    rng = np.random.default_rng(5)
    rows = rng.normal(0, 0.06, (4000, 1)) + rng.normal(0, 0.2, (4000, 4))
    found = spread_of(rows.tolist())
    assert found.prompts == pytest.approx(0.06, abs=0.01)
    assert found.seeds == pytest.approx(0.2, rel=0.02)
    assert found.of_means(4) == pytest.approx(rows.mean(1).std(ddof=1), rel=1e-9)
    noise = spread_of(rng.normal(0, 0.2, (5, 2)).tolist())
    assert noise.prompts >= 0
    assert spread_of([[0.1], [0.2]]) is None
    assert spread_of([[0.1, 0.2]]) is None
    assert isinstance(found, Spread)
