"""What commands have in common: the application, their shared options, and how rows are shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from bench.comparison.sheet import ScoreSheet

COMMANDS = (
    *("run", "plan", "read", "align", "score", "calibrate"),
    *("compare", "gate", "bless", "watch"),
    *("report", "plot", "suites", "models", "doctor"),
)
"""In the order in which help lists them."""


class _Ordered(TyperGroup):
    def list_commands(self, ctx: object) -> list[str]:
        return sorted(self.commands, key=COMMANDS.index)


app = typer.Typer(
    name="glyphbench",
    cls=_Ordered,
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


ReaderName = Annotated[str | None, typer.Option("--reader", help="Whose scores count; by default each run's first.")]


def calibrations() -> Path:
    """Return the folder of the user's own calibrations."""
    from bench.config import load_configuration

    return load_configuration({}).settings.calibrations


def show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows as a table for people, or as JSON."""
    from reports import terminal

    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        terminal.print_rows(rows)


def score_sheet(path: Path, reader: str | None) -> ScoreSheet:
    """Return the scores of a run folder or a baseline file."""
    from bench.gating.baseline import open_sheet

    return open_sheet(path, calibrations(), reader)
