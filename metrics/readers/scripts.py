"""Simplified or traditional: a character whose two forms are nearly as likely takes the form that suits its line.

減 and 减 differ by a dot. Where the recogniser hesitates between them, the other characters of the line know better:
hardly any line mixes both scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from metrics.readers.decoding import Run

if TYPE_CHECKING:
    from opencc import OpenCC

_LIKELY = 0.1
"""The other form is taken if it is this many times as likely as the one that was read."""

_SURE = 0.8
"""Characters read with this probability tell what a line is written in."""

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
    told = [_script(characters[run.label]) if run.likelihood(steps, run.label) >= _SURE else None for run in runs]
    scripts = {script for script in told if script}
    if len(scripts) != 1:
        return list(runs)
    (script,) = scripts
    return [
        run
        if run.likelihood(steps, run.label) >= 1 / (1 + _LIKELY)
        else _suited(run, steps, characters, labels, script)
        for run in runs
    ]


def _suited(
    run: Run, steps: NDArray[np.float32], characters: Sequence[str], labels: dict[str, int], script: Script
) -> Run:
    """Return a character in its likeliest form of a script, if it is of the other one and that form is likely."""
    read = characters[run.label]
    if _script(read) in (None, script):
        return run
    forms = [labels[form] for form in _forms(read, script) if form in labels]
    best = max(forms, key=lambda label: run.likelihood(steps, label), default=run.label)
    likely = run.likelihood(steps, best) >= _LIKELY * run.likelihood(steps, run.label)
    return replace(run, label=best) if likely else run


@cache
def _script(character: str) -> Script | None:
    """Return the only script in which a character is written, None where it is in both, or in neither."""
    if len(character) != 1 or character < _HAN:
        return None
    if _simplifier().convert(character) != character:
        return "traditional"
    return "simplified" if _traditionaliser().convert(character) != character else None


def _forms(character: str, script: Script) -> set[str]:
    converter = _simplifier() if script == "simplified" else _traditionaliser()
    return {converter.convert(character)}


@cache
def _simplifier() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _traditionaliser() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("s2t")
