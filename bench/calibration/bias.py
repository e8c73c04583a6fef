"""How far a metric is off because the reader errs: its score from the reading minus its score from the truth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from bench.calibration.judging import Judge
from bench.calibration.result import Value
from bench.calibration.tally import estimate_scores
from bench.calibration.transcribed_reading import TranscribedReading
from metrics.score import Missing, Score
from metrics.table import METRICS

BIASED = ("accuracy", "cer", "exact")
"""Metrics whose bias is told."""


def measure_bias(name: str, read: Sequence[TranscribedReading], judge_as: Judge, *, is_strict: bool) -> Value:
    """Return the mean of reading score minus true score, over the pictures whose prompt is known."""
    is_bounded = METRICS[name].high is not None
    metric = replace(METRICS[name], low=-1.0 if is_bounded else -math.inf, high=1.0 if is_bounded else None)
    differences = []
    for entry in read:
        prompt = entry.picture.asked
        if prompt is None:
            continue
        measured = metric.score(judge_as(prompt, entry.record.reading))
        true = metric.score(judge_as(prompt, entry.truth(is_strict=is_strict)))
        if isinstance(measured, Score) and isinstance(true, Score):
            differences.append((prompt, _difference(metric.aggregate, measured, true)))
    if not any(entry.picture.asked for entry in read):
        return Missing("no picture has a prompt, so nothing was asked for")
    return estimate_scores(metric, differences)


def _difference(aggregate: str, measured: Score, true: Score) -> Score:
    """Return the difference of two scores; those of a ratio have the same denominator, the target's characters."""
    if aggregate == "ratio":
        return Score(measured.numerator - true.numerator, true.denominator)
    return Score(measured.value - true.value)
