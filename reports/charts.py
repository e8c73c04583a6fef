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
class Slice:
    """One slice of a breakdown: a row for each run, None where a run has no such slice."""

    label: str
    rows: tuple[Row | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One metric over the slices of one breakdown; `references` are where the whole runs lie, one each."""

    by: str
    metric: Metric
    axis: Axis
    references: tuple[float | None, ...]
    slices: tuple[Slice, ...]


def breakdown_charts(summaries: Sequence[Mapping[str, Any]]) -> dict[str, list[Chart]]:
    """Return, for each metric, one chart a breakdown of these runs, all on one axis so that they compare by eye.

    A breakdown with a single slice tells what the whole run does: it gets no chart.
    """
    kinds = dict.fromkeys(by for summary in summaries for by in summary["breakdowns"])
    labels = {by: _labels([summary["breakdowns"].get(by, {}) for summary in summaries]) for by in kinds}
    labels = {by: found for by, found in labels.items() if len(found) > 1}
    names = dict.fromkeys(
        name
        for summary in summaries
        for by in labels
        for entry in summary["breakdowns"].get(by, {}).values()
        for name in entry
        if name != "prompts"
    )
    return {name: _charts(summaries, labels, name) for name in names}


def _labels(breakdowns: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the slices of all runs in the order of the first one that has most of them."""
    most = max(breakdowns, key=len)
    return list(dict.fromkeys([*most, *(label for slices in breakdowns for label in slices)]))


def _charts(summaries: Sequence[Mapping[str, Any]], labels: Mapping[str, Sequence[str]], name: str) -> list[Chart]:
    metric = find_metric(name)
    wholes = [summary["metrics"][summary["profile"]][name] for summary in summaries]
    ceilings = [_ceilings(summary, labels, name) for summary in summaries]
    found = {
        (by, label): [summary["breakdowns"].get(by, {}).get(label, {}).get(name) for summary in summaries]
        for by in labels
        for label in labels[by]
    }
    estimates = [each for row in found.values() for each in row if each is not None]
    axis = fitting_axis(metric, [*estimates, *wholes, *(value for each in ceilings for value in each.values())])
    references = tuple(axis.at(whole["value"]) if "value" in whole else None for whole in wholes)

    def rows(by: str, label: str) -> tuple[Row | None, ...]:
        pairs = zip(found[by, label], ceilings, strict=True)
        return tuple(each and chart_row(axis, label, each, known.get((by, label))) for each, known in pairs)

    return [
        Chart(by, metric, axis, references, tuple(Slice(label, rows(by, label)) for label in labels[by]))
        for by in labels
    ]


def character_charts(characters: Sequence[Mapping[str, Any]]) -> list[Chart]:
    """Return charts of the share of characters right by level and by strokes, on one axis, for one or more runs."""
    found = {by: _labels([each["recall"][by] for each in characters]) for by in characters[0]["recall"]}
    found = {by: labels for by, labels in found.items() if len(labels) > 1}
    tables = {by: [each["recall"][by] for each in characters] for by in found}
    estimates = [entry["recall"] for each in tables.values() for table in each for entry in table.values()]
    metric = find_metric("recall")
    axis = fitting_axis(metric, estimates)
    return [
        Chart(
            by,
            metric,
            axis,
            (None,) * len(characters),
            tuple(
                Slice(
                    label, tuple(chart_row(axis, label, t[label]["recall"]) if label in t else None for t in tables[by])
                )
                for label in labels
            ),
        )
        for by, labels in found.items()
    ]


def _ceilings(
    summary: Mapping[str, Any], labels: Mapping[str, Iterable[str]], name: str
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the reader's ceiling for each slice that the calibration has, by breakdown and label."""
    known = summary["calibration"].get("ceiling", {}).get("by", {})
    return {
        (by, label): known[by][label][name]
        for by in labels
        for label in labels[by]
        if name in known.get(by, {}).get(label, {})
    }


def headline_mark(estimate: Mapping[str, Any]) -> Row:
    """Return the headline's dot and whisker on a scale from nothing to everything."""
    return chart_row(Axis(0, 1, 0.25), "", estimate)


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


def chart_row(axis: Axis, label: str, estimate: Mapping[str, Any], ceiling: Mapping[str, Any] | None = None) -> Row:
    """Return where an estimate, and the reader's ceiling where it is known, lie on an axis."""
    limit = axis.at(ceiling["value"]) if ceiling and "value" in ceiling else None
    if "missing" in estimate:
        return Row(label, estimate, None, None, limit)
    bounded = estimate["low"] is not None
    whisker = (axis.at(estimate["low"]), axis.at(estimate["high"])) if bounded else None
    return Row(label, estimate, axis.at(estimate["value"]), whisker, limit)
