"""Known mistakes in what is written: wrong, missing, extra, swapped and malformed characters, as many as wished for."""

from __future__ import annotations

import hashlib
import json
import string
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from math import floor
from typing import Literal, TypeAlias

import numpy as np
import regex

from bench.generators.typeset.linebreaks import clusters, is_wide
from prompts.suite import Prompt

Kind: TypeAlias = Literal["wrong", "missing", "extra", "swapped", "malformed"]

_MARKS, _WIDE_MARKS = ",.!?;:", "，。！？；："


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of a text's characters carry a mistake of each kind, 0..1; a swap takes up two characters."""

    wrong: float = 0.0
    missing: float = 0.0
    extra: float = 0.0
    swapped: float = 0.0
    malformed: float = 0.0


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake at a `position` of the text (in grapheme clusters, blanks included), and what was drawn there instead.

    `extra`: drawn after the character at the position. `swapped`: drawn instead of that character and the next.
    """

    kind: Kind
    position: int
    drawn: str


@dataclass(frozen=True, slots=True)
class Writing:
    """A text and what is drawn for it.

    Attributes:
        text: What was asked for.
        drawn: What is drawn.
        mistakes: In the order of their positions, but for malformed characters.
        malformed: How many characters are to be drawn malformed.
        candidates: Those that may be, the preferred ones first: position in the text, and number among the characters
            drawn, blanks not counted.
    """

    text: str
    drawn: str
    mistakes: tuple[Mistake, ...] = ()
    malformed: int = 0
    candidates: tuple[tuple[int, int], ...] = ()


def write(prompt: Prompt, seed: int, shares: Shares) -> list[Writing]:
    """Return what is drawn for each region of a prompt; equal arguments give equal writings in every process."""
    key = json.dumps(["mistakes", prompt.id, prompt.text, prompt.targets, seed], ensure_ascii=False)
    root = np.random.SeedSequence(int.from_bytes(hashlib.sha256(key.encode()).digest()))
    streams = root.spawn(len(prompt.regions))
    return [
        miswrite(region.text, shares, np.random.default_rng(stream))
        for region, stream in zip(prompt.regions, streams, strict=True)
    ]


def miswrite(text: str, shares: Shares, rng: np.random.Generator) -> Writing:
    """Return `text` with mistakes.

    How many there are of each kind is the nearest whole number above or below its share, drawn so that the share is
    exact in expectation. Where a text has no room for them (nothing to swap in 福), there are fewer.
    """
    row = clusters(text)
    free = [int(position) for position in rng.permutation(len(row)) if not row[position].isspace()]
    counts = _counts(shares, len(free), rng)
    mistakes = _swaps(row, free, counts["swapped"])
    free = [position for position in free if position not in _touched(mistakes)]
    able = [position for position in free if _may_be_malformed(row[position])]
    kept = able[: counts["malformed"]]
    free = [position for position in free if position not in kept]
    kinds: tuple[Kind, ...] = ("wrong", "extra", "missing")
    for kind in kinds:
        for position in [p for p in free if kind == "missing" or _stock(row[p])][: counts[kind]]:
            free.remove(position)
            drawn = "" if kind == "missing" else _other(row[position], rng)
            mistakes.append(Mistake(kind, position, drawn))
    mistakes.sort(key=lambda mistake: mistake.position)
    drawn, numbers = _applied(row, mistakes)
    candidates = [(p, numbers[p]) for p in (*kept, *(p for p in able if p in free))]
    return Writing(text, drawn if mistakes else text, tuple(mistakes), len(kept), tuple(candidates))


def _counts(shares: Shares, characters: int, rng: np.random.Generator) -> dict[str, int]:
    """Return how many mistakes of each kind to make, by systematic sampling: together no more than their shares."""
    total, start = float(rng.random()), 0
    counts = {}
    for field in fields(shares):
        # A swap takes up two characters.
        total += getattr(shares, field.name) * characters / (2 if field.name == "swapped" else 1)
        # Nine digits: five times 0.2 is not to fall short of a whole number.
        counts[field.name] = floor(round(total, 9)) - start
        start += counts[field.name]
    return counts


def _swaps(row: Sequence[str], order: Sequence[int], count: int) -> list[Mistake]:
    """Return up to `count` exchanges of unequal neighbours, no character in two of them."""
    found: list[Mistake] = []
    for position in order:
        pair = row[position : position + 2]
        if len(found) == count:
            break
        is_pair = len(pair) == 2 and not pair[1].isspace() and pair[0] != pair[1]
        if is_pair and not {position, position + 1} & _touched(found):
            found.append(Mistake("swapped", position, pair[1] + pair[0]))
    return found


def _touched(mistakes: Sequence[Mistake]) -> set[int]:
    return {m.position + step for m in mistakes for step in ((0, 1) if m.kind == "swapped" else (0,))}


def _applied(row: Sequence[str], mistakes: Sequence[Mistake]) -> tuple[str, dict[int, int]]:
    """Return the text with its mistakes, and the number of each untouched character among those drawn."""
    at = {mistake.position: mistake for mistake in mistakes}
    drawn: list[str] = []
    numbers: dict[int, int] = {}
    skip = False
    for position, cluster in enumerate(row):
        if skip:
            skip = False
            continue
        mistake = at.get(position)
        if mistake is None:
            numbers[position] = sum(not piece.isspace() for piece in drawn)
            drawn.append(cluster)
        else:
            drawn += [cluster] if mistake.kind == "extra" else []
            drawn += clusters(mistake.drawn)
            skip = mistake.kind == "swapped"
    return "".join(drawn), numbers


def _may_be_malformed(cluster: str) -> bool:
    return len(cluster) == 1 and bool(regex.fullmatch(r"[\p{Han}\p{Latin}\p{Nd}]", cluster))


def _stock(cluster: str) -> str:
    """Return the characters that one may be taken for: of its script, in its case; none for scripts not known here."""
    if regex.fullmatch(r"\p{Han}", cluster):
        return _common_hanzi()
    if regex.fullmatch(r"[0-9]", cluster):
        return string.digits
    if regex.fullmatch(r"\p{Latin}\p{M}*", cluster):
        return string.ascii_uppercase if cluster[0].isupper() else string.ascii_lowercase
    if regex.fullmatch(r"[\p{P}\p{S}]", cluster):
        return _WIDE_MARKS if is_wide(cluster) else _MARKS
    return ""


def _other(cluster: str, rng: np.random.Generator) -> str:
    stock = [character for character in _stock(cluster) if character != cluster]
    return stock[int(rng.integers(len(stock)))]


@lru_cache(maxsize=1)
def _common_hanzi() -> str:
    """Return the 3,755 characters of level 1 of GB/T 2312-1980: rows 16 to 55, the last row with 89."""
    cells = [(row, cell) for row in range(16, 56) for cell in range(1, 95 if row < 55 else 90)]
    return b"".join(bytes([0xA0 + row, 0xA0 + cell]) for row, cell in cells).decode("gb2312")
