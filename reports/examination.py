"""What `doctor` found, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from bench.finding import Finding

_STYLES = {"ok": "green", "absent": "yellow", "fault": "bold red"}


def print_finding(finding: Finding) -> None:
    """Print one finding on stdout: its state, what was looked at, and what there is to say."""
    first, *rest = finding.says.splitlines()
    style = _STYLES[finding.state]
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[{style}]{finding.state:6}[/]  [bold]{escape(finding.check)}[/]  {escape(first)}")
    for line in rest:
        console.print(f"        {escape(line)}")
