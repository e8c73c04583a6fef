"""Set type: lines of text as placed glyphs, with the exact extent of their ink."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw

from bench.generators.typeset.faces import Face, coverage, font
from bench.generators.typeset.linebreaks import clusters
from prompts.suite import Orientation

Alignment = Literal["start", "centre"]

_REFERENCE = 200  # Pixels to the em at which advances are measured before the final size is known.
_CENTRE_LINE = 0.38  # The middle of the em box above the baseline: 0.88 em above, 0.12 em below (Noto CJK).
_BLANK, _CAPITAL = 0.5, 0.85  # Room that a blank, and a capital or digit, takes up in a column, in em.


def _vertical_forms() -> dict[str, str]:
    forms = {}
    for code in range(0xFE10, 0xFE49):
        kind, _, plain = unicodedata.decomposition(chr(code)).partition(" ")
        if kind == "<vertical>":
            forms[chr(int(plain, 16))] = chr(code)
    return forms | {chr(ord(mark) + 0xFEE0): form for mark, form in forms.items() if "!" <= mark <= "~"}


VERTICAL_FORMS: dict[str, str] = _vertical_forms()
"""Punctuation, half and full width, and the form that it takes in a column (Unicode, vertical presentation forms)."""

_TURNED = frozenset("“”‘’～〜~-‐=＝<>＜＞/／")
"""Marks that lie on their side in a column (Unicode UAX 50, orientation R or Tr) and have no form of their own."""


class Extent(NamedTuple):
    """A rectangle in pixels: left and top inside it, right and bottom just outside it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    def moved(self, x: int, y: int) -> Extent:
        """Return the rectangle `x` pixels further right and `y` pixels further down."""
        return Extent(self.left + x, self.top + y, self.right + x, self.bottom + y)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A cluster to draw with its origin (on the baseline, at its left end) at `x`, `y`.

    A `turned` one lies on its side, clockwise, and `x`, `y` are the middle of its em box.
    """

    cluster: str
    x: int
    y: int
    turned: bool = False


@dataclass(frozen=True, slots=True)
class SetLine:
    """One line or column: its text and the extent of its ink, None where it is blank."""

    text: str
    ink: Extent | None


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
    """Type set at `size` pixels to the em; the ink lies exactly in (0, 0)..(`width`, `height`)."""

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
                mask = _turned_mask(self.style.face, self.size, glyph.cluster, stroke)
                corner = (x + glyph.x - mask.width // 2, y + glyph.y - mask.height // 2)
                canvas.paste(255, corner, mask)
            else:
                origin = (x + glyph.x, y + glyph.y)
                pen.text(origin, glyph.cluster, fill=255, font=type_face, anchor="ls", stroke_width=stroke)


def length(style: Style, row: Sequence[str]) -> float:
    """Return the length of `row` along its line, in em, before any rounding to pixels."""
    if style.orientation == "vertical":
        return sum(_cell(cluster) + style.tracking for cluster in row)
    return sum(_advance(style.face, cluster) + style.tracking for cluster in row)


def set_lines(lines: Sequence[str], style: Style, size: int) -> Setting:
    """Return `lines` set at `size` pixels to the em: rows from the top down, or columns from right to left."""
    place = _column if style.orientation == "vertical" else _row
    rows = [place(clusters(line), style, size, index) for index, line in enumerate(lines)]
    inks = [_ink(row, style.face, size) for row in rows]
    drawn = [ink for ink in inks if ink]
    block = _union(drawn)
    glyphs: list[Glyph] = []
    set_rows: list[SetLine] = []
    for line, row, ink in zip(lines, rows, inks, strict=True):
        x, y = (0, 0) if ink is None else _shift(ink, block, style)
        glyphs += [Glyph(g.cluster, g.x + x, g.y + y, g.turned) for g in row]
        set_rows.append(SetLine(line, ink and ink.moved(x, y)))
    corner = _union([row.ink for row in set_rows if row.ink])
    return Setting(
        style,
        size,
        tuple(Glyph(g.cluster, g.x - corner.left, g.y - corner.top, g.turned) for g in glyphs),
        tuple(SetLine(row.text, row.ink and row.ink.moved(-corner.left, -corner.top)) for row in set_rows),
        corner.width,
        corner.height,
    )


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
    for cluster in row:
        if before:
            pair = type_face.getlength(before + cluster) - type_face.getlength(cluster)
            x += pair + style.tracking * size
        if not cluster.isspace():
            glyphs.append(Glyph(cluster, round(x), baseline))
        before = cluster
    return glyphs


def _column(row: Sequence[str], style: Style, size: int, index: int) -> list[Glyph]:
    type_face = font(style.face, size)
    middle = -index * style.leading * size
    glyphs, top = [], 0.0
    for cluster in row:
        shown = _in_column(cluster, style.face)
        centre = top + _cell(cluster) / 2 * size
        if cluster in _TURNED and shown == cluster:
            glyphs.append(Glyph(cluster, round(middle), round(centre), turned=True))
        elif not cluster.isspace():
            x = middle - type_face.getlength(shown) / 2
            glyphs.append(Glyph(shown, round(x), round(centre + _CENTRE_LINE * size)))
        top += (_cell(cluster) + style.tracking) * size
    return glyphs


def _in_column(cluster: str, face: Face) -> str:
    """Return the form of a cluster for a column, or itself where it has none that the face can draw."""
    form = VERTICAL_FORMS.get(cluster, cluster)
    return form if ord(form[0]) in coverage(face.path, face.index) else cluster


def _cell(cluster: str) -> float:
    """Return the room, in em, that a cluster takes up in a column."""
    if cluster.isspace():
        return _BLANK
    return _CAPITAL if cluster.isupper() or cluster.isdecimal() else 1.0


@lru_cache(maxsize=65536)
def _advance(face: Face, cluster: str) -> float:
    return font(face, _REFERENCE).getlength(cluster) / _REFERENCE


def _ink(row: Sequence[Glyph], face: Face, size: int) -> Extent | None:
    """Return the extent of the ink of glyphs in place, or None where they leave none."""
    extents = []
    for glyph in row:
        bounds = _turned_ink(face, size, glyph.cluster) if glyph.turned else _upright_ink(face, size, glyph.cluster)
        if bounds:
            extents.append(bounds.moved(glyph.x, glyph.y))
    return _union(extents) if extents else None


@lru_cache(maxsize=65536)
def _upright_ink(face: Face, size: int, cluster: str) -> Extent | None:
    # Not getbbox: it reaches from the origin to the advance, which is more than the ink.
    mask, (left, top) = font(face, size).getmask2(cluster, mode="L", anchor="ls")
    box = mask.getbbox()
    return Extent(*box).moved(left, top) if box else None


def _turned_ink(face: Face, size: int, cluster: str) -> Extent | None:
    mask = _turned_mask(face, size, cluster, 0)
    box = mask.getbbox()
    return Extent(*box).moved(-(mask.width // 2), -(mask.height // 2)) if box else None


@lru_cache(maxsize=256)
def _turned_mask(face: Face, size: int, cluster: str, stroke: int) -> Image.Image:
    """Return a cluster lying on its side, clockwise, about the middle of its em box: a square of 2 em, mode L."""
    upright = Image.new("L", (2 * size, 2 * size))
    type_face = font(face, size)
    origin = (size - round(type_face.getlength(cluster) / 2), size + round(_CENTRE_LINE * size))
    ImageDraw.Draw(upright).text(origin, cluster, fill=255, font=type_face, anchor="ls", stroke_width=stroke)
    return upright.transpose(Image.Transpose.ROTATE_270)


def _union(extents: Sequence[Extent]) -> Extent:
    """Return the smallest rectangle around `extents`; an empty one at the origin where there are none."""
    if not extents:
        return Extent(0, 0, 0, 0)
    lefts, tops, rights, bottoms = zip(*extents, strict=True)
    return Extent(min(lefts), min(tops), max(rights), max(bottoms))
