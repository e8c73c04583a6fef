"""What was measured here beside what others have published: each protocol in a plot of its own, hatched."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bench.comparison.languages import LANGUAGES
from metrics.score import Missing
from metrics.statistics import Estimate
from reports.charts import THIN
from reports.figures.canvas import PAGE, draw_estimate, interval_note, metric_label, new_figure
from reports.figures.figure import Drawing, Request
from reports.figures.fonts import drawable
from reports.figures.series import Series, demand, estimate_columns, series_of
from reports.figures.style import BLACK, BLUE, GREY, VERMILION, Look, Style
from reports.published import Protocol, PublishedScore, Source, published

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 10
"""Models of a protocol that are drawn."""

_LOOKS = {"zh": Look(VERMILION, "o", "-"), "en": Look(BLUE, "s", "-")}
_OTHER = Look(BLACK, "D", "-")
_HATCHES = {"zh": "/////", "en": "....."}

_ROW, _HEAD = 0.185, 0.72
"""Heights of a row of a plot, and of all else of it, in inches of a paper."""

_OWN = "▸ "


def draw_published(request: Request) -> Drawing:
    """Draw a metric of the runs, and beside it, never among it, what others have published by their own protocols."""
    import pandas as pd

    measured = [
        (series, found)
        for series in series_of(request)
        if not isinstance(found := series.estimate(request.metric, series.rows, request.level), Missing)
    ]
    demand("published", there=bool(measured), what=f"these runs have no score of {request.metric}")
    own = {run.manifest.model.name for run in request.runs}
    protocols = published()
    numbers = {source: at for at, source in enumerate(_sources(protocols), 1)}
    columns = 3 if request.style.has_title else 2
    counts = [len(measured), *(len(_chosen(protocol, own)) for protocol in protocols)]
    heights = [_HEAD + _ROW * max(counts[at : at + columns]) for at in range(0, len(counts), columns)]
    figure = new_figure(
        request.style, PAGE, sum(heights) + 1.3, "Measured here, and published by others", _note(request, numbers)
    )
    grid = figure.subplots(len(heights), columns, height_ratios=heights, squeeze=False).ravel()
    _draw_measured(grid[0], measured, request)
    for axes, protocol in zip(grid[1:], protocols, strict=False):
        _draw_protocol(axes, protocol, own, numbers, request.style, columns)
    for axes in grid[len(counts) :]:
        axes.set_axis_off()
    _place_legend(figure)
    rows = [_measured_row(series, found, request.metric) for series, found in measured]
    rows += [row for protocol in protocols for row in _published_rows(protocol, own)]
    return Drawing("published", figure, pd.DataFrame(rows), request.style)


def _sources(protocols: Sequence[Protocol]) -> list[Source]:
    return list(dict.fromkeys(score.source for protocol in protocols for score in protocol.scores))


def _note(request: Request, numbers: dict[Source, int]) -> str:
    listed = "; ".join(f"[{number}] {source.title}, {source.url}" for source, number in numbers.items())
    return (
        f"Measured: {interval_note(request.level).removeprefix('Whiskers: ')} Hatched: as printed by others, by other "
        "prompts, readers and counting; nothing here can be compared across plots. "
        f"At most {_MOST} models a plot, the highest ones and ({_OWN.strip()}) those run here; the others are in the "
        f"data. Sources: {listed}."
    )


def _draw_measured(axes: Axes, measured: Sequence[tuple[Series, Estimate]], request: Request) -> None:
    for at, (series, found) in enumerate(measured):
        look = _LOOKS.get(series.language, _OTHER)
        draw_estimate(axes, at, found, look, thin=found.prompts < THIN, lying=True)
    _set_rows(axes, [f"{series.label} (n {found.prompts})" for series, found in measured])
    axes.set_xlabel(metric_label(request.metric))
    axes.set_title("Measured here", loc="left", fontweight="bold")
    if all(0 <= found.value <= 1 for _, found in measured):
        axes.set_xlim(0, 1.03)


def _draw_protocol(
    axes: Axes, protocol: Protocol, own: Set[str], numbers: dict[Source, int], style: Style, columns: int
) -> None:
    models = _chosen(protocol, own)
    for at, model in enumerate(models):
        languages = [language for language in _LOOKS if _values(protocol, model, language)]
        height = 0.8 / len(languages)
        for place, language in enumerate(languages):
            y = at + height * (place - (len(languages) - 1) / 2)
            first, *others = _values(protocol, model, language)
            _draw_bar(axes, y, height * 0.9, first.value, language)
            for other in others:
                if other.value != first.value:
                    axes.plot(other.value, y, marker="d", color=BLACK, markerfacecolor="white", linestyle="none")
    _set_rows(axes, [_label(protocol, model, own) for model in models])
    axes.set_xlim(0, 1.03)
    axes.set_xlabel(protocol.metric)
    cited = "".join(f"[{number}]" for number in sorted({numbers[score.source] for score in protocol.scores}))
    letters = int(PAGE * style.scale * 72 / (style.note_size * 0.54 * columns)) - 4
    about = textwrap.wrap(f"{protocol.how}; {protocol.caution} {cited}", letters)
    axes.set_title("\n".join(about), loc="left", fontsize=style.note_size, color=GREY)
    axes.annotate(
        f"Published: {protocol.name}",
        (0, 1),
        (0, style.note_size * 1.25 * len(about) + 6 * style.scale),
        xycoords="axes fraction",
        textcoords="offset points",
        fontweight="bold",
        va="bottom",
    )


def _draw_bar(axes: Axes, y: float, height: float, value: float, language: str) -> None:
    axes.barh(
        y,
        value,
        height,
        color="white",
        edgecolor=_LOOKS[language].colour,
        hatch=_HATCHES[language],
        linewidth=0.6,
    )


def _set_rows(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), [drawable(label) for label in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def _place_legend(figure: Figure) -> None:
    shown = [
        Patch(facecolor="white", edgecolor=look.colour, hatch=_HATCHES[language], label=f"published, {name}")
        for language, look in _LOOKS.items()
        for name in [LANGUAGES[language]]
    ]
    other = Line2D(
        [], [], marker="d", color=BLACK, markerfacecolor="white", linestyle="none", label="the same in another report"
    )
    dots = [
        Line2D([], [], marker=look.marker, color=look.colour, linestyle="none", label=f"measured, {LANGUAGES[language]}")
        for language, look in _LOOKS.items()
    ]
    figure.legend(handles=[*dots, *shown, other], loc="outside upper left", ncols=3)


def _chosen(protocol: Protocol, own: Set[str]) -> list[str]:
    """Return the models to draw: those that were run here, and the best of the others, the best of all first."""
    best: dict[str, float] = {}
    known: dict[str, str | None] = {}
    for score in protocol.scores:
        best[score.model] = max(score.value, best.get(score.model, 0.0))
        known[score.model] = score.known_as
    order = sorted(best, key=lambda model: (-best[model], model))
    kept = [model for model in order if known[model] in own]
    kept += [model for model in order if model not in kept][: max(0, _MOST - len(kept))]
    return [model for model in order if model in kept]


def _values(protocol: Protocol, model: str, language: str) -> list[PublishedScore]:
    return [score for score in protocol.scores if (score.model, score.language) == (model, language)]


def _label(protocol: Protocol, model: str, own: Set[str]) -> str:
    is_own = any(score.model == model and score.known_as in own for score in protocol.scores)
    return f"{_OWN if is_own else ''}{model}"


def _measured_row(series: Series, found: Estimate, metric: str) -> dict[str, Any]:
    return {"kind": "measured", "metric": metric, **series.facts(), **estimate_columns(found), "drawn": True}


def _published_rows(protocol: Protocol, own: Set[str]) -> list[dict[str, Any]]:
    drawn = _chosen(protocol, own)
    return [
        {
            "kind": "published",
            "metric": protocol.metric,
            "protocol": protocol.name,
            "model": score.model,
            "language": score.language,
            "value": score.value,
            "drawn": score.model in drawn,
            "how": protocol.how,
            "caution": protocol.caution,
            "source": score.source.title,
            "url": score.source.url,
        }
        for score in protocol.scores
    ]
