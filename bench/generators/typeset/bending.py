"""Type set along a curve: each glyph stands upright on the curve's tangent, none touches another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from math import ceil, cos, floor, radians, sin

import numpy as np
from PIL import Image, ImageDraw

from bench.generators.typeset.bends import Arc, Bend, Place, Wave, courses
from bench.generators.typeset.faces import Face, font
from bench.generators.typeset.glyphs import REFERENCE, Extent, Point, Quad, advance, upright_ink
from bench.generators.typeset.linebreaks import clusters
from bench.generators.typeset.malformation import Malformation, Malformations
from bench.generators.typeset.setting import Character, SetLine, Style

_FINE = 160  # Glyphs are drawn at no fewer pixels to the em, turned, and then reduced.
_MOST, _LEAST = 8, 2  # … but so many times larger at most and at least.
_REACH = 1.3  # From the middle of a glyph to the edge of the square that it is drawn in, em.
_SLIMMEST = 0.3  # Half the height that lettering is taken to have at the least, em: 一 is not set tighter than 口.
_STEPS = 32  # Pieces of the recorded centre line.
_NONE: Malformations = {}


@dataclass(frozen=True, slots=True)
class BentGlyph:
    """A cluster; the middle of its advance, on the centre line, is at `x`, `y`, turned clockwise by `angle` degrees."""

    cluster: str
    x: float
    y: float
    angle: float
    malformation: Malformation | None = None


@dataclass(frozen=True, slots=True)
class BentSetting:
    """Type set along a curve at `size` pixels to the em; the ink lies in (0, 0)..(`width`, `height`).

    The baseline runs `drop` em below the centre line.
    """

    style: Style
    size: int
    glyphs: tuple[BentGlyph, ...]
    lines: tuple[SetLine, ...]
    width: int
    height: int
    drop: float

    def draw_on(self, canvas: Image.Image, x: int, y: int, stroke: int = 0) -> None:
        """Draw the glyphs white on `canvas` (mode L), the ink's corner at `x`, `y`; `stroke` pixels bolder."""
        for glyph in self.glyphs:
            left, top = floor(glyph.x), floor(glyph.y)
            mask = self._turned(glyph, (glyph.x - left, glyph.y - top), stroke)
            canvas.paste(255, (x + left - mask.width // 2, y + top - mask.height // 2), mask)

    def _turned(self, glyph: BentGlyph, offset: Point, stroke: int) -> Image.Image:
        """Return a glyph's coverage in a square whose middle lies `offset` (less than a pixel) before its own."""
        scale = min(_MOST, max(_LEAST, ceil(_FINE / self.size)))
        half = ceil(_REACH * self.size) * scale
        upright = Image.new("L", (2 * half, 2 * half))
        fine = self.size * scale
        type_face = font(self.style.face, fine)
        origin = (half - type_face.getlength(glyph.cluster) / 2, half + self.drop * fine)
        if glyph.malformation:
            mask = glyph.malformation.mask(self.style.face, fine, glyph.cluster, stroke * scale)
            upright.paste(mask, (round(origin[0]) - fine // 2, round(origin[1]) - 3 * fine // 2))
        else:
            pen = ImageDraw.Draw(upright)
            pen.text(origin, glyph.cluster, fill=255, font=type_face, anchor="ls", stroke_width=stroke * scale)
        across, down = cos(radians(glyph.angle)), sin(radians(glyph.angle))
        x, y = half + offset[0] * scale, half + offset[1] * scale
        back = (across, down, half - x * across - y * down, -down, across, half + x * down - y * across)
        turned = upright.transform(upright.size, Image.Transform.AFFINE, back, Image.Resampling.BICUBIC)
        return turned.reduce(scale)


def bend_lines(
    lines: tuple[str, ...], style: Style, size: int, bend: Bend, malformations: Malformations = _NONE
) -> BentSetting:
    """Return `lines` set along a curve at `size` pixels to the em, the first one uppermost (of a circle: outermost).

    Malformed characters stand where well-formed ones would.
    """
    shape = _shape(lines, style, bend)
    quads = [_corners(cluster, at, style.face, shape.drop) for line in shape.lines for cluster, at in line]
    corners = [(x * size, y * size) for quad in quads for x, y in quad or ()]
    lefts, tops = zip(*corners, strict=True) if corners else ((0.0,), (0.0,))
    # Half a pixel more: that is how far smooth edges reach.
    left, top = floor(min(lefts) - 0.5), floor(min(tops) - 0.5)

    def placed(points: Sequence[Point]) -> tuple[Point, ...]:
        return tuple((x * size - left, y * size - top) for x, y in points)

    set_lines, glyphs, numbers = [], [], count()
    for text, line, path in zip(lines, shape.lines, shape.paths, strict=True):
        characters = []
        for cluster, at in line:
            malformation = None if cluster.isspace() else malformations.get(next(numbers))
            quad = _corners(cluster, at, style.face, shape.drop, malformation)
            damage = malformation.kind if malformation else None
            characters.append(Character(cluster, quad and _quad(placed(quad)), damage))
            if not cluster.isspace():
                place = at.x * size - left, at.y * size - top
                glyphs.append(BentGlyph(cluster, *place, at.angle, malformation))
        set_lines.append(SetLine(text, _bounds(characters), tuple(characters), placed(path)))
    width, height = ceil(max(lefts) + 0.5) - left, ceil(max(tops) + 0.5) - top
    return BentSetting(style, size, tuple(glyphs), tuple(set_lines), width, height, shape.drop)


def _quad(points: Sequence[Point]) -> Quad:
    a, b, c, d = points
    return a, b, c, d


def _bounds(characters: Sequence[Character]) -> Extent | None:
    points = [point for character in characters if character.corners for point in character.corners]
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return Extent(floor(min(xs)), floor(min(ys)), ceil(max(xs)), ceil(max(ys)))


@dataclass(frozen=True, slots=True)
class _Shape:
    """A setting before its size is known: all in em, about the curve's own origin."""

    lines: tuple[tuple[tuple[str, Place], ...], ...]
    paths: tuple[tuple[Point, ...], ...]
    drop: float


@lru_cache(maxsize=256)
def _shape(lines: tuple[str, ...], style: Style, bend: Bend) -> _Shape:
    rows = [clusters(line) for line in lines]
    middles = [_middles(row, style) for row in rows]
    lengths = [_length(row, middle, style.face) for row, middle in zip(rows, middles, strict=True)]
    inks = [ink for row in rows for cluster in row if (ink := upright_ink(style.face, REFERENCE, cluster))]
    top, bottom = (
        (min(ink.top for ink in inks) / REFERENCE, max(ink.bottom for ink in inks) / REFERENCE) if inks else (0, 0)
    )
    drop, half = -(top + bottom) / 2, max(_SLIMMEST, (bottom - top) / 2)
    placed, paths = [], []
    letters = [len(row) for row in rows]
    ways = courses(bend, [max(length, 0.1) for length in lengths], letters, half, style.leading)
    for row, middle, length, way in zip(rows, middles, lengths, ways, strict=True):
        placed.append(tuple((c, way.at(along)) for c, along in zip(row, _along(middle, length, way), strict=True)))
        paths.append(_path(length * way.stretch + way.spread * max(0, len(row) - 1), way) if row else ())
    return _Shape(tuple(placed), tuple(paths), drop)


def _middles(row: Sequence[str], style: Style) -> list[float]:
    """Return where the middles of the advances lie along a straight line, in em."""
    type_face = font(style.face, REFERENCE)
    found, x, before = [], 0.0, ""
    for cluster in row:
        if before:
            pair = type_face.getlength(before + cluster) - type_face.getlength(cluster)
            x += pair / REFERENCE + style.tracking
        found.append(x + advance(style.face, cluster) / 2)
        before = cluster
    return found


def _length(row: Sequence[str], middles: Sequence[float], face: Face) -> float:
    return middles[-1] + advance(face, row[-1]) / 2 if row else 0.0


def _along(middles: Sequence[float], length: float, way: Arc | Wave) -> list[float]:
    """Return where the middles of the advances lie along the curve, counted from its middle, in em."""
    offset = (len(middles) - 1) / 2
    return [(middle - length / 2) * way.stretch + (n - offset) * way.spread for n, middle in enumerate(middles)]


def _path(length: float, way: Arc | Wave) -> tuple[Point, ...]:
    places = [way.at(float(along)) for along in np.linspace(-length / 2, length / 2, _STEPS + 1)]
    return tuple((place.x, place.y) for place in places)


def _corners(cluster: str, at: Place, face: Face, drop: float, malformation: Malformation | None = None) -> Quad | None:
    """Return the corners of a cluster's ink, in em, turned with it; None for a blank."""
    if malformation:
        ink = malformation.ink(face, REFERENCE, cluster)
    else:
        ink = None if cluster.isspace() else upright_ink(face, REFERENCE, cluster)
    if ink is None:
        return None
    across, down = cos(radians(at.angle)), sin(radians(at.angle))
    corners = []
    for px, py in ink.corners:
        x, y = px / REFERENCE - advance(face, cluster) / 2, py / REFERENCE + drop
        corners.append((at.x + x * across - y * down, at.y + x * down + y * across))
    return _quad(corners)
