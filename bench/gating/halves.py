"""A run against itself: its seeds in two halves, which differ in nothing but chance."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from bench.comparison.sheet import ScoreSheet
from bench.gating.judge import judge_gate
from bench.gating.policy import Policy
from bench.gating.result import GateResult
from metrics.margin import clusters_needed
from prompts.errors import GlyphbenchError


@dataclass(frozen=True, slots=True)
class Sizing:
    """What the spread between the halves says about the suite, for one gated metric.

    Attributes:
        metric: Its name.
        margin: Of the policy.
        deviation: Standard deviation of a prompt group's difference between two runs of the same model with all seeds,
            where the two share no noise: the most that an unchanged model differs by.
        prompts: With which such a run would pass nine times in ten with as many seeds as this one has; None where none
            would do.
        seeds: That this run has.
    """

    metric: str
    margin: float
    deviation: float
    prompts: int | None
    seeds: int


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """The verdict on a run against itself, and what its spread says of the suite's size."""

    result: GateResult
    sizing: tuple[Sizing, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


def check_against_itself(sheet: ScoreSheet, policy: Policy) -> SelfCheck:
    """Return whether a run passes against itself, its seeds in two halves paired by prompt.

    A half has h of K seeds, and the noise of its mean is √(K/h) times that of a whole run. Margins are widened by as
    much, so that the halves pass as often as two whole runs of one model would. Anything but a pass says that the gate
    is not fit: too small a suite, or a margin below its noise. What is inconclusive therefore fails, whatever the
    policy says of it.

    Raises:
        GlyphbenchError: The run has fewer than two seeds.
    """
    seeds, half = len(sheet.seeds), len(sheet.seeds) // 2
    if half < 1:
        raise GlyphbenchError(
            f"{sheet.contender.source} has one seed; a run against itself needs two: run it with --seeds 4"
        )
    first = sheet.of_seeds(range(half), "first half of its seeds")
    second = sheet.of_seeds(range(half, 2 * half), "second half of its seeds")
    result = judge_gate(first, second, _for_halves(policy, math.sqrt(seeds / half)))
    remarks = [f"margins are widened by √({seeds}/{half}), as each half has fewer seeds and more noise"]
    if seeds % 2:
        remarks.append(f"left out: seed {sheet.seeds[-1]}, which has no partner")
    result = replace(result, remarks=(*result.remarks, *remarks))
    return SelfCheck(result, tuple(_size(result, policy, half, seeds)))


def _for_halves(policy: Policy, widening: float) -> Policy:
    metrics = tuple(entry.model_copy(update={"margin": entry.margin * widening}) for entry in policy.metric)
    return policy.model_copy(update={"metric": metrics, "on_inconclusive": "fail"})


def _size(result: GateResult, policy: Policy, half: int, seeds: int) -> list[Sizing]:
    """Return the size that each metric needs, the spread of the halves shrunk to all seeds.

    The halves differ by seed noise alone, whose variance over K seeds is that over `half` times half/K.
    """
    margins = {entry.name: entry.margin for entry in policy.metric}
    found = []
    for metric in result.metrics:
        clusters, prompts = metric.difference.clusters, metric.difference.prompts
        deviation = (metric.difference.error or 0.0) * math.sqrt(clusters * half / seeds)
        needed = clusters_needed(deviation, margins[metric.name], confidence=policy.confidence)
        whole = None if needed is None else -(-needed * prompts // clusters)
        found.append(Sizing(metric.name, margins[metric.name], deviation, whole, seeds))
    return found
