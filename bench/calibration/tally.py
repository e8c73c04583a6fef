"""From judgements of single pictures to estimates: prompts are averaged over their pictures, groups are clusters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bench.calibration.result import Value, Values
from metrics.judgement import Judgement
from metrics.profiles import find_profile
from metrics.score import Missing, Score
from metrics.statistics import Measured, estimate
from metrics.table import LAYOUT_METRICS, METRICS, Metric
from prompts.suite import Prompt

CEILING_METRICS = ("accuracy", "cer", "exact", "legibility", "malformed")
FLOOR_METRICS = ("accuracy", "cer", "recall", "extra", "legibility")


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgement of one picture."""

    prompt: Prompt
    judgement: Judgement


def metric_signatures(profile: str) -> tuple[str, ...]:
    """Return the signatures of the metrics that a calibration tells of, and of the profile."""
    names = dict.fromkeys((*CEILING_METRICS, *FLOOR_METRICS, *LAYOUT_METRICS))
    return (*(METRICS[name].signature for name in names), find_profile(profile).signature)


def estimates(judged: Iterable[Judged], names: Iterable[str]) -> Values:
    """Return the estimate of each metric in `names`."""
    entries = list(judged)
    return {name: _estimate(METRICS[name], entries) for name in names}


def estimate_scores(metric: Metric, scores: Iterable[tuple[Prompt, Score]]) -> Value:
    """Return the estimate of one metric from the scores of single pictures."""
    found: dict[str, tuple[str, list[Score]]] = {}
    for prompt, score in scores:
        found.setdefault(prompt.id, (prompt.group, []))[1].append(score)
    return estimate(metric, [Measured(prompt, group, tuple(items)) for prompt, (group, items) in found.items()])


def _estimate(metric: Metric, judged: list[Judged]) -> Value:
    results = [(entry.prompt, metric.score(entry.judgement)) for entry in judged]
    scores = [(prompt, result) for prompt, result in results if isinstance(result, Score)]
    reasons = [result.reason for _, result in results if isinstance(result, Missing)]
    if not scores and reasons:
        return Missing(max(sorted(set(reasons)), key=reasons.count))
    return estimate_scores(metric, scores)
