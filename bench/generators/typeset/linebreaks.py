"""Where lines may break, and where they do: Chinese between characters, English between words."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import regex

CLOSING = frozenset("，。、；：！？）》】」』〉〕］｝…—～·’”％℃°,.;:!?)]}%‰")
"""Never at the start of a line (GB/T 15834-2011, 5.1; dashes and ellipses are kept whole likewise)."""

OPENING = frozenset("（《【「『〈〔［｛‘“([{￥¥$€£#№")
"""Never at the end of a line."""

# Costs of one break among a paragraph's: free after punctuation, cheap at a space, dear between Chinese characters.
_AT_SPACE, _BETWEEN_CHARACTERS = 0.02, 0.12

Length: TypeAlias = Callable[[Sequence[str]], float]
"""The length of clusters in a row."""


class Wrapping(Enum):
    """How far a text may be broken up: not at all, between words and characters, or also inside too long a word."""

    NONE = "none"
    WORDS = "words"
    LONG_WORDS = "long words"


@dataclass(frozen=True, slots=True)
class Unit:
    """Clusters that stay on one line; `space` are the blanks before it, which vanish where a line breaks there."""

    clusters: tuple[str, ...]
    space: tuple[str, ...] = ()


def clusters(text: str) -> list[str]:
    """Return the grapheme clusters of `text` in composed form (NFC)."""
    return list(regex.findall(r"\X", unicodedata.normalize("NFC", text)))


def units(paragraph: str, wrapping: Wrapping) -> list[Unit]:
    """Return the pieces of one paragraph between which its lines may break."""
    found: list[Unit] = []
    current: list[str] = []
    space: list[str] = []
    for cluster in clusters(paragraph):
        if cluster.isspace() and wrapping is not Wrapping.NONE:
            if current:
                found.append(Unit(tuple(current), tuple(space)))
                current, space = [], []
            space.append(cluster)
            continue
        if current and _may_break(current, cluster, wrapping):
            found.append(Unit(tuple(current), tuple(space)))
            current, space = [], []
        current.append(cluster)
    if current:
        found.append(Unit(tuple(current), tuple(space)))
    return found


def with_long_ones_split(pieces: Sequence[Unit], longest: float, length: Length) -> list[Unit]:
    """Return `pieces` with each one that is longer than `longest` cut into its clusters."""
    split: list[Unit] = []
    for unit in pieces:
        if length(unit.clusters) <= longest:
            split.append(unit)
        else:
            first, *rest = unit.clusters
            split += [Unit((first,), unit.space), *(Unit((cluster,)) for cluster in rest)]
    return split


def _may_break(before: Sequence[str], after: str, wrapping: Wrapping) -> bool:
    """Tell whether a line may end after the clusters `before` and the next begin with `after`, without a space."""
    last = before[-1]
    if wrapping is Wrapping.NONE:
        return False
    if after in CLOSING or last in OPENING:
        return False
    if is_wide(last):
        return True
    # A number stays with its measure word: 5月, 8折, 3楼.
    return is_wide(after) and not last.isdecimal()


def is_wide(cluster: str) -> bool:
    """Tell whether a cluster takes up a full width, as Chinese characters do (Unicode UAX 11)."""
    return unicodedata.east_asian_width(cluster[0]) in "WF"


def break_lines(pieces: Sequence[Unit], limit: float, length: Length) -> list[str] | None:
    """Return the lines of one paragraph: as few as `limit` allows, evenly filled, broken at punctuation by preference.

    Args:
        pieces: The paragraph's units.
        limit: The longest that a line may be.
        length: Gives the length of clusters in a row, in the unit of `limit`.

    Returns:
        The lines, without the blanks at which they break; None where a unit alone is longer than `limit`.
    """
    if not pieces:
        return [""]
    spaces = [length(unit.space) for unit in pieces]
    lengths = [length(unit.clusters) for unit in pieces]
    if max(lengths) > limit:
        return None
    total = sum(lengths) + sum(spaces)
    fewest = -(-total // limit)
    target = total / fewest
    weight = 1 / max(1.0, fewest - 1)
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]
    for end in range(1, len(pieces) + 1):
        cost = 0.0 if end == len(pieces) else weight * _break_cost(pieces[end - 1], pieces[end])
        options, filled = [], 0.0
        for start in range(end - 1, -1, -1):
            filled += lengths[start] + (spaces[start + 1] if start + 1 < end else 0.0)
            if filled > limit:
                break
            lines, costs, _ = best[start]
            options.append((lines + 1, costs + cost + ((filled - target) / limit) ** 2, start))
        best.append(min(options))
    return _assembled(pieces, [start for _, _, start in best])


def _break_cost(before: Unit, after: Unit) -> float:
    if before.clusters[-1] in CLOSING:
        return 0.0
    return _AT_SPACE if after.space else _BETWEEN_CHARACTERS


def _assembled(pieces: Sequence[Unit], starts: Sequence[int]) -> list[str]:
    """Return the lines, given for each number of units where the last line of the best breaking begins."""
    lines: list[str] = []
    end = len(pieces)
    while end:
        start = starts[end]
        first, *rest = pieces[start:end]
        lines.append("".join(first.clusters) + "".join("".join(u.space + u.clusters) for u in rest))
        end = start
    return lines[::-1]
