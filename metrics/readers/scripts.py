"""Simplified or traditional: a character whose two forms are nearly as likely takes the form that suits its line.

減 and 减 differ by a dot. Where the recogniser hesitates between them, the other characters of the line know better:
few lines mix both scripts, and fewer in more than one character.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from metrics.readers.decoding import Run

if TYPE_CHECKING:
    from opencc import OpenCC

_ODD = 0.1
"""How likely a character is in the other script than its line."""

_CLEAR = 3.0
"""A line is in one script if that is this many times as likely as the other one."""

_HAN = "\u4e00"
"""The first of the Han characters."""

Script = Literal["simplified", "traditional"]


def in_one_script(
    runs: Sequence[Run], steps: NDArray[np.float32], characters: Sequence[str], labels: dict[str, int]
) -> list[Run]:
    """Return the characters of a line, doubtful ones in the form that belongs to its script.

    Args:
        runs: As decoded.
        steps: Probabilities of shape (time steps, labels).
        characters: By label.
        labels: By character.
    """
    forms = {i: found for i, run in enumerate(runs) if (found := _forms(characters[run.label], labels)) is not None}
    likely = {i: [runs[i].likelihood(steps, label) for label in pair] for i, pair in forms.items()}
    chances = [math.prod(max(pair[own], _ODD * pair[1 - own]) for pair in likely.values()) for own in (0, 1)]
    if max(chances) <= _CLEAR * min(chances):
        return list(runs)
    own = chances.index(max(chances))
    suited = list(runs)
    for i, pair in likely.items():
        if pair[own] > _ODD * pair[1 - own]:
            suited[i] = replace(runs[i], label=forms[i][own])
    return suited


def _forms(character: str, labels: dict[str, int]) -> tuple[int, int] | None:
    """Return the labels of a character's simplified and traditional form, None where it has but one."""
    script = _script(character)
    if script is None:
        return None
    other = (_simplifier() if script == "traditional" else _traditionaliser()).convert(character)
    pair = (other, character) if script == "traditional" else (character, other)
    return (labels[pair[0]], labels[pair[1]]) if other in labels else None


@cache
def _script(character: str) -> Script | None:
    """Return the only script in which a character is written, None where it is in both, or in neither."""
    if len(character) != 1 or character < _HAN:
        return None
    if _simplifier().convert(character) != character:
        return "traditional"
    return "simplified" if _traditionaliser().convert(character) != character else None


@cache
def _simplifier() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _traditionaliser() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("s2t")
