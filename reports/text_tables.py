"""A small table as lines for a terminal or a log, and as Markdown."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from reports.visible_text import visible

_SPECIAL = "\\`*_{}[]<>#|~&$"
"""What means something in Markdown or in the HTML within it; `$` begins a formula on GitHub."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """Rows of cells under a header; the first column is left-aligned, the others right-aligned but for `left`.

    `strong` are the places (row, column) of cells that Markdown has in bold.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: frozenset[int] = frozenset({0})
    strong: frozenset[tuple[int, int]] = frozenset()

    def lines(self) -> list[str]:
        """Return the table as lines that no width cuts or wraps."""
        cells = [[visible(cell) for cell in row] for row in (self.header, *self.rows)]
        widths = [max(map(columns_of, column)) for column in zip(*cells, strict=True)]
        found = [self.title] if self.title else []
        for row in cells:
            padded = [
                cell + " " * (width - columns_of(cell)) if at in self.left else " " * (width - columns_of(cell)) + cell
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            found.append("  ".join(padded).rstrip())
        return found

    def markdown(self) -> str:
        """Return the table as GitHub's Markdown, everything in it escaped."""
        marks = [":---" if at in self.left else "---:" for at in range(len(self.header))]
        rows = [_row(map(escape_markdown, self.header)), _row(marks)]
        for number, row in enumerate(self.rows):
            cells = [escape_markdown(cell) for cell in row]
            rows.append(_row([f"**{c}**" if (number, at) in self.strong else c for at, c in enumerate(cells)]))
        title = f"**{escape_markdown(self.title)}**\n\n" if self.title else ""
        return title + "\n".join(rows) + "\n"


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def escape_markdown(text: str) -> str:
    """Return text from outside as Markdown that shows it as it is, on one line."""
    shown = visible(" ".join(text.split("\n")))
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in shown)


def _row(cells: Sequence[str] | map[str]) -> str:
    return f"| {' | '.join(cells)} |"
