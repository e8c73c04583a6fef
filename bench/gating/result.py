"""What a gate found, as data: the verdict, what it rests on, and what to do next."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from bench.comparison.contender import Contender
from metrics.paired import Difference

Verdict: TypeAlias = Literal["pass", "regressed", "inconclusive", "no verdict"]
"""`no verdict`: the runs are not comparable, not complete, or too few to be judged by this policy."""

MetricVerdict: TypeAlias = Literal["pass", "regressed", "inconclusive"]


@dataclass(frozen=True, slots=True)
class GatedMetric:
    """One gated metric.

    Attributes:
        name: As `metrics.table.METRICS` has it.
        better: Which direction is better.
        unit: Of all values here.
        base: The base's value.
        candidate: The candidate's value.
        difference: Candidate − base, in the metric's own direction.
        gain_low: One-sided lower bound, at the policy's confidence, of the gain: how much better the candidate is,
            whichever direction that is; below 0 it is worse.
        gain_high: One-sided upper bound of the gain.
        margin: The largest loss that is accepted, above 0.
        reason: Why this margin, as the policy says; "" where it says nothing.
        verdict: On this metric alone.
        note: What is to be said beside the verdict, such as `worse, within the margin`; "" for nothing.
        p_worse: One-sided p of the sign-flip test against "not worse".
        p_holm: The same, adjusted for the number of gated metrics (Holm).
        passes_if_unchanged: Chance that an unchanged model would pass, with the spread found here, in 0..1.
        needed_prompts: Prompts, with as many seeds, with which an unchanged model would pass nine times in ten; None
            where no spread was found.
        needed_seeds: Seeds with which as many prompts would do as well; None where that is not known, or where no
            number would, as the prompts themselves differ too much.
    """

    name: str
    better: Literal["higher", "lower"]
    unit: str
    base: float
    candidate: float
    difference: Difference
    gain_low: float
    gain_high: float
    margin: float
    reason: str
    verdict: MetricVerdict
    note: str
    p_worse: float
    p_holm: float
    passes_if_unchanged: float
    needed_prompts: int | None
    needed_seeds: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GuardResult:
    """One guard: a count that may not grow beyond what is allowed.

    Attributes:
        name: `blank` (pictures that are blank or were refused) or `lost` (prompts that went from right on every seed
            to right on none).
        base: The base's count; 0 for `lost`.
        candidate: The candidate's count.
        of: Of how many pictures or prompts.
        allowed: The largest count of the candidate that does not trip the guard.
        tripped: Whether it is exceeded.
        message: One sentence for people.
        prompts: The prompts concerned, at most a hundred, in the suite's order.
    """

    name: str
    base: int
    candidate: int
    of: int
    allowed: int
    tripped: bool
    message: str
    prompts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate found.

    Attributes:
        verdict: Over all metrics, guards and anchors: `regressed` before `no verdict` before `inconclusive`.
        exit_code: What the command ends with: 0 pass, or inconclusive where the policy only warns; 1 regressed;
            3 no verdict, or inconclusive where the policy fails.
        metrics: Every gated metric; empty where there is no verdict because nothing could be compared.
        guards: Every guard of the policy.
        reasons: Why there is no verdict, or which guards tripped: sentences that say what to do. Empty else.
        remarks: What is to be known beside it, and changes no verdict: differences allowed, other packages, machines.
        base: What the candidate is judged against.
        candidate: What is judged.
        policy: The policy's content as JSON data, defaults included; its `source` is the file, or "default policy".
        prompts: How many prompts were compared; 0 where none were.
        seeds: How many seeds a prompt.
        anchor: The same candidate judged against the fixed anchor, where one was given; its verdict is contained in
            `verdict`.
    """

    verdict: Verdict
    exit_code: int
    metrics: tuple[GatedMetric, ...]
    guards: tuple[GuardResult, ...]
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    base: Contender
    candidate: Contender
    policy: dict[str, Any]
    prompts: int
    seeds: int
    anchor: GateResult | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)
