"""How lettering is painted: its ink or filling, outline, shadow, blur and glow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.generators.typeset.colours import BLACK, RGB, WHITE, distance, luminance, mix
from bench.generators.typeset.distribution import Range, Strength
from bench.generators.typeset.palette import FILLINGS
from bench.generators.typeset.scene import Scene, Surface, keeps_contrast
from bench.generators.typeset.wishes import FinishKind

OUTLINE_WIDTH, SHADOW_OFFSET = Range(0.03, 0.06), Range(0.04, 0.09)
"""Of lettering for which an outline or a shadow was wished, em."""

_FILLING_KINDS = ("grain", "clouds", "stripes", "wood")
FILLING_DEPTH = Range(0.12, 0.28)
"""Depth of a textured filling (±), share of the distance between ink and ground."""

_FILLING_SHIFT = 0.25  # Second colour of a textured filling: at most so far from the ink.
_VISIBLE = 70.0  # Difference of the two colours of a gradient that is looked for, in levels of 255.
_FAINTEST = 0.02  # A smaller share of another colour is none.
_CORE = 0.7  # The middle of a neon tube: so far from its colour to white.


@dataclass(frozen=True, slots=True)
class Finish:
    """How lettering is painted.

    Attributes:
        ink: Its colour.
        outline: Colour and width in pixels.
        shadow: Colour, and pixels to the right and down.
        blur: Standard deviation in pixels.
        filling: Painted in place of the ink, over the lettering's block.
        core: Colour of the middle of its strokes when they are glowing tubes.
    """

    ink: RGB
    outline: tuple[RGB, int] | None
    shadow: tuple[RGB, int] | None
    blur: float | None
    filling: Surface | None = None
    core: RGB | None = None


def draw_finish(
    rng: np.random.Generator,
    wish_rng: np.random.Generator,
    strength: Strength,
    scene: Scene,
    ink: RGB,
    em: int,
    kind: FinishKind | None,
) -> Finish:
    """Return the finish of one region's lettering, `em` pixels to the em; fillings and glow only as `kind` has them."""
    ground = scene.surface.colours[0]
    is_light = bool(luminance(np.array(ink, np.uint8)) > luminance(np.array(ground, np.uint8)))
    outline = (mix(ink, BLACK if is_light else WHITE, 0.6), _pixels(strength.outline_width, rng, em))
    is_outlined = rng.random() < strength.outline
    shadow = (mix(ground, BLACK, 0.5), _pixels(strength.shadow_offset, rng, em))
    is_shadowed = rng.random() < strength.shadow
    blur = strength.blur_radius.draw(rng) * em
    is_blurred = rng.random() < strength.blur
    return Finish(
        ink,
        outline if is_outlined else None,
        shadow if is_shadowed else None,
        blur if is_blurred else None,
        _draw_filling(wish_rng, strength, scene, ink, kind) if kind in {"gradient", "texture"} else None,
        mix(ink, WHITE, _CORE) if kind == "neon" else None,
    )


def _pixels(shares: Range, rng: np.random.Generator, em: int) -> int:
    return max(1, round(shares.draw(rng) * em))


def _draw_filling(
    rng: np.random.Generator, strength: Strength, scene: Scene, ink: RGB, kind: FinishKind | None
) -> Surface:
    """Return a gradient or texture that begins with the ink and keeps the least contrast to the ground."""
    order = rng.permutation(len(FILLINGS))
    texture = _FILLING_KINDS[rng.integers(len(_FILLING_KINDS))]
    angle, depth = 360 * float(rng.random()), FILLING_DEPTH.draw(rng)
    grounds, most = scene.surface.colours, 1.0 if kind == "gradient" else _FILLING_SHIFT
    others = [_nearing(ink, list(FILLINGS.values())[k], most, grounds, strength.least_contrast) for k in order]
    # The first that shows; where none does (faint lettering), the one that shows most.
    other = max(others, key=lambda colour: min(_VISIBLE * most, distance(ink, colour)))
    if kind == "gradient":
        return Surface("linear", (ink, other), angle, 0.0)
    return Surface(texture, (ink, other), angle, depth * distance(ink, grounds[0]))


def _nearing(ink: RGB, colour: RGB, share: float, grounds: tuple[RGB, ...], least: float) -> RGB:
    """Return the ink mixed with a colour, at most by `share`, so that it keeps its contrast to the grounds."""
    while share > _FAINTEST and not keeps_contrast(ink, mix(ink, colour, share), grounds, least):
        share *= 0.8
    return mix(ink, colour, share) if share > _FAINTEST else ink
