"""The table of models as a table for the documentation.

`python -m reports.model_document docs/models.md` writes it into the page.
"""

from __future__ import annotations

import sys
from pathlib import Path

from reports.model_listing import model_rows

_BEGIN, _END = "<!-- models: begin -->", "<!-- models: end -->"
_OF_THIS_MACHINE = "cached"


def as_markdown() -> str:
    """Return the models as a Markdown table."""
    rows = [{key: value for key, value in row.items() if key != _OF_THIS_MACHINE} for row in model_rows()]
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([f"`{row['model']}`", *list(row.values())[1:]] for row in rows)]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


def with_table(page: str) -> str:
    """Return a Markdown page with what stands between its two marks replaced by the table."""
    head, _, rest = page.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    return f"{head}{_BEGIN}\n\n{as_markdown()}\n\n{_END}{tail}"


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(with_table(document.read_text(encoding="utf-8")), encoding="utf-8")
