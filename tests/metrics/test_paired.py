"""Paired differences, held against scipy's tests of the same data."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from metrics.paired import PairedScores, Scores, difference
from metrics.resampling import RESAMPLES, bootstrap_interval
from metrics.score import Missing
from metrics.sign_flip import EXACT_CLUSTERS, FLIPS, SEED, flipped, one_sided, two_sided
from metrics.table import METRICS

ACCURACY, CER, EXACT, PICK = (METRICS[name] for name in ("accuracy", "cer", "exact", "pick@k"))


def scores(table, sizes=None):
    """Values as scores; with sizes, numerators over them."""
    table = np.asarray(table, float)
    sizes = np.ones_like(table) if sizes is None else np.broadcast_to(np.asarray(sizes, float), table.shape)
    return Scores(table, np.where(np.isnan(table), np.nan, sizes))


def paired(base, candidate, metric=ACCURACY, groups=None, sizes=None, **options):
    prompts = [f"prompt-{n:03}" for n in range(len(base))]
    return PairedScores.of(metric, prompts, groups or prompts, scores(base, sizes), scores(candidate, sizes), **options)


def two_tables(prompts, seeds=3, seed=1, shift=0.05):
    rng = np.random.default_rng(seed)
    prompt = rng.random((prompts, 1))
    tables = [np.clip(prompt + rng.normal(0, 0.2, (prompts, seeds)) + s, 0, 1) for s in (0, shift)]
    return np.round(tables[0], 3), np.round(tables[1], 3)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_value_interval_and_wins_are_those_of_the_paired_t_test(level):
    base, candidate = two_tables(40)
    found = difference(paired(base, candidate), level)
    expected = stats.ttest_rel(candidate.mean(1), base.mean(1))
    interval = expected.confidence_interval(level)
    assert found.value == pytest.approx((candidate - base).mean())
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.value / found.error == pytest.approx(expected.statistic)
    apart = np.round(candidate.mean(1) - base.mean(1), 9)
    assert (found.wins, found.ties, found.losses) == ((apart > 0).sum(), (apart == 0).sum(), (apart < 0).sum())
    assert (found.prompts, found.samples, found.clusters) == (40, 120, 40)
    assert found.method == "t(39) over prompt groups, paired"


def mean(x, axis):
    return np.round(np.abs(x.mean(axis=axis)), 12)


@pytest.mark.parametrize("prompts", [2, 5, 9, EXACT_CLUSTERS])
def test_with_few_prompts_p_is_scipys_exact_permutation_test(prompts):
    base, candidate = two_tables(prompts, seed=prompts)
    apart = candidate.mean(1) - base.mean(1)
    exact = stats.permutation_test(
        (apart,), mean, permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    assert difference(paired(base, candidate)).p == pytest.approx(exact.pvalue)


def test_with_many_prompts_p_is_scipys_permutation_test_within_its_draws():
    base, candidate = two_tables(60, shift=0.03)
    apart = candidate.mean(1) - base.mean(1)
    drawn = stats.permutation_test(
        (apart,), mean, permutation_type="samples", alternative="greater", n_resamples=FLIPS, rng=3
    )
    found = difference(paired(base, candidate)).p
    assert 0.01 < found < 0.6
    assert found == pytest.approx(drawn.pvalue, abs=6 * math.sqrt(found / FLIPS))


def test_one_sided_p_is_scipys_too():
    base, candidate = two_tables(10, seed=4, shift=-0.1)
    apart = candidate.mean(1) - base.mean(1)
    exact = stats.permutation_test(
        (apart,), lambda x, axis: x.mean(axis=axis), permutation_type="samples", alternative="less", n_resamples=np.inf
    )
    sums = paired(base, candidate).sums
    assert one_sided(sums.difference, flipped(sums)) == pytest.approx(exact.pvalue)


def test_p_is_never_zero_and_equal_sums_count_as_equal():
    base, candidate = np.zeros((30, 1)), np.full((30, 1), 0.1)
    candidate[0] = 0.3
    assert difference(paired(base, candidate)).p == 1 / (FLIPS + 1)
    # 0.1 + 0.2 is not 0.3 in floating point: each of these sums must count as the one that was seen.
    base, candidate = np.zeros((3, 1)), np.array([[0.1], [0.2], [-0.3]])
    assert difference(paired(base, candidate)).p == 1.0


def test_the_bootstrap_is_scipys_on_the_same_draws():
    base, candidate = two_tables(60)
    apart = candidate.mean(1) - base.mean(1)
    expected = stats.bootstrap(
        (apart,), np.mean, n_resamples=RESAMPLES, batch=200, method="percentile", rng=np.random.default_rng(SEED)
    ).confidence_interval
    found = difference(paired(base, candidate), interval="bootstrap")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert "bootstrap over 60" in found.method
    assert (found.low, found.high) == bootstrap_interval(paired(base, candidate).sums)


def test_a_ratio_has_the_error_of_the_delta_method():
    rng = np.random.default_rng(7)
    sizes = rng.integers(1, 20, (50, 1))
    base, candidate = rng.binomial(sizes, 0.2, (50, 4)), rng.binomial(sizes, 0.3, (50, 4))
    found = difference(paired(base, candidate, CER, sizes=sizes))
    e, n = base.sum(1), (sizes * np.ones((50, 4))).sum(1)
    other = candidate.sum(1)
    r, s = e.sum() / n.sum(), other.sum() / n.sum()
    u = ((other - s * n) - (e - r * n)) / n.mean()
    assert found.value == pytest.approx(s - r)
    assert found.error == pytest.approx(u.std(ddof=1) / math.sqrt(50))
    low, high = bootstrap_interval(paired(base, candidate, CER, sizes=sizes).sums)
    assert (high - low) / (found.high - found.low) == pytest.approx(1, abs=0.12)
    # More errors are worse: what grew has lost.
    assert found.losses > found.wins


@pytest.mark.parametrize("metric", [ACCURACY, CER], ids=["mean", "ratio"])
def test_groups_of_one_give_the_plain_error_and_larger_ones_that_of_clustered_least_squares(metric):
    base, candidate = two_tables(48)
    apart = candidate.mean(1) - base.mean(1)
    single = difference(paired(base, candidate, metric))
    assert single.error == pytest.approx(apart.std(ddof=1) / math.sqrt(48))
    groups = [f"g{n % 16}" for n in range(48)]
    found = difference(paired(base, candidate, metric, groups=groups))
    sums = [sum(apart[i] - apart.mean() for i in range(48) if i % 16 == g) for g in range(16)]
    assert found.clusters == 16
    assert found.error == pytest.approx(math.sqrt(16 / 15 * sum(s * s for s in sums)) / 48)
    assert found.value == pytest.approx(single.value)


TABLE = st.lists(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.8, 1.0]), min_size=2, max_size=2), min_size=2, max_size=9)


@pytest.mark.parametrize("metric", [ACCURACY, CER, EXACT], ids=["mean", "ratio", "exact"])
@given(rows=TABLE, draw=st.randoms(use_true_random=False))
def test_duplicated_seeds_and_the_order_of_prompts_change_nothing_and_swapping_flips_the_sign(metric, rows, draw):
    base = np.array(rows)
    candidate = base[::-1, ::-1]
    once = difference(paired(base, candidate, metric))
    twice = difference(paired(np.tile(base, 2), np.tile(candidate, 2), metric))
    assert (twice.value, twice.p) == pytest.approx((once.value, once.p))
    assert twice.samples == 2 * once.samples
    if once.low is not None:
        assert (twice.low, twice.high) == pytest.approx((once.low, once.high))

    order = list(range(len(base)))
    draw.shuffle(order)
    names = [f"prompt-{n:03}" for n in order]
    shuffled = PairedScores.of(metric, names, names, scores(base[order]), scores(candidate[order]))
    assert difference(shuffled) == once

    back = difference(paired(candidate, base, metric))
    assert (back.value, back.p) == pytest.approx((-once.value, once.p))
    assert (back.wins, back.losses) == (once.losses, once.wins)
    if once.low is not None:
        assert (back.low, back.high) == pytest.approx((-once.high, -once.low))


@pytest.mark.parametrize("metric", [ACCURACY, CER, EXACT, PICK], ids=["accuracy", "cer", "exact", "pick"])
def test_identical_runs_differ_by_nothing(metric):
    table = np.random.default_rng(1).integers(0, 2, (30, 4)).astype(float)
    found = difference(paired(table, table, metric))
    assert (found.value, found.low, found.high, found.p, found.error) == (0, 0, 0, 1, 0)
    assert (found.wins, found.ties, found.losses) == (0, 30, 0)
    assert found.method.startswith("identical")


def test_where_all_groups_differ_alike_or_there_is_one_there_is_no_interval():
    alike = difference(paired(np.full((25, 2), 0.5), np.full((25, 2), 0.75)))
    assert (alike.low, alike.high, alike.error) == (None, None, 0)
    assert alike.p < 0.001
    single = difference(paired([[0.5, 0.5]], [[1.0, 0.5]]))
    assert (single.low, single.error, single.p) == (None, None, 1)
    assert single.method == "none: one prompt group"


def test_a_picture_with_a_score_on_one_side_counts_on_neither():
    nan = math.nan
    base = [[1.0, 0.5], [0.5, nan], [nan, nan], [0.2, 0.2]]
    candidate = [[1.0, nan], [1.0, 0.0], [1.0, 1.0], [0.4, 0.2]]
    found = difference(paired(base, candidate))
    assert (found.prompts, found.samples) == (3, 4)
    assert found.value == pytest.approx((0 + 0.5 + 0.1) / 3)
    assert isinstance(difference(paired([[nan]], [[1.0]])), Missing)


def test_other_seeds_are_paired_by_prompt():
    base, candidate = [[1.0, 0.0], [0.5, 0.5]], [[1.0], [0.0]]
    pairs = PairedScores.of(ACCURACY, ["a", "b"], ["a", "b"], scores(base), scores(candidate), same_seeds=False)
    found = difference(pairs)
    assert found.value == pytest.approx((0.5 - 0.5) / 2)
    assert found.samples == 2


def test_pick_counts_prompts_of_which_one_seed_is_right():
    base = [[0, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1], [0, 0, math.nan, 1]]
    candidate = [[0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1]]
    found = difference(paired(base, candidate, PICK, k=4))
    # The last prompt has three seeds that count, which is fewer than four.
    assert (found.prompts, found.losses) == (3, 1)
    assert found.value == pytest.approx(-1 / 3)


def test_two_sided_p_is_at_its_level_when_nothing_differs():
    rng = np.random.default_rng(20261125)
    ps = []
    for _ in range(400):
        base, candidate = (np.clip(rng.normal(0.8, 0.3, (40, 2)), 0, 1) for _ in range(2))
        sums = paired(base, candidate).sums
        ps.append(two_sided(sums.difference, flipped(sums)))
    assert np.mean(np.array(ps) <= 0.05) == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 400))


def test_few_groups_are_not_resampled():
    base, candidate = two_tables(30)
    pairs = paired(base, candidate)
    assert difference(pairs, interval="bootstrap") == difference(pairs)
