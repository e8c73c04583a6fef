"""The floors: what readings score that have nothing to do with the prompt, or only by chance."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from bench.calibration.observing import Observation
from bench.calibration.result import Values
from bench.calibration.tally import FLOOR_METRICS, Judged, estimates
from metrics.judgement import Judgement
from metrics.profiles import Profile
from metrics.reading import Line, Point, Reading
from prompts.suite import Prompt

Judge = Callable[[Prompt, Reading], Judgement]

WRONG_PARTNERS = 3
"""With how many other prompts' pictures each prompt is compared."""

_GAP = 10.0


def measure_floors(
    right: Sequence[Observation], blank: Sequence[Observation], judge: Judge, profile: Profile
) -> dict[str, Values]:
    """Return the scores of each floor.

    Args:
        right: Pictures of right lettering, of many prompts.
        blank: Pictures without any, each judged as its prompt's.
        judge: Compares a reading with a prompt.
        profile: What counts as the same character, for shuffling.
    """
    return {
        "blank": estimates((Judged(o.prompt, judge(o.prompt, o.reading)) for o in blank), FLOOR_METRICS),
        "shuffled": estimates(_shuffled(right, judge, profile), FLOOR_METRICS),
        "wrong prompt": estimates(_wrong(right, judge), FLOOR_METRICS),
        "all texts": estimates(_union(right, judge), FLOOR_METRICS),
    }


def _shuffled(right: Sequence[Observation], judge: Judge, profile: Profile) -> Iterator[Judged]:
    """Yield each picture judged against its own target with the characters of every region in another order.

    Targets that no order changes (of one character, or all alike) have no such floor and are left out.
    """
    for observation in right:
        key = f"shuffle {observation.prompt.id} {observation.seed}"
        rng = np.random.default_rng(int.from_bytes(hashlib.sha256(key.encode()).digest()))
        texts = [_in_another_order(profile.graphemes(region.text), rng) for region in observation.prompt.regions]
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


def _wrong(right: Sequence[Observation], judge: Judge) -> Iterator[Judged]:
    """Yield each prompt judged by pictures of others, which share neither its group nor any of its texts."""
    for number, observation in enumerate(right):
        partners = [
            other
            for step in range(1, len(right))
            if _are_strangers(observation.prompt, (other := right[(number + step) % len(right)]).prompt)
        ]
        step = max(1, len(partners) // WRONG_PARTNERS)
        for other in partners[::step][:WRONG_PARTNERS]:
            yield Judged(observation.prompt, judge(observation.prompt, other.reading))


def _are_strangers(one: Prompt, other: Prompt) -> bool:
    return one.group != other.group and not set(one.targets) & set(other.targets)


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
