"""Differences in words: `0.742 → 0.751  +0.009 [−0.006, +0.024]  p 0.24`, with as many digits as they are worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metrics.paired import Difference

_DECIMALS_WITHOUT_ERROR = 3
_MOST_DECIMALS = 6


def decimals_of(found: Difference) -> int:
    """Return how many decimals show two significant digits of the standard error."""
    if not found.error:
        return _DECIMALS_WITHOUT_ERROR
    return min(_MOST_DECIMALS, max(1, 1 - math.floor(math.log10(found.error))))


def format_signed(value: float, decimals: int) -> str:
    """Return a number with its sign, the minus as typographers have it; 0 has none."""
    text = f"{abs(value):.{decimals}f}"
    if not text.strip("0."):
        return text
    return f"{'−' if value < 0 else '+'}{text}"


def format_difference(found: Difference) -> str:
    """Return value and interval, `+0.009 [−0.006, +0.024]`, or the value and why it has no interval."""
    decimals = decimals_of(found)
    value = format_signed(found.value, decimals)
    if found.low is None or found.high is None:
        return f"{value} ({found.method.removeprefix('none: ')})"
    return f"{value} [{format_signed(found.low, decimals)}, {format_signed(found.high, decimals)}]"


def format_level(value: float, found: Difference) -> str:
    """Return a value of one side with the decimals of its difference."""
    return f"{value:.{decimals_of(found)}f}"


def format_p(p: float) -> str:
    """Return a probability with two significant digits; below 0.001 as much is all that is said."""
    if p < 0.001:
        return "< 0.001"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def format_counts(found: Difference) -> str:
    """Return wins, ties and losses of the candidate, in prompts."""
    return f"{found.wins}/{found.ties}/{found.losses}"
