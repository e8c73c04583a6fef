"""The instrument's response: what is measured against the true share of errors, drawn on purpose, kind by kind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.calibration.lookup import find_calibration
from bench.calibration.result import Calibration, Response
from metrics.statistics import Estimate
from reports.figures.canvas import PAGE, new_figure
from reports.figures.figure import Drawing, Request
from reports.figures.fonts import drawable
from reports.figures.series import demand, whole_runs
from reports.figures.style import GREY, Look, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class _Source:
    label: str
    calibration: Calibration
    look: Look


def draw_calibration(request: Request) -> Drawing:
    """Draw the response of each reader and suite of the runs to known errors, a panel for each kind of error.

    Raises:
        GlyphbenchError: The reader is calibrated on none of the runs' suites; names the command.
    """
    import pandas as pd

    sources = _sources(request)
    kinds = list(dict.fromkeys(kind for source in sources for kind in source.calibration.response))
    columns = min(_COLUMNS, len(kinds))
    # With several suites, one panel is left free for the legend.
    rows = math.ceil((len(kinds) + (len(sources) > 1)) / columns)
    pictures = ", ".join(f"{source.label} {source.calibration.extent.pictures:,}" for source in sources)
    figure = new_figure(
        request.style,
        PAGE,
        0.8 + 1.75 * rows,
        "What is measured against the true share of errors",
        "A dot: the mean over pictures drawn with one rate of error. Dashed: measured equals true. Numbers: slope of "
        f"the fitted line, with its 95% interval over prompt groups. n: {pictures} pictures.",
    )
    panels = figure.subplots(rows, columns, squeeze=False)
    flat = panels.ravel().tolist()
    for axes, kind in zip(flat, kinds, strict=False):
        _draw_kind(axes, kind, sources, request)
    for axes in flat[len(kinds) :]:
        axes.set_axis_off()
    for axes in panels[:, 0]:
        axes.set_ylabel("measured")
    if len(sources) > 1:
        _place_legend(flat[-1], sources)
    return Drawing("calibration", figure, pd.DataFrame(_rows(sources, kinds)), request.style)


def _sources(request: Request) -> list[_Source]:
    found: dict[tuple[str, str], Calibration] = {}
    lookups = []
    for series in whole_runs(request):
        lookup = find_calibration(series.run.suite, series.reader, series.run.calibrations)
        lookups.append(lookup)
        if lookup.calibration is not None:
            found.setdefault((lookup.calibration.suite.name, lookup.calibration.reader.name), lookup.calibration)
    demand("calibration", there=bool(found), what=f"{lookups[0].note}; to measure it: {lookups[0].command}")
    readers = {reader for _, reader in found}
    return [
        _Source(drawable(suite if len(readers) == 1 else f"{suite}, {reader}"), calibration, look)
        for ((suite, reader), calibration), look in zip(found.items(), looks(len(found)), strict=True)
    ]


def _draw_kind(axes: Axes, kind: str, sources: Sequence[_Source], request: Request) -> None:
    responses = [(s, s.calibration.response[kind]) for s in sources if kind in s.calibration.response]
    top = 1.06 * max((end for _, r in responses for p in r.points for end in (p.true, p.measured)), default=1.0)
    axes.plot([0, top], [0, top], color=GREY, linestyle="--", linewidth=0.8, marker="", zorder=1)
    for number, (source, response) in enumerate(responses):
        _draw_response(axes, source.look, response)
        shown = _slope(response)
        axes.text(
            0.04, 0.97 - 0.13 * number, shown, transform=axes.transAxes, va="top", fontsize=request.style.note_size,
            color=source.look.colour if len(sources) > 1 else "black",
        )  # fmt: skip
    axes.set_xlim(-0.03 * top, top)
    axes.set_ylim(-0.03 * top, top * (1 + 0.17 * len(responses)))
    axes.locator_params(nbins=4)
    axes.set_title(kind)
    axes.set_xlabel("true")


def _draw_response(axes: Axes, look: Look, response: Response) -> None:
    true = [point.true for point in response.points]
    axes.plot(
        true, [p.measured for p in response.points], color=look.colour, marker=look.marker, linestyle="none", zorder=3
    )
    if isinstance(response.slope, Estimate) and isinstance(response.offset, Estimate) and true:
        ends = [min(true), max(true)]
        fitted = [response.offset.value + response.slope.value * x for x in ends]
        axes.plot(ends, fitted, color=look.colour, linestyle=look.line, marker="", zorder=2)


def _place_legend(axes: Axes, sources: Sequence[_Source]) -> None:
    for source in sources:
        look = source.look
        axes.plot([], [], color=look.colour, marker=look.marker, linestyle=look.line, label=source.label)
    axes.legend(loc="center")


def _slope(response: Response) -> str:
    if not isinstance(response.slope, Estimate):
        return "no slope"
    low, high = response.slope.low, response.slope.high
    interval = "" if low is None or high is None else f" [{low:.2f}, {high:.2f}]"
    return f"{response.slope.value:.2f}{interval}"


def _rows(sources: Sequence[_Source], kinds: Sequence[str]) -> Iterator[dict[str, Any]]:
    for source in sources:
        for kind in kinds:
            response = source.calibration.response.get(kind)
            for point in response.points if response else ():
                slope = response.slope if response and isinstance(response.slope, Estimate) else None
                yield {
                    "suite": source.calibration.suite.name,
                    "reader": source.calibration.reader.name,
                    "kind": kind,
                    "metric": response.metric if response else "",
                    "rate": point.rate,
                    "true": point.true,
                    "measured": point.measured,
                    "pictures": point.pictures,
                    "slope": slope and slope.value,
                    "slope_low": slope and slope.low,
                    "slope_high": slope and slope.high,
                }
