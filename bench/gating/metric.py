"""The verdict on each gated metric: non-inferiority with a margin, and a test for a regression."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bench.comparison.alignment import Aligned
from bench.gating.policy import GatedMetricEntry, Policy
from bench.gating.result import GatedMetric, MetricVerdict
from metrics.margin import WANTED_POWER, clusters_needed, one_sided_bounds, pass_probability
from metrics.multiplicity import holm
from metrics.paired import Difference, Floats, PairedScores, difference_with
from metrics.power import spread_of
from metrics.sign_flip import flipped_together, one_sided
from metrics.table import METRICS

FEWEST_CLUSTERS = 20
"""With fewer prompt groups, neither the t interval nor the sign flips keep their level. Source: A. C. Cameron,
J. B. Gelbach and D. L. Miller, "Bootstrap-Based Improvements for Inference with Clustered Errors" (2008)."""


MOST_SEEDS = 64
"""More seeds a prompt are not proposed."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the data say of one metric, before several are judged together."""

    entry: GatedMetricEntry
    pairs: PairedScores
    difference: Difference
    gain: float
    p_worse: float


def metric_obstacle(aligned: Aligned, name: str, policy: Policy) -> str | None:
    """Return why a metric cannot be gated on these runs, or None where it can."""
    for sheet in (aligned.base, aligned.candidate):
        if name not in sheet.scores:
            return f"{name}: {sheet.contender.source} has no score of it"
    if count := aligned.one_sided(name):
        unit = "pictures have" if aligned.seeds else "prompts have"
        return (
            f"{name}: {count} {unit} a score in one run only, so that the rest would be a choice; gate another metric"
        )
    pairs = aligned.pairs(name)
    if not pairs.prompts:
        return f"{name}: no prompt has scores in both runs"
    if len(pairs.prompts) < policy.min_prompts:
        return f"{name}: {len(pairs.prompts)} prompts have scores; the policy demands {policy.min_prompts}"
    if (groups := len(set(pairs.groups))) < FEWEST_CLUSTERS:
        return f"{name}: {groups} prompt groups are too few to judge by; {FEWEST_CLUSTERS} are needed"
    return None


def judge_metrics(aligned: Aligned, policy: Policy) -> tuple[GatedMetric, ...]:
    """Return the verdict on each gated metric, in the policy's order; none may have an obstacle."""
    pairs = [aligned.pairs(entry.name) for entry in policy.metric]
    flips = flipped_together([each.sums for each in pairs])
    evidence = [_weigh(*found) for found in zip(policy.metric, pairs, flips, strict=True)]
    adjusted = holm([found.p_worse for found in evidence])
    return tuple(_judged(found, p, policy.confidence) for found, p in zip(evidence, adjusted, strict=True))


def _weigh(entry: GatedMetricEntry, pairs: PairedScores, flips: Floats) -> _Evidence:
    found = difference_with(pairs, flips)
    sign = 1 if pairs.metric.better == "higher" else -1
    # −0.0 would be printed as such.
    gain = sign * found.value + 0.0
    return _Evidence(entry, pairs, found, gain, one_sided(gain, sign * flips))


def _judged(evidence: _Evidence, p_holm: float, confidence: float) -> GatedMetric:
    entry, found, gain = evidence.entry, evidence.difference, evidence.gain
    error, clusters, margin = found.error or 0.0, found.clusters, entry.margin
    low, high = one_sided_bounds(gain, error, clusters, confidence)
    verdict: MetricVerdict = "inconclusive"
    if low > -margin:
        verdict = "pass"
    elif gain < -margin and p_holm <= 1 - confidence + 1e-12:
        verdict = "regressed"
    metric = METRICS[entry.name]
    return GatedMetric(
        name=entry.name,
        better=metric.better,
        unit=metric.unit,
        base=evidence.pairs.sums.base,
        candidate=evidence.pairs.sums.candidate,
        difference=found,
        gain_low=low,
        gain_high=high,
        margin=margin,
        reason=entry.reason,
        verdict=verdict,
        note=_note(verdict, low, high, found),
        p_worse=evidence.p_worse,
        p_holm=p_holm,
        passes_if_unchanged=pass_probability(margin, error, clusters, confidence),
        needed_prompts=_prompts_needed(found, margin, confidence),
        needed_seeds=_seeds_needed(evidence.pairs, found, margin, confidence),
    )


def _note(verdict: MetricVerdict, low: float, high: float, found: Difference) -> str:
    if found.p == 1 and found.error == 0 and found.value == 0:
        return "identical"
    if verdict == "regressed":
        return "worse, beyond the margin"
    if verdict == "inconclusive":
        return "cannot tell"
    if high < 0:
        return "worse, within the margin"
    return "better" if low > 0 else ""


def _prompts_needed(found: Difference, margin: float, confidence: float) -> int | None:
    """Return how many prompts, grouped as these, it takes to pass an unchanged model nine times in ten."""
    if not found.error:
        return None
    clusters = clusters_needed(found.error * math.sqrt(found.clusters), margin, confidence=confidence)
    return None if clusters is None else math.ceil(clusters * found.prompts / found.clusters)


def _seeds_needed(pairs: PairedScores, found: Difference, margin: float, confidence: float) -> int | None:
    """Return how many seeds of as many prompts it takes; only of means, whose spread has a part of each picture."""
    if (
        not found.error
        or pairs.metric.aggregate != "mean"
        or not np.array_equal(pairs.base.there, pairs.candidate.there)
    ):
        return None
    spread = spread_of(pairs.sample_differences())
    if spread is None:
        return None
    for seeds in range(1, MOST_SEEDS + 1):
        error = spread.of_means(seeds) / math.sqrt(found.clusters)
        if pass_probability(margin, error, found.clusters, confidence) >= WANTED_POWER:
            return seeds
    return None
