"""Single Chinese characters by their strokes, as 通用规范汉字表 counts them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from itertools import pairwise

from metrics.score import Missing
from prompts.levels import hanzi_strokes
from reports.figures.characters import occurrences, parted, share_right
from reports.figures.figure import Drawing, Request
from reports.figures.series import Series, demand, series_of
from reports.figures.slice_plot import SliceAxes, SliceMark, draw_slices

EDGES = (1, 4, 7, 9, 11, 13, 16)
"""Fewest strokes of each bin: each of the middle five has 14 to 23% of the characters of level 1."""

LABELS = (*(f"{low}–{high - 1}" for low, high in pairwise(EDGES)), f"{EDGES[-1]}+")


def strokes_bin(character: str) -> str:
    """Return the bin of a character's strokes; "" for one that is not in the list, as traditional ones."""
    strokes = hanzi_strokes().get(character)
    return LABELS[bisect(EDGES, strokes) - 1] if strokes else ""


def draw_strokes(request: Request) -> Drawing:
    """Draw the share of Chinese characters that are right by their strokes.

    Raises:
        GlyphbenchError: No run asks for any that is in the list.
    """
    marks = [mark for series in series_of(request) for mark in _marks(series, request.level)]
    demand("strokes", there=bool(marks), what="these runs ask for no Chinese characters; a run of zh_text does")
    said = SliceAxes(
        "strokes",
        "Chinese characters by strokes",
        "strokes of the character (通用规范汉字表; others are left out)",
        "right characters (share)",
        "strokes",
        "characters in all pictures",
        LABELS.index,
    )
    return draw_slices(request, marks, said)


def _marks(series: Series, level: float) -> Iterator[SliceMark]:
    for part, found in parted(occurrences(series), strokes_bin, LABELS).items():
        share = share_right(found, level)
        if not isinstance(share, Missing):
            yield SliceMark(series, part, share, len(found))
