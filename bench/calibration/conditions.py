"""Which pictures a calibration draws: conditions, each a typesetter with the prompts and seeds that it draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from bench.generators import Job
from bench.generators.typeset.faces import FACES, missing_characters
from prompts.suite import Prompt, Suite

Item = TypeVar("Item")
Part = Literal["plain", "hard", "blank", "response"]

KINDS = ("wrong", "missing", "extra", "swapped", "malformed")
"""The kinds of error that the typesetter makes on purpose, as its options name them."""

FIRST_SEED = 7_000
"""Seeds of calibration begin here, so that its pictures are not those of a suite's own seeds."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure.

    Attributes:
        seeds: Of every picture.
        faces: For each prompt and seed, in how many faces; they take turns, so that every face gets an equal share.
        plain: At most this many prompts for the ceiling …
        response: … and for each kind and rate of error.
        hard: Times that each prompt of the ceiling is drawn in the hard distribution.
        blank: Pictures without lettering.
        rates: Error rates, shares of the target's characters.
    """

    seeds: tuple[int, ...] = (FIRST_SEED,)
    faces: int = 8
    plain: int = 240
    response: int = 60
    hard: int = 2
    blank: int = 16
    rates: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4)
    is_quick: bool = False


QUICK = Effort(faces=1, plain=12, response=8, hard=1, blank=2, rates=(0.2, 0.4), is_quick=True)


@dataclass(frozen=True, slots=True)
class Condition:
    """Pictures drawn in one way: by which typesetter, of which jobs, for which part of the calibration.

    `kind` and `rate` say which error is drawn how often; "" and 0 for none. `face` is the one that all lettering is
    set in; None where it is drawn.
    """

    part: Part
    spec: str
    jobs: tuple[Job, ...]
    face: str | None = None
    kind: str = ""
    rate: float = 0.0


def plan_conditions(suite: Suite, effort: Effort, faces: Sequence[str] = tuple(FACES)) -> tuple[Condition, ...]:
    """Return all conditions of a calibration; prompts without a target are in none of them.

    Args:
        suite: What is asked for.
        effort: How much to measure.
        faces: That the ceiling is measured in; a prompt gets those that have all its characters.
    """
    prompts = [prompt for prompt in suite.prompts if prompt.targets]
    ceiling = evenly(prompts, effort.plain)
    return (
        *_in_faces(ceiling, effort, faces),
        Condition("hard", "typeset?strength=hard", _jobs(ceiling, _seeds(effort, effort.hard))),
        Condition("blank", "typeset?strength=hard", _jobs(evenly(prompts, effort.blank), effort.seeds[:1])),
        Condition("response", "typeset", _jobs(evenly(prompts, effort.response), effort.seeds)),
        *(
            Condition(
                "response",
                f"typeset?{kind}={rate:g}",
                _jobs(evenly(prompts, effort.response), effort.seeds),
                kind=kind,
                rate=rate,
            )
            for kind in KINDS
            for rate in effort.rates
        ),
    )


def evenly(items: Sequence[Item], most: int) -> list[Item]:
    """Return at most `most` of `items`, evenly spaced, in their order."""
    if len(items) <= most:
        return list(items)
    return [items[math.floor(number * len(items) / most)] for number in range(most)]


def _in_faces(prompts: Sequence[Prompt], effort: Effort, faces: Sequence[str]) -> list[Condition]:
    """Return a condition for each face: every prompt in `effort.faces` of those that can write it, taking turns."""
    jobs: dict[str, list[Job]] = {face: [] for face in faces}
    used = dict.fromkeys(faces, 0)
    for prompt in prompts:
        text = "".join(prompt.targets)
        able = [face for face in faces if not missing_characters(FACES[face], text)]
        for seed in effort.seeds:
            for face in sorted(able, key=lambda name: used[name])[: effort.faces]:
                jobs[face].append(Job(prompt, seed))
                used[face] += 1
    return [Condition("plain", f"typeset?face={face}", tuple(made), face) for face, made in jobs.items() if made]


def _jobs(prompts: Sequence[Prompt], seeds: Sequence[int]) -> tuple[Job, ...]:
    return tuple(Job(prompt, seed) for prompt in prompts for seed in seeds)


def _seeds(effort: Effort, times: int) -> tuple[int, ...]:
    """Return `times` seeds for each of the effort's, all different."""
    step = max(effort.seeds) + 1
    return tuple(seed + number * step for number in range(times) for seed in effort.seeds)
