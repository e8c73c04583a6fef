"""What was measured here beside what others have published: each protocol in a plot of its own, hatched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, TypeAlias

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import blended_transform_factory

from bench.comparison.languages import LANGUAGES
from bench.summary import NOT_A_MODEL
from metrics.score import Missing
from metrics.statistics import Estimate
from reports.charts import THIN
from reports.figures.canvas import PAGE, draw_estimate, interval_note, metric_label, new_figure
from reports.figures.figure import Drawing, Request
from reports.figures.fonts import drawable
from reports.figures.series import Series, demand, estimate_columns, series_of
from reports.figures.style import BLACK, BLUE, VERMILION, Look
from reports.published import Protocol, PublishedScore, Source, published

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Numbers: TypeAlias = Mapping[Source, int]

_MOST = {"paper": 10, "slides": 5}
"""Models of a protocol that are drawn."""

_LOOKS = {"zh": Look(VERMILION, "o", "-"), "en": Look(BLUE, "s", "-")}
_OTHER = Look(BLACK, "D", "-")
_HATCHES = {"zh": "/////", "en": "....."}

_COLUMNS = 2

_ROW, _HEAD, _AROUND, _LEGEND = 0.185, 0.6, 1.75, 0.4
"""Heights in inches of a paper: a row of a plot, all else of it, legend and note together, the legend."""

_OWN, _CHECK = "▸ ", "*"


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
    drawn = [_chosen(protocol, own, _MOST[request.style.name]) for protocol in protocols]
    counts = [len(measured), *map(len, drawn)]
    heights = [_HEAD + _ROW * max(counts[at : at + _COLUMNS]) for at in range(0, len(counts), _COLUMNS)]
    note = _note(request, protocols, numbers, thin=any(found.prompts < THIN for _, found in measured))
    figure = new_figure(request.style, PAGE, sum(heights) + _AROUND, "Measured here, and published by others", note)
    grid = figure.add_gridspec(len(heights) + 1, _COLUMNS, height_ratios=[_LEGEND, *heights])
    _draw_legend(figure.add_subplot(grid[0, :]), {series.language for series, _ in measured})
    plots = [figure.add_subplot(grid[1 + at // _COLUMNS, at % _COLUMNS]) for at in range(len(counts))]
    _draw_measured(plots[0], measured, request)
    for axes, protocol, models in zip(plots[1:], protocols, drawn, strict=True):
        _draw_protocol(axes, protocol, models, own, numbers)
    for at, axes in enumerate(plots):
        # Bars of plots side by side are equally thick.
        first = at - at % _COLUMNS
        axes.set_ylim(max(counts[first : first + _COLUMNS]) - 0.4, -0.6)
    rows = [_measured_row(series, found, request.metric) for series, found in measured]
    rows += [row for each, models in zip(protocols, drawn, strict=True) for row in _published_rows(each, models)]
    return Drawing("published", figure, pd.DataFrame(rows), request.style)


def _sources(protocols: Sequence[Protocol]) -> list[Source]:
    return list(dict.fromkeys(score.source for protocol in protocols for score in protocol.scores))


def _note(request: Request, protocols: Sequence[Protocol], numbers: _Numbers, *, thin: bool) -> str:
    about = " ".join(f"{protocol.name}: {protocol.how}; {protocol.caution}." for protocol in protocols)
    listed = "; ".join(f"[{number}] {source.title}, {source.url}" for source, number in numbers.items())
    return (
        f"{interval_note(request.level)} n: prompts.{f' Hollow grey: fewer than {THIN} prompts.' if thin else ''} "
        "Hatched: as printed by others, who asked, read and counted otherwise; values of two plots are not comparable. "
        f"At most {_MOST[request.style.name]} models a plot: the highest ones and those run here ({_OWN.strip()}); "
        f"the data have all. {about} {listed}."
    )


def _draw_measured(axes: Axes, measured: Sequence[tuple[Series, Estimate]], request: Request) -> None:
    for at, (series, found) in enumerate(measured):
        look = _LOOKS.get(series.language, _OTHER)
        draw_estimate(axes, at, found, look, thin=found.prompts < THIN, lying=True)
    _set_rows(axes, [_measured_label(series, found) for series, found in measured])
    axes.set_xlabel(metric_label(request.metric))
    has_checks = any(not series.run.manifest.model.is_model for series, _ in measured)
    axes.set_title(f"Measured here{f' ({_CHECK}: {NOT_A_MODEL})' if has_checks else ''}", loc="left")
    if all(0 <= found.value <= 1 for _, found in measured):
        axes.set_xlim(0, 1.03)


def _measured_label(series: Series, found: Estimate) -> str:
    return f"{series.label} (n {found.prompts}){'' if series.run.manifest.model.is_model else _CHECK}"


def _draw_protocol(axes: Axes, protocol: Protocol, models: Sequence[str], own: Set[str], numbers: _Numbers) -> None:
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
    axes.set_title(f"{protocol.name} {cited}", loc="left")


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
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def _draw_legend(axes: Axes, measured: Set[str]) -> None:
    shown = [
        Patch(facecolor="white", edgecolor=look.colour, hatch=_HATCHES[language], label=f"published, {name}")
        for language, look in _LOOKS.items()
        for name in [LANGUAGES[language]]
    ]
    other = Line2D(
        [], [], marker="d", color=BLACK, markerfacecolor="white", linestyle="none", label="in another report"
    )
    dots = [
        Line2D([], [], marker=look.marker, color=look.colour, linestyle="none", label=f"measured, {name}")
        for language in LANGUAGES
        if language in measured
        for look, name in [(_LOOKS.get(language, _OTHER), LANGUAGES[language])]
    ]
    axes.set_axis_off()
    # At the figure's left edge, and without a say in the width of the plots below.
    place = blended_transform_factory(axes.figure.transFigure, axes.transAxes)
    legend = axes.legend(
        handles=[*dots, *shown, other],
        loc="center left",
        bbox_to_anchor=(0.01, 0.5),
        bbox_transform=place,
        ncols=3,
        borderaxespad=0,
    )
    legend.set_in_layout(False)


def _chosen(protocol: Protocol, own: Set[str], most: int) -> list[str]:
    """Return the models to draw: those that were run here, and the best of the others, the best of all first."""
    best: dict[str, float] = {}
    known: dict[str, str | None] = {}
    for score in protocol.scores:
        best[score.model] = max(score.value, best.get(score.model, 0.0))
        known[score.model] = score.known_as
    order = sorted(best, key=lambda model: (-best[model], model))
    kept = [model for model in order if known[model] in own]
    kept += [model for model in order if model not in kept][: max(0, most - len(kept))]
    return [model for model in order if model in kept]


def _values(protocol: Protocol, model: str, language: str) -> list[PublishedScore]:
    return [score for score in protocol.scores if (score.model, score.language) == (model, language)]


def _label(protocol: Protocol, model: str, own: Set[str]) -> str:
    is_own = any(score.model == model and score.known_as in own for score in protocol.scores)
    return f"{_OWN if is_own else ''}{model}"


def _measured_row(series: Series, found: Estimate, metric: str) -> dict[str, Any]:
    return {"kind": "measured", "metric": metric, **series.facts(), **estimate_columns(found), "drawn": True}


def _published_rows(protocol: Protocol, drawn: Sequence[str]) -> list[dict[str, Any]]:
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
