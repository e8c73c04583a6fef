"""The plot of values over slices: a dot and a whisker for each series in each slice, with the reader's ceilings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metrics.statistics import Estimate
from reports.charts import THIN
from reports.figures.canvas import COLUMN, PAGE, draw_estimate, interval_note, new_figure, place_legend
from reports.figures.figure import Drawing, Request
from reports.figures.series import Series, demand, estimate_columns
from reports.figures.style import Look, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SPREAD = 0.5
"""Share of a slice's width over which several series stand side by side."""

_NARROW = 6
"""Slices that one column of a paper holds."""

_CEILING = 0.14
"""Half the length of a ceiling's mark, in widths of a slice."""


@dataclass(frozen=True, slots=True)
class SliceMark:
    """One series in one slice: its estimate, what n is to be told, and the reader's ceiling there, if it is known."""

    series: Series
    slice: str
    found: Estimate
    n: int
    ceiling: float | None = None

    @property
    def is_thin(self) -> bool:
        """Whether it rests on few prompts."""
        return self.found.prompts < THIN


@dataclass(frozen=True, slots=True)
class SliceAxes:
    """What the plot says.

    Attributes:
        name: Of the figure.
        title: Of the figure, for slides.
        x: What the slices are.
        y: What the values are.
        column: Of the slices in the figure's table.
        counted: What n counts.
        order: Slices are sorted by it.
    """

    name: str
    title: str
    x: str
    y: str
    column: str
    counted: str
    order: Callable[[str], Any]


def draw_slices(request: Request, marks: Sequence[SliceMark], said: SliceAxes) -> Drawing:
    """Return the plot of these marks.

    Raises:
        GlyphbenchError: There are none.
    """
    import pandas as pd

    demand(said.name, there=bool(marks), what=f"these runs have nothing to draw of {said.y}")
    slices = sorted({mark.slice for mark in marks}, key=said.order)
    figure = new_figure(
        request.style,
        COLUMN if len(slices) <= _NARROW else PAGE,
        2.6,
        said.title,
        f"{interval_note(request.level)} n: {said.counted}. Hollow grey: fewer than {THIN} prompts."
        + (" Dashes: the reader's ceiling." if any(mark.ceiling is not None for mark in marks) else ""),
    )
    axes = figure.subplots()
    names = list(dict.fromkeys(mark.series.label for mark in marks))
    for number, (name, look) in enumerate(zip(names, looks(len(names)), strict=True)):
        shift = _SPREAD * ((number + 0.5) / len(names) - 0.5) if len(names) > 1 else 0.0
        _draw_series(axes, [mark for mark in marks if mark.series.label == name], look, slices, shift)
    counts = {name: [mark.n for mark in marks if mark.slice == name] for name in slices}
    axes.set_xticks(range(len(slices)), [_tick(name, counts[name]) for name in slices])
    axes.set_xlim(-0.6, len(slices) - 0.4)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel(said.x)
    axes.set_ylabel(said.y)
    place_legend(axes, request.style)
    return Drawing(said.name, figure, pd.DataFrame([_row(mark, said) for mark in marks]), request.style)


def _draw_series(axes: Axes, marks: Sequence[SliceMark], look: Look, slices: Sequence[str], shift: float) -> None:
    at = [slices.index(mark.slice) + shift for mark in marks]
    values = [mark.found.value for mark in marks]
    axes.plot(at, values, color=look.colour, linestyle=look.line, alpha=0.55, marker="", zorder=2)
    for place, mark in zip(at, marks, strict=True):
        draw_estimate(axes, place, mark.found, look, thin=mark.is_thin)
        if mark.ceiling is not None:
            ends = [place - _CEILING, place + _CEILING]
            axes.plot(ends, [mark.ceiling] * 2, color=look.colour, linestyle=(0, (2, 1)), zorder=1)
    # Only for the legend: its mark must not be grey because the first slice is thin.
    axes.plot([], [], color=look.colour, marker=look.marker, linestyle=look.line, label=marks[0].series.label)


def _tick(label: str, counts: Sequence[int]) -> str:
    told = f"{counts[0]:,}" if len(set(counts)) == 1 else f"{min(counts):,}–{max(counts):,}"
    return f"{label}\nn {told}"


def _row(mark: SliceMark, said: SliceAxes) -> dict[str, Any]:
    found = estimate_columns(mark.found)
    return {
        **mark.series.facts(),
        said.column: mark.slice.replace("\n", ""),
        **found,
        f"n ({said.counted})": mark.n,
        "ceiling": mark.ceiling,
    }
