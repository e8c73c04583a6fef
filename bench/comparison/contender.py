"""One side of a comparison, as it is named to people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contender:
    """One side.

    Attributes:
        name: Of its model.
        signature: Everything that can change its headline, in one line.
        source: The run folder or the baseline file, as it was given.
    """

    name: str
    signature: str
    source: str
