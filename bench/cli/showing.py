"""Commands that show what is there: reports, suites, models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.application import JsonFlag, app, calibrations, show
from bench.errors import EXIT_REGRESSION


@app.command()
def report(
    run_paths: Annotated[
        list[Path], typer.Argument(metavar="RUN [RUN [RUN]]", help="Run folders; several stand side by side.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the page; else report/ of the run, for several one beside the first.")
    ] = None,
    single_file: Annotated[
        bool, typer.Option("--single-file", help="Write one file of less than 10 MB, to be sent to someone.")
    ] = False,
) -> None:
    """Write the HTML report of a run anew, or one of up to three runs side by side."""
    from bench.run import Run
    from reports.page import write_page

    run, *others = [Run.open(path, calibrations()) for path in run_paths]
    typer.echo(write_page(run, *others, out=out, whole=single_file))


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
