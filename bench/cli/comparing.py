"""Commands that set runs against each other: compare, gate, bless."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.application import JsonFlag, RunArgument, app, calibrations
from bench.cli.ci_outputs import AnnotationsFlag, CiOutputs, JunitOption, SummaryFileOption, SummaryFlag

if TYPE_CHECKING:
    from bench.comparison.sheet import ScoreSheet
    from bench.gating.policy import Policy
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
ReaderName = Annotated[str | None, typer.Option("--reader", help="Whose scores count; by default each run's first.")]


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

    sheets = [_sheet(path, reader) for path in paths]
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


@app.command()
def gate(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="A run folder, or a baseline.", show_default=False)],
    candidate: Annotated[
        Path | None, typer.Argument(metavar="[CANDIDATE]", help="What is judged; not with --aa.", show_default=False)
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="gate.toml; without it a default policy, which is told.")] = None,
    anchor: Annotated[
        Path | None, typer.Option(help="A fixed baseline that the candidate is judged against as well.")
    ] = None,
    against_itself: Annotated[
        bool, typer.Option("--aa", help="One run against itself, its seeds in two halves: it must pass.")
    ] = False,
    reader: ReaderName = None,
    junit: JunitOption = None,
    summary: SummaryFlag = False,
    summary_file: SummaryFileOption = None,
    annotations: AnnotationsFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Judge whether CANDIDATE is no worse than BASE. The exit code is the product.

    0: pass, or inconclusive where the policy only warns. 1: regressed. 3: no verdict, or inconclusive where the policy
    fails.
    """
    from reports.verdict import self_check_lines, verdict_lines

    if against_itself and (candidate is not None or anchor is not None):
        raise typer.BadParameter("--aa takes one run, and no anchor")
    if not against_itself and candidate is None:
        raise typer.BadParameter("name the candidate, or judge one run against itself with --aa")
    outputs = CiOutputs.asked(junit, summary_file, summary=summary, annotations=annotations)
    demanded = _policy(policy)
    if against_itself:
        from bench.gating.halves import check_against_itself

        check = check_against_itself(_sheet(base, reader), demanded)
        _tell(self_check_lines(check), check.as_json(), as_json=as_json)
        outputs.write(check.result)
        raise typer.Exit(check.result.exit_code)
    from bench.gating.judge import judge_gate

    fixed = anchor or demanded.anchor
    assert candidate is not None
    result = judge_gate(
        _sheet(base, reader),
        _sheet(candidate, reader),
        demanded,
        None if fixed is None else _sheet(fixed, reader),
    )
    _tell(verdict_lines(result), result.as_json(), as_json=as_json)
    outputs.write(result)
    raise typer.Exit(result.exit_code)


@app.command()
def bless(
    run_path: RunArgument,
    reason: Annotated[str, typer.Option(help="Why this run is what others are measured by.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="The file; by default SUITE-MODEL.baseline.json here.")] = None,
    policy: Annotated[Path | None, typer.Option(help="gate.toml: its metrics are kept, too.")] = None,
    by: Annotated[str | None, typer.Option(help="Who blesses it; by default the account's name.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of one that is there.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Keep a complete run's scores as a small baseline file, without images, for your own repository."""
    from bench.gating.baseline import bless as bless_run
    from bench.gating.baseline_file import as_content
    from bench.run import Run
    from prompts.errors import GlyphbenchError

    run = Run.open(run_path, calibrations())
    path = out or Path(f"{run.suite.name}-{run.manifest.model.name}.baseline.json")
    if path.exists() and not replace:
        raise GlyphbenchError(f"{path} is there already; --replace puts this one in its place")
    metrics = [entry.name for entry in _policy(policy).metric]
    baseline = bless_run(run, reason, path, metrics, by)
    if as_json:
        typer.echo(json.dumps({"file": str(path), **as_content(baseline)}, ensure_ascii=False, indent=2))
    else:
        typer.echo(f"baseline  {path}")
        typer.echo(f"next      python -m bench gate {path} CANDIDATE")


def _policy(path: Path | None) -> Policy:
    from bench.gating.policy import DEFAULT_POLICY, read_policy

    return DEFAULT_POLICY if path is None else read_policy(path)


def _sheet(path: Path, reader: str | None) -> ScoreSheet:
    from bench.gating.baseline import open_sheet

    return open_sheet(path, calibrations(), reader)


def _side(path: Path, reader: str | None) -> tuple[ScoreSheet, Run | None]:
    """Return a score sheet, and the run that it is of; None for a baseline file."""
    from bench.gating.baseline import sheet_by
    from bench.run import Run

    if path.is_file():
        return _sheet(path, reader), None
    run = Run.open(path, calibrations())
    return sheet_by(run, reader), run


def _tell(lines: Any, content: dict[str, Any], *, as_json: bool) -> None:  # noqa: ANN401 - an iterator of lines
    """Print the result: JSON on stdout with the lines on stderr, or the lines alone.

    A line break within one would let a name begin a line of its own, which a CI runner may take for a command.
    """
    typer.echo("\n".join(line.replace("\n", "‹U+000A›") for line in lines), err=as_json)
    if as_json:
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False))
