"""The key of an API: read from the environment, sent to its own server alone, blotted out of everything else."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from bench.generators import JSON
from prompts.errors import GlyphbenchError

BLOT = "[key]"
SHORTEST = 8
"""Characters. What is shorter is no key, and blotting it out would mangle ordinary words."""


class Key:
    """A secret, or none where a server wants none. Neither its text nor its representation shows it."""

    def __init__(self, value: str | None) -> None:
        self._value = value
        self._forms = sorted({value, quote(value, safe="")}, key=len, reverse=True) if value else []

    def __repr__(self) -> str:
        return f"Key({BLOT if self._value else None})"

    @property
    def headers(self) -> Mapping[str, str]:
        """What shows the key to its server."""
        return {"Authorization": f"Bearer {self._value}"} if self._value else {}

    def blotted(self, text: str) -> str:
        """Return `text` without the key, wherever it stands in it."""
        for form in self._forms:
            text = text.replace(form, BLOT)
        return text

    def blotted_in(self, value: JSON) -> JSON:
        """Return `value` with the key blotted out of every text in it."""
        if isinstance(value, str):
            return self.blotted(value)
        if isinstance(value, Mapping):
            return {self.blotted(name): self.blotted_in(inner) for name, inner in value.items()}
        if isinstance(value, Sequence):
            return [self.blotted_in(inner) for inner in value]
        return value


def find_key(names: Sequence[str], *, needed: bool) -> Key:
    """Return the key that the first of these environment variables holds.

    Raises:
        GlyphbenchError: None of them is set and one is needed, or what one holds cannot be a key. The message has the
            variable's name and nothing of its value.
    """
    for name in names:
        if value := os.environ.get(name, "").strip():
            if len(value) < SHORTEST or not value.isascii() or not value.isprintable() or " " in value:
                raise GlyphbenchError(
                    f"the environment variable {name} does not hold a key: {SHORTEST} or more printable ASCII "
                    "characters without spaces"
                )
            return Key(value)
    if needed:
        raise GlyphbenchError(f"no key: set the environment variable {' or '.join(names)} to it")
    return Key(None)
