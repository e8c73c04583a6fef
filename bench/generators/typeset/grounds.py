"""Paints grounds: flat colours, gradients, and textures such as clouds, bricks and wood."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.generators.typeset.scene import Surface

Field = NDArray[np.float32]


def paint_surface(surface: Surface, width: int, height: int, grain: int) -> Image.Image:
    """Return a picture (mode RGB) of this size filled with `surface`; `grain` seeds its texture."""
    if surface.kind == "flat":
        return Image.new("RGB", (width, height), surface.colours[0])
    share = _radial(width, height) if surface.kind == "radial" else _linear(width, height, surface.angle)
    relief = None
    if surface.texture:
        relief = surface.texture * TEXTURES[surface.kind](width, height, surface.angle, np.random.default_rng(grain))
    channels = []
    for one, other in zip(*surface.colours, strict=True):
        levels = one + (other - one) * share
        if relief is not None:
            levels += relief
        channels.append(Image.fromarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8)))
    return Image.merge("RGB", channels)


def _axes(width: int, height: int) -> tuple[Field, Field]:
    """Return the columns' and rows' places, -1 to 1, as a row and a column vector."""
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    return across, down


def _linear(width: int, height: int, angle: float) -> Field:
    across, down = _axes(width, height)
    x, y = cos(radians(angle)), sin(radians(angle))
    return np.asarray((across * x + down * y) / (2 * (abs(x) + abs(y))) + 0.5, np.float32)


def _radial(width: int, height: int) -> Field:
    across, down = _axes(width, height)
    return np.asarray((across**2 + down**2) / 2, np.float32)


def _noise(width: int, height: int, cell_width: float, cell_height: float, rng: np.random.Generator) -> Field:
    """Return smooth noise, about -1 to 1, with hills as wide and high as the cell in pixels."""
    columns, rows = int(width / cell_width) + 2, int(height / cell_height) + 2
    hills = Image.fromarray(rng.random((rows, columns), dtype=np.float32) * 2 - 1)
    return np.asarray(hills.resize((width, height), Image.Resampling.BICUBIC))


def _grain(width: int, height: int, _angle: float, rng: np.random.Generator) -> Field:
    return np.asarray(_noise(width, height, 2, 2, rng) * 0.7 + _noise(width, height, 9, 9, rng) * 0.5)


def _clouds(width: int, height: int, _angle: float, rng: np.random.Generator) -> Field:
    octaves = [_noise(width, height, height / n, height / n, rng) / k for k, n in ((1, 3), (2, 7), (4, 17), (6, 41))]
    return np.asarray(sum(octaves[1:], octaves[0]))


def _stripes(width: int, height: int, angle: float, rng: np.random.Generator) -> Field:
    across, down = _axes(width, height)
    bands = rng.integers(6, 24)
    phase = (across * cos(radians(angle)) * width / height + down * sin(radians(angle))) * bands
    return np.asarray(np.where(np.sin(phase * np.pi) > 0, 0.8, -0.8), np.float32)


def _bricks(width: int, height: int, _angle: float, rng: np.random.Generator) -> Field:
    course = max(8, height // int(rng.integers(12, 28)))
    y, x = np.arange(height)[:, None], np.arange(width)[None, :]
    row = y // course
    along = x + (row % 2) * course
    tone = rng.random((height // course + 1, width // (2 * course) + 2), dtype=np.float32) - 0.5
    joint = max(2, course // 12)
    is_joint = (y % course < joint) | (along % (2 * course) < joint)
    return np.where(is_joint, np.float32(1), tone[row, along // (2 * course)])


def _wood(width: int, height: int, _angle: float, rng: np.random.Generator) -> Field:
    long = _noise(width, height, width / 2, height / 60, rng) + _noise(width, height, width / 3, 3, rng) / 2
    return np.asarray(long / 1.2)


TEXTURES: dict[str, Callable[[int, int, float, np.random.Generator], Field]] = {
    "grain": _grain,
    "clouds": _clouds,
    "stripes": _stripes,
    "bricks": _bricks,
    "wood": _wood,
}
"""Textures by the kind of surface: (width, height, degrees, generator) in, relief of about -1 to 1 out."""
