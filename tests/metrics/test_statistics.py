import math
import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from metrics.score import Missing, Score
from metrics.statistics import Measured, cluster_error, estimate, pick_at_k
from metrics.table import METRICS

ACCURACY, CER, EXACT, PICK, EXTRA, NED = (
    METRICS[name] for name in ("accuracy", "cer", "exact", "pick@k", "extra", "ned")
)

SHARES = st.floats(0, 1, allow_nan=False, width=32)


def measured(rows, groups=None, sizes=None):
    """One prompt a row, one seed a column; each prompt a group of its own unless told."""
    return [
        Measured(
            f"prompt-{i:03}",
            f"prompt-{i:03}" if groups is None else groups[i],
            tuple(Score(value, 1 if sizes is None else sizes[i]) for value in row),
        )
        for i, row in enumerate(rows)
    ]


def generator(seed):
    return np.random.default_rng(seed)


def ends(result):
    return result.low, result.high


def inner(values):
    """Scores around the middle, so that no interval is cut at a bound."""
    return 0.4 + 0.2 * np.asarray(values)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_with_one_prompt_a_group_the_interval_is_that_of_the_t_test(level):
    rows = inner(generator(1).random((40, 3)))
    result = estimate(ACCURACY, measured(rows), level=level)
    expected = stats.ttest_1samp(rows.mean(axis=1), 0).confidence_interval(level)
    assert result.value == pytest.approx(rows.mean())
    assert ends(result) == pytest.approx((expected.low, expected.high))
    assert (result.prompts, result.samples, result.level) == (40, 120, level)
    assert result.method == "t(39) over prompt groups"


def test_seeds_are_averaged_before_prompts():
    result = estimate(ACCURACY, measured([[1.0], [0.0, 0.0, 0.0], [0.5, 1.0]]))
    assert result.value == pytest.approx((1 + 0 + 0.75) / 3)


def sandwich(residuals, groups):
    """Standard error of the mean as ordinary least squares on a constant has it, clustered, by its matrices."""
    ones = np.ones((len(residuals), 1))
    bread = np.linalg.inv(ones.T @ ones)
    meat = np.zeros((1, 1))
    for group in set(groups):
        member = np.array([g == group for g in groups])
        score = ones[member].T @ residuals[member]
        meat += np.outer(score, score)
    n, parameters, clusters = len(residuals), 1, len(set(groups))
    factor = clusters / (clusters - 1) * (n - 1) / (n - parameters)
    return math.sqrt(factor * (bread @ meat @ bread).item())


def test_clusters_of_several_prompts_widen_the_error_as_clustered_least_squares_do():
    draw = generator(2)
    groups = [f"group-{i}" for i in draw.integers(0, 12, size=50)]
    shared = dict(zip(sorted(set(groups)), draw.random(len(set(groups))), strict=True))
    values = inner([0.7 * shared[group] + 0.3 * draw.random() for group in groups])
    residuals = values - values.mean()
    error, clusters = cluster_error(residuals, groups)
    assert clusters == len(set(groups)) == 12
    assert error == pytest.approx(sandwich(residuals, groups))
    assert error > 1.3 * values.std(ddof=1) / math.sqrt(50)
    reach = stats.t.ppf(0.975, 11) * error
    result = estimate(ACCURACY, measured(values[:, None], groups))
    assert ends(result) == pytest.approx((values.mean() - reach, values.mean() + reach))


@given(st.lists(SHARES, min_size=2, max_size=20))
def test_the_error_of_clusters_of_one_is_the_plain_standard_error(values):
    residuals = np.array(values) - np.mean(values)
    error, clusters = cluster_error(residuals, [str(i) for i in range(len(values))])
    assert clusters == len(values)
    assert error == pytest.approx(np.std(values, ddof=1) / math.sqrt(len(values)), abs=1e-9)


@pytest.mark.parametrize("metric", [ACCURACY, CER], ids=["mean", "ratio"])
@given(rows=st.lists(st.lists(SHARES, min_size=2, max_size=2), min_size=2, max_size=8))
def test_duplicated_seeds_change_nothing(metric, rows):
    once = estimate(metric, measured(rows))
    twice = estimate(metric, measured([[*row, *row] for row in rows]))
    assert twice.value == pytest.approx(once.value)
    assert twice.method == once.method
    assert twice.samples == 2 * once.samples
    if once.low is not None:
        assert ends(twice) == pytest.approx(ends(once))


@pytest.mark.parametrize("metric", [ACCURACY, CER, EXACT, PICK], ids=["accuracy", "cer", "exact", "pick@k"])
def test_the_order_of_prompts_changes_nothing_to_the_last_bit(metric):
    draw = generator(3)
    rows = draw.integers(0, 2, (30, 4)).astype(float)
    entries = measured(
        rows, [f"group-{i % 17}" for i in range(30)], draw.integers(1, 20, 30) if metric is CER else None
    )
    shuffled = entries.copy()
    random.Random(5).shuffle(shuffled)
    assert shuffled != entries
    assert estimate(metric, shuffled) == estimate(metric, entries)


def test_a_ratio_is_that_of_the_sums_and_its_error_agrees_with_the_bootstrap():
    draw = generator(4)
    sizes = draw.integers(2, 25, 80)
    errors = draw.binomial(sizes, draw.beta(2, 5, 80))
    result = estimate(CER, measured(errors[:, None], sizes=sizes))
    assert result.value == pytest.approx(errors.sum() / sizes.sum())

    def ratio(e, n, axis):
        return e.sum(axis=axis) / n.sum(axis=axis)

    bootstrap = stats.bootstrap(
        (errors, sizes), ratio, paired=True, vectorized=True, n_resamples=4000, method="percentile", rng=generator(6)
    )
    delta_error = (result.high - result.low) / 2 / stats.t.ppf(0.975, 79)
    assert delta_error == pytest.approx(bootstrap.standard_error, rel=0.06)
    low, high = bootstrap.confidence_interval
    assert ends(result) == pytest.approx((low, high), abs=0.2 * (high - low))


def test_a_ratio_of_equal_sizes_is_the_mean():
    rows = inner(generator(7).random((20, 1)))
    mean = estimate(ACCURACY, measured(rows))
    ratio = estimate(CER, measured(10 * rows, sizes=[10] * 20))
    assert (ratio.value, *ends(ratio)) == pytest.approx((mean.value, *ends(mean)))


@pytest.mark.parametrize(("n", "k"), [(n, k) for n in range(1, 7) for k in range(1, n + 1)])
def test_pick_at_k_equals_the_share_of_choices_of_k_with_a_right_one(n, k):
    for right in range(n + 1):
        choices = list(combinations([True] * right + [False] * (n - right), k))
        assert pick_at_k(n, right, k) == pytest.approx(sum(map(any, choices)) / len(choices))


@pytest.mark.parametrize(("n", "c", "k"), [(3, 1, 0), (3, 1, 4), (3, 4, 1), (3, -1, 1)])
def test_pick_at_k_refuses_what_makes_no_sense(n, c, k):
    with pytest.raises(ValueError, match=r"pick@k needs 1 <= k <= n"):
        pick_at_k(n, c, k)


def test_pick_at_k_is_averaged_over_prompts():
    result = estimate(PICK, measured([[1, 0, 0], [0, 0, 0], [1, 1, 1]]), k=2)
    assert result.value == pytest.approx((2 / 3 + 0 + 1) / 3)


def test_fewer_seeds_than_k_leave_nothing_to_pick_from():
    entries = measured([[1, 0], [0, 1]])
    assert estimate(PICK, entries, k=3) == Missing("fewer than 3 seeds")
    assert estimate(PICK, entries, k=2).value == 1
    longer = measured([[1, 0], [0, 1], [0, 0, 0], [1, 0, 0]])
    assert estimate(PICK, longer, k=3).prompts == 2


@pytest.mark.parametrize("prompts", [2, 20, 60])
def test_unanimous_prompts_get_the_exact_binomial_bound(prompts):
    for metric, value, right in ((ACCURACY, 1, prompts), (EXACT, 0, 0), (NED, 0, 0), (PICK, 1, prompts)):
        result = estimate(metric, measured([[value] * 4] * prompts))
        exact = stats.binomtest(right, prompts).proportion_ci(0.95, method="exact")
        assert ends(result) == pytest.approx((exact.low, exact.high))
        assert result.method == "binomial bound: all prompt groups agree"


def test_the_binomial_bound_counts_groups_not_prompts():
    result = estimate(EXACT, measured([[1]] * 40, ["one", "two"] * 20))
    assert result.low == pytest.approx(stats.binomtest(2, 2).proportion_ci(0.95, method="exact").low)


@pytest.mark.parametrize(
    ("metric", "rows", "groups"),
    [
        (ACCURACY, [[0.3]] * 5, None),
        (CER, [[0.0]] * 5, None),
        (EXTRA, [[2.0]] * 5, None),
        (EXACT, [[1.0], [0.0]] * 5, [f"group-{i // 2}" for i in range(10)]),
    ],
    ids=["within the bounds", "no upper bound", "counts", "groups alike though their prompts differ"],
)
def test_where_groups_agree_within_the_bounds_there_is_no_interval(metric, rows, groups):
    result = estimate(metric, measured(rows, groups))
    assert result.value == pytest.approx(np.mean(rows))
    assert ends(result) == (None, None)
    assert result.method == "none: all prompt groups agree"


def test_one_group_has_no_interval():
    result = estimate(ACCURACY, measured([[0.3], [0.7]], ["same", "same"]))
    assert (result.value, *ends(result), result.method) == (0.5, None, None, "none: one prompt group")


def test_an_interval_ends_at_the_bounds_of_the_metric():
    high = estimate(ACCURACY, measured([[1], [1], [1], [0.5]]))
    assert high.high == 1
    assert high.method == "t(3) over prompt groups, ends at the bound"
    low = estimate(CER, measured([[0], [0], [0], [5]]))
    assert (low.low, low.high > 5) == (0, True)


def test_prompts_without_a_score_are_left_out_and_counted_out():
    result = estimate(ACCURACY, [*measured([[0.2], [0.4]]), Measured("unscored", "unscored", ())])
    assert (result.prompts, result.samples) == (2, 2)
    assert estimate(ACCURACY, measured([[], []])) == Missing("no prompt has a score")
    assert estimate(PICK, []) == Missing("no prompt has a score")


def population(draw, prompts, seeds):
    """Accuracies with a strong prompt effect, a spike at 1 (about a third) and some at 0 (a thirtieth)."""
    ease = draw.normal(1.2, 1.3, (prompts, 1))
    scores = 1 / (1 + np.exp(-(ease + draw.normal(0, 0.8, (prompts, seeds)))))
    scores[scores > 0.85] = 1
    scores[draw.random((prompts, seeds)) < 0.03] = 0
    return scores


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    draw = generator(8)
    sample = population(draw, 200_000, 2)
    truth = sample.mean()
    assert 0.3 < (sample == 1).mean() < 0.5
    assert 0.02 < (sample == 0).mean() < 0.04
    covered = 0
    for _ in range(400):
        result = estimate(ACCURACY, measured(population(draw, 60, 2).tolist()))
        covered += result.low <= truth <= result.high
    assert 0.92 <= covered / 400 <= 0.98


def test_the_clustered_interval_covers_the_truth_where_the_plain_one_does_not():
    """Thirty groups of four prompts each, of which every group scores alike."""
    draw = generator(9)
    truth = population(draw, 200_000, 1).mean()
    groups = [f"group-{i // 4}" for i in range(120)]
    clustered = plain = 0
    for _ in range(400):
        rows = np.repeat(population(draw, 30, 1), 4, axis=0).tolist()
        aware, naive = estimate(ACCURACY, measured(rows, groups)), estimate(ACCURACY, measured(rows))
        clustered += aware.low <= truth <= aware.high
        plain += naive.low <= truth <= naive.high
    assert 0.91 <= clustered / 400 <= 0.98
    assert plain / 400 < 0.8
