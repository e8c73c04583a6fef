"""The response to displacement: how far from their places texts are measured, where it is known how far they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bench.calibration.judging import Judge
from bench.calibration.observing import Observation
from bench.calibration.response import Pair, fit_response
from bench.calibration.result import Response
from metrics.boxes import distance
from metrics.regression import Point
from metrics.score import Missing, Score
from metrics.table import METRICS
from prompts.suite import Box

DISPLACED = "displaced"
_METRIC = "placement"


def measure_displacement(observations: Sequence[Observation], judge: Judge) -> dict[str, Response]:
    """Return how the measured distance of texts from their places follows the true one; nothing without places.

    True is the distance of what was really drawn, ink box against wanted place, over the same texts as are measured:
    those that were found. Pictures weigh by their number.

    Args:
        observations: Pictures of texts in their places, and of texts moved out of them.
        judge: Compares a reading with a prompt.
    """
    if not observations:
        return {}
    true_value = "distance of what was drawn from the middle of its place, as fractions of width and height"
    return {DISPLACED: fit_response(_METRIC, true_value, _pairs(observations, judge))}


def _pairs(observations: Sequence[Observation], judge: Judge) -> Iterator[Pair | Missing]:
    for o in observations:
        seen = judge.seen(o)
        score = METRICS[_METRIC].score(seen)
        if not isinstance(score, Score) or seen.layout is None:
            yield score if isinstance(score, Missing) else Missing("no place is asked for")
            continue
        drawn = {region["region"]: Box(*region["box"]) for region in o.details["regions"] if "box" in region}
        found = [region for region in seen.layout.placed if region.distance is not None]
        true = [distance(drawn[r.region], r.place) for r in found if r.place is not None and r.region in drawn]
        if len(true) < len(found):
            yield Missing("a text was found that was not drawn")
            continue
        yield Pair(o.condition.rate, Point(math.fsum(true) / len(true), score.value, len(true), o.prompt.group))
