"""Lists in messages: long enough to act on, short enough to read."""

from __future__ import annotations

from collections.abc import Sequence

LIMIT = 10


def first_of(items: Sequence[str], separator: str = ", ") -> str:
    """Return the first ten of `items` joined by `separator`, and how many more there are."""
    more = [f"and {len(items) - LIMIT} more"] if len(items) > LIMIT else []
    return separator.join([*items[:LIMIT], *more])
