"""How many prompts and seeds would decide, before anything is run: the size that a margin asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.comparison.alignment import align_comparable
from bench.earlier_runs import deviation_over_seeds, earlier_runs
from bench.gating.baseline import open_sheet
from bench.plan import RunPlan
from metrics.margin import CONFIDENCE, WANTED_POWER, clusters_needed, pass_probability
from metrics.power import ASSUMED, Spread, seed_deviation, spread_of
from metrics.table import HEADLINE
from prompts.errors import GlyphbenchError

SEEDS = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Size:
    """What a number of seeds asks for.

    Attributes:
        seeds: A prompt's.
        deviation: Standard deviation of a prompt group's difference with as many.
        groups: Prompt groups with which an unchanged model passes with the wanted chance; None where no number would.
        passes: Chance that it passes with as many groups as the suite has.
    """

    seeds: int
    deviation: float
    groups: int | None
    passes: float

    @property
    def pictures(self) -> int | None:
        """Of one run, where each group is one prompt."""
        return None if self.groups is None else self.groups * self.seeds


@dataclass(frozen=True, slots=True)
class MarginPlan:
    """The sizes that a margin asks for.

    Attributes:
        suite: Its name.
        groups: Its prompt groups with a target.
        seeds: Of the run that is planned.
        metric: The headline metric.
        margin: In its unit.
        confidence: Of the one-sided bound.
        power: The wanted chance.
        spread: Of the difference between two models, over prompts and over seeds.
        basis: Where the spread is from.
        sizes: By seeds.
    """

    suite: str
    groups: int
    seeds: int
    metric: str
    margin: float
    confidence: float
    power: float
    spread: Spread
    basis: str
    sizes: tuple[Size, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


def plan_margin(plan: RunPlan, margin: float, like: Sequence[Path] = ()) -> MarginPlan:
    """Return which sizes would decide whether a model is no worse by `margin` in the headline metric.

    Args:
        plan: Says the suite, its prompts and the seeds.
        margin: Above 0.
        like: Runs whose spread is taken: two of them for the spread between two checkpoints as it is, one for the
            spread over seeds. Without any, that of an earlier run of the suite, or an assumed one.

    Raises:
        GlyphbenchError: The margin is none, or the runs have no spread to go by.
    """
    if not 0 < margin < math.inf:
        raise GlyphbenchError(f"--margin {margin}: give the largest loss that is accepted, above 0, such as 0.02")
    spread, basis = _spread(plan, like)
    groups = len({prompt.group for prompt in plan.suite.prompts[: plan.limit] if prompt.targets})
    seeds = sorted({*SEEDS, len(plan.seeds)})
    return MarginPlan(
        plan.suite.name,
        groups,
        len(plan.seeds),
        HEADLINE,
        margin,
        CONFIDENCE,
        WANTED_POWER,
        spread,
        basis,
        tuple(_size(spread, margin, groups, count) for count in seeds),
    )


def _size(spread: Spread, margin: float, groups: int, seeds: int) -> Size:
    deviation = spread.of_means(seeds)
    passes = pass_probability(margin, deviation / math.sqrt(groups), groups) if groups > 1 else 0.0
    return Size(seeds, deviation, clusters_needed(deviation, margin), passes)


def _spread(plan: RunPlan, like: Sequence[Path]) -> tuple[Spread, str]:
    if len(like) > 2:
        raise GlyphbenchError("--like takes one run, or two that are compared")
    if len(like) == 2:
        return _of_two(*like)
    if like:
        return _of_one(like[0])
    measured = deviation_over_seeds(plan, list(earlier_runs(plan.out)))
    if measured is None:
        return ASSUMED, "assumed as in a simulation of two neighbouring checkpoints; --like RUN takes a run's"
    return _independent(measured[0]), f"seeds vary by {measured[0]:.3f} in {measured[1]}; prompts as assumed"


def _of_one(path: Path) -> tuple[Spread, str]:
    sheet = open_sheet(path)
    if HEADLINE not in sheet.scores:
        raise GlyphbenchError(f"--like {path}: it has no score of {HEADLINE}")
    scores = sheet.scores[HEADLINE]
    values = scores.numerators / scores.denominators
    rows = [row[there].tolist() for row, there in zip(values, scores.there, strict=True)]
    deviation = seed_deviation([row for row in rows if row])
    if deviation is None:
        raise GlyphbenchError(f"--like {path}: it has one seed, which has no spread to go by; take one with more")
    return _independent(
        deviation
    ), f"seeds vary by {deviation:.3f} in {path}, shared by no other run; prompts as assumed"


def _of_two(base: Path, candidate: Path) -> tuple[Spread, str]:
    aligned, _ = align_comparable(open_sheet(base), open_sheet(candidate))
    if HEADLINE not in aligned.metrics:
        raise GlyphbenchError(f"--like: {base} and {candidate} have no score of {HEADLINE}")
    found = spread_of(aligned.pairs(HEADLINE).sample_differences())
    if found is None:
        raise GlyphbenchError(f"--like: {base} and {candidate} have one seed, so that their spread has no parts")
    return found, f"between {base} and {candidate}"


def _independent(deviation: float) -> Spread:
    """Return the spread between two models whose noise over seeds is as large and has nothing in common."""
    return Spread(ASSUMED.prompts, math.sqrt(2) * deviation)
