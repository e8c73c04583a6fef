"""Differences from a base with their intervals: over all prompts, and by language, length and tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.comparison.comparing import FEWEST_TESTED, compare
from bench.comparison.result import Comparison
from metrics.paired import Difference
from metrics.table import METRICS
from reports.charts import THIN
from reports.figures.canvas import COLUMN, draw_estimate, interval_note, metric_label, new_figure, place_legend
from reports.figures.figure import Drawing, Request
from reports.figures.fonts import drawable
from reports.figures.series import Series, demand, whole_runs
from reports.figures.style import GREEN, GREY, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ALL = ("all", "all prompts")
_SPREAD = 0.6
"""Share of a row's height over which several candidates stand."""


@dataclass(frozen=True, slots=True)
class _Mark:
    base: Series
    candidate: Series
    by: str
    label: str
    found: Difference
    q: float | None

    @property
    def row(self) -> tuple[str, str]:
        return self.by, self.label

    @property
    def is_thin(self) -> bool:
        return self.found.clusters < THIN

    @property
    def is_drawn(self) -> bool:
        return self.row == _ALL or self.found.clusters >= FEWEST_TESTED


def draw_forest(request: Request) -> Drawing:
    """Draw how each run differs from the first one.

    Raises:
        GlyphbenchError: There are not two runs, they are not comparable, or they have no score of the metric.
    """
    import pandas as pd

    series = whole_runs(request)
    demand("forest", there=len(series) > 1, what="it wants two runs or more of one suite; the first one is the base")
    marks = [mark for candidate in series[1:] for mark in _marks(series[0], candidate, request)]
    demand("forest", there=bool(marks), what=f"these runs have no scores of {request.metric} in common")
    rows = list(dict.fromkeys(mark.row for mark in marks if mark.is_drawn))
    few = len({mark.row for mark in marks} - set(rows))
    left_out = f" In the table alone: {few} slices of fewer than {FEWEST_TESTED}." if few else ""
    several = len(series) > 2
    figure = new_figure(
        request.style,
        COLUMN,
        1.1 + len(rows) * (0.17 + 0.07 * (len(series) - 1)) + (0.17 * (len(series) - 1) if several else 0),
        f"{request.metric}: difference from {series[0].label}",
        f"{interval_note(request.level)} Paired by prompt and seed; {METRICS[request.metric].better} is better. "
        f"n: prompt groups. Hollow grey: fewer than {THIN}.{left_out}",
    )
    axes = figure.subplots()
    _draw_zero(axes, request)
    for number, (candidate, look) in enumerate(zip(series[1:], looks(len(series) - 1), strict=True)):
        shift = _SPREAD * ((number + 0.5) / (len(series) - 1) - 0.5)
        for mark in (mark for mark in marks if mark.candidate is candidate and mark.is_drawn):
            draw_estimate(axes, rows.index(mark.row) + shift, mark.found, look, thin=mark.is_thin, lying=True)
        axes.plot([], [], color=look.colour, marker=look.marker, linestyle="none", label=candidate.label)
    axes.set_yticks(range(len(rows)), [_name(row, [m for m in marks if m.row == row]) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    compared = f"difference from {series[0].label}" if several else f"{series[1].label} − {series[0].label}"
    axes.set_xlabel(f"{compared}\n{metric_label(request.metric)}")
    place_legend(axes, request.style, 0.6)
    return Drawing("forest", figure, pd.DataFrame([_row(mark, request) for mark in marks]), request.style)


def _marks(base: Series, candidate: Series, request: Request) -> list[_Mark]:
    found: Comparison = compare(base.sheet, candidate.sheet, ("libraries",), request.level)
    whole = next(each.difference for each in found.metrics if each.name == request.metric)
    marks = [] if whole is None else [_Mark(base, candidate, *_ALL, whole, None)]
    return marks + [
        _Mark(base, candidate, each.by, each.label, each.difference, each.q)
        for each in found.slices
        if each.metric == request.metric
    ]


def _draw_zero(axes: Axes, request: Request) -> None:
    axes.axvline(0, color=GREY, linewidth=0.8)
    if request.margin is not None:
        loss = -request.margin if METRICS[request.metric].better == "higher" else request.margin
        axes.axvspan(min(0, loss), max(0, loss), color=GREEN, alpha=0.16, linewidth=0, zorder=0)


def _name(row: tuple[str, str], marks: list[_Mark]) -> str:
    by, label = row
    counts = sorted({mark.found.clusters for mark in marks})
    n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]}–{counts[-1]}"
    return drawable(f"{label if row == _ALL else f'{by} {label}'}, n {n}")


def _row(mark: _Mark, request: Request) -> dict[str, Any]:
    found = mark.found
    return {
        "base": mark.base.label,
        "candidate": mark.candidate.label,
        "suite": mark.base.run.manifest.suite.name,
        "metric": request.metric,
        "by": mark.by,
        "slice": mark.label,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "q": mark.q,
        "groups": found.clusters,
        "prompts": found.prompts,
        "samples": found.samples,
        "thin": mark.is_thin,
        "drawn": mark.is_drawn,
        "interval": found.method,
        "level": found.level,
    }
