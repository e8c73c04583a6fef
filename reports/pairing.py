"""Which pictures of several runs stand side by side: the same prompt, or its translation, at the same seed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
"""What the gallery knows of a picture before it is shown."""


def pair(runs: Sequence[Iterable[Row]], *, by_group: bool) -> list[list[Row | None]]:
    """Return the entries of the gallery: one row a run, None where a run has no such picture.

    Args:
        runs: The rows of each run, in its suite's order.
        by_group: Pair through the prompts' groups, for suites that translate each other, rather than through ids.
    """
    entries: dict[Hashable, list[Row | None]] = {}
    for number, rows in enumerate(runs):
        seen: dict[Hashable, int] = {}
        for row in rows:
            name = (row["group"] if by_group else row["prompt"], row["seed"])
            # Prompts of one group are paired in their order.
            seen[name] = seen.get(name, -1) + 1
            entry = entries.setdefault((*name, seen[name]), [None] * len(runs))
            entry[number] = row
    return list(entries.values())


def worst_first(entries: Iterable[list[Row | None]]) -> list[list[Row | None]]:
    """Return entries by the worst score in each; what has none comes last."""

    def rank(entry: list[Row | None]) -> tuple[Any, ...]:
        scores = [row["score"] for row in entry if row and row["score"] is not None]
        first = next(row for row in entry if row)
        return not scores, min(scores, default=0.0), str(first["prompt"]), int(first["seed"])

    return sorted(entries, key=rank)
