"""What a run's calibration says, in a few lines for beside the headline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metrics.table import HEADLINE
from reports.formats import format_brief

_FLOORS_IN_A_LINE = ("wrong prompt", "shuffled", "blank")
_RESPONSES_IN_A_LINE = ("wrong", "missing", "extra")
_DISPLACED = "displaced"


def calibration_lines(calibration: Mapping[str, Any]) -> list[str]:
    """Return what a summary's `calibration` says, in a few lines for beside the headline."""
    if "missing" in calibration:
        head = "out of date" if calibration["standing"] == "stale" else "none"
        return [f"{head}: {calibration['missing']}", f"to measure it: {calibration['command']}"]
    ceiling, floors = calibration["ceiling"], calibration["floors"]
    lines = [
        f"the reader's ceiling on this suite: {format_brief(ceiling['plain'][HEADLINE])} "
        f"(hard pictures {format_brief(ceiling['hard'][HEADLINE])})",
        f"chance: {', '.join(f'{name} {format_brief(floors[name][HEADLINE])}' for name in _FLOORS_IN_A_LINE)}",
        "slope of the measured cer against the true one: "
        + ", ".join(_slope(calibration["response"], kind) for kind in _RESPONSES_IN_A_LINE),
    ]
    if _DISPLACED in calibration["response"]:
        displaced = format_brief(calibration["response"][_DISPLACED]["slope"])
        lines.append(f"slope of the measured distance of texts from their places against the true one: {displaced}")
    if calibration["extent"]["is_quick"]:
        lines.append(f"calibrated with --quick, from few pictures; in earnest: {calibration['command']}")
    return lines + ([calibration["note"]] if calibration["note"] else [])


def calibration_rows(calibration: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return ceilings and floors by what is drawn: the estimates that have a value, by metric."""
    if "missing" in calibration:
        return {}
    ceiling = calibration["ceiling"]
    rows = {"right lettering, plain": ceiling["plain"], "right lettering, hard": ceiling["hard"]}
    rows |= {f"chance: {name}": values for name, values in calibration["floors"].items()}
    return {
        label: {name: estimate for name, estimate in values.items() if "value" in estimate}
        for label, values in rows.items()
    }


def _slope(response: Mapping[str, Any], kind: str) -> str:
    return f"{kind} characters {format_brief(response[kind]['slope'])}"
