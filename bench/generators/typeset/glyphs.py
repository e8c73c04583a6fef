"""Single glyphs: their advance, the exact extent of their ink, the forms that they take in columns."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from PIL import Image, ImageDraw

from bench.generators.typeset.faces import Face, coverage, font

REFERENCE = 200  # Pixels to the em at which advances are measured before the final size is known.
CENTRE_LINE = 0.38  # The middle of the em box above the baseline: 0.88 em above, 0.12 em below (Noto CJK).
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

TURNED = frozenset("“”‘’～〜~-‐=＝<>＜＞/／")
"""Marks that lie on their side in a column (Unicode UAX 50, orientation R or Tr) and have no form of their own."""


Point: TypeAlias = tuple[float, float]
"""Rightwards and downwards, in pixels."""

Quad: TypeAlias = tuple[Point, Point, Point, Point]
"""Four corners, clockwise from where what they bound begins."""


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

    @property
    def corners(self) -> Quad:
        """The corners, from the upper left one."""
        return (self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)

    def moved(self, x: int, y: int) -> Extent:
        """Return the rectangle `x` pixels further right and `y` pixels further down."""
        return Extent(self.left + x, self.top + y, self.right + x, self.bottom + y)


def in_column(cluster: str, face: Face) -> str:
    """Return the form of a cluster for a column, or itself where it has none that the face can draw."""
    form = VERTICAL_FORMS.get(cluster, cluster)
    return form if ord(form[0]) in coverage(face.path, face.index) else cluster


def cell_length(cluster: str) -> float:
    """Return the room, in em, that a cluster takes up in a column."""
    if cluster.isspace():
        return _BLANK
    return _CAPITAL if cluster.isupper() or cluster.isdecimal() else 1.0


@lru_cache(maxsize=65536)
def advance(face: Face, cluster: str) -> float:
    """Return how far a cluster moves the pen along a row, in em."""
    return font(face, REFERENCE).getlength(cluster) / REFERENCE


@lru_cache(maxsize=65536)
def upright_ink(face: Face, size: int, cluster: str) -> Extent | None:
    """Return the extent of a cluster's ink about its origin, None where it leaves none."""
    # Not getbbox: it reaches from the origin to the advance, which is more than the ink.
    mask, (left, top) = font(face, size).getmask2(cluster, mode="L", anchor="ls")
    box = mask.getbbox()
    return Extent(*box).moved(left, top) if box else None


def turned_ink(face: Face, size: int, cluster: str) -> Extent | None:
    """Return the extent of the ink of a cluster that lies on its side, about the middle of its em box."""
    mask = turned_mask(face, size, cluster, 0)
    box = mask.getbbox()
    return Extent(*box).moved(-(mask.width // 2), -(mask.height // 2)) if box else None


@lru_cache(maxsize=256)
def turned_mask(face: Face, size: int, cluster: str, stroke: int) -> Image.Image:
    """Return a cluster lying on its side, clockwise, about the middle of its em box: a square of 2 em, mode L."""
    upright = Image.new("L", (2 * size, 2 * size))
    type_face = font(face, size)
    origin = (size - round(type_face.getlength(cluster) / 2), size + round(CENTRE_LINE * size))
    ImageDraw.Draw(upright).text(origin, cluster, fill=255, font=type_face, anchor="ls", stroke_width=stroke)
    return upright.transpose(Image.Transpose.ROTATE_270)
