"""A metric by what the prompts ask for: length of the text, count of texts, size of the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bench.calibration.result import Calibration
from metrics.score import Missing
from metrics.statistics import Estimate
from prompts.lengths import LENGTH_LABELS, count_characters, length_bin
from prompts.suite import Prompt
from reports.figures.canvas import metric_label
from reports.figures.figure import Drawing, Request
from reports.figures.series import Series, series_of
from reports.figures.slice_plot import SliceAxes, SliceMark, draw_slices

_LENGTH = "length"
"""The breakdown that calibrations have, too."""


def draw_length(request: Request) -> Drawing:
    """Draw a metric against the length of the text, with the reader's ceiling."""
    return _draw(request, _LENGTH, "length of the text", "characters asked for", _length, LENGTH_LABELS.index)


def draw_regions(request: Request) -> Drawing:
    """Draw a metric against the count of texts in a picture."""
    return _draw(request, "regions", "count of texts", "texts asked for in one picture", _texts, int)


def draw_sizes(request: Request) -> Drawing:
    """Draw a metric against the size of the picture."""
    return _draw(request, "sizes", "size of the picture", "width × height, in pixels", _size, _area)


def _draw(
    request: Request,
    name: str,
    by: str,
    axis: str,
    label: Callable[[Prompt], str],
    order: Callable[[str], Any],
) -> Drawing:
    said = SliceAxes(name, f"{request.metric} by {by}", axis, metric_label(request.metric), name, "prompts", order)
    marks = [mark for series in series_of(request) for mark in _marks(series, request, label, order, name)]
    return draw_slices(request, marks, said)


def _marks(
    series: Series, request: Request, label: Callable[[Prompt], str], order: Callable[[str], Any], name: str
) -> Iterator[SliceMark]:
    places: dict[str, list[int]] = {}
    for place in series.rows:
        if series.prompts[place].targets:
            places.setdefault(label(series.prompts[place]), []).append(place)
    ceilings = _ceilings(series.calibration, request.metric) if name == _LENGTH else {}
    for part in sorted(places, key=order):
        found = series.estimate(request.metric, places[part], request.level)
        if not isinstance(found, Missing):
            yield SliceMark(series, part, found, found.prompts, ceilings.get(part))


def _ceilings(calibration: Calibration | None, metric: str) -> Mapping[str, float]:
    """Return the reader's ceiling for each length that the calibration has."""
    if calibration is None:
        return {}
    known = calibration.ceiling.by.get(_LENGTH, {})
    found = {label: values[metric] for label, values in known.items() if metric in values}
    return {label: each.value for label, each in found.items() if isinstance(each, Estimate)}


def _length(prompt: Prompt) -> str:
    return length_bin(sum(map(count_characters, prompt.targets)))


def _texts(prompt: Prompt) -> str:
    return str(len(prompt.targets))


def _size(prompt: Prompt) -> str:
    # In two lines, so that ten of them stand side by side.
    return f"{prompt.size.width}\n×{prompt.size.height}"


def _area(label: str) -> tuple[int, int]:
    width, height = map(int, label.split("\n×"))
    return width * height, width
