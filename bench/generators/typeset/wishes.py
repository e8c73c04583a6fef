"""What is wished for in place of a draw from the distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.generators.typeset.bends import BendKind
from bench.generators.typeset.distribution import Range
from prompts.suite import Orientation

Ground = Literal["light", "dark"]
Places = Literal["swapped"]
FinishKind = Literal["plain", "outline", "shadow", "gradient", "texture", "neon"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """Choices for every picture; None leaves one to the distribution or the prompt.

    Attributes:
        face: Short name of the one face to use.
        em: Whole pixels to the em; lettering is not shrunk below the lower end.
        orientation: Of every region, whatever the prompt says.
        curve: That every line runs along; columns become rows for it.
        ground: Whether the ground is lighter or darker than the lettering.
        finish: How the lettering is painted.
        places: `swapped`: two texts stand in each other's place.
        displace: How far each text with a place is moved, in fractions of the picture (`metrics.boxes.distance`).
    """

    face: str | None = None
    em: Range | None = None
    orientation: Orientation | None = None
    curve: BendKind | None = None
    ground: Ground | None = None
    finish: FinishKind | None = None
    places: Places | None = None
    displace: float | None = None
