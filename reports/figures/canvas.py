"""The sheet that a figure is drawn on: its size, its title, the note below it, points with whiskers."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import regex
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


_LINE = 1.25
"""Height of a line of text, in its size."""

_PARTS = regex.compile(r"\p{Han}|[^\s\-\p{Han}]*-|[^\s\-\p{Han}]+|\s+")
"""What a line may be broken between."""

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
        figure.suptitle(fold(drawable(title), wide), x=0.01, ha="left")
    # A label of the whole figure, for which the layout keeps room, unlike free text.
    figure.supxlabel(fold(drawable(note), letters), x=0.01, ha="left", fontsize=style.note_size, color=GREY)
    return figure


def metric_label(metric: str) -> str:
    """Return what stands at an axis of a metric: its name, and its unit where that is no share."""
    unit = find_metric(metric).unit
    return metric if unit == "share" else f"{metric} ({unit})"


def fold(text: str, width: int) -> str:
    """Return a name in lines of at most so many characters, broken at spaces, behind hyphens, and between Han.

    A Chinese character counts as two; a word longer than a line is broken anywhere.
    """
    lines, used = [""], 0
    for part in _PARTS.findall(text):
        for piece in [part] if width_of(part) <= width else list(part):
            if used + width_of(piece) > width and lines[-1]:
                lines[-1] = lines[-1].rstrip()
                lines.append("")
                used = 0
            if lines[-1] or not piece.isspace():
                lines[-1] += piece
                used += width_of(piece)
    return "\n".join(lines)


def width_of(text: str) -> int:
    """Return the width of a line in characters, of which a Chinese one counts as two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


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


def place_legend(axes: Axes, style: Style, share: float = 0.78) -> None:
    """Put the legend above a plot, where there is more than one series to tell apart.

    Args:
        axes: The plot.
        style: How it looks.
        share: Of the figure's width that the legend may take.
    """
    handles, names = axes.get_legend_handles_labels()
    if len(names) < 2:
        return
    figure = axes.get_figure(root=True)
    assert figure is not None
    letters = int(figure.get_figwidth() * share * 72 / (style.font_size * _CHARACTER))
    labels = [fold(name, letters - _LEGEND_MARK) for name in names]
    widest = max(width_of(line) for label in labels for line in label.split("\n"))
    columns = max(1, min(len(labels), letters // (widest + _LEGEND_MARK)))
    lines = math.ceil(len(labels) / columns) * max(label.count("\n") + 1 for label in labels)
    # The figure is made for a legend of two lines.
    figure.set_figheight(figure.get_figheight() + max(0, lines - 2) * style.font_size * _LINE / 72)
    axes.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        ncols=columns,
        borderaxespad=0,
        columnspacing=1.2,
    )
