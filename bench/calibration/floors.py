"""The floors: what readings score that have nothing to do with the prompt, or only by chance."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from bench.calibration.judging import Judge
from bench.calibration.observing import Observation
from bench.calibration.result import Values
from bench.calibration.tally import FLOOR_METRICS, Judged, estimates
from metrics.reading import Line, Point, Reading

_WITHOUT_EVIDENCE = tuple(name for name in FLOOR_METRICS if name != "legibility")
"""Of pictures that were read for one target and are judged by another, there is no evidence."""

_GAP = 10.0


def measure_floors(
    right: Sequence[Observation], blank: Sequence[Observation], wrong: Sequence[Observation], judge: Judge
) -> dict[str, Values]:
    """Return the scores of each floor.

    Args:
        right: Pictures of right lettering, of many prompts.
        blank: Pictures without any.
        wrong: Pictures that say what another prompt asks for.
        judge: Compares a reading with a prompt.
    """
    return {
        "blank": estimates((Judged(o.prompt, judge.seen(o)) for o in blank), FLOOR_METRICS),
        "shuffled": estimates(_shuffled(right, judge), _WITHOUT_EVIDENCE),
        "wrong prompt": estimates((Judged(o.prompt, judge.seen(o)) for o in wrong), FLOOR_METRICS),
        "all texts": estimates(_union(right, judge), _WITHOUT_EVIDENCE),
    }


def _shuffled(right: Sequence[Observation], judge: Judge) -> Iterator[Judged]:
    """Yield each picture judged against its own target with the characters of every region in another order.

    Targets that no order changes (of one character, or all alike) have no such floor and are left out.
    """
    for observation in right:
        key = f"shuffle {observation.prompt.id} {observation.seed}"
        rng = np.random.default_rng(int.from_bytes(hashlib.sha256(key.encode()).digest()))
        texts = [_in_another_order(judge.profile.graphemes(region.text), rng) for region in observation.prompt.regions]
        if all(text is None for text in texts if text != ""):
            continue
        regions = tuple(
            region if text is None else replace(region, text=text)
            for region, text in zip(observation.prompt.regions, texts, strict=True)
        )
        prompt = replace(observation.prompt, regions=regions)
        yield Judged(observation.prompt, judge(prompt, observation.reading))


def _in_another_order(characters: Sequence[str], rng: np.random.Generator) -> str | None:
    """Return the characters in a random other order; None where there is none."""
    if not characters:
        return ""
    if len(set(characters)) < 2:
        return None
    while True:
        order = [characters[i] for i in rng.permutation(len(characters))]
        if order != list(characters):
            return "".join(order)


def _union(right: Sequence[Observation], judge: Judge) -> Iterator[Judged]:
    """Yield each prompt judged by a picture that says the texts of all of them."""
    if right:
        everything = _stacked([observation.reading for observation in right])
        for observation in right:
            yield Judged(observation.prompt, judge(observation.prompt, everything))


def _stacked(readings: Sequence[Reading]) -> Reading:
    """Return one reading with the lines of all, one picture below the other."""
    lines: list[Line] = []
    top = 0.0
    for reading in readings:
        lines += [_lowered(line, top) for line in reading.lines]
        top += reading.height + _GAP
    return Reading(max(reading.width for reading in readings), round(top), tuple(lines))


def _lowered(line: Line, by: float) -> Line:
    polygon: tuple[Point, ...] = tuple((x, y + by) for x, y in line.polygon)
    return Line(line.text, line.confidence, polygon)
