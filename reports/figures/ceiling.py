"""Scores between what the reader makes of right lettering and what it makes of none of it: ceiling and chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.calibration.lookup import find_calibration
from metrics.score import Missing
from metrics.statistics import Estimate
from reports.charts import THIN
from reports.figures.canvas import PAGE, draw_estimate, fold, interval_note, metric_label, new_figure
from reports.figures.figure import Drawing, Request
from reports.figures.series import Series, demand, estimate_columns, whole_runs
from reports.figures.style import BLUE, GREEN, VERMILION, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHANCE = "wrong prompt"
"""The floor that is drawn: the reading of another prompt's right lettering."""

_SCORE, _CEILING, _CHANCE = Look(BLUE, "o", "-"), Look(GREEN, "^", "-"), Look(VERMILION, "v", "-")


@dataclass(frozen=True, slots=True)
class _Mark:
    series: Series
    score: Estimate
    ceiling: Estimate | None
    chance: Estimate | None

    @property
    def is_thin(self) -> bool:
        return self.score.prompts < THIN


def draw_ceiling(request: Request) -> Drawing:
    """Draw the score of each run between the reader's ceiling and chance on its suite.

    Raises:
        GlyphbenchError: No run has a score, or the reader is calibrated on none of their suites; names the command.
    """
    import pandas as pd

    marks = [mark for series in whole_runs(request) if (mark := _mark(series, request)) is not None]
    demand("ceiling", there=bool(marks), what=f"these runs have no score of {request.metric}")
    first = marks[0].series
    lookup = find_calibration(first.run.suite, first.reader, first.run.calibrations)
    demand(
        "ceiling",
        there=any(mark.ceiling or mark.chance for mark in marks),
        what=f"{lookup.note or f'{request.metric} is not calibrated'}; to measure it: {lookup.command}",
    )
    figure = new_figure(
        request.style,
        PAGE,
        1.3 + 0.34 * len(marks),
        f"{request.metric} between chance and the reader's ceiling",
        f"{interval_note(request.level)} n: prompts. Ceiling: right lettering, typeset and read; chance: the same "
        f"against other prompts. Hollow grey: fewer than {THIN} prompts.",
    )
    axes = figure.subplots()
    for at, mark in enumerate(marks):
        _draw_mark(axes, at, mark)
    for look, name in ((_CHANCE, "chance"), (_SCORE, "score"), (_CEILING, "reader's ceiling")):
        axes.plot([], [], color=look.colour, marker=look.marker, linestyle="none", label=name)
    axes.set_yticks(range(len(marks)), [f"{fold(mark.series.label, 30)}, n {mark.score.prompts}" for mark in marks])
    axes.set_ylim(len(marks) - 0.4, -0.6)
    axes.set_xlabel(metric_label(request.metric))
    axes.grid(visible=False, axis="y")
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles, labels, loc="lower left", bbox_to_anchor=(0, 1.01), ncols=3, borderaxespad=0)
    return Drawing("ceiling", figure, pd.DataFrame(map(_row, marks)), request.style)


def _mark(series: Series, request: Request) -> _Mark | None:
    score = series.estimate(request.metric, series.rows, request.level)
    if isinstance(score, Missing):
        return None
    found = series.calibration
    ceiling = found.ceiling.plain.get(request.metric) if found else None
    chance = found.floors.get(CHANCE, {}).get(request.metric) if found else None
    return _Mark(series, score, _known(ceiling), _known(chance))


def _known(found: Estimate | Missing | None) -> Estimate | None:
    return found if isinstance(found, Estimate) else None


def _draw_mark(axes: Axes, at: int, mark: _Mark) -> None:
    if mark.ceiling is not None and mark.chance is not None:
        axes.plot(
            [mark.chance.value, mark.ceiling.value],
            [at, at],
            color="#DADADA",
            linewidth=5,
            marker="",
            zorder=1,
            solid_capstyle="butt",
        )
    for found, look in ((mark.chance, _CHANCE), (mark.ceiling, _CEILING)):
        if found is not None:
            draw_estimate(axes, at, found, look, thin=found.prompts < THIN, lying=True)
    draw_estimate(axes, at, mark.score, _SCORE, thin=mark.is_thin, lying=True)


def _row(mark: _Mark) -> dict[str, Any]:
    row = {**mark.series.facts(), **estimate_columns(mark.score)}
    for name, found in (("ceiling", mark.ceiling), ("chance", mark.chance)):
        row |= {
            name: None if found is None else found.value,
            f"{name}_low": None if found is None else found.low,
            f"{name}_high": None if found is None else found.high,
        }
    return row
