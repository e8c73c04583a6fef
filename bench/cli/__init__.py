"""The command line: the one package that knows every room."""

from __future__ import annotations

from typing import Annotated

import typer

from bench.cli import aligning, comparing, gating, measuring, plotting, running, showing, watching
from bench.cli.application import app

__all__ = ["aligning", "app", "comparing", "gating", "measuring", "plotting", "running", "showing", "watching"]


@app.callback()
def version_callback(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Measures how well a text-to-image model writes, in Chinese and in English."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"glyphbench {installed('glyphbench')}")
        raise typer.Exit
