"""The command that draws figures."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.application import JsonFlag, app, calibrations


class StyleName(StrEnum):
    """How figures look."""

    paper = "paper"
    slides = "slides"


@app.command()
def plot(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders, in the order of the legend.")],
    figure: Annotated[str, typer.Option(help="Names, separated by commas; a wrong one lists them all.")],
    formats: Annotated[str, typer.Option("--format", help="pdf, png, svg; several separated by commas.")] = "pdf,png",
    style: Annotated[StyleName, typer.Option(help="For a paper's column, or for slides.")] = StyleName.paper,
    out: Annotated[Path, typer.Option(help="Folder for the figures and their data.")] = Path("figures"),
    metric: Annotated[str | None, typer.Option(help="That is drawn; by default accuracy.")] = None,
    reader: Annotated[str | None, typer.Option(help="Whose scores count; by default each run's first.")] = None,
    level: Annotated[float, typer.Option(min=0.5, max=0.999, help="Coverage of the intervals.")] = 0.95,
    margin: Annotated[float | None, typer.Option(min=0, help="Largest loss accepted: a band in checkpoints.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Draw figures from runs, each with its data as CSV beside it."""
    from bench.run import Run
    from metrics.table import HEADLINE, find_metric
    from reports.figures.figure import Request
    from reports.figures.style import find_style
    from reports.figures.table import draw

    own = calibrations()
    request = Request(
        tuple(Run.open(path, own) for path in runs),
        find_style(style.value),
        find_metric(metric or HEADLINE).name,
        reader,
        level,
        margin,
    )
    written: dict[str, list[str]] = {}
    for name in dict.fromkeys(_names(figure)):
        drawing = draw(name, request)
        written[name] = [str(path) for path in drawing.save(out, _names(formats))]
        if not as_json:
            typer.echo("\n".join(written[name]))
    if as_json:
        typer.echo(json.dumps(written, ensure_ascii=False, indent=2))


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]
