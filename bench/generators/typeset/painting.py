"""Paints a design: ground, panels, lettering, noise, and says exactly where lettering changed the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from bench.generators.typeset.colours import BLACK, RGB, contrast_to, mix
from bench.generators.typeset.design import FRAME_MARGIN, Design, Lettering, Panel
from bench.generators.typeset.glyphs import Extent
from bench.generators.typeset.grounds import paint_surface

_SMOOTH = 4  # Panels are drawn this many times larger and reduced, for smooth edges.
_SOFTNESS = 0.4  # How far the ink of frames and borders is mixed into their ground.
_LIGHTS = ((0.22, 0.6), (0.06, 0.8))  # Around glowing tubes: standard deviation in em, brightness.
_CORE_SOFTNESS = 0.022  # How softly the bright middle of a tube begins, em.
_PANEL_SHADE = 0.35  # Darkness of the soft shadow under a panel.


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where a region's lettering lies: the smallest rectangle around every pixel that it changed.

    Also the contrast of its ink to what lies behind that rectangle, at the middle (median) and least pixel.
    """

    box: Extent
    contrast: float
    least_contrast: float


def paint(design: Design) -> tuple[Image.Image, list[Drawn]]:
    """Return the picture (mode RGB), and for each lettering of the design where it lies."""
    scene = design.scene
    picture = paint_surface(design.ground, *design.size, scene.grain)
    for panel in design.panels:
        _hang(picture, panel, design)
    if design.frame:
        _rule(picture, design)
    drawn = [_letter(picture, lettering, scene.grain + 2) for lettering in design.letterings]
    if scene.noise:
        picture = _with_noise(picture, scene.noise, scene.grain)
    return picture, drawn


def _letter(picture: Image.Image, lettering: Lettering, grain: int) -> Drawn:
    """Paint one region's lettering; `grain` seeds the texture of its filling."""
    block, finish = lettering.block, lettering.finish
    layers: list[tuple[RGB | Image.Image, Image.Image]] = []
    if finish.shadow:
        colour, offset = finish.shadow
        layers.append((colour, _mask(lettering, 0, offset)))
    if finish.outline:
        colour, width = finish.outline
        layers.append((colour, _mask(lettering, width, 0)))
    mask = _mask(lettering, 0, 0)
    layers.append((paint_surface(finish.filling, *mask.size, grain) if finish.filling else finish.ink, mask))
    touched = Image.new("L", mask.size)
    for _, covered in layers:
        touched = ImageChops.lighter(touched, covered)
    box = touched.getbbox()
    if box is None:
        return Drawn(Extent(block.x, block.y, block.x, block.y), 1.0, 1.0)
    extent = Extent(*box).moved(block.x, block.y)
    behind = np.asarray(picture.crop(extent))
    inks = finish.filling.colours if finish.filling else (finish.ink,)
    contrasts = np.minimum.reduce([contrast_to(ink, behind) for ink in inks])
    if finish.core:
        layers = [*_halo(mask, finish.ink, block.setting.size), *layers, (finish.core, _core(mask, block.setting.size))]
    for colour_or_filling, covered in layers:
        picture.paste(colour_or_filling, (block.x, block.y), covered)
    return Drawn(extent, float(np.median(contrasts)), float(contrasts.min()))


def _halo(mask: Image.Image, colour: RGB, em: int) -> list[tuple[RGB, Image.Image]]:
    """Return the light around glowing tubes: wide and faint, then near and bright."""
    lights = []
    for deviation, brightness in _LIGHTS:
        blurred = mask.filter(ImageFilter.GaussianBlur(deviation * em))
        lights.append((colour, blurred.point([round(level * brightness) for level in range(256)])))
    return lights


def _core(mask: Image.Image, em: int) -> Image.Image:
    """Return the middle of the strokes, where a tube is brightest."""
    blurred = mask.filter(ImageFilter.GaussianBlur(_CORE_SOFTNESS * em))
    inner = blurred.point([min(255, max(0, round((level - 150) * 255 / 80))) for level in range(256)])
    return ImageChops.multiply(inner, mask)


def _mask(lettering: Lettering, stroke: int, offset: int) -> Image.Image:
    """Return the lettering's coverage as it lies in the picture, `offset` pixels further right and down."""
    block = lettering.block
    mask = Image.new("L", block.size)
    block.setting.draw_on(mask, block.pad + offset, block.pad + offset, stroke)
    if lettering.finish.blur:
        mask = mask.filter(ImageFilter.GaussianBlur(lettering.finish.blur))
    return block.item.warp.place(mask)


def _hang(picture: Image.Image, panel: Panel, design: Design) -> None:
    """Paint a panel with its border and a soft shadow."""
    outer = panel.warp.place(_plate(panel, 0))
    inner = panel.warp.place(_plate(panel, panel.border))
    surface = paint_surface(design.scene.surface, *outer.size, design.scene.grain + 1)
    shade = outer.filter(ImageFilter.GaussianBlur(2 * panel.border)).point(lambda level: level * _PANEL_SHADE)
    picture.paste(BLACK, (panel.x + panel.border, panel.y + 2 * panel.border), shade)
    picture.paste(_line_colour(design), (panel.x, panel.y), outer)
    picture.paste(surface, (panel.x, panel.y), inner)
    if panel.is_double:
        line = ImageChops.subtract(_plate(panel, 3 * panel.border), _plate(panel, 4 * panel.border))
        picture.paste(_line_colour(design), (panel.x, panel.y), panel.warp.place(line))


def _plate(panel: Panel, margin: int) -> Image.Image:
    """Return a panel's coverage in its block (mode L), `margin` pixels narrower on every side."""
    width, height = panel.size
    inset = (panel.inset + margin) * _SMOOTH
    large = Image.new("L", (width * _SMOOTH, height * _SMOOTH))
    corners = (inset, inset, large.width - inset - 1, large.height - inset - 1)
    radius = max(0, panel.radius - margin) * _SMOOTH
    ImageDraw.Draw(large).rounded_rectangle(corners, radius, fill=255)
    return large.reduce(_SMOOTH)


def _rule(picture: Image.Image, design: Design) -> None:
    """Draw the line, or the two, along the picture's edges."""
    pen = ImageDraw.Draw(picture)
    inset = round(FRAME_MARGIN * min(design.size))
    for distance in (inset, inset + 3 * design.frame) if design.scene.is_double else (inset,):
        corners = (distance, distance, design.size.width - distance - 1, design.size.height - distance - 1)
        pen.rectangle(corners, outline=_line_colour(design), width=design.frame)


def _line_colour(design: Design) -> RGB:
    return mix(design.scene.inks[0], design.scene.surface.colours[0], _SOFTNESS)


def _with_noise(picture: Image.Image, deviation: float, grain: int) -> Image.Image:
    rng = np.random.default_rng([grain, 1])
    noise = rng.standard_normal((picture.height, picture.width, 3), dtype=np.float32) * deviation
    return Image.fromarray(np.clip(np.rint(np.asarray(picture) + noise), 0, 255).astype(np.uint8))
