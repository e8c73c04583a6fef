"""A metric by what the prompts ask for: length of the text, count of texts, size of the picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metrics.score import Missing
from metrics.statistics import Estimate
from prompts.lengths import LENGTH_LABELS, count_characters, length_bin
from prompts.suite import Prompt
from reports.charts import THIN
from reports.figures.canvas import (
    COLUMN,
    PAGE,
    draw_estimate,
    interval_note,
    metric_label,
    new_figure,
    place_legend,
)
from reports.figures.figure import Drawing, Request
from reports.figures.series import Series, demand, estimate_columns, series_of
from reports.figures.style import Look, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SPREAD = 0.5
"""Share of a slice's width over which several series stand side by side."""

_NARROW = 6
"""Slices that one column of a paper holds."""


@dataclass(frozen=True, slots=True)
class Slicing:
    """A way to part prompts.

    Attributes:
        name: Of the figure.
        title: What it shows, after the metric's name.
        axis: What stands at the axis of slices.
        column: Of the figure's table.
        label: The slice of a prompt; None for one that belongs in none.
        order: Of slices: what they are sorted by.
        ceiling: Name of the ceiling's breakdown in a calibration that has the same slices; None where there is none.
    """

    name: str
    title: str
    axis: str
    column: str
    label: Callable[[Prompt], str | None]
    order: Callable[[str], Any]
    ceiling: str | None = None


def _length(prompt: Prompt) -> str | None:
    characters = sum(map(count_characters, prompt.targets))
    return length_bin(characters) if characters else None


def _regions(prompt: Prompt) -> str | None:
    return str(len(prompt.targets)) if prompt.targets else None


def _size(prompt: Prompt) -> str | None:
    return f"{prompt.size.width}×{prompt.size.height}" if prompt.targets else None


def _by_area(label: str) -> tuple[int, int]:
    width, height = map(int, label.split("×"))
    return width * height, width


LENGTH = Slicing(
    "length", "by length of the text", "characters asked for", "length", _length, LENGTH_LABELS.index, "length"
)
REGIONS = Slicing("regions", "by count of texts", "texts asked for in one picture", "texts", _regions, int)
SIZES = Slicing("sizes", "by size of the picture", "width × height in pixels", "size", _size, _by_area)


@dataclass(frozen=True, slots=True)
class _Point:
    series: Series
    look: Look
    slice: str
    found: Estimate
    ceiling: float | None


def draw_length(request: Request) -> Drawing:
    """Draw a metric against the length of the text, with the reader's ceiling."""
    return _draw(request, LENGTH)


def draw_regions(request: Request) -> Drawing:
    """Draw a metric against the count of texts in a picture."""
    return _draw(request, REGIONS)


def draw_sizes(request: Request) -> Drawing:
    """Draw a metric against the size of the picture."""
    return _draw(request, SIZES)


def _draw(request: Request, by: Slicing) -> Drawing:
    import pandas as pd

    series = series_of(request)
    points = [
        point
        for each, look in zip(series, looks(len(series)), strict=True)
        for point in _points(each, look, request, by)
    ]
    demand(by.name, there=bool(points), what=f"these runs have no score of {request.metric}")
    slices = sorted({point.slice for point in points}, key=by.order)
    has_ceiling = any(point.ceiling is not None for point in points)
    figure = new_figure(
        request.style,
        COLUMN if len(slices) <= _NARROW else PAGE,
        2.6,
        f"{request.metric} {by.title}",
        f"{interval_note(request.level)} n: prompts. Hollow grey: fewer than {THIN} prompts."
        + (" Dashes: the reader's ceiling." if has_ceiling else ""),
    )
    axes = figure.subplots()
    order = list(dict.fromkeys(point.series.label for point in points))
    for number, label in enumerate(order):
        own = [point for point in points if point.series.label == label]
        _draw_series(axes, own, slices, _SPREAD * ((number + 0.5) / len(order) - 0.5) if len(order) > 1 else 0.0)
    counts = {name: [point.found.prompts for point in points if point.slice == name] for name in slices}
    axes.set_xticks(range(len(slices)), [_tick(name, counts[name]) for name in slices])
    axes.set_xlim(-0.6, len(slices) - 0.4)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel(by.axis)
    axes.set_ylabel(metric_label(request.metric))
    place_legend(figure, axes, request.style)
    return Drawing(by.name, figure, pd.DataFrame([_row(point, by) for point in points]), request.style)


def _points(series: Series, look: Look, request: Request, by: Slicing) -> list[_Point]:
    places: dict[str, list[int]] = {}
    for place in series.rows:
        label = by.label(series.prompts[place])
        if label is not None:
            places.setdefault(label, []).append(place)
    ceilings = _ceilings(series, request.metric, by)
    found = {
        label: series.estimate(request.metric, places[label], request.level) for label in sorted(places, key=by.order)
    }
    return [
        _Point(series, look, label, each, ceilings.get(label))
        for label, each in found.items()
        if not isinstance(each, Missing)
    ]


def _ceilings(series: Series, metric: str, by: Slicing) -> Mapping[str, float]:
    """Return the reader's ceiling in each slice that the run's calibration has."""
    from bench.calibration.lookup import find_calibration

    reader = next(reader for reader in series.run.readers if reader.name == series.sheet.conditions.reader)
    calibration = find_calibration(series.run.suite, reader, series.run.calibrations).calibration
    if by.ceiling is None or calibration is None:
        return {}
    known = calibration.ceiling.by.get(by.ceiling, {})
    found = {label: values[metric] for label, values in known.items() if metric in values}
    return {label: each.value for label, each in found.items() if isinstance(each, Estimate)}


def _draw_series(axes: Axes, points: Sequence[_Point], slices: Sequence[str], shift: float) -> None:
    look = points[0].look
    at = [slices.index(point.slice) + shift for point in points]
    axes.plot(
        at, [p.found.value for p in points], color=look.colour, linestyle=look.line, alpha=0.55, marker="", zorder=2
    )
    for place, point in zip(at, points, strict=True):
        draw_estimate(axes, place, point.found, look, thin=point.found.prompts < THIN)
        if point.ceiling is not None:
            axes.plot(
                [place - 0.14, place + 0.14], [point.ceiling] * 2, color=look.colour, linestyle=(0, (2, 1)), zorder=1
            )
    # Only in the legend: its mark must not be grey because the first slice is thin.
    axes.plot([], [], color=look.colour, marker=look.marker, linestyle=look.line, label=points[0].series.label)


def _tick(label: str, counts: Sequence[int]) -> str:
    told = f"{counts[0]}" if len(set(counts)) == 1 else f"{min(counts)}–{max(counts)}"
    return f"{label.replace('×', chr(10) + '×')}\nn {told}"


def _row(point: _Point, by: Slicing) -> dict[str, Any]:
    return {**point.series.facts(), by.column: point.slice, **estimate_columns(point.found), "ceiling": point.ceiling}
