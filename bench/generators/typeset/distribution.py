"""The published distribution that pictures are drawn from, in two strengths (docs/typesetter.md shows it)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np


class Range(NamedTuple):
    """A uniform distribution."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Return a value from `low` to `high`."""
        return self.at(float(rng.random()))

    def at(self, share: float) -> float:
        """Return the value that lies `share` of the way (0..1) from `low` to `high`."""
        return self.low + (self.high - self.low) * share

    def __str__(self) -> str:
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} – {self.high:g}"


@dataclass(frozen=True, slots=True)
class Weights:
    """A choice among names, each as likely as its weight says."""

    table: Mapping[str, float]

    def draw(self, rng: np.random.Generator, among: Collection[str] | None = None) -> str:
        """Return one name; only of those in `among`, where it is given."""
        names = [name for name in self.table if among is None or name in among]
        steps = np.cumsum([self.table[name] for name in names])
        return names[int(np.searchsorted(steps, rng.random() * steps[-1], side="right"))]

    def order(self, rng: np.random.Generator) -> list[str]:
        """Return all names in the order of drawing without replacement."""
        left = dict(self.table)
        drawn = []
        while left:
            drawn.append(Weights(left).draw(rng))
            del left[drawn[-1]]
        return drawn

    def __str__(self) -> str:
        total = sum(self.table.values())
        return ", ".join(f"{name} {100 * weight / total:.0f}%" for name, weight in self.table.items())


@dataclass(frozen=True, slots=True)
class Strength:
    """How difficult the pictures are: each field is drawn from, its annotation says what it is and in which unit."""

    name: str
    faces: Annotated[Weights, "face; only those that have all the characters"]
    layouts: Annotated[Weights, "layout; `card` and `frame` only where no region has a place"]
    surfaces: Annotated[Weights, "ground of the lettering"]
    shift: Annotated[Range, "second colour of a gradient: share of the way to white or black"]
    texture: Annotated[Range, "depth of a texture (±), share of the distance between ink and ground"]
    noise: Annotated[Range, "noise over the picture, standard deviation, likewise"]
    contrast: Annotated[Range, "contrast is toned down to this ratio, where the colours have more"]
    least_contrast: Annotated[float, "… and is never less (plain: at every pixel behind the lettering)"]
    accent: Annotated[float, "probability that regions after the first take the second ink"]
    short: Annotated[
        Range, "em, share of the picture's height: texts of up to 4 full widths (a Latin letter is half of one)"
    ]
    middling: Annotated[Range, "em, share of the picture's height: of up to 12"]
    long: Annotated[Range, "em, share of the picture's height: longer"]
    later: Annotated[Range, "size of the regions after the first, times"]
    together: Annotated[
        float, "a text stays on one line down to this share of its size, but not below the least size of long texts"
    ]
    together_vertical: Annotated[float, "… and of up to 12 full widths in one column down to this share"]
    smallest: Annotated[int, "smallest em, pixels; below it the picture fails"]
    tracking: Annotated[Range, "tracking of texts up to 12 full widths, em"]
    column_tracking: Annotated[float, "… and besides, between the characters of a column"]
    leading: Annotated[Range, "line to line, em"]
    column_leading: Annotated[float, "… and besides, from column to column"]
    card: Annotated[Range, "height of a card, share of what the margins leave"]
    alignment: Annotated[Weights, "lines of a block of up to 24 full widths; longer ones begin at the start"]
    anchor: Annotated[Range, "share of the free height above the lettering, where it has no place"]
    turned: Annotated[float, "probability that a region is turned"]
    angle: Annotated[Range, "turn, degrees clockwise"]
    slanted: Annotated[float, "probability that a region is seen at a slant"]
    keystone: Annotated[
        Range, "slant: by how much the far side looks smaller, rightwards and downwards, over the longer edge"
    ]
    outline: Annotated[float, "probability of an outline"]
    outline_width: Annotated[Range, "outline, em"]
    shadow: Annotated[float, "probability of a drop shadow"]
    shadow_offset: Annotated[Range, "shadow to the right and down, em"]
    blur: Annotated[float, "probability of blur"]
    blur_radius: Annotated[Range, "blur, standard deviation in em"]


PLAIN = Strength(
    name="plain",
    faces=Weights(
        {
            "sans-400": 1,
            "sans-500": 2,
            "sans-700": 3,
            "sans-900": 1,
            "serif": 2,
            "mono": 1,
            "latin-sans": 1,
            "latin-sans-bold": 2,
            "latin-serif": 1,
            "latin-serif-bold": 2,
            "latin-book": 1,
            "latin-book-bold": 2,
        }
    ),
    layouts=Weights({"bare": 30, "frame": 20, "card": 25, "boards": 25}),
    surfaces=Weights({"flat": 40, "linear": 35, "radial": 25}),
    shift=Range(0.03, 0.14),
    texture=Range(0, 0),
    noise=Range(0, 0),
    contrast=Range(21, 21),
    least_contrast=4.5,
    accent=0.4,
    short=Range(0.14, 0.3),
    middling=Range(0.09, 0.18),
    long=Range(0.06, 0.11),
    later=Range(0.6, 1),
    together=0.5,
    together_vertical=0.15,
    smallest=16,
    tracking=Range(0, 0.1),
    column_tracking=0.08,
    leading=Range(1.3, 1.5),
    column_leading=0.3,
    card=Range(0.55, 1),
    alignment=Weights({"centre": 70, "start": 30}),
    anchor=Range(0.3, 0.6),
    turned=0,
    angle=Range(0, 0),
    slanted=0,
    keystone=Range(0, 0),
    outline=0,
    outline_width=Range(0, 0),
    shadow=0,
    shadow_offset=Range(0, 0),
    blur=0,
    blur_radius=Range(0, 0),
)
"""Clean lettering, as a good sign painter would do it."""

HARD = Strength(
    name="hard",
    faces=Weights(
        {
            "sans-200": 2,
            "sans-400": 2,
            "sans-700": 2,
            "sans-900": 1,
            "serif": 3,
            "mono": 1,
            "latin-sans": 1,
            "latin-sans-oblique": 2,
            "latin-serif": 2,
            "latin-book": 2,
            "latin-book-italic": 2,
        }
    ),
    layouts=Weights({"bare": 60, "frame": 5, "card": 10, "boards": 25}),
    surfaces=Weights({"linear": 20, "grain": 20, "clouds": 20, "stripes": 15, "bricks": 10, "wood": 15}),
    shift=Range(0.1, 0.3),
    texture=Range(0.08, 0.35),
    noise=Range(0, 0.2),
    contrast=Range(1.7, 4),
    least_contrast=1.5,
    accent=0.4,
    short=Range(0.035, 0.11),
    middling=Range(0.027, 0.07),
    long=Range(0.02, 0.04),
    later=Range(0.5, 1),
    together=0.5,
    together_vertical=0.15,
    smallest=12,
    tracking=Range(-0.04, 0.25),
    column_tracking=0.04,
    leading=Range(1.15, 1.5),
    column_leading=0.2,
    card=Range(0.55, 1),
    alignment=Weights({"centre": 50, "start": 50}),
    anchor=Range(0, 1),
    turned=0.5,
    angle=Range(-30, 30),
    slanted=0.4,
    keystone=Range(-0.4, 0.4),
    outline=0.3,
    outline_width=Range(0.02, 0.06),
    shadow=0.3,
    shadow_offset=Range(0.03, 0.08),
    blur=0.5,
    blur_radius=Range(0.015, 0.05),
)
"""Lettering that is small, faint, turned, blurred or on a busy ground."""

STRENGTHS: dict[str, Strength] = {strength.name: strength for strength in (PLAIN, HARD)}
