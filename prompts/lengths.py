"""How long a text is, in characters as a reader counts them, and the bins in which lengths are shown."""

from __future__ import annotations

from bisect import bisect
from itertools import pairwise

import regex

LENGTH_EDGES = (1, 2, 3, 5, 9, 17, 33, 65, 129, 257)
"""Lower edges of the length bins, in characters: each bin is about twice as wide as the one before."""

LENGTH_LABELS = (
    "none",
    *(str(low) if high == low + 1 else f"{low}–{high - 1}" for low, high in pairwise(LENGTH_EDGES)),
    f"{LENGTH_EDGES[-1]}+",
)
"""The names of the bins, from `none` for no target at all."""

_GRAPHEME = regex.compile(r"\X")


def count_characters(text: str) -> int:
    """Return how many characters `text` has: grapheme clusters, white space not counted."""
    return sum(not cluster.isspace() for cluster in _GRAPHEME.findall(text))


def length_bin(characters: int) -> str:
    """Return the label of the bin into which a number of characters falls."""
    return LENGTH_LABELS[bisect(LENGTH_EDGES, characters)]
