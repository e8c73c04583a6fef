"""A table of runs as LaTeX, Markdown and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from metrics.score import Missing
from metrics.table import METRICS
from reports.formats import decimals_worth
from reports.latex import escape_latex, latex_comment
from reports.run_tables import Cell, RunTable, SuiteRows
from reports.text_tables import TextTable, escape_markdown

_ARROWS = {"higher": "↑", "lower": "↓"}
_LATEX_ARROWS = {"higher": r"$\uparrow$", "lower": r"$\downarrow$"}


def markdown(table: RunTable) -> str:
    """Return the table as GitHub's Markdown: one part a suite, the notes below as a list."""
    parts = [_text_table(table, group).markdown() for group in table.groups]
    return "\n".join([*parts, *(f"- {escape_markdown(note)}" for note in table.notes)]) + "\n"


def latex(table: RunTable) -> str:
    r"""Return the table as a `tabular` with the rules of booktabs; the notes stand above as comments.

    It can be set by pdfLaTeX; Chinese in names needs XeLaTeX or LuaLaTeX with a font that has it, as in ctex.
    """
    decimals = _decimals(table)
    width = len(table.metrics) + 2
    lines = [r"% needs \usepackage{booktabs}", *map(latex_comment, table.notes)]
    for group in table.groups:
        lines += [latex_comment(f"{row.name}: {row.signature}") for row in group.rows]
    lines += [rf"\begin{{tabular}}{{l{'r' * (width - 1)}}}", r"\toprule"]
    heads = [f"{escape_latex(table.label(name))} {_LATEX_ARROWS[METRICS[name].better]}" for name in table.metrics]
    lines.append(_latex_row(["model", *heads, "$n$"]))
    for group in table.groups:
        lines += [
            r"\midrule",
            rf"\multicolumn{{{width}}}{{l}}{{\emph{{{escape_latex(group.title)}}}}} \\",
            r"\addlinespace",
        ]
        for row in group.rows:
            cells = [_latex_cell(cell, decimals[name]) for name, cell in zip(table.metrics, row.cells, strict=True)]
            lines.append(_latex_row([escape_latex(row.name), *cells, _count(group, r"$\times$")]))
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def spreadsheet(table: RunTable) -> str:
    """Return the table as CSV at full precision, a line a run.

    Columns: suite, suite_version, run, model, reader, profile, level, signature; then for each metric its value, `_low`
    and `_high` (of the interval), `_prompts`, `_samples`, `_best` (told apart from every other run of its suite) and
    `_note` (why there is no value or no interval, else empty). What there is not is an empty cell.
    """
    buffer = io.StringIO()
    lines = list(_records(table))
    writer = csv.DictWriter(buffer, fieldnames=list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue()


FORMATS: Mapping[str, Callable[[RunTable], str]] = {"latex": latex, "markdown": markdown, "csv": spreadsheet}
"""What `--table` takes."""


def _text_table(table: RunTable, group: SuiteRows) -> TextTable:
    decimals = _decimals(table)
    heads = [f"{table.label(name)} {_ARROWS[METRICS[name].better]}" for name in table.metrics]
    rows = tuple(
        (
            row.name,
            *(_plain_cell(cell, decimals[name]) for name, cell in zip(table.metrics, row.cells, strict=True)),
            _count(group, "×"),
        )
        for row in group.rows
    )
    strong = {
        (number, at) for number, row in enumerate(group.rows) for at, cell in enumerate(row.cells, 1) if cell.is_best
    }
    return TextTable(group.title, ("model", *heads, "n"), rows, strong=frozenset(strong))


def _count(group: SuiteRows, times: str) -> str:
    return f"{group.prompts} {times} {group.seeds}"


def _decimals(table: RunTable) -> dict[str, int]:
    """Return how many decimals each column has: as many as its most precise value is worth."""
    found = {}
    for at, name in enumerate(table.metrics):
        cells = [row.cells[at].found for group in table.groups for row in group.rows]
        worth = [decimals_worth(asdict(cell)) for cell in cells if not isinstance(cell, Missing)]
        found[name] = max(worth, default=0)
    return found


def _plain_cell(cell: Cell, decimals: int) -> str:
    found = cell.found
    if isinstance(found, Missing):
        return "—"
    value = f"{found.value:.{decimals}f}"
    if found.low is None or found.high is None:
        return value
    return f"{value} [{found.low:.{decimals}f}, {found.high:.{decimals}f}]"


def _latex_cell(cell: Cell, decimals: int) -> str:
    found = cell.found
    if isinstance(found, Missing):
        return "---"
    value = f"{found.value:.{decimals}f}"
    value = rf"\textbf{{{value}}}" if cell.is_best else value
    if found.low is None or found.high is None:
        return value
    return rf"{value} {{\scriptsize [{found.low:.{decimals}f}, {found.high:.{decimals}f}]}}"


def _latex_row(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _records(table: RunTable) -> Iterator[dict[str, Any]]:
    for group in table.groups:
        for row in group.rows:
            yield {
                "suite": group.suite,
                "suite_version": group.version,
                "run": row.run,
                "model": row.model,
                "reader": group.reader,
                "profile": group.profile,
                "level": table.level,
                "signature": row.signature,
                **{
                    f"{name}{end}": value
                    for name, cell in zip(table.metrics, row.cells, strict=True)
                    for end, value in _fields(cell).items()
                },
            }


def _fields(cell: Cell) -> dict[str, Any]:
    found = cell.found
    if isinstance(found, Missing):
        ends = dict.fromkeys(("", "_low", "_high", "_prompts", "_samples"))
        return {**ends, "_best": False, "_note": found.reason}
    return {
        "": found.value,
        "_low": found.low,
        "_high": found.high,
        "_prompts": found.prompts,
        "_samples": found.samples,
        "_best": cell.is_best,
        "_note": found.method.removeprefix("none: ") if found.low is None else None,
    }
