"""The command line: the one module that knows every room."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.errors import EXIT_INTERRUPTED, EXIT_REGRESSION, EXIT_RUN_FAILED

if TYPE_CHECKING:
    from bench.calibration.conditions import Effort
    from bench.calibration.reader_error import ReaderError
    from bench.calibration.result import Calibration
    from bench.config import Settings

app = typer.Typer(
    name="glyphbench",
    help="Measures how well a text-to-image model writes, in Chinese and in English.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
ReaderOption = Annotated[
    list[str] | None, typer.Option(help="What reads the pictures; may be given several times, the first one counts.")
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)]


@app.callback()
def version_callback(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Measures how well a text-to-image model writes, in Chinese and in English."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"glyphbench {installed('glyphbench')}")
        raise typer.Exit


@app.command()
def run(
    suite: Annotated[str | None, typer.Option(help="Suites, separated by commas: names or .toml files.")] = None,
    model: Annotated[
        str | None, typer.Option(help="A name that `models` lists, or a spec: folder:DIR, diffusers:PATH?steps=28.")
    ] = None,
    reader: ReaderOption = None,
    seeds: Annotated[str | None, typer.Option(help="A count (4), a list (7,8,9) or a range (100..103).")] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first N prompts: a partial run.")] = None,
    tier: Annotated[str | None, typer.Option(help="exact, or equivalent: speed-ups that reorder sums.")] = None,
    memory: Annotated[str | None, typer.Option(help="Of the device, as 24GB: how the model is laid out; auto.")] = None,
    batch: Annotated[int | None, typer.Option(help="Pictures a forward pass; more than 1 is equivalent.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the run folders.")] = None,
    workers: Annotated[int | None, typer.Option(help="Reading processes.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Pictures that an API is asked for at a time.")] = None,
    budget: Annotated[int | None, typer.Option(help="Paid pictures that the run may ask an API for.")] = None,
    config: Annotated[Path | None, typer.Option(help="Configuration file instead of ./bench.toml.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start another run rather than go on.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    show_config: Annotated[
        bool, typer.Option("--show-config", help="Print each setting and where it came from.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make the pictures of a suite, read them, score them, and report.

    The same command goes on where an earlier one stopped.
    """
    from bench.config import load_configuration
    from bench.plan import plan_runs
    from bench.reading_pool import default_workers
    from reports import terminal

    flags = {"suite": suite, "model": model, "reader": reader, "seeds": seeds, "limit": limit, "out": out}
    flags |= {"workers": workers, "concurrency": concurrency, "budget": budget}
    flags |= {"tier": tier, "memory": memory, "batch": batch}
    configuration = load_configuration(flags, config)
    if show_config:
        _show(terminal.configuration_rows(configuration), as_json=as_json)
        return
    plans = plan_runs(configuration.settings, configuration.settings.workers or default_workers())
    if dry_run:
        _show([terminal.plan_row(plan, fresh=fresh) for plan in plans], as_json=as_json)
        return
    try:
        _execute(plans, fresh=fresh, as_json=as_json)
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on where it stopped", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None


def _execute(plans: list[Any], *, fresh: bool, as_json: bool) -> None:
    from bench.allowance import budget_left
    from bench.runner import execute
    from reports import terminal
    from reports.page import write_page

    summaries, failed = [], False
    folders = [plan.folder(fresh=fresh) for plan in plans]
    for plan, folder in zip(plans, folders, strict=True):
        others = [other for other in folders if other != folder]
        result = execute(replace(plan, budget=budget_left(plan.budget, others)), fresh=fresh)
        page = write_page(result.run)
        terminal.print_run(result, page)
        summaries.append({"folder": str(result.run.folder.path), **result.run.summary})
        failed |= bool(result.failures)
    if as_json:
        typer.echo(json.dumps(summaries, ensure_ascii=False, indent=2))
    if failed:
        raise typer.Exit(EXIT_RUN_FAILED)


@app.command()
def plan(
    suite: Annotated[str | None, typer.Option(help="Suites, separated by commas: names or .toml files.")] = None,
    model: Annotated[str | None, typer.Option(help="Model spec, as run takes it.")] = None,
    reader: ReaderOption = None,
    seeds: Annotated[str | None, typer.Option(help="A count (4), a list (7,8,9) or a range (100..103).")] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first N prompts: a partial run.")] = None,
    tier: Annotated[str | None, typer.Option(help="exact, or equivalent: speed-ups that reorder sums.")] = None,
    memory: Annotated[str | None, typer.Option(help="Of the device, as 24GB: how the model is laid out; auto.")] = None,
    batch: Annotated[int | None, typer.Option(help="Pictures a forward pass; more than 1 is equivalent.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run folders; earlier runs there are measured by.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Reading processes.")] = None,
    config: Annotated[Path | None, typer.Option(help="Configuration file instead of ./bench.toml.")] = None,
    price: Annotated[str | None, typer.Option(help="What a picture costs, such as 0.04 or '0.2 CNY'.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="As for a run that is started anew.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Foresee a run: pictures, minutes, gigabytes, money, and the difference it could show.

    Runs nothing and writes nothing.
    """
    from bench.config import load_configuration
    from bench.forecast import foresee
    from bench.plan import plan_runs
    from bench.prices import parse_price
    from bench.reading_pool import default_workers
    from reports.forecast import print_forecast

    flags = {"suite": suite, "model": model, "reader": reader, "seeds": seeds, "limit": limit, "out": out}
    flags |= {"tier": tier, "memory": memory, "batch": batch, "workers": workers}
    settings = load_configuration(flags, config).settings
    stated = None if price is None else parse_price(price)
    plans = plan_runs(settings, settings.workers or default_workers(), check=False)
    forecasts = foresee(plans, stated, fresh=fresh)
    if as_json:
        typer.echo(json.dumps([forecast.as_json() for forecast in forecasts], ensure_ascii=False, indent=2))
    else:
        print_forecast(forecasts)


@app.command()
def read(
    run_path: RunArgument,
    reader: ReaderOption = None,
    workers: Annotated[int | None, typer.Option(help="Reading processes.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Read the pictures of an existing run by other readers, or go on reading; then score and report."""
    from bench.config import load_configuration
    from bench.reading_pool import default_workers
    from bench.rereading import reread
    from reports import terminal
    from reports.page import write_page

    settings = load_configuration({"reader": reader, "workers": workers}).settings
    try:
        result = reread(run_path, settings.reader, settings.workers or default_workers(), settings.calibrations)
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on where it stopped", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    page = write_page(result.run)
    terminal.print_failures(result.failures)
    terminal.print_summary(result.run, page)
    if as_json:
        typer.echo(json.dumps(result.run.summary, ensure_ascii=False, indent=2))
    if result.failures:
        raise typer.Exit(EXIT_RUN_FAILED)


@app.command()
def score(run_path: RunArgument, as_json: JsonFlag = False) -> None:
    """Score a run again from its readings, without images, with today's metrics."""
    from bench.run import Run
    from reports import terminal
    from reports.page import write_page

    scored = Run.open(run_path, _calibrations())
    with scored.folder.lock():
        scored.score()
        page = write_page(scored)
    terminal.print_summary(scored, page)
    if as_json:
        typer.echo(json.dumps(scored.summary, ensure_ascii=False, indent=2))
    if scored.summary["status"] != "complete":
        raise typer.Exit(EXIT_RUN_FAILED)


@app.command()
def report(run_path: RunArgument) -> None:
    """Write the HTML report of a run anew."""
    from bench.run import Run
    from reports.page import write_page

    typer.echo(write_page(Run.open(run_path, _calibrations())))


def _calibrations() -> Path:
    from bench.config import load_configuration

    return load_configuration({}).settings.calibrations


@app.command()
def calibrate(
    suite: Annotated[str | None, typer.Option(help="Suites, separated by commas: names or .toml files.")] = None,
    reader: ReaderOption = None,
    seeds: Annotated[str | None, typer.Option(help="A count (2), a list (7,8) or a range (100..103).")] = None,
    faces: Annotated[str | None, typer.Option(help="Faces of the typesetter, separated by commas; else all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few pictures: to try it out.")] = False,
    workers: Annotated[int | None, typer.Option(help="Reading processes.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the calibrations.")] = None,
    truth: Annotated[
        Path | None, typer.Option(help="What people say is drawn in real pictures (.jsonl): the reader's error there.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Where the pictures of --truth are, such as folder:DIR.")] = None,
    run_path: Annotated[Path | None, typer.Option("--run", help="A run folder that has them instead.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Measure a reader on a suite: its ceiling, its floors, its response to known errors.

    Reports find the calibration by themselves. With --truth, measure its error on real pictures instead.
    """
    from bench.calibration.conditions import plan_effort
    from bench.calibration.result import as_json as content
    from bench.config import load_configuration

    flags = {"suite": suite, "reader": reader, "workers": workers, "calibrations": out}
    settings = load_configuration(flags).settings
    if truth is None and (model is not None or run_path is not None):
        raise typer.BadParameter("--model and --run say where the pictures of --truth are")
    if truth is not None and (quick or seeds is not None or faces is not None):
        raise typer.BadParameter("--quick, --seeds and --faces are about typeset pictures; --truth has its own")
    effort = plan_effort(quick=quick, seeds=seeds, faces=faces)
    try:
        made = _reader_errors(settings, truth, model, run_path) if truth else _calibrations_made(settings, effort)
    except KeyboardInterrupt:
        typer.echo("interrupted; what was measured only in part is not kept", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        typer.echo(json.dumps(list(map(content, made)), ensure_ascii=False, indent=2))


def _calibrations_made(settings: Settings, effort: Effort) -> list[Calibration]:
    from bench.calibration.measure import measure
    from bench.plan import open_records
    from bench.reading_pool import default_workers
    from prompts.loading import find_suite
    from reports.calibration_tables import print_calibration

    pairs = [(s, r) for s in map(find_suite, settings.suite) for r in open_records(settings.reader)]
    made = []
    for suite, reader in pairs:
        made.append(measure(suite, reader, effort, settings.workers or default_workers()))
        print_calibration(made[-1], made[-1].write(settings.calibrations))
    return made


def _reader_errors(settings: Settings, truth: Path, model: str | None, run_path: Path | None) -> list[ReaderError]:
    from bench.calibration.reader_error import measure_reader_error
    from bench.calibration.transcribed_pictures import find_pictures
    from bench.plan import open_records
    from bench.reading_pool import default_workers
    from reports.calibration_tables import print_reader_error

    workers = settings.workers or default_workers()
    pictures = find_pictures(truth, settings.suite, model, run_path)
    made = []
    for reader in open_records(settings.reader):
        made.append(measure_reader_error(pictures, truth, reader, workers))
        print_reader_error(made[-1], made[-1].write(settings.calibrations, truth))
    return made


@app.command()
def doctor(
    reader: ReaderOption = None,
    model: Annotated[
        str | None, typer.Option(help="Model spec, as run takes it: draws one picture twice and compares.")
    ] = None,
    budget: Annotated[int | None, typer.Option(min=0, help="Paid pictures that may be asked for; two are.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """See whether this machine can measure: what is installed, and how well each reader reads twenty known lines.

    Without --reader, those that are installed and need neither network nor target. Exit code 4 where there is a fault.
    """
    from dataclasses import asdict

    from bench.doctor import examine
    from bench.generators.table import open_generator
    from reports.examination import print_finding

    if budget is not None and model is None:
        raise typer.BadParameter("--budget is for the pictures that --model is asked for")
    if model is not None:
        open_generator(model)
    findings = []
    for finding in examine(reader or (), model, budget):
        findings.append(finding)
        if not as_json:
            print_finding(finding)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(EXIT_RUN_FAILED)


@app.command()
def suites(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Names or .toml files.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Look for mistakes in the suites.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List the suites; with a name, show what is in one."""
    from reports.suite_listing import suite_content, suite_findings, suite_page, suite_rows

    if check:
        findings = suite_findings(names or [])
        _show(findings, as_json=as_json)
        if findings:
            raise typer.Exit(EXIT_REGRESSION)
        typer.echo("no faults found", err=True)
    elif names:
        if as_json:
            contents = [suite_content(name) for name in names]
            shown = contents[0] if len(contents) == 1 else contents
            typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        else:
            typer.echo("\n\n".join(map(suite_page, names)))
    else:
        _show(suite_rows(), as_json=as_json)


@app.command()
def models(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Names of models.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List the models that --model takes by name; with a name, show all that is known about one, with sources."""
    from bench.generators.model_table import models as model_names
    from reports.model_listing import model_content, model_page, model_rows

    if as_json:
        contents = [model_content(name) for name in names or model_names()]
        shown = contents[0] if names and len(names) == 1 else contents
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    elif names:
        typer.echo("\n\n".join(map(model_page, names)))
    else:
        _show(model_rows(), as_json=False)
        typer.echo("? no document of its makers was found to say it; `models NAME` has the sources", err=True)


def _show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows as a table for people, or as JSON."""
    from reports import terminal

    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        terminal.print_rows(rows)
