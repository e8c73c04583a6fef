"""The response: what is measured where a known share of the characters is drawn wrong on purpose."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from bench.calibration.conditions import KINDS
from bench.calibration.judging import Judge
from bench.calibration.observing import Observation
from bench.calibration.result import Response, ResponsePoint
from bench.calibration.truth import drawn_reading
from metrics.regression import Point, fit_line
from metrics.score import Missing, Score
from metrics.table import METRICS

MALFORMED = "malformed"
AS_READ = "malformed, as read"
"""How the character error rate follows malformed characters: what a reader without character evidence sees of them."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One picture: the rate of error asked for, and the true and the measured value."""

    rate: float
    point: Point


def measure_response(observations: Sequence[Observation], judge: Judge) -> dict[str, Response]:
    """Return how the metrics follow each kind of error that was drawn; those drawn right belong to every kind.

    For wrong, missing, extra and swapped characters, the true value is the character error rate of what was drawn,
    counted as the measured one is; for malformed ones, which say the right text, the share of them.
    """
    responses = {}
    for kind in KINDS:
        drawn = [o for o in observations if o.condition.kind in {"", kind}]
        if kind == MALFORMED:
            responses[kind] = fit_response(
                MALFORMED, "share of letters and digits drawn malformed", _malformed(drawn, judge)
            )
            responses[AS_READ] = fit_response(
                "cer", "share of letters and digits drawn malformed", _malformed_as_read(drawn, judge)
            )
        else:
            responses[kind] = fit_response("cer", "cer of what was drawn", _text_errors(drawn, judge))
    return responses


def fit_response(metric: str, true_value: str, pairs: Iterable[Pair | Missing]) -> Response:
    """Return the line through pairs of a true and a measured value, and their means at each rate."""
    found = list(pairs)
    measured = [pair for pair in found if isinstance(pair, Pair)]
    reasons = [pair for pair in found if isinstance(pair, Missing)]
    line = fit_line([pair.point for pair in measured]) if measured or not reasons else reasons[0]
    points = tuple(_mean([pair for pair in measured if pair.rate == rate]) for rate in _rates(measured))
    if isinstance(line, Missing):
        return Response(metric, true_value, line, line, points)
    return Response(metric, true_value, line.slope, line.offset, points)


def _rates(pairs: Sequence[Pair]) -> list[float]:
    return sorted({pair.rate for pair in pairs})


def _mean(pairs: Sequence[Pair]) -> ResponsePoint:
    """Return the mean over pictures, weighted by their characters as the error rate is."""
    weight = math.fsum(pair.point.weight for pair in pairs)
    true = math.fsum(pair.point.weight * pair.point.true for pair in pairs) / weight
    measured = math.fsum(pair.point.weight * pair.point.measured for pair in pairs) / weight
    return ResponsePoint(pairs[0].rate, true, measured, len(pairs))


def _text_errors(observations: Sequence[Observation], judge: Judge) -> Iterator[Pair | Missing]:
    for o in observations:
        truth = judge(o.prompt, drawn_reading(o.details, o.reading.width, o.reading.height))
        seen = judge.seen(o)
        if not (truth.has_target and seen.has_target):
            yield Missing("no target")
            continue
        true, measured = truth.errors / truth.target, seen.errors / seen.target
        yield Pair(o.condition.rate, Point(true, measured, seen.target, o.prompt.group))


def _malformed(observations: Sequence[Observation], judge: Judge) -> Iterator[Pair | Missing]:
    for o in observations:
        score = METRICS[MALFORMED].score(judge.seen(o))
        if isinstance(score, Score):
            point = Point(_malformed_share(o), score.value, score.denominator, o.prompt.group)
            yield Pair(o.condition.rate, point)
        else:
            yield score


def _malformed_as_read(observations: Sequence[Observation], judge: Judge) -> Iterator[Pair | Missing]:
    for o in observations:
        seen = judge.seen(o)
        if seen.has_target:
            point = Point(_malformed_share(o), seen.errors / seen.target, seen.target, o.prompt.group)
            yield Pair(o.condition.rate, point)
        else:
            yield Missing("no target")


def _malformed_share(observation: Observation) -> float:
    """Return which share of the letters and digits asked for was drawn malformed."""
    regions = observation.details["regions"]
    malformed = sum(error["kind"] == MALFORMED for region in regions for error in region["errors"])
    characters = sum(len(regex.findall(r"[\p{L}\p{N}]", region["text"])) for region in regions)
    return malformed / characters if characters else 0.0
