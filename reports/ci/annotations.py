"""GitHub's annotations: `::error title=…::…` lines, which its runner takes from a step's output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.ci.cases import Case, cases
from reports.verdict import headline
from reports.visible_text import visible

if TYPE_CHECKING:
    from bench.gating.result import GateResult

MOST = 10
"""GitHub shows as many of each kind in a step, and drops the rest without a word."""


def annotation_lines(result: GateResult) -> tuple[str, ...]:
    """Return at most ten lines, what regressed first; none where everything passed.

    What does not fit is counted in the last line.
    """
    told = cases(result)
    if result.verdict == "no verdict":
        told = tuple(case for case in told if not case.is_echo)
    found = [line for outcome in ("failure", "error", "skipped") for line in _lines(told, outcome)]
    if not found and result.verdict != "pass":
        found = [_command("error" if result.exit_code else "warning", "Glyphbench gate", headline(result))]
    if len(found) > MOST:
        left = len(found) - MOST + 1
        more = f"{left} more; the summary has them all"
        found = [*found[: MOST - 1], _command("error" if result.exit_code else "warning", "Glyphbench gate", more)]
    return tuple(found)


def _lines(found: tuple[Case, ...], outcome: str) -> list[str]:
    kind = "warning" if outcome == "skipped" else "error"
    return [
        _command(kind, f"Glyphbench: {case.name}{' (anchor)' if case.against == 'anchor' else ''}", _message(case))
        for case in found
        if case.outcome == outcome
    ]


def _message(case: Case) -> str:
    """Return what fits the small box of an annotation: the first lines, with the count of the rest."""
    lines = case.text.split("\n")
    shown = lines[:5]
    return "\n".join([*shown, f"… {len(lines) - 5} lines more"] if len(lines) > 5 else shown)


def _command(kind: str, title: str, message: str) -> str:
    """Return a workflow command.

    Source: `escapeData` and `escapeProperty` in actions/toolkit, packages/core/src/command.ts.
    """
    return f"::{kind} title={_escape(title, property_too=True)}::{_escape(message)}"


def _escape(text: str, *, property_too: bool = False) -> str:
    text = visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_too else text
