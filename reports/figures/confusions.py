"""Which characters are read as which: the commonest pairs of glyphs, as a heat map."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import binomtest

from reports.figures.canvas import COLUMN, PAGE, fold, new_figure
from reports.figures.characters import occurrences
from reports.figures.figure import Drawing, Request
from reports.figures.fonts import drawable
from reports.figures.series import Series, demand, series_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

MOST_PAIRS = 12
"""That one map shows."""

_TITLE = 42
"""Width of a panel's title, in characters."""

_DARK = 0.55
"""Share of the scale from which on the count is white."""


@dataclass(frozen=True, slots=True)
class _Map:
    series: Series
    pairs: tuple[tuple[str, str, int], ...]
    asked: Counter[str]
    all_pairs: int

    @property
    def targets(self) -> list[str]:
        return list(dict.fromkeys(target for target, _, _ in self.pairs))

    @property
    def readings(self) -> list[str]:
        return list(dict.fromkeys(read for _, read, _ in self.pairs))


def draw_confusions(request: Request) -> Drawing:
    """Draw the commonest pairs of a character asked for and another one read in its place, a map for each series.

    Raises:
        GlyphbenchError: No character is read as another one.
    """
    import pandas as pd

    maps = [found for series in series_of(request) if (found := _map(series)).pairs]
    demand("confusions", there=bool(maps), what="in these runs, no character is read as another one")
    columns = min(2, len(maps))
    rows = math.ceil(len(maps) / columns)
    tallest = max(len(found.targets) for found in maps)
    figure = new_figure(
        request.style,
        COLUMN if columns == 1 else PAGE,
        1.2 + rows * (0.6 + 0.2 * tallest),
        "Characters read as others",
        f"Numbers: how often, of the {MOST_PAIRS} commonest pairs. n: how often the character was asked for, in "
        "pictures of all seeds. The table has 95% intervals (Wilson, as if pictures were independent).",
    )
    panels = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    top = max(count / found.asked[target] for found in maps for target, _, count in found.pairs)
    images = [_draw_map(axes, found, top, alone=len(maps) == 1) for axes, found in zip(panels, maps, strict=False)]
    for axes in panels[len(maps) :]:
        axes.set_axis_off()
    bar = figure.colorbar(images[0], ax=panels, fraction=0.05, aspect=30, pad=0.02)
    bar.set_label("share of n")
    return Drawing("confusions", figure, pd.DataFrame([row for found in maps for row in _rows(found)]), request.style)


def _map(series: Series) -> _Map:
    asked: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for each in occurrences(series):
        asked[each.character] += 1
        if each.read and not each.is_right:
            pairs[each.character, each.read] += 1
    # Ties by their characters, so that the same run gives the same map.
    ordered = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return _Map(series, tuple((*pair, count) for pair, count in ordered[:MOST_PAIRS]), asked, len(pairs))


def _draw_map(axes: Axes, found: _Map, top: float, *, alone: bool) -> AxesImage:
    targets, readings = found.targets, found.readings
    shares, counts = np.zeros((len(targets), len(readings))), {}
    for target, read, count in found.pairs:
        place = targets.index(target), readings.index(read)
        shares[place], counts[place] = count / found.asked[target], count
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=top, aspect="auto")
    for (row, column), count in counts.items():
        colour = "white" if shares[row, column] > _DARK * top else "black"
        axes.text(column, row, str(count), ha="center", va="center", color=colour)
    axes.set_xticks(range(len(readings)), list(map(drawable, readings)))
    axes.set_yticks(range(len(targets)), [f"{drawable(target)}  n {found.asked[target]}" for target in targets])
    axes.set_xlabel("read as")
    axes.set_ylabel("asked for")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if not alone:
        axes.set_title(fold(found.series.label, _TITLE))
    return image


def _rows(found: _Map) -> list[dict[str, Any]]:
    rows = []
    for target, read, count in found.pairs:
        asked = found.asked[target]
        interval = binomtest(count, asked).proportion_ci(method="wilson")
        rows.append(
            {
                **found.series.facts(),
                "asked_for": target,
                "read_as": read,
                "count": count,
                "n": asked,
                "share": count / asked,
                "low": interval.low,
                "high": interval.high,
                "different_pairs": found.all_pairs,
            }
        )
    return rows
