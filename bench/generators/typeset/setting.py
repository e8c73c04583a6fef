"""Set type: lines of text as placed glyphs, with the exact extent of their ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from PIL import Image, ImageDraw

from bench.generators.typeset.faces import Face, font
from bench.generators.typeset.glyphs import (
    CENTRE_LINE,
    TURNED,
    Extent,
    Point,
    Quad,
    advance,
    cell_length,
    in_column,
    turned_ink,
    turned_mask,
    upright_ink,
)
from bench.generators.typeset.linebreaks import clusters
from bench.generators.typeset.malformation import Malformation, Malformations
from prompts.suite import Orientation

Alignment = Literal["start", "centre"]

_NONE: Malformations = {}


@dataclass(frozen=True, slots=True)
class Glyph:
    """A cluster to draw with its origin (on the baseline, at its left end) at `x`, `y`.

    `number` is its place in its line, blanks included. A `turned` one lies on its side, clockwise, and `x`, `y` are the
    middle of its em box.
    """

    cluster: str
    x: int
    y: int
    number: int
    turned: bool = False
    malformation: Malformation | None = None

    def moved(self, x: int, y: int) -> Glyph:
        """Return the glyph `x` pixels further right and `y` pixels further down."""
        return replace(self, x=self.x + x, y=self.y + y)

    def ink(self, face: Face, size: int) -> Extent | None:
        """Return the extent of its ink when well formed, None where it leaves none."""
        bounds = (turned_ink if self.turned else upright_ink)(face, size, self.cluster)
        return bounds and bounds.moved(self.x, self.y)

    def drawn_ink(self, face: Face, size: int) -> Extent | None:
        """Return the extent of its ink as it is drawn, which may be malformed."""
        if self.malformation is None:
            return self.ink(face, size)
        bounds = self.malformation.ink(face, size, self.cluster)
        return bounds and bounds.moved(self.x, self.y)


@dataclass(frozen=True, slots=True)
class Character:
    """A cluster of a line as the text has it, the corners of its ink (None for a blank), how it is damaged if it is."""

    text: str
    corners: Quad | None
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class SetLine:
    """One line or column: its text, the extent of its ink (None where it is blank), its characters in turn.

    `path` are points of the centre line of one that runs along a curve.
    """

    text: str
    ink: Extent | None
    characters: tuple[Character, ...]
    path: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Style:
    """How lettering is set: `tracking` (added between clusters) and `leading` (line to line) are in em."""

    face: Face
    tracking: float
    leading: float
    alignment: Alignment
    orientation: Orientation


@dataclass(frozen=True, slots=True)
class Setting:
    """Type set at `size` pixels to the em; well formed, its ink lies exactly in (0, 0)..(`width`, `height`)."""

    style: Style
    size: int
    glyphs: tuple[Glyph, ...]
    lines: tuple[SetLine, ...]
    width: int
    height: int

    def draw_on(self, canvas: Image.Image, x: int, y: int, stroke: int = 0) -> None:
        """Draw the glyphs white on `canvas` (mode L), the ink's corner at `x`, `y`; `stroke` pixels bolder."""
        pen = ImageDraw.Draw(canvas)
        type_face = font(self.style.face, self.size)
        for glyph in self.glyphs:
            if glyph.turned:
                mask = turned_mask(self.style.face, self.size, glyph.cluster, stroke)
                corner = (x + glyph.x - mask.width // 2, y + glyph.y - mask.height // 2)
                canvas.paste(255, corner, mask)
            elif glyph.malformation:
                mask = glyph.malformation.mask(self.style.face, self.size, glyph.cluster, stroke)
                canvas.paste(255, (x + glyph.x - self.size // 2, y + glyph.y - 3 * self.size // 2), mask)
            else:
                origin = (x + glyph.x, y + glyph.y)
                pen.text(origin, glyph.cluster, fill=255, font=type_face, anchor="ls", stroke_width=stroke)


def length(style: Style, row: Sequence[str]) -> float:
    """Return the length of `row` along its line, in em, before any rounding to pixels."""
    if style.orientation == "vertical":
        return sum(cell_length(cluster) + style.tracking for cluster in row)
    return sum(advance(style.face, cluster) + style.tracking for cluster in row)


def set_lines(lines: Sequence[str], style: Style, size: int, malformations: Malformations = _NONE) -> Setting:
    """Return `lines` set at `size` pixels to the em: rows from the top down, or columns from right to left.

    Malformed characters stand where well-formed ones would.
    """
    place = _column if style.orientation == "vertical" else _row
    rows = [place(clusters(line), style, size, index) for index, line in enumerate(lines)]
    inks = [_ink(row, style.face, size) for row in rows]
    block = _union([ink for ink in inks if ink])
    rows = [
        [glyph.moved(*_shift(ink, block, style)) for glyph in row] if ink else row
        for row, ink in zip(rows, inks, strict=True)
    ]
    corner = _union([ink for row in rows if (ink := _ink(row, style.face, size))])
    rows = [[glyph.moved(-corner.left, -corner.top) for glyph in row] for row in rows]
    if malformations:
        numbers = count()
        rows = [[replace(glyph, malformation=malformations.get(next(numbers))) for glyph in row] for row in rows]
    return Setting(
        style,
        size,
        tuple(glyph for row in rows for glyph in row),
        tuple(_set_line(line, row, style.face, size) for line, row in zip(lines, rows, strict=True)),
        corner.width,
        corner.height,
    )


def _set_line(line: str, row: Sequence[Glyph], face: Face, size: int) -> SetLine:
    glyphs = {glyph.number: glyph for glyph in row}
    characters, drawn = [], []
    for number, text in enumerate(clusters(line)):
        glyph = glyphs.get(number)
        ink = glyph.drawn_ink(face, size) if glyph else None
        damage = glyph.malformation.kind if glyph and glyph.malformation else None
        characters.append(Character(text, ink and ink.corners, damage))
        drawn += [ink] if ink else []
    return SetLine(line, _union(drawn) if drawn else None, tuple(characters))


def _shift(ink: Extent, block: Extent, style: Style) -> tuple[int, int]:
    """Return how far a line moves for its alignment in the block, judged by its ink as the eye does."""
    if style.orientation == "vertical":
        # Columns hang from their em boxes: the ink of 一 is not drawn up to the top.
        return 0, 0
    if style.alignment == "start":
        return block.left - ink.left, 0
    return (block.left + block.right - ink.left - ink.right) // 2, 0


def _row(row: Sequence[str], style: Style, size: int, index: int) -> list[Glyph]:
    type_face = font(style.face, size)
    baseline = round(index * style.leading * size)
    glyphs, x, before = [], 0.0, ""
    for number, cluster in enumerate(row):
        if before:
            pair = type_face.getlength(before + cluster) - type_face.getlength(cluster)
            x += pair + style.tracking * size
        if not cluster.isspace():
            glyphs.append(Glyph(cluster, round(x), baseline, number))
        before = cluster
    return glyphs


def _column(row: Sequence[str], style: Style, size: int, index: int) -> list[Glyph]:
    type_face = font(style.face, size)
    middle = -index * style.leading * size
    glyphs, top = [], 0.0
    for number, cluster in enumerate(row):
        shown = in_column(cluster, style.face)
        centre = top + cell_length(cluster) / 2 * size
        if cluster in TURNED and shown == cluster:
            glyphs.append(Glyph(cluster, round(middle), round(centre), number, turned=True))
        elif not cluster.isspace():
            x = middle - type_face.getlength(shown) / 2
            glyphs.append(Glyph(shown, round(x), round(centre + CENTRE_LINE * size), number))
        top += (cell_length(cluster) + style.tracking) * size
    return glyphs


def _ink(row: Sequence[Glyph], face: Face, size: int) -> Extent | None:
    """Return the extent of the ink of glyphs in place, or None where they leave none."""
    extents = [ink for glyph in row if (ink := glyph.ink(face, size))]
    return _union(extents) if extents else None


def _union(extents: Sequence[Extent]) -> Extent:
    """Return the smallest rectangle around `extents`; an empty one at the origin where there are none."""
    if not extents:
        return Extent(0, 0, 0, 0)
    lefts, tops, rights, bottoms = zip(*extents, strict=True)
    return Extent(min(lefts), min(tops), max(rights), max(bottoms))
