"""What a reader saw in a picture: lines of text with their places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

from annotated_types import Gt, MinLen

Point: TypeAlias = tuple[float, float]
"""x and y in pixels of the picture, from its top left corner."""

Polygon: TypeAlias = Annotated[tuple[Point, ...], MinLen(3)]
"""Corners in order, clockwise as seen; the first is the one where the text begins (top left of an upright line)."""


@dataclass(frozen=True, slots=True)
class Character:
    """One character that was read: its text, the recogniser's confidence in 0..1, and its four corners."""

    text: str
    confidence: float
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: its text, confidence in 0..1, outline, and its characters where the engine gives them."""

    text: str
    confidence: float
    polygon: Polygon
    characters: tuple[Character, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read in one picture of `width` × `height` pixels, raw and complete, in the engine's order."""

    width: Annotated[int, Gt(0)]
    height: Annotated[int, Gt(0)]
    lines: tuple[Line, ...] = field(default=())


def whole_picture(width: int, height: int) -> Polygon:
    """Return the picture's corners: the place of a line whose place is not known."""
    return (0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))
