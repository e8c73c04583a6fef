"""Numbers as people read them: shared by terminal, page and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from metrics.table import find_metric

_PLAIN_UNITS = {"share", "errors per character", "errors per word"}
"""Units of pure numbers, which stand without a unit."""

_DECIMALS_WITHOUT_INTERVAL = 3


def format_estimate(metric: str, estimate: Mapping[str, Any]) -> str:
    """Return an estimate of `summary.json` in words, such as `0.994 [0.989, 0.998]` or `— (no target)`.

    Args:
        metric: Its name in `metrics.table.METRICS`; counts get their unit.
        estimate: The fields of `metrics.statistics.Estimate`, or `missing` with the reason.
    """
    if "missing" in estimate:
        return f"— ({estimate['missing']})"
    unit = find_metric(metric).unit
    return format_value(estimate) + ("" if unit in _PLAIN_UNITS else f" {unit}")


def format_value(estimate: Mapping[str, Any]) -> str:
    """Return value and interval of an estimate, `0.994 [0.989, 0.998]`, or why there is no interval."""
    decimals = decimals_worth(estimate)
    value = f"{estimate['value']:.{decimals}f}"
    if estimate["low"] is None:
        return f"{value} (no interval: {reason_without_interval(estimate)})"
    return f"{value} [{estimate['low']:.{decimals}f}, {estimate['high']:.{decimals}f}]"


def format_brief(estimate: Mapping[str, Any]) -> str:
    """Return value and interval, or the value alone, without the reasons that a cell or a line has no room for."""
    if "missing" in estimate:
        return "—"
    return format_value(estimate) if estimate["low"] is not None else f"{estimate['value']:.3f}"


def format_percent(estimate: Mapping[str, Any]) -> str:
    """Return a share in percent, `99.4% [98.9%, 99.8%]`, or why there is no interval."""
    decimals = max(0, decimals_worth(estimate) - 2)
    value = f"{estimate['value']:.{decimals}%}"
    if estimate["low"] is None:
        return f"{value} (no interval: {reason_without_interval(estimate)})"
    return f"{value} [{estimate['low']:.{decimals}%}, {estimate['high']:.{decimals}%}]"


def reason_without_interval(estimate: Mapping[str, Any]) -> str:
    """Return why an estimate has no interval."""
    return str(estimate["method"]).removeprefix("none: ")


def format_count(count: int, noun: str) -> str:
    """Return a count with its noun, regular plural: `1 picture`, `1,200 pictures`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def decimals_worth(estimate: Mapping[str, Any]) -> int:
    """Return how many decimals an estimate is worth.

    The half-width of the interval is rounded to two significant digits where its first three digits are 100 to 354
    or 950 to 999 (which becomes 1000), else to one. Source: Particle Data Group, Review of Particle Physics,
    Introduction, section 5.3, "Rounding".
    """
    if estimate["low"] is None or estimate["high"] <= estimate["low"]:
        return _DECIMALS_WITHOUT_INTERVAL
    half = (estimate["high"] - estimate["low"]) / 2
    exponent = math.floor(math.log10(half))
    leading = round(half / 10.0 ** (exponent - 2))
    return max(0, -exponent + (1 if leading < 355 else 0))
