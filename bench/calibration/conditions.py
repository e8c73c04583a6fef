"""Which pictures a calibration draws: conditions, each a typesetter with the prompts and seeds that it draws."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from bench.generators import Job
from bench.generators.typeset.faces import FACES, missing_characters
from bench.seeds import parse_seeds
from prompts.errors import GlyphbenchError, UnknownNameError
from prompts.suite import Prompt, Suite

Item = TypeVar("Item")
Part = Literal["plain", "hard", "blank", "wrong", "response", "layout"]

KINDS = ("wrong", "missing", "extra", "swapped", "malformed")
"""The kinds of error that the typesetter makes on purpose, as its options name them."""

FIRST_SEED = 7_000
"""Seeds of calibration begin here, so that its pictures are not those of a suite's own seeds."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure.

    Attributes:
        seeds: Of every picture.
        faces: That the ceiling is measured in; a prompt gets those that have all its characters …
        faces_a_prompt: … and so many of them, which take turns, so that every face gets an equal share.
        plain: At most this many prompts for the ceiling …
        response: … and for each kind and rate of error.
        hard: Times that each prompt of the ceiling is drawn in the hard distribution.
        blank: Pictures without lettering.
        rates: Error rates, shares of the target's characters.
        displacements: How far texts are moved out of their places, in fractions of the picture.
    """

    seeds: tuple[int, ...] = (FIRST_SEED,)
    faces: tuple[str, ...] = tuple(FACES)
    faces_a_prompt: int = 8
    plain: int = 240
    response: int = 60
    hard: int = 2
    blank: int = 16
    rates: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4)
    displacements: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3)
    is_quick: bool = False


QUICK = Effort(
    faces_a_prompt=1, plain=12, response=8, hard=1, blank=2, rates=(0.2, 0.4), displacements=(0.1, 0.3), is_quick=True
)


@dataclass(frozen=True, slots=True)
class Condition:
    """Pictures drawn in one way, for one part of the calibration.

    Attributes:
        part: Which part.
        spec: Of the typesetter that draws them.
        jobs: What is asked for, picture by picture.
        drawn: What the typesetter is told to draw instead.
        face: That all lettering is set in; None where it is drawn.
        kind: The error that is made on purpose, as the typesetter's option names it; "" for none.
        rate: How often, as a share of the target's characters; how far, in fractions of the picture.
    """

    part: Part
    spec: str
    jobs: tuple[Job, ...]
    drawn: tuple[Job, ...]
    face: str | None = None
    kind: str = ""
    rate: float = 0.0


def plan_effort(*, quick: bool, seeds: str | None, faces: str | None) -> Effort:
    """Return how much to measure, from what the command line says.

    Raises:
        GlyphbenchError: Seeds that cannot be read.
        UnknownNameError: There is no face of that name.
    """
    effort = QUICK if quick else Effort()
    if seeds is not None:
        try:
            effort = replace(effort, seeds=parse_seeds(seeds))
        except ValueError as error:
            raise GlyphbenchError(f"--seeds: {error}") from None
    if faces is not None:
        names = tuple(name.strip() for name in faces.split(",") if name.strip())
        for name in names:
            if name not in FACES:
                raise UnknownNameError("face", name, FACES)
        effort = replace(effort, faces=names)
    return effort


def plan_conditions(suite: Suite, effort: Effort) -> tuple[Condition, ...]:
    """Return all conditions of a calibration of `suite`; prompts without a target are in none of them."""
    prompts = [prompt for prompt in suite.prompts if prompt.targets]
    ceiling = evenly(prompts, effort.plain)
    hard = _jobs(ceiling, _seeds(effort, effort.hard))
    return (
        *_in_faces(ceiling, effort),
        Condition("hard", "typeset?strength=hard", hard, hard),
        _blank(_jobs(evenly(prompts, effort.blank), effort.seeds[:1])),
        _wrong(_jobs(evenly(prompts, effort.response), effort.seeds)),
        *_with_errors(_jobs(evenly(prompts, effort.response), effort.seeds), effort.rates),
        *_displaced(_jobs(evenly(_with_places(prompts), effort.response), effort.seeds), effort.displacements),
    )


def evenly(items: Sequence[Item], most: int) -> list[Item]:
    """Return at most `most` of `items`, evenly spaced, in their order."""
    if len(items) <= most:
        return list(items)
    return [items[math.floor(number * len(items) / most)] for number in range(most)]


def _in_faces(prompts: Sequence[Prompt], effort: Effort) -> list[Condition]:
    """Return a condition for each face: every prompt in some of those that can write it, which take turns."""
    jobs: dict[str, list[Job]] = {face: [] for face in effort.faces}
    used = dict.fromkeys(effort.faces, 0)
    for prompt in prompts:
        text = "".join(prompt.targets)
        able = [face for face in effort.faces if not missing_characters(FACES[face], text)]
        for seed in effort.seeds:
            for face in sorted(able, key=lambda name: used[name])[: effort.faces_a_prompt]:
                jobs[face].append(Job(prompt, seed))
                used[face] += 1
    return [
        Condition("plain", f"typeset?face={face}", tuple(made), tuple(made), face)
        for face, made in jobs.items()
        if made
    ]


def _blank(jobs: tuple[Job, ...]) -> Condition:
    """Return pictures without lettering, on the grounds of the hard distribution."""
    drawn = tuple(replace(job, prompt=replace(job.prompt, regions=(), relations=())) for job in jobs)
    return Condition("blank", "typeset?strength=hard", jobs, drawn)


def _wrong(jobs: tuple[Job, ...]) -> Condition:
    """Return pictures that say what another prompt asks for; prompts without a stranger among the others have none."""
    pairs = []
    for number, job in enumerate(jobs):
        others = (*jobs[number + len(jobs) // 2 :], *jobs[: number + len(jobs) // 2])
        stranger = next((other for other in others if _are_strangers(job.prompt, other.prompt)), None)
        if stranger is not None:
            pairs.append((job, stranger))
    return Condition("wrong", "typeset", tuple(job for job, _ in pairs), tuple(other for _, other in pairs))


def _are_strangers(one: Prompt, other: Prompt) -> bool:
    return one.group != other.group and not set(one.targets) & set(other.targets)


def _with_errors(jobs: tuple[Job, ...], rates: Sequence[float]) -> Iterator[Condition]:
    """Yield right pictures, then those with each kind of error at each rate."""
    yield Condition("response", "typeset", jobs, jobs)
    for kind in KINDS:
        for rate in rates:
            yield Condition("response", f"typeset?{kind}={rate:g}", jobs, jobs, kind=kind, rate=rate)


def _with_places(prompts: Sequence[Prompt]) -> list[Prompt]:
    return [prompt for prompt in prompts if any(region.text and region.where is not None for region in prompt.regions)]


def _displaced(jobs: tuple[Job, ...], displacements: Sequence[float]) -> Iterator[Condition]:
    """Yield texts in their places, then moved out of them, in whichever cell or box they stand."""
    if jobs:
        for by in (0.0, *displacements):
            yield Condition("layout", f"typeset?displace={by:g}", jobs, jobs, kind="displaced" if by else "", rate=by)


def _jobs(prompts: Sequence[Prompt], seeds: Sequence[int]) -> tuple[Job, ...]:
    return tuple(Job(prompt, seed) for prompt in prompts for seed in seeds)


def _seeds(effort: Effort, times: int) -> tuple[int, ...]:
    """Return `times` seeds for each of the effort's, all different."""
    step = max(effort.seeds) + 1
    return tuple(seed + number * step for number in range(times) for seed in effort.seeds)
