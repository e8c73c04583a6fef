"""Single Chinese characters by their level in the standard list, 通用规范汉字表."""

from __future__ import annotations

from collections.abc import Iterator

from bench.calibration.ceiling import kind_of_character
from metrics.score import Missing
from metrics.statistics import Estimate
from reports.figures.characters import occurrences, parted, share_right
from reports.figures.figure import Drawing, Request
from reports.figures.series import Series, demand, series_of
from reports.figures.slice_plot import SliceAxes, SliceMark, draw_slices

_SHOWN = {"level 1": "1", "level 2": "2", "level 3": "3", "Han beyond the standard list": "none"}
"""Kinds of Chinese characters, as calibrations call them and as the figure does; traditional ones are in none."""


def draw_levels(request: Request) -> Drawing:
    """Draw the share of Chinese characters that are right by level, with the reader's ceiling.

    Raises:
        GlyphbenchError: No run asks for any.
    """
    marks = [mark for series in series_of(request) for mark in _marks(series, request.level)]
    demand("levels", there=bool(marks), what="these runs ask for no Chinese characters; a run of zh_text does")
    said = SliceAxes(
        "levels",
        "Chinese characters by level of 通用规范汉字表",
        "level in 通用规范汉字表",
        "characters right",
        "level_of_list",
        "characters in all pictures",
        list(_SHOWN.values()).index,
    )
    return draw_slices(request, marks, said)


def _marks(series: Series, level: float) -> Iterator[SliceMark]:
    known = series.calibration.ceiling.by_character if series.calibration else {}
    for part, found in parted(list(occurrences(series)), kind_of_character, list(_SHOWN)).items():
        share, ceiling = share_right(found, level), known.get(part)
        if not isinstance(share, Missing):
            limit = ceiling.value if isinstance(ceiling, Estimate) else None
            yield SliceMark(series, _SHOWN[part], share, len(found), limit)
