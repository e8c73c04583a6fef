"""How figures look: two styles of the same drawings, and colours that a colour-blind reader can tell apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import matplotlib as mpl

from prompts.errors import UnknownNameError
from reports.figures.fonts import families

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000",
)  # fmt: skip
"""The colours of M. Okabe and K. Ito, "Color Universal Design" (2008), jfly.uni-koeln.de/color."""

GREY = "#6E6E6E"
"""Of notes and reference lines: 5.1 : 1 on white."""

THIN_GREY = "#A6A6A6"
"""Of what rests on few prompts."""

_COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, BLACK)
_MARKERS = "osD^vPX"
_LINES = ("-", "--", "-.", ":")


@dataclass(frozen=True, slots=True)
class Look:
    """How one of several series is drawn: no two differ by colour alone."""

    colour: str
    marker: str
    line: str


@dataclass(frozen=True, slots=True)
class Style:
    """One style.

    Attributes:
        name: As `--style` takes it.
        scale: Inches that one inch of a paper's figure becomes.
        font_size: Of all text but notes and titles, in points.
        has_title: Whether figures bear a title; in a paper, the caption is below.
        dpi: Of PNG files.
    """

    name: str
    scale: float
    font_size: float
    has_title: bool
    dpi: int

    @property
    def note_size(self) -> float:
        """Size of notes and of figures beside marks, in points."""
        return self.font_size * 0.86

    @property
    def parameters(self) -> dict[Any, Any]:
        """What matplotlib is told."""
        thick = self.scale
        return {
            "font.family": list(families()),
            "font.size": self.font_size,
            "axes.titlesize": self.font_size,
            "axes.labelsize": self.font_size,
            "xtick.labelsize": self.font_size,
            "ytick.labelsize": self.font_size,
            "legend.fontsize": self.font_size,
            "figure.titlesize": self.font_size * 1.15,
            "axes.linewidth": 0.6 * thick,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": "#404040",
            "axes.axisbelow": True,
            "axes.grid": True,
            "grid.color": "#E4E4E4",
            "grid.linewidth": 0.5 * thick,
            "lines.linewidth": 1.2 * thick,
            "lines.markersize": 4.2 * thick,
            "xtick.major.width": 0.6 * thick,
            "ytick.major.width": 0.6 * thick,
            "xtick.major.size": 2.5 * thick,
            "ytick.major.size": 2.5 * thick,
            "legend.frameon": False,
            "legend.handlelength": 2.2,
            "figure.dpi": 100,
            "savefig.dpi": self.dpi,
            "hatch.linewidth": 0.5 * thick,
            # Names of models may hold any character, a dollar too.
            "text.parse_math": False,
            "text.usetex": False,
            # Text stays text in vector files, and equal figures are equal files.
            "svg.fonttype": "none",
            "svg.hashsalt": "glyphbench",
            "pdf.fonttype": 42,
        }


STYLES: dict[str, Style] = {
    "paper": Style("paper", 1.0, 8.0, has_title=False, dpi=300),
    "slides": Style("slides", 1.8, 15.5, has_title=True, dpi=150),
}


def find_style(name: str) -> Style:
    """Return the style called `name`; raises `UnknownNameError` with near matches."""
    if name not in STYLES:
        raise UnknownNameError("style", name, STYLES)
    return STYLES[name]


@contextmanager
def drawn_in(style: Style) -> Iterator[None]:
    """Have matplotlib draw in this style, whatever it was told before, and then as before."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(style.parameters)
        yield


def looks(count: int) -> list[Look]:
    """Return how each of `count` series is drawn, the same ones every time."""
    kinds = zip(cycle(_COLOURS), cycle(_MARKERS), cycle(_LINES), strict=False)
    return [Look(*kind) for kind in islice(kinds, count)]
