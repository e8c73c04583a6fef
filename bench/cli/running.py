"""Commands that make pictures, read them and score them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.cli.application import JsonFlag, ReaderOption, RunArgument, app, calibrations, show
from bench.errors import EXIT_INTERRUPTED, EXIT_RUN_FAILED


@app.command()
def run(
    suite: Annotated[str | None, typer.Option(help="Suites, separated by commas: names or .toml files.")] = None,
    model: Annotated[
        str | None, typer.Option(help="A name that `models` lists, or a spec: folder:DIR, diffusers:PATH?steps=28.")
    ] = None,
    reader: ReaderOption = None,
    tower: Annotated[
        str | None, typer.Option(help="open_clip model that scores how pictures fit prompts; none for no such scores.")
    ] = None,
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
    flags |= {"tier": tier, "memory": memory, "batch": batch, "tower": tower}
    configuration = load_configuration(flags, config)
    if show_config:
        show(terminal.configuration_rows(configuration), as_json=as_json)
        return
    plans = plan_runs(configuration.settings, configuration.settings.workers or default_workers())
    if dry_run:
        show([terminal.plan_row(plan, fresh=fresh) for plan in plans], as_json=as_json)
        return
    try:
        _execute(plans, fresh=fresh, as_json=as_json)
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on where it stopped", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None


def _execute(plans: list[Any], *, fresh: bool, as_json: bool) -> None:
    from bench.allowance import budget_left
    from bench.runner import execute
    from metrics.score import Missing
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
    if plans and isinstance(plans[0].tower, Missing):
        terminal.print_no_tower(plans[0].tower.reason, folders[-1])
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
    margin: Annotated[float | None, typer.Option(help="Largest loss in accuracy that a gate is to accept.")] = None,
    like: Annotated[
        list[Path] | None, typer.Option(help="A run whose spread is taken for --margin; two for that between them.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Foresee a run: pictures, minutes, gigabytes, money, and the difference it could show.

    Runs nothing and writes nothing.
    """
    from bench.config import load_configuration
    from bench.forecast import foresee
    from bench.gating.sizing import plan_margin
    from bench.plan import plan_runs
    from bench.prices import parse_price
    from bench.reading_pool import default_workers
    from reports.forecast import print_forecast
    from reports.margin_plan import margin_lines

    flags = {"suite": suite, "model": model, "reader": reader, "seeds": seeds, "limit": limit, "out": out}
    flags |= {"tier": tier, "memory": memory, "batch": batch, "workers": workers}
    settings = load_configuration(flags, config).settings
    stated = None if price is None else parse_price(price)
    plans = plan_runs(settings, settings.workers or default_workers(), check=False)
    if like and margin is None:
        raise typer.BadParameter("--like is for --margin")
    forecasts = foresee(plans, stated, fresh=fresh)
    margins = [] if margin is None else [plan_margin(each, margin, like or ()) for each in plans]
    if as_json:
        rows = [forecast.as_json() for forecast in forecasts]
        for row, found in zip(rows, margins, strict=False):
            row["margin"] = found.as_json()
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    print_forecast(forecasts)
    for found in margins:
        typer.echo("\n".join(margin_lines(found)))


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

    scored = Run.open(run_path, calibrations())
    with scored.folder.lock():
        scored.score()
        page = write_page(scored)
    terminal.print_summary(scored, page)
    if as_json:
        typer.echo(json.dumps(scored.summary, ensure_ascii=False, indent=2))
    if scored.summary["status"] != "complete":
        raise typer.Exit(EXIT_RUN_FAILED)
