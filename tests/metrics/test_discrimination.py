"""The area under the ROC curve against scipy's U and against brute force; its interval by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from metrics import discrimination
from metrics.discrimination import Scored, auc
from metrics.score import Missing

ITEMS = st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.sampled_from("abcde")), min_size=2, max_size=40)


def scored(items):
    return [Scored(float(score), positive, cluster) for score, positive, cluster in items]


@given(ITEMS)
def test_the_area_is_the_share_of_pairs_won(items):
    ups = [score for score, positive, _ in items if positive]
    downs = [score for score, positive, _ in items if not positive]
    area = auc(scored(items))
    if not ups or not downs:
        assert area == Missing("no characters of one of the two kinds")
        return
    won = sum((u > d) + 0.5 * (u == d) for u in ups for d in downs)
    assert area.value == pytest.approx(won / (len(ups) * len(downs)))
    u = stats.mannwhitneyu(ups, downs, method="asymptotic").statistic
    assert area.value == pytest.approx(u / (len(ups) * len(downs)))


def simulated(rng, clusters, per_cluster=8, shift=1.0):
    items = []
    for number in range(clusters):
        shared = rng.normal(0, 0.5)
        for _ in range(per_cluster):
            positive = bool(rng.random() < 0.3)
            items.append(Scored(shared + rng.normal(shift if positive else 0.0, 1), positive, f"p{number}"))
    return items


def test_a_resample_has_the_area_of_the_clusters_drawn(monkeypatch):
    items = simulated(np.random.default_rng(5), 6)
    monkeypatch.setattr(discrimination, "RESAMPLES", 25)
    wins, ups, downs = discrimination._wins_by_cluster(items, sorted({item.cluster for item in items}))
    areas = discrimination._resampled(wins, ups, downs)
    rng = np.random.default_rng(discrimination.SEED)
    for area in areas:
        drawn = rng.multinomial(6, np.full(6, 1 / 6))
        repeated = [item for number, times in enumerate(drawn) for item in items if item.cluster == f"p{number}"
                    for _ in range(times)]  # fmt: skip
        assert area == pytest.approx(auc(repeated).value)


def test_the_interval_covers_the_true_area_about_as_often_as_it_says(monkeypatch):
    monkeypatch.setattr(discrimination, "RESAMPLES", 300)
    truth = stats.norm.cdf(1.0 / np.sqrt(2 * 1.25))
    rng = np.random.default_rng(1)
    estimates = [auc(simulated(rng, 40)) for _ in range(200)]
    assert 0.88 <= np.mean([e.low <= truth <= e.high for e in estimates]) <= 0.99


def test_one_picture_with_all_positives_has_no_interval():
    area = auc(scored([(1, True, "a"), (0, False, "a"), (0, False, "b")]))
    assert (area.value, area.low) == (1.0, None)
    assert area.method == "none: one picture has all of a kind"


def test_order_changes_nothing():
    items = simulated(np.random.default_rng(2), 10)
    assert auc(items) == auc(items[::-1])
