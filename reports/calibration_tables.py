"""A calibration on the terminal: on stderr, so that stdout stays for data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.calibration.result import as_json
from metrics.table import HEADLINE, LAYOUT_METRICS
from reports.formats import format_brief, format_estimate

if TYPE_CHECKING:
    from bench.calibration.reader_error import ReaderError
    from bench.calibration.result import Calibration


def print_calibration(calibration: Calibration, path: Path) -> None:
    """Print a calibration on stderr: ceiling, floors, response, what was left out, and where it is kept."""
    console = Console(stderr=True, highlight=False)
    content = as_json(calibration)
    suite, extent = calibration.suite, calibration.extent
    console.print()
    console.print(_ceiling_table(content["ceiling"], f"ceiling of {calibration.reader.name} on {suite.name}"))
    if layout := _layout_rows(content["ceiling"]):
        console.print(_table("where the texts stand", layout))
    console.print(_character_table(content["ceiling"]["by_character"]))
    console.print(_table("floors: what has nothing to do with the prompt scores", content["floors"]))
    console.print(_response_table(content["response"]))
    for entry in calibration.left_out:
        console.print(f"left out: {entry.pictures} pictures: {escape(entry.reason)}")
    console.print(
        f"{extent.prompts} of {extent.prompts_with_target} prompts with a target, {len(extent.faces)} faces, "
        f"{extent.pictures} pictures, {calibration.seconds:.0f} s, profile {suite.profile}"
        + ("; --quick: few pictures, wide intervals" if extent.is_quick else "")
    )
    console.print(f"calibration  {escape(str(path))}", soft_wrap=True)


def print_reader_error(error: ReaderError, path: Path) -> None:
    """Print a reader's error on transcribed pictures on stderr."""
    console = Console(stderr=True, highlight=False)
    content = as_json(error)
    rows = {"cer on well-formed characters": content["cer"]}
    rows |= {f"  {language}": value for language, value in content["cer_by_language"].items()}
    rows |= {f"bias of {name}": value for name, value in content["bias"].items()}
    rows |= {f"bias of {name}, malformed counted as wrong": value for name, value in content["bias_strict"].items()}
    rows |= {
        "malformed characters: AUC of the evidence": content["detection"]["auc"],
        "malformed characters: AUC of plain reading": content["detection"]["auc_as_read"],
        "malformed characters found": content["detection"]["found"],
        "false alarms on well-formed ones": content["detection"]["false_alarms"],
    }
    table = Table(title=f"error of {error.reader.name} on {error.pictures} pictures", title_justify="left")
    table.add_column("what")
    table.add_column("value", justify="right")
    for label, value in rows.items():
        table.add_row(escape(label), escape(format_estimate(HEADLINE, value)))
    console.print()
    console.print(table)
    for entry in error.left_out:
        console.print(f"left out: {entry.pictures} pictures: {escape(entry.reason)}")
    console.print(
        f"{error.detection.well_formed} well-formed and {error.detection.malformed} malformed characters judged"
        + (
            f", {error.detection.malformed_unjudged} malformed ones not judged"
            if error.detection.malformed_unjudged
            else ""
        )
        + "; "
        f"profile {error.profile}; bias is the score from the reading minus the score from the truth"
    )
    console.print(f"kept in  {escape(str(path))}", soft_wrap=True)


def _ceiling_table(ceiling: Mapping[str, Any], title: str) -> Table:
    rows = {"plain": ceiling["plain"], "hard": ceiling["hard"]}
    rows |= {
        f"{by} {label}": values
        for by, slices in ceiling["by"].items()
        if len(slices) > 1
        for label, values in slices.items()
    }
    return _table(title, {label: _without(LAYOUT_METRICS, values) for label, values in rows.items()})


def _layout_rows(ceiling: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what the ceiling says of layout, by pictures; nothing for suites without places."""
    rows = {label: {n: v for n, v in ceiling[label].items() if n in LAYOUT_METRICS} for label in ("plain", "hard")}
    return {label: values for label, values in rows.items() if values}


def _without(names: Sequence[str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _character_table(characters: Mapping[str, Any]) -> Table:
    table = Table(title="plain, by character", title_justify="left")
    table.add_column("character")
    table.add_column("read right", justify="right")
    for label, value in characters.items():
        table.add_row(escape(label), format_brief(value))
    return table


def _table(title: str, rows: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return rows of estimates by metric, without the metrics that no row has a value of."""
    found = ((name, estimate) for values in rows.values() for name, estimate in values.items())
    names = list(dict.fromkeys(name for name, estimate in found if "missing" not in estimate))
    table = Table(title=title, title_justify="left")
    table.add_column("pictures")
    for name in names:
        table.add_column(name, justify="right", overflow="fold")
    for label, values in rows.items():
        table.add_row(escape(label), *(format_brief(values[name]) if name in values else "" for name in names))
    return table


def _response_table(responses: Mapping[str, Any]) -> Table:
    table = Table(title="response to known errors: measured = offset + slope × true", title_justify="left")
    for name in ("error", "measured", "slope", "offset", "true → measured"):
        table.add_column(name, justify="left" if name in {"error", "measured"} else "right")
    for kind, response in responses.items():
        means = "  ".join(f"{point['true']:.3f} → {point['measured']:.3f}" for point in response["points"])
        reason = response["slope"].get("missing", "")
        table.add_row(
            kind,
            response["metric"],
            format_brief(response["slope"]),
            format_brief(response["offset"]),
            means or escape(reason),
        )
    return table
