"""The difference between two runs on the same prompts: its value, its interval, its test."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """How a candidate's value of a metric differs from that of its base, and how sure that is.

    Attributes:
        value: Candidate − base, in the metric's own unit and direction: below 0 is better where lower is better.
        low: Lower end of the two-sided interval, or None where there is none; `method` says why.
        high: Upper end, likewise.
        p: Two-sided, of the sign-flip test over prompt groups; 1 where nothing differs.
        error: Standard error of `value`, 0 where every prompt group differs alike; None with one prompt group.
        prompts: How many prompts were compared.
        samples: How many pictures a side; the fewer ones where the sides have unequal numbers.
        clusters: How many prompt groups: the units of the statistics.
        wins: Prompts of which the candidate is better, its seeds averaged.
        ties: Prompts of which neither is.
        losses: Prompts of which the candidate is worse.
        method: How the interval was made.
        level: Its nominal coverage, in 0..1.
    """

    value: float
    low: float | None
    high: float | None
    p: float
    error: float | None
    prompts: int
    samples: int
    clusters: int
    wins: int
    ties: int
    losses: int
    method: str
    level: float = 0.95

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)
