"""The sheet that a figure is drawn on: its size, its title, the note below it, points with whiskers."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from metrics.table import find_metric
from reports.figures.fonts import drawable
from reports.figures.style import GREY, THIN_GREY, Look, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Bounded(Protocol):
    """A value with its interval: an `Estimate`, or a `Difference`."""

    @property
    def value(self) -> float:
        """The point estimate."""

    @property
    def low(self) -> float | None:
        """Lower end, or None where there is no interval."""

    @property
    def high(self) -> float | None:
        """Upper end, likewise."""


COLUMN, PAGE = 3.5, 7.1
"""Widths of figures in a paper, in inches: one column of two, and both."""

_CHARACTER = 0.54
"""Mean width of a character of the note, in its size."""


_LEGEND_MARK = 8
"""Width of a legend's mark and spacing, in characters."""


def new_figure(style: Style, width: float, height: float, title: str, note: str) -> Figure:
    """Return an empty figure with its title, where the style has titles, and its note.

    Args:
        style: How it looks.
        width: In inches of a paper.
        height: Likewise.
        title: What it shows.
        note: What has to be known to read it: what the whiskers are, what n counts.
    """
    pad = 0.05 * style.scale
    layout = ConstrainedLayoutEngine(w_pad=pad, h_pad=pad)
    figure = Figure(figsize=(width * style.scale, height * style.scale), layout=layout)
    letters = int(width * style.scale * 72 / (style.note_size * _CHARACTER))
    if style.has_title:
        wide = int(width * style.scale * 72 / (style.font_size * 1.15 * _CHARACTER))
        figure.suptitle("\n".join(textwrap.wrap(drawable(title), wide)), x=0.01, ha="left")
    # A label of the whole figure, for which the layout keeps room, unlike free text.
    figure.supxlabel(
        "\n".join(textwrap.wrap(drawable(note), letters)), x=0.01, ha="left", fontsize=style.note_size, color=GREY
    )
    return figure


def metric_label(metric: str) -> str:
    """Return what stands at an axis of a metric: its name, and its unit where that is no share."""
    unit = find_metric(metric).unit
    return metric if unit == "share" else f"{metric} ({unit})"


def fold(text: str, width: int) -> str:
    """Return a name in lines of about so many characters, broken behind hyphens and commas."""
    return "\n".join(textwrap.wrap(text, max(6, width))) or text


def interval_note(level: float) -> str:
    """Return what whiskers are."""
    return f"Whiskers: {level:.0%} intervals over prompt groups."


def draw_estimate(
    axes: Axes, at: float, found: Bounded, look: Look, *, thin: bool, lying: bool = False, label: str = ""
) -> None:
    """Draw a dot with its interval as a whisker; hollow and grey where it is thin.

    Args:
        axes: Drawn in.
        at: Place across the whisker.
        found: Drawn.
        look: Colour and marker.
        thin: Whether it rests on few prompts.
        lying: Whether the whisker lies rather than stands.
        label: In the legend.
    """
    reach = None
    if found.low is not None and found.high is not None:
        reach = np.array([[found.value - found.low], [found.high - found.value]])
    place: dict[str, Any] = {"x": [found.value], "y": [at]} if lying else {"x": [at], "y": [found.value]}
    place["xerr" if lying else "yerr"] = reach
    axes.errorbar(
        **place,
        color=THIN_GREY if thin else look.colour,
        marker=look.marker,
        markerfacecolor="white" if thin else look.colour,
        linestyle="none",
        zorder=3,
        label=label or None,
    )


def place_legend(axes: Axes, style: Style, share: float = 0.85) -> None:
    """Put the legend above a plot, where there is more than one series to tell apart.

    Args:
        axes: The plot.
        style: How it looks.
        share: Of the figure's width that the legend may take.
    """
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) < 2:
        return
    width = axes.get_figure(root=True).get_size_inches()[0] * share  # type: ignore[union-attr]
    columns = int(width * 72 / (style.font_size * _CHARACTER * (max(map(len, labels)) + _LEGEND_MARK)))
    axes.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        ncols=max(1, min(len(labels), columns)),
        borderaxespad=0,
        columnspacing=1.2,
    )
