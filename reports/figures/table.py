"""Every figure by name; drawing one in its style, with its characters checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prompts.errors import GlyphbenchError, UnknownNameError
from reports.figures.calibration import draw_calibration
from reports.figures.ceiling import draw_ceiling
from reports.figures.checkpoints import draw_checkpoints
from reports.figures.confusions import draw_confusions
from reports.figures.contact import draw_contact
from reports.figures.figure import Drawing, Request
from reports.figures.fonts import check_glyphs
from reports.figures.forest import draw_forest
from reports.figures.language_gap import draw_language_gap
from reports.figures.levels import draw_levels
from reports.figures.published import draw_published
from reports.figures.seeds import draw_seeds
from reports.figures.sliced import draw_length, draw_regions, draw_sizes
from reports.figures.strokes import draw_strokes
from reports.figures.style import drawn_in


@dataclass(frozen=True, slots=True)
class FigureKind:
    """One figure: what it shows, and what draws it."""

    shows: str
    draw: Callable[[Request], Drawing]


FIGURES: dict[str, FigureKind] = {
    "zh-en": FigureKind("Chinese against English: the paired gap by suite and model", draw_language_gap),
    "length": FigureKind("a metric against the length of the text", draw_length),
    "levels": FigureKind("Chinese characters that are right, by level of the standard list", draw_levels),
    "strokes": FigureKind("Chinese characters that are right, by their strokes", draw_strokes),
    "regions": FigureKind("a metric against the count of texts in a picture", draw_regions),
    "sizes": FigureKind("a metric against the size of the picture", draw_sizes),
    "seeds": FigureKind("how far the seeds of a run lie apart", draw_seeds),
    "confusions": FigureKind("which characters are read as which: a heat map of glyph pairs", draw_confusions),
    "checkpoints": FigureKind("a metric over several runs in order, with the margin", draw_checkpoints),
    "ceiling": FigureKind("scores between chance and the reader's ceiling", draw_ceiling),
    "calibration": FigureKind("what is measured against the true share of errors", draw_calibration),
    "forest": FigureKind("differences from the first run, with intervals", draw_forest),
    "published": FigureKind("a metric here beside what others have published, by their own protocols", draw_published),
    "contact": FigureKind("pictures of the same prompts by each run, with their scores", draw_contact),
}


def draw(name: str, request: Request) -> Drawing:
    """Return the figure called `name`, ready to be saved or shown.

    Raises:
        UnknownNameError: There is no such figure; names the nearest ones.
        GlyphbenchError: It cannot be drawn from these runs, or a character in it cannot be drawn at all.
    """
    if name not in FIGURES:
        raise UnknownNameError("figure", name, FIGURES)
    if not request.runs:
        raise GlyphbenchError("a figure needs at least one run")
    with drawn_in(request.style):
        drawing = FIGURES[name].draw(request)
        # Ticks get their labels, and their fonts, when they are first laid out.
        drawing.figure.draw_without_rendering()
    check_glyphs(drawing.figure)
    return drawing
