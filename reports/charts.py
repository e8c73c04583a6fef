"""Dot plots with whiskers: the positions of everything drawn, in percent of the plot's width."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metrics.table import Metric, find_metric

THIN = 10
"""With fewer prompts than this an interval of Student's t is wide and its coverage doubtful: shown in grey."""

_MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high` with ticks at equal steps."""

    low: float
    high: float
    step: float

    def at(self, value: float) -> float:
        """Return the position of `value` in percent of the width."""
        return round(100 * (value - self.low) / (self.high - self.low), 3)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Position and label of each tick."""
        decimals = max(0, -math.floor(math.log10(self.step) + 1e-9))
        count = round((self.high - self.low) / self.step)
        values = [self.low + i * self.step for i in range(count + 1)]
        return [(self.at(value), f"{value:.{decimals}f}") for value in values]


@dataclass(frozen=True, slots=True)
class Row:
    """One slice: its estimate as in `summary.json`, where its dot is and where its whisker ends, if it has them.

    `ceiling` is where the reader's ceiling lies for such prompts, if the calibration has it.
    """

    label: str
    estimate: Mapping[str, Any]
    dot: float | None
    whisker: tuple[float, float] | None
    ceiling: float | None = None

    @property
    def prompts(self) -> int:
        """How many prompts have a score."""
        return int(self.estimate.get("prompts", 0))

    @property
    def thin(self) -> bool:
        """Whether it rests on few prompts."""
        return self.prompts < THIN


@dataclass(frozen=True, slots=True)
class Chart:
    """One metric over the slices of one breakdown; `reference` is where the whole run lies."""

    by: str
    metric: Metric
    axis: Axis
    reference: float | None
    rows: tuple[Row, ...]


def breakdown_charts(summary: Mapping[str, Any]) -> dict[str, list[Chart]]:
    """Return, for each metric, one chart a breakdown, all on one axis so that they can be compared by eye."""
    whole = summary["metrics"][summary["profile"]]
    breakdowns = {by: slices for by, slices in summary["breakdowns"].items() if slices}
    names = dict.fromkeys(
        name for slices in breakdowns.values() for entry in slices.values() for name in entry if name != "prompts"
    )
    charts = {}
    for name in names:
        metric = find_metric(name)
        estimates = [entry[name] for slices in breakdowns.values() for entry in slices.values()]
        ceilings = _ceilings(summary, breakdowns, name)
        axis = fitting_axis(metric, [*estimates, whole[name], *ceilings.values()])
        reference = axis.at(whole[name]["value"]) if "value" in whole[name] else None
        charts[name] = [
            Chart(
                by,
                metric,
                axis,
                reference,
                tuple(_row(axis, label, slices[label][name], ceilings.get((by, label))) for label in slices),
            )
            for by, slices in breakdowns.items()
        ]
    return charts


def _ceilings(
    summary: Mapping[str, Any], breakdowns: Mapping[str, Mapping[str, Any]], name: str
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the reader's ceiling for each slice that the calibration has, by breakdown and label."""
    known = summary["calibration"].get("ceiling", {}).get("by", {})
    return {
        (by, label): known[by][label][name]
        for by, slices in breakdowns.items()
        for label in slices
        if name in known.get(by, {}).get(label, {})
    }


def headline_mark(estimate: Mapping[str, Any]) -> Row:
    """Return the headline's dot and whisker on a scale from nothing to everything."""
    return _row(Axis(0, 1, 0.25), "", estimate)


def fitting_axis(metric: Metric, estimates: Iterable[Mapping[str, Any]]) -> Axis:
    """Return an axis that holds all estimates with their intervals, and the metric's best value."""
    measured = [estimate for estimate in estimates if "value" in estimate]
    ends = [e[end] for e in measured for end in ("value", "low", "high") if e[end] is not None]
    best = metric.low if metric.better == "lower" else metric.high
    if best is not None:
        ends.append(best)
    low, high = _span(ends, metric)
    step = _tick_step(high - low)
    return Axis(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step)


def _span(ends: Sequence[float], metric: Metric) -> tuple[float, float]:
    low, high = min(ends, default=metric.low), max(ends, default=metric.low)
    if high > low:
        return low, high
    return (metric.low, high) if high > metric.low else (metric.low, metric.high or metric.low + 1)


def _tick_step(span: float) -> float:
    """Return the smallest of 1, 2, 5, 10 … (times a power of ten) that needs few ticks."""
    power: float = 10.0 ** math.floor(math.log10(span / _MOST_TICKS))
    return next(factor * power for factor in (1, 2, 5, 10, 20) if span / (factor * power) <= _MOST_TICKS)


def _row(axis: Axis, label: str, estimate: Mapping[str, Any], ceiling: Mapping[str, Any] | None = None) -> Row:
    limit = axis.at(ceiling["value"]) if ceiling and "value" in ceiling else None
    if "missing" in estimate:
        return Row(label, estimate, None, None, limit)
    bounded = estimate["low"] is not None
    whisker = (axis.at(estimate["low"]), axis.at(estimate["high"])) if bounded else None
    return Row(label, estimate, axis.at(estimate["value"]), whisker, limit)
