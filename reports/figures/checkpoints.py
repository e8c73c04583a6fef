"""Checkpoints of one training, in the order given: their values, and their paired differences from the first one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from bench.comparison.alignment import align_comparable
from metrics.paired import Difference, difference
from metrics.score import Missing
from metrics.statistics import Estimate
from metrics.table import METRICS
from reports.charts import THIN
from reports.figures.canvas import (
    COLUMN,
    PAGE,
    draw_estimate,
    fold,
    interval_note,
    metric_label,
    new_figure,
    place_legend,
)
from reports.figures.figure import Drawing, Request
from reports.figures.fonts import drawable
from reports.figures.series import Series, demand, estimate_columns, whole_runs
from reports.figures.style import GREEN, GREY, Look, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NARROW = 6
"""Checkpoints that one column of a paper holds."""

_SPREAD = 0.16
"""By how much the curves of two suites stand apart, where checkpoints have 1."""


@dataclass(frozen=True, slots=True)
class _Mark:
    series: Series
    at: int
    value: Estimate
    to_first: Difference | None

    @property
    def is_thin(self) -> bool:
        return self.value.prompts < THIN


def draw_checkpoints(request: Request) -> Drawing:
    """Draw a metric over several runs in order, a curve for each suite; below it the differences from the first run.

    Raises:
        GlyphbenchError: There are not two runs of one suite with scores of the metric, or they are not comparable.
    """
    import pandas as pd

    curves = {suite: marks for suite, marks in _curves(request).items() if len(marks) > 1}
    demand("checkpoints", there=bool(curves), what=f"it wants two runs of one suite with scores of {request.metric}")
    names = list(dict.fromkeys(run.manifest.model.name for run in request.runs))
    margin = "" if request.margin is None else f" Band: the accepted loss of {request.margin:g}."
    n = ", ".join(dict.fromkeys(f"{mark.value.prompts}" for marks in curves.values() for mark in marks))
    figure = new_figure(
        request.style,
        COLUMN if len(names) <= _NARROW else PAGE,
        3.6,
        f"{request.metric}, checkpoint by checkpoint",
        f"{interval_note(request.level)} Differences are paired by prompt and seed. n: {n} prompts.{margin}",
    )
    values, gains = figure.subplots(2, 1, sharex=True, height_ratios=(1.1, 1))
    _draw_zero(gains, request)
    for number, (suite, marks) in enumerate(curves.items()):
        look = looks(len(curves))[number]
        shift = _SPREAD * (number - (len(curves) - 1) / 2)
        _draw_curve(values, gains, marks, look, shift, drawable(suite))
    _name_checkpoints(gains, names, request)
    values.set_ylabel(metric_label(request.metric))
    gains.set_ylabel(f"difference from\n{fold(drawable(names[0]), 20)}")
    place_legend(values, request.style)
    rows = [_row(mark, request) for marks in curves.values() for mark in marks]
    return Drawing("checkpoints", figure, pd.DataFrame(rows), request.style)


def _curves(request: Request) -> dict[str, list[_Mark]]:
    names = list(dict.fromkeys(run.manifest.model.name for run in request.runs))
    curves: dict[str, list[_Mark]] = {}
    for series in whole_runs(request):
        value = series.estimate(request.metric, series.rows, request.level)
        if isinstance(value, Missing):
            continue
        marks = curves.setdefault(series.run.manifest.suite.name, [])
        to_first = _difference(marks[0].series, series, request) if marks else None
        marks.append(_Mark(series, names.index(series.run.manifest.model.name), value, to_first))
    return curves


def _difference(base: Series, candidate: Series, request: Request) -> Difference | None:
    aligned, _ = align_comparable(base.sheet, candidate.sheet, ("libraries",))
    found = difference(aligned.pairs(request.metric), request.level)
    return None if isinstance(found, Missing) else found


def _draw_zero(axes: Axes, request: Request) -> None:
    axes.axhline(0, color=GREY, linewidth=0.8)
    if request.margin is not None:
        loss = -request.margin if METRICS[request.metric].better == "higher" else request.margin
        axes.axhspan(min(0, loss), max(0, loss), color=GREEN, alpha=0.16, linewidth=0, zorder=0)
        axes.axhline(loss, color=GREEN, linestyle="--", linewidth=0.8)


def _draw_curve(values: Axes, gains: Axes, marks: Sequence[_Mark], look: Look, shift: float, label: str) -> None:
    at = [mark.at + shift for mark in marks]
    line: dict[str, Any] = {"color": look.colour, "linestyle": look.line, "alpha": 0.55, "marker": "", "zorder": 2}
    values.plot(at, [mark.value.value for mark in marks], **line)
    values.plot([], [], color=look.colour, marker=look.marker, linestyle=look.line, label=label)
    differing = [(place, mark) for place, mark in zip(at, marks, strict=True) if mark.to_first is not None]
    gains.plot(
        [at[0], *(place for place, _ in differing)],
        [0, *(m.to_first.value for _, m in differing if m.to_first)],
        **line,
    )
    gains.plot(at[0], 0, color=look.colour, marker=look.marker, markerfacecolor="white", zorder=3)
    for place, mark in zip(at, marks, strict=True):
        draw_estimate(values, place, mark.value, look, thin=mark.is_thin)
        if mark.to_first is not None:
            draw_estimate(gains, place, mark.to_first, look, thin=mark.to_first.clusters < THIN)


def _name_checkpoints(axes: Axes, names: Sequence[str], request: Request) -> None:
    """Put the names at the axis; what they all begin with stands once, beside it."""
    equal = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    shared = "".join(letters[0] for letters in equal).rstrip("0123456789")
    short = [name.removeprefix(shared) or name for name in names] if len(shared) > 1 else list(names)
    wide = max(map(len, short)) * len(short) > (34 if len(names) <= _NARROW else 72)
    axes.set_xticks(range(len(names)), [drawable(name) for name in short])
    if wide:
        axes.tick_params(axis="x", rotation=35)
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("right")
    axes.set_xlabel(f"checkpoint, {drawable(shared)}…" if short != list(names) else "checkpoint")
    axes.grid(visible=False, axis="x")


def _row(mark: _Mark, request: Request) -> dict[str, Any]:
    found = mark.to_first
    return {
        **mark.series.facts(),
        "place": mark.at,
        "metric": request.metric,
        **estimate_columns(mark.value),
        "difference": None if found is None else found.value,
        "difference_low": None if found is None else found.low,
        "difference_high": None if found is None else found.high,
        "p": None if found is None else found.p,
        "margin": request.margin,
    }
