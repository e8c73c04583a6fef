"""Characters of targets and prompts that nobody can see, or tell from others by eye."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

_INVISIBLE = {"Cc": "control character", "Cf": "invisible character", "Co": "private character", "Cn": "no character"}
_SPACE_ALLOWED = " "


def unsafe_characters(text: str) -> Iterator[str]:
    """Yield a sentence for each kind of character in `text` that cannot be seen, or not be told from another."""
    for character in sorted(set(text)):
        kind = _INVISIBLE.get(unicodedata.category(character))
        if character.isspace() and character != _SPACE_ALLOWED:
            kind = "white space other than the plain space"
        if kind:
            yield f"{_named(character)} is {kind}; take it out"
    if not unicodedata.is_normalized("NFC", text):
        yield "is not in Unicode's composed form (NFC); save it so"


def look_alikes(target: str) -> Iterator[str]:
    """Yield a sentence for each character of `target` that looks like one of another script or another width."""
    for character in sorted(set(target)):
        plain = unicodedata.normalize("NFKC", character)
        if regex.fullmatch(r"[\p{L}\p{Nd}\p{Han}]", character) and plain != character:
            yield f"{_named(character)} is a variant of {plain!r}; write that"
        elif regex.fullmatch(r"(?V1)[\p{L}--[\p{Latin}\p{Han}]]", character):
            yield f"{_named(character)} is neither Latin nor Han and may look like a letter that is; write that"


def _named(character: str) -> str:
    return f"{character!r} (U+{ord(character):04X} {unicodedata.name(character, 'unnamed')})"
