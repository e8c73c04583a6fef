"""Words of programs and servers that are not ours, as our messages and records may repeat them."""

from __future__ import annotations

LIMIT = 1200
"""Characters of such words at most."""


def quotable(text: str, limit: int = LIMIT) -> str:
    """Return `text` on one line, without control characters or halves of characters, and cut where it is long."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 64 * limit]).strip()
    return printable if len(printable) <= limit else f"{printable[:limit]}…"
