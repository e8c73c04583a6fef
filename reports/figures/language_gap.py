"""Chinese against English: both values of each model, and their paired difference through the groups of prompts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.comparison.languages import COMPARED, LANGUAGES, LanguageGap, ceiling_of, compare_languages, grouped
from bench.comparison.sheet import ScoreSheet
from metrics.score import Missing, Score
from metrics.statistics import Estimate, Measured, estimate
from metrics.table import METRICS
from prompts.errors import UnknownNameError
from reports.charts import THIN
from reports.figures.canvas import PAGE, draw_estimate, interval_note, metric_label, new_figure
from reports.figures.figure import Drawing, Request
from reports.figures.fonts import drawable
from reports.figures.series import Series, demand, series_of
from reports.figures.style import BLUE, GREEN, GREY, VERMILION, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CHINESE, _ENGLISH = Look(BLUE, "o", "-"), Look(VERMILION, "s", "-")
_GAP = Look(GREEN, "D", "-")
_APART = 0.13
"""Between the middle of a row and the values of either language."""

_WANTED = (
    "it wants Chinese and English prompts of one model that share groups, read by one reader: "
    "runs of zh_text and en_text, or one of regions"
)


@dataclass(frozen=True, slots=True)
class _Pair:
    chinese: Series
    english: Series
    gap: LanguageGap
    values: tuple[Estimate, Estimate]

    @property
    def is_thin(self) -> bool:
        return self.gap.difference.clusters < THIN


def draw_language_gap(request: Request) -> Drawing:
    """Draw how far each model's Chinese is from its English, in each pair of suites.

    Raises:
        GlyphbenchError: No two parts of the runs are of one model and reader and share groups.
        UnknownNameError: The metric does not mean the same in both languages.
    """
    import pandas as pd

    if request.metric not in COMPARED:
        raise UnknownNameError("metric that means the same in both languages", request.metric, COMPARED)
    pairs = list(_pairs(request))
    demand("zh-en", there=bool(pairs), what=_WANTED)
    figure = new_figure(
        request.style,
        PAGE,
        1.25 + 0.42 * len(pairs),
        f"{request.metric}: English − Chinese",
        f"{interval_note(request.level)} Differences are paired. n: groups, each with its prompts in both languages. "
        f"Dashes: the part that is the reader's, by its ceilings. Hollow grey: fewer than {THIN} groups.",
    )
    values, gaps = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.2))
    _draw_values(values, pairs)
    _draw_gaps(gaps, pairs)
    values.set_yticks(range(len(pairs)), [_name(pair) for pair in pairs])
    values.set_ylim(len(pairs) - 0.45, -0.55)
    values.set_xlabel(metric_label(request.metric))
    gaps.set_xlabel(f"English − Chinese, {metric_label(request.metric)}")
    for axes in (values, gaps):
        axes.grid(visible=False, axis="y")
    handles, labels = values.get_legend_handles_labels()
    values.legend(handles, labels, loc="lower left", bbox_to_anchor=(0, 1.01), ncols=2, borderaxespad=0)
    return Drawing("zh-en", figure, pd.DataFrame(map(_row, pairs)), request.style)


def _pairs(request: Request) -> Iterator[_Pair]:
    for chinese, english in _twins(series_of(request)):
        sheets = _part(chinese), _part(english)
        ceilings = tuple(ceiling_of(each.run.suite, each.reader, each.run.calibrations) for each in (chinese, english))
        found = compare_languages(*sheets, (ceilings[0], ceilings[1]), allow=("libraries",), level=request.level)
        gap = next((gap for gap in found.gaps if gap.metric == request.metric), None)
        shared = sorted(chinese.groups & english.groups)
        values = [_value(sheet, shared, request) for sheet in sheets]
        if gap is not None and isinstance(values[0], Estimate) and isinstance(values[1], Estimate):
            yield _Pair(chinese, english, gap, (values[0], values[1]))


def _twins(series: list[Series]) -> Iterator[tuple[Series, Series]]:
    """Yield each Chinese series with the English one of its model and reader that it shares most groups with."""
    english = [each for each in series if each.language == "en"]
    for chinese in (each for each in series if each.language == "zh"):
        others = [other for other in english if _same_instrument(chinese, other)]
        best = max(others, key=lambda other: len(chinese.groups & other.groups), default=None)
        if best is not None and chinese.groups & best.groups:
            yield chinese, best


def _same_instrument(one: Series, other: Series) -> bool:
    return one.sheet.model_digest == other.sheet.model_digest and one.reader.name == other.reader.name


def _value(sheet: ScoreSheet, groups: Sequence[str], request: Request) -> Estimate | Missing:
    """Return one language's value over these groups, each of which counts as one prompt, as in the difference."""
    scores = grouped(sheet, request.metric, groups)
    there = zip(groups, scores.numerators[:, 0].tolist(), scores.denominators[:, 0].tolist(), strict=True)
    measured = [Measured(group, group, (Score(n, d),)) for group, n, d in there if not math.isnan(n)]
    return estimate(METRICS[request.metric], measured, level=request.level)


def _part(series: Series) -> ScoreSheet:
    """Return the scores of a series as a sheet of its own."""
    sheet, rows = series.sheet, list(series.rows)
    return replace(
        sheet,
        prompts=tuple(sheet.prompts[row] for row in rows),
        scores={name: scores.at(rows) for name, scores in sheet.scores.items()},
        empty=sheet.empty[rows],
    )


def _draw_values(axes: Axes, pairs: list[_Pair]) -> None:
    for at, pair in enumerate(pairs):
        draw_estimate(axes, at - _APART, pair.values[0], _CHINESE, thin=pair.is_thin, lying=True)
        draw_estimate(axes, at + _APART, pair.values[1], _ENGLISH, thin=pair.is_thin, lying=True)
    for look, code in ((_CHINESE, "zh"), (_ENGLISH, "en")):
        axes.plot([], [], color=look.colour, marker=look.marker, linestyle="none", label=LANGUAGES[code])


def _draw_gaps(axes: Axes, pairs: list[_Pair]) -> None:
    axes.axvline(0, color=GREY, linewidth=0.8)
    for at, pair in enumerate(pairs):
        draw_estimate(axes, at, pair.gap.difference, _GAP, thin=pair.is_thin, lying=True)
        if pair.gap.reader is not None:
            axes.plot([pair.gap.reader] * 2, [at - 0.3, at + 0.3], color=GREY, linestyle=(0, (2, 1)), marker="")


def _name(pair: _Pair) -> str:
    suites = list(dict.fromkeys(each.run.manifest.suite.name for each in (pair.chinese, pair.english)))
    model = pair.chinese.run.manifest.model.name
    groups = pair.gap.difference.clusters
    return f"{drawable(model)}\n{drawable(' / '.join(suites))}, n {groups}"


def _row(pair: _Pair) -> dict[str, Any]:
    found = pair.gap.difference
    return {
        "model": pair.chinese.run.manifest.model.name,
        "reader": pair.chinese.reader.name,
        "chinese_run": pair.chinese.run.folder.path.name,
        "english_run": pair.english.run.folder.path.name,
        "metric": pair.gap.metric,
        **_columns("chinese", pair.values[0]),
        **_columns("english", pair.values[1]),
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "groups": found.clusters,
        "thin": pair.is_thin,
        "readers_part": pair.gap.reader,
        "interval": found.method,
        "level": found.level,
    }


def _columns(language: str, found: Estimate) -> dict[str, Any]:
    return {language: found.value, f"{language}_low": found.low, f"{language}_high": found.high}
