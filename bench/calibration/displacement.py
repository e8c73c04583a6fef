"""The response to displacement: how far from their places texts are measured, where it is known how far they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import starmap

from bench.calibration.judging import Judge
from bench.calibration.observing import Observation
from bench.calibration.response import Pair, fit_response
from bench.calibration.result import Response
from metrics.boxes import centre, contains, distance
from metrics.judgement import Judgement
from metrics.regression import Point
from metrics.score import Missing
from metrics.table import METRICS
from prompts.suite import Box

DISPLACED = "displaced"
IN_PLACE = "displaced, in place"
"""How many texts stand in their places: what a small displacement leaves, and a large one does not."""


def measure_displacement(observations: Sequence[Observation], judge: Judge) -> dict[str, Response]:
    """Return how measured layout follows the true one; nothing without places.

    Of distances, true is that of what was really drawn, ink box against place, over the same texts as are measured:
    those that were found; pictures weigh by their number. Of the share in place, true is that of all that were drawn.

    Args:
        observations: Pictures of texts in their places, and of texts moved out of them.
        judge: Compares a reading with a prompt.
    """
    if not observations:
        return {}
    judged = [(o, judge.seen(o)) for o in observations]
    far = "distance of what was drawn from the middle of its place, as fractions of width and height"
    return {
        DISPLACED: fit_response("placement", far, starmap(_distances, judged)),
        IN_PLACE: fit_response("layout", "share of what was drawn that is in its place", starmap(_shares, judged)),
    }


def _distances(o: Observation, seen: Judgement) -> Pair | Missing:
    score = METRICS["placement"].score(seen)
    if isinstance(score, Missing):
        return score
    drawn = _drawn(o)
    placed = seen.layout.placed if seen.layout else ()
    true = [distance(drawn[r.region], r.place) for r in placed if r.distance is not None and r.place]
    return Pair(o.condition.rate, Point(math.fsum(true) / len(true), score.value, len(true), o.prompt.group))


def _shares(o: Observation, seen: Judgement) -> Pair | Missing:
    score = METRICS["layout"].score(seen)
    if isinstance(score, Missing):
        return score
    places = {index: region.box for index, region in enumerate(o.prompt.regions)}
    inside = [contains(place, centre(box)) for index, box in _drawn(o).items() if (place := places[index])]
    true = sum(inside) / len(inside)
    return Pair(o.condition.rate, Point(true, score.value, score.denominator, o.prompt.group))


def _drawn(o: Observation) -> dict[int, Box]:
    """Return where the ink of each region's lettering lies."""
    return {region["region"]: Box(*region["box"]) for region in o.details["regions"] if "box" in region}
