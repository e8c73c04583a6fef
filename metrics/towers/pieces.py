"""Prompts longer than a text tower, in pieces that fit: nothing is ever cut off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

SENTENCES = re.compile(r"(?<=[。！？；…])|(?<=[.!?])(?=\s)|(?<=\n)")
CLAUSES = re.compile(r"(?<=[，、：])|(?<=[,;:])(?=\s)")
WORDS = re.compile(r"(?=\s)|(?<=[\u3400-\u9fff\U00020000-\U0003ffff])")
CHARACTERS = re.compile(r"(?<=.)", re.DOTALL)
LEVELS = (SENTENCES, CLAUSES, WORDS, CHARACTERS)


def split_text(text: str, fits: Callable[[str], bool]) -> tuple[str, ...]:
    """Return `text` as pieces that fit, in order; joined they are `text` but for space at their ends.

    Ends of sentences are tried first, then of clauses, then gaps between words or Chinese characters, then any
    character; neighbours share a piece while it fits.

    Args:
        text: A prompt.
        fits: Whether a piece is short enough for the tower; it must hold for a single character.

    Raises:
        ValueError: A single character does not fit.
    """
    return tuple(_split(text.strip(), fits, 0)) or ("",)


def _split(text: str, fits: Callable[[str], bool], level: int) -> list[str]:
    if fits(text):
        return [text] if text else []
    if level == len(LEVELS):
        raise ValueError(f"not even {text!r} fits into the text tower")
    pieces: list[str] = []
    for group in _packed(LEVELS[level].split(text), fits):
        pieces += _split(group.strip(), fits, level + 1)
    return pieces


def _packed(parts: Iterable[str], fits: Callable[[str], bool]) -> list[str]:
    groups: list[str] = []
    for part in parts:
        if groups and fits((groups[-1] + part).strip()):
            groups[-1] += part
        else:
            groups.append(part)
    return groups
