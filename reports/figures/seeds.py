"""How far the seeds of a run lie apart: the value of each seed over all prompts, beside that of all seeds together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metrics.score import Missing
from metrics.statistics import Estimate
from metrics.table import METRICS
from reports.charts import THIN
from reports.figures.canvas import COLUMN, PAGE, draw_estimate, fold, interval_note, metric_label, new_figure
from reports.figures.figure import Drawing, Request
from reports.figures.series import Series, demand, estimate_columns, series_of
from reports.figures.style import BLACK, Look, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NARROW = 3
"""Runs that one column of a paper holds."""

_STRIP, _STEP = 0.6, 0.14
"""Width of a run's strip, and at most that between two seeds, where a run has 1."""

_ALL = "all"


@dataclass(frozen=True, slots=True)
class _Strip:
    series: Series
    whole: Estimate
    seeds: dict[int, Estimate]
    spread: float | None

    @property
    def is_thin(self) -> bool:
        return self.whole.prompts < THIN


def draw_seeds(request: Request) -> Drawing:
    """Draw the value of each seed over all prompts of a run, with its interval.

    Raises:
        GlyphbenchError: No run has two seeds, or none has a score of the metric.
    """
    import pandas as pd

    strips = [strip for series in series_of(request) if (strip := _strip(series, request)) is not None]
    demand("seeds", there=bool(strips), what=f"it wants a run of two seeds or more with scores of {request.metric}")
    figure = new_figure(
        request.style,
        COLUMN if len(strips) <= _NARROW else PAGE,
        2.7,
        f"{request.metric}, seed by seed",
        f"Black: all seeds; colour: each of them in turn. {interval_note(request.level)} n: prompts × seeds. "
        "SD: standard deviation between the seeds of a prompt.",
    )
    axes = figure.subplots()
    for place, (strip, look) in enumerate(zip(strips, looks(len(strips)), strict=True)):
        _draw_strip(axes, place, strip, look)
    width = int(30 / len(strips)) if len(strips) <= _NARROW else int(66 / len(strips))
    axes.set_xticks(range(len(strips)), [_tick(strip, width) for strip in strips])
    axes.set_xlim(-0.55, len(strips) - 0.45)
    axes.set_ylabel(metric_label(request.metric))
    axes.grid(visible=False, axis="x")
    return Drawing("seeds", figure, pd.DataFrame([row for strip in strips for row in _rows(strip)]), request.style)


def _strip(series: Series, request: Request) -> _Strip | None:
    whole = series.estimate(request.metric, series.rows, request.level)
    seeds = series.sheet.seeds
    if isinstance(whole, Missing) or len(seeds) < 2:
        return None
    # One seed has no chance of a choice among k: pick@k is then told of all seeds alone.
    columns = [] if METRICS[request.metric].aggregate == "pick" else list(enumerate(seeds))
    found = {seed: series.estimate(request.metric, series.rows, request.level, [column]) for column, seed in columns}
    return _Strip(
        series,
        whole,
        {seed: each for seed, each in found.items() if isinstance(each, Estimate)},
        _spread(series, request.metric),
    )


def _spread(series: Series, metric: str) -> float | None:
    """Return the standard deviation of values between the seeds of a prompt: √(mean over prompts of s²)."""
    scores = series.sheet.scores[metric].at(list(series.rows))
    several = scores.there.sum(1) > 1
    if not several.any():
        return None
    values = (scores.numerators / scores.denominators)[several]
    return math.sqrt(float(np.nanvar(values, axis=1, ddof=1).mean()))


def _draw_strip(axes: Axes, place: int, strip: _Strip, look: Look) -> None:
    marks = [strip.whole, *strip.seeds.values()]
    step = min(_STEP, _STRIP / len(marks))
    for number, found in enumerate(marks):
        drawn = look if number else Look(BLACK, "D", "-")
        draw_estimate(axes, place + step * (number - (len(marks) - 1) / 2), found, drawn, thin=strip.is_thin)


def _tick(strip: _Strip, width: int) -> str:
    spread = "" if strip.spread is None else f"\nSD {strip.spread:.2f}"
    return f"{fold(strip.series.label, width)}\nn {strip.whole.prompts} × {len(strip.series.sheet.seeds)}{spread}"


def _rows(strip: _Strip) -> Iterator[dict[str, Any]]:
    yield {**strip.series.facts(), "seed": _ALL, **estimate_columns(strip.whole), "sd_within_prompts": strip.spread}
    for seed, found in strip.seeds.items():
        yield {**strip.series.facts(), "seed": str(seed), **estimate_columns(found), "sd_within_prompts": None}
