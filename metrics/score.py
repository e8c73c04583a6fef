"""Scores: counts before rates, and `Missing` where there is nothing to count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Score:
    """What one metric gives for one sample: `numerator / denominator`, the denominator above 0."""

    numerator: float
    denominator: float = 1.0

    @property
    def value(self) -> float:
        """The rate."""
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no score, and why: never 0, NaN or −1 for "could not"."""

    reason: str


Result: TypeAlias = Score | Missing
