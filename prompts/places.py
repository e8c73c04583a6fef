"""Whether a prompt says in words where and how its texts are to stand, so that a model is told what it is judged by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from prompts.suite import Box, Prompt, Region

Direction = Literal["top", "bottom", "left", "right", "middle"]

_WORDS: dict[Direction, tuple[str, str]] = {
    "top": ("上顶", "top|upper|above"),
    "bottom": ("下底", "bottom|lower|below|beneath|under"),
    "left": ("左", "left"),
    "right": ("右", "right"),
    "middle": ("中", "middle|centre|center|central|halfway"),
}
"""For each direction the Chinese characters and the English words, any of which states it."""

_VERTICAL = re.compile(
    r"[竖纵直]|自上而下|从上到下|\b(?:vertical|upright|stacked|column|top to bottom|downwards)", re.IGNORECASE
)
_SIZES = re.compile(r"[大小巨细粗]|\b(?:larg|big|huge|giant|bold|small|tiny|little|fine)", re.IGNORECASE)

_QUOTED = re.compile('“[^“”]*”|"[^"]*"')
_END = re.compile(r"[。！？]|[.!?](?=\s|$)")
_HALF = 0.5 + 1e-3


def place_faults(prompt: Prompt) -> Iterator[str]:
    """Yield a sentence for each region whose place the prompt does not state.

    The words must stand in the sentence with the region's lettering, or anywhere where there is none to be found.
    """
    sentences = _sentences(prompt.text)
    for number, region in enumerate(prompt.regions, start=1):
        near = [sentence for sentence in sentences if region.text and region.text in sentence]
        said = _QUOTED.sub(" ", " ".join(near or sentences))
        if silent := [direction for direction in directions(region) if not _states(said, direction)]:
            yield (
                f"region {number} is to be at {_named(region)}, but its sentence does not say "
                f"{' or '.join(map(repr, silent))}; say in words where it is"
            )


def wording_faults(prompt: Prompt) -> Iterator[str]:
    """Yield a sentence for each column and each difference in size that is asked for by key and not in words."""
    said = _QUOTED.sub(" ", prompt.text)
    columns = [number for number, region in enumerate(prompt.regions, start=1) if region.orientation == "vertical"]
    if columns and not _VERTICAL.search(said):
        yield f"region {columns[0]} is to be vertical, and the prompt does not say so; say in words how it runs"
    if any(relation.kind == "larger-than" for relation in prompt.relations) and not _SIZES.search(said):
        yield "asks for one text larger than another, and the prompt does not say so; say which is large"


def directions(region: Region) -> tuple[Direction, ...]:
    """Return what a prompt must say of a region's place: both directions of a cell, the half in which a box lies."""
    if region.where is None:
        return ()
    if isinstance(region.where, str):
        row, column = region.where.split("-")
        return tuple(dict.fromkeys((_direction(row), _direction(column))))
    return _halves(region.where)


def _direction(name: str) -> Direction:
    for direction in _WORDS:
        if direction == name:
            return direction
    return "middle"


def _halves(box: Box) -> tuple[Direction, ...]:
    halves: dict[Direction, bool] = {
        "top": box.bottom <= _HALF,
        "bottom": box.top >= 1 - _HALF,
        "left": box.right <= _HALF,
        "right": box.left >= 1 - _HALF,
    }
    return tuple(direction for direction, is_wholly_in in halves.items() if is_wholly_in)


def _states(said: str, direction: Direction) -> bool:
    characters, words = _WORDS[direction]
    return bool(re.search(rf"[{characters}]|\b(?:{words})", said, re.IGNORECASE))


def _sentences(text: str) -> list[str]:
    """Return the sentences; a full stop within quotation marks ends none."""
    hidden = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)
    ends = [0, *(end.end() for end in _END.finditer(hidden)), len(text)]
    return [text[start:stop] for start, stop in pairwise(ends) if text[start:stop].strip()]


def _named(region: Region) -> str:
    return region.where if isinstance(region.where, str) else str(list(region.where or ()))
