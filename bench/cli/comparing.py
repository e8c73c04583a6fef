"""The command that sets runs against each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.application import JsonFlag, ReaderName, app, calibrations, score_sheet

if TYPE_CHECKING:
    from bench.comparison.sheet import ScoreSheet
    from bench.run import Run
    from metrics.paired import IntervalKind


class By(StrEnum):
    """What two runs are paired through."""

    prompt = "prompt"
    group = "group"


class Interval(StrEnum):
    """How intervals are made."""

    t = "t"
    bootstrap = "bootstrap"


AllowOption = Annotated[
    list[str] | None,
    typer.Option(help="A condition that may differ: suite, prompts, seeds, reader, libraries, profile, metrics."),
]


@app.command()
def compare(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN RUN...", help="Run folders or baselines; the first one is the base.")
    ],
    by: Annotated[By, typer.Option(help="Pair by prompt, or two languages of one model by group.")] = By.prompt,
    allow: AllowOption = None,
    reader: ReaderName = None,
    metric: Annotated[str | None, typer.Option(help="That three or more runs are ordered by; else accuracy.")] = None,
    level: Annotated[float, typer.Option(min=0.5, max=0.999, help="Coverage of the intervals.")] = 0.95,
    interval: Annotated[Interval, typer.Option(help="t, or the percentile bootstrap.")] = Interval.t,
    html: Annotated[Path | None, typer.Option(help="Folder for a page with the pictures that changed most.")] = None,
    markdown: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Set two or more runs of the same prompts and seeds against each other."""
    from metrics.table import HEADLINE, find_metric

    if len(runs) < 2:
        raise typer.BadParameter("name two runs or more")
    if as_json and markdown:
        raise typer.BadParameter("--json or --md, not both")
    if html is not None and (by is By.group or len(runs) > 2):
        raise typer.BadParameter("--html is for two runs paired by prompt")
    if metric is not None and (by is By.group or len(runs) == 2):
        raise typer.BadParameter("--metric orders three or more runs; two are compared by all metrics")
    found: tuple[Any, Callable[..., Any], Callable[..., str]]
    if by is By.group:
        found = _languages(runs, allow or (), reader, level, interval.value)
    elif len(runs) == 2:
        found = _pair(runs, allow or (), reader, level, interval.value, html)
    else:
        chosen = find_metric(metric or HEADLINE).name
        found = _board(runs, allow or (), reader, chosen, level, interval.value)
    result, lines, as_markdown = found
    if as_json:
        typer.echo(json.dumps(result.as_json(), ensure_ascii=False, indent=2, allow_nan=False))
    elif markdown:
        typer.echo(as_markdown(result), nl=False)
    else:
        typer.echo("\n".join(lines(result)))


def _pair(
    paths: Sequence[Path],
    allow: Sequence[str],
    reader: str | None,
    level: float,
    interval: IntervalKind,
    html: Path | None,
) -> tuple[Any, Callable[..., Any], Callable[..., str]]:
    from bench.comparison.comparing import compare as compare_sheets
    from bench.comparison.illustration import illustrate
    from reports.comparison import comparison_lines, comparison_markdown

    (base, base_run), (candidate, candidate_run) = (_side(path, reader) for path in paths)
    result = compare_sheets(base, candidate, allow, level, interval)
    result = illustrate(result, base_run, candidate_run, candidate.conditions.reader)
    if html is not None:
        from reports.comparison_page import write_comparison_page

        typer.echo(f"page  {write_comparison_page(result, html)}", err=True)
    return result, comparison_lines, comparison_markdown


def _board(
    paths: Sequence[Path],
    allow: Sequence[str],
    reader: str | None,
    metric: str,
    level: float,
    interval: IntervalKind,
) -> tuple[Any, Callable[..., Any], Callable[..., str]]:
    from bench.comparison.leaderboard import rank
    from reports.comparison import leaderboard_lines, leaderboard_markdown

    sheets = [score_sheet(path, reader) for path in paths]
    return rank(sheets, allow, metric, level, interval), leaderboard_lines, leaderboard_markdown


def _languages(
    paths: Sequence[Path],
    allow: Sequence[str],
    reader: str | None,
    level: float,
    interval: IntervalKind,
) -> tuple[Any, Callable[..., Any], Callable[..., str]]:
    from bench.comparison.languages import ceiling_of, compare_languages
    from prompts.errors import GlyphbenchError
    from reports.language_gap import language_lines, language_markdown

    if len(paths) != 2:
        raise typer.BadParameter("--by group compares two runs, such as one of zh_text and one of en_text")
    sheets, ceilings = [], []
    for path in paths:
        sheet, run = _side(path, reader)
        sheets.append(sheet)
        if run is None:
            raise GlyphbenchError(f"{path}: --by group wants run folders; a baseline does not keep its suite")
        record = next(record for record in run.readers if record.name == sheet.conditions.reader)
        ceilings.append(ceiling_of(run.suite, record, calibrations()))
    result = compare_languages(sheets[0], sheets[1], (ceilings[0], ceilings[1]), allow, level, interval)
    return result, language_lines, language_markdown


def _side(path: Path, reader: str | None) -> tuple[ScoreSheet, Run | None]:
    """Return a score sheet, and the run that it is of; None for a baseline file."""
    from bench.gating.baseline import sheet_by
    from bench.run import Run

    if path.is_file():
        return score_sheet(path, reader), None
    run = Run.open(path, calibrations())
    return sheet_by(run, reader), run
