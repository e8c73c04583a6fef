"""How well a score tells two kinds of characters apart: the area under the ROC curve, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.score import Missing
from metrics.statistics import Estimate, Floats

RESAMPLES = 2000
SEED = 20260101


@dataclass(frozen=True, slots=True)
class Scored:
    """One character: its score (higher speaks for the kind looked for), its true kind, and its picture's cluster."""

    score: float
    is_positive: bool
    cluster: str


def auc(scored: Sequence[Scored], level: float = 0.95) -> Estimate | Missing:
    """Return the chance that a positive scores higher than a negative, ties counting half, with its interval.

    That is the area under the ROC curve, U / (m·n) of Mann and Whitney. The interval is a percentile bootstrap over
    clusters: with M[c, d] the number of pairs that a positive of cluster c wins against a negative of cluster d, and
    w how often each cluster was drawn, a resample has the area wᵀMw / (wᵀm · wᵀn). Resamples without positives or
    without negatives have no area and are drawn again.

    Args:
        scored: Characters in any order. `prompts` of the result counts clusters, `samples` characters.
        level: Nominal coverage of the interval, in 0..1.
    """
    positives = sum(item.is_positive for item in scored)
    if not positives or positives == len(scored):
        return Missing("no characters of one of the two kinds")
    clusters = sorted({item.cluster for item in scored})
    wins, ups, downs = _wins_by_cluster(scored, clusters)
    value = float(wins.sum() / (ups.sum() * downs.sum()))
    if min(np.count_nonzero(ups), np.count_nonzero(downs)) < 2:
        return Estimate(value, None, None, len(clusters), len(scored), "none: one picture has all of a kind", level)
    areas = _resampled(wins, ups, downs)
    low, high = (float(v) for v in np.quantile(areas, [(1 - level) / 2, (1 + level) / 2]))
    method = f"bootstrap over pictures, {RESAMPLES} resamples, seed {SEED}"
    return Estimate(value, low, high, len(clusters), len(scored), method, level)


def _wins_by_cluster(scored: Sequence[Scored], clusters: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Return pairs won, of shape (cluster of the positive, cluster of the negative), and both counts by cluster."""
    number = {cluster: i for i, cluster in enumerate(clusters)}
    wins = np.zeros((len(clusters), len(clusters)))
    ups, downs = np.zeros(len(clusters)), np.zeros(len(clusters))
    negatives = [item for item in scored if not item.is_positive]
    scores = np.array([item.score for item in negatives])
    places = np.array([number[item.cluster] for item in negatives])
    np.add.at(downs, places, 1.0)
    for item in scored:
        if item.is_positive:
            won = (item.score > scores) + 0.5 * (item.score == scores)
            wins[number[item.cluster]] += np.bincount(places, weights=won, minlength=len(clusters))
            ups[number[item.cluster]] += 1.0
    return wins, ups, downs


def _resampled(wins: Floats, ups: Floats, downs: Floats) -> Floats:
    rng = np.random.default_rng(SEED)
    count = len(ups)
    areas: list[float] = []
    while len(areas) < RESAMPLES:
        drawn = rng.multinomial(count, np.full(count, 1 / count)).astype(float)
        pairs = (drawn @ ups) * (drawn @ downs)
        if pairs:
            areas.append(float(drawn @ wins @ drawn / pairs))
    return np.array(areas)
