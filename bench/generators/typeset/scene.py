"""What all lettering of a picture has in common: layout, colours, grounds, the order in which faces are preferred."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from bench.generators.typeset.colours import BLACK, RGB, WHITE, contrast, distance, luminance, mix, toned_down
from bench.generators.typeset.distribution import Strength
from bench.generators.typeset.palette import NEON, SCHEMES, WALLS, Scheme
from bench.generators.typeset.setting import Alignment
from bench.generators.typeset.wishes import Wishes

_LAYOUTS_WITH_PLACES = ("bare", "boards")
_NIGHT = 0.5  # How far the grounds of neon are darkened.
_NEON_GROUND = 0.05  # Luminance of a ground below which neon may stand on it.
_SAMPLES = 9  # Points of a gradient at which contrast is looked at.


@dataclass(frozen=True, slots=True)
class Surface:
    """A ground: its kind, the two colours it runs between, in which direction (degrees), the depth of its texture."""

    kind: str
    colours: tuple[RGB, RGB]
    angle: float
    texture: float


@dataclass(frozen=True, slots=True)
class Scene:
    """The part of a design that does not depend on any text.

    Attributes:
        layout: `bare`, `frame`, `card` or `boards`.
        scheme: Name of the colour scheme.
        surface: The ground of the lettering.
        wall: What cards and boards hang on.
        inks: Of the first region, and of those after it.
        faces: Short names, the preferred one first.
        size: Where in the range for its length the size of every text lies, 0..1.
        later: Size of the regions after the first, times.
        leading: Line to line, in em.
        alignment: Of the lines in a block.
        anchor: Share of the free height above lettering without a place.
        card: Height of a card, share of what the margins leave.
        is_double: Whether the line of a frame or a card is doubled.
        noise: Standard deviation of the noise over the picture, in levels of 255.
        grain: Seed of textures and noise.
    """

    layout: str
    scheme: str
    surface: Surface
    wall: Surface
    inks: tuple[RGB, RGB]
    faces: tuple[str, ...]
    size: float
    later: float
    leading: float
    alignment: Alignment
    anchor: float
    card: float
    is_double: bool
    noise: float
    grain: int


def draw_scene(
    rng: np.random.Generator, strength: Strength, has_places: bool, wishes: Wishes, wish_rng: np.random.Generator
) -> Scene:
    """Return the scene of a picture; one in which a region has its place gets no frame or card.

    What only wishes need is drawn from `wish_rng`.
    """
    schemes = _schemes(wishes)
    scheme_name = schemes[rng.integers(len(schemes))]
    is_night = wishes.finish == "neon"
    scheme = _neon(SCHEMES[scheme_name], wish_rng) if is_night else SCHEMES[scheme_name]
    limit = strength.contrast.draw(rng)
    ink, accent = (toned_down(colour, scheme.ground, limit) for colour in (scheme.ink, scheme.accent))
    inks = (ink, accent if rng.random() < strength.accent else ink)
    depth = distance(ink, scheme.ground)
    wall = list(WALLS.values())[rng.integers(len(WALLS))]
    wall = mix(wall, BLACK, _NIGHT) if is_night else wall
    scene = Scene(
        layout=strength.layouts.draw(rng, _LAYOUTS_WITH_PLACES if has_places else None),
        scheme=scheme_name,
        surface=_draw_surface(rng, strength, scheme.ground, inks, depth),
        wall=_draw_surface(rng, strength, wall, (), depth),
        inks=inks,
        faces=tuple(strength.faces.order(rng)),
        size=float(rng.random()),
        later=strength.later.draw(rng),
        leading=strength.leading.draw(rng),
        alignment=cast("Alignment", strength.alignment.draw(rng)),
        anchor=strength.anchor.draw(rng),
        card=strength.card.draw(rng),
        is_double=bool(rng.random() < 0.5),
        noise=strength.noise.draw(rng) * depth,
        grain=int(rng.integers(2**32)),
    )
    return replace(scene, faces=(wishes.face,)) if wishes.face else scene


def _schemes(wishes: Wishes) -> list[str]:
    """Return the names of the schemes that a picture may have."""
    if wishes.finish == "neon":
        return [name for name, scheme in SCHEMES.items() if _brightness(scheme.ground) < _NEON_GROUND]
    if wishes.ground is None:
        return list(SCHEMES)
    is_light = wishes.ground == "light"
    return [name for name, (ground, ink, _) in SCHEMES.items() if (_brightness(ground) > _brightness(ink)) == is_light]


def _brightness(colour: RGB) -> float:
    return float(luminance(np.array(colour, np.uint8)))


def _neon(scheme: Scheme, rng: np.random.Generator) -> Scheme:
    """Return a scheme by night, with two colours of glowing tubes."""
    one, other = rng.choice(len(NEON), 2, replace=False)
    colours = list(NEON.values())
    return Scheme(mix(scheme.ground, BLACK, _NIGHT), colours[one], colours[other])


def _draw_surface(
    rng: np.random.Generator, strength: Strength, colour: RGB, inks: tuple[RGB, ...], depth: float
) -> Surface:
    """Return a ground of this colour; its second colour keeps the least contrast to all `inks`.

    The texture's relief is a share of `depth`, in levels of 255.
    """
    kind = strength.surfaces.draw(rng)
    shift = strength.shift.draw(rng)
    towards = WHITE if rng.random() < 0.5 else BLACK
    angle, texture = 360 * rng.random(), strength.texture.draw(rng) * depth
    if kind == "flat":
        return Surface(kind, (colour, colour), 0.0, 0.0)
    while not keeps_contrast(colour, mix(colour, towards, shift), inks, strength.least_contrast):
        shift *= 0.8
    is_textured = kind not in {"linear", "radial"}
    return Surface(kind, (colour, mix(colour, towards, shift)), angle, texture if is_textured else 0.0)


def keeps_contrast(one: RGB, other: RGB, inks: tuple[RGB, ...], least: float) -> bool:
    """Tell whether every colour between `one` and `other` has the least contrast to all `inks`."""
    between = [mix(one, other, step / (_SAMPLES - 1)) for step in range(_SAMPLES)]
    return one == other or all(contrast(ink, colour) >= least for ink in inks for colour in between)
