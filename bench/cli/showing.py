"""Commands that show what is there: reports, suites, models."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.application import JsonFlag, app, calibrations, show
from bench.errors import EXIT_REGRESSION


class TableFormat(StrEnum):
    """What a table is printed as."""

    latex = "latex"
    markdown = "markdown"
    csv = "csv"


@app.command()
def report(
    run_paths: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Run folders; up to three stand side by side on a page.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the page; else report/ of the run, for several one beside the first.")
    ] = None,
    single_file: Annotated[
        bool, typer.Option("--single-file", help="Write one file of less than 10 MB, to be sent to someone.")
    ] = False,
    table: Annotated[
        TableFormat | None, typer.Option(help="Print a table of all the runs instead: latex, markdown, csv.")
    ] = None,
    metrics: Annotated[str | None, typer.Option(help="Columns of the table, separated by commas.")] = None,
    reader: Annotated[str | None, typer.Option(help="Whose scores the table has; else each run's first.")] = None,
    allow: Annotated[list[str] | None, typer.Option(help="A condition in which the table's runs may differ.")] = None,
) -> None:
    """Write the HTML report of a run anew, or one of up to three runs side by side; or print a table of runs."""
    from bench.run import Run

    run, *others = [Run.open(path, calibrations()) for path in run_paths]
    if table is None:
        if metrics or reader or allow:
            raise typer.BadParameter("--metrics, --reader and --allow are for --table")
        from reports.page import write_page

        typer.echo(write_page(run, *others, out=out, whole=single_file))
        return
    if out is not None or single_file:
        raise typer.BadParameter("--table is printed; --out and --single-file are for the page")
    from reports.run_table_formats import FORMATS
    from reports.run_tables import COLUMNS, run_table

    columns = [name.strip() for name in metrics.split(",") if name.strip()] if metrics else COLUMNS
    typer.echo(FORMATS[table.value](run_table([run, *others], columns, reader, allow or ())), nl=False)


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
        show(findings, as_json=as_json)
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
        show(suite_rows(), as_json=as_json)


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
        show(model_rows(), as_json=False)
        typer.echo("? no document of its makers was found to say it; `models NAME` has the sources", err=True)
