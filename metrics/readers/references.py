"""How a character should look: drawn in two well-known designs, to be compared with what stands in a picture."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from prompts.errors import GlyphbenchError

SIDE = 48
"""Pixels of a reference, in both directions."""

ROOM = 1.2
"""What a reference shows, in em: the character's em box in the middle, and a little around."""

DESIGNS = ("NotoSansCJKsc-Regular.otf", "NotoSerifCJKsc-Regular.otf")
"""Font files (SIL Open Font License 1.1) in the installed package `mplfonts`."""

_FINENESS = 2  # Characters are drawn this many times larger and reduced, so that hinting plays no part.
_CENTRE_LINE = 0.38  # The middle of the em box above the baseline: 0.88 em above, 0.12 em below (Noto CJK).


def has_reference(character: str) -> bool:
    """Return whether a character can be compared: it is one code point, a letter, digit or Han, and in both designs."""
    return len(character) == 1 and character.isalnum() and ord(character) in _covered()


@lru_cache(maxsize=4096)
def reference(character: str) -> NDArray[np.uint8]:
    """Return a character in each design, of shape (designs, SIDE, SIDE), 255 for ink.

    Raises:
        KeyError: It has no reference.
    """
    if not has_reference(character):
        raise KeyError(character)
    side = SIDE * _FINENESS
    em = round(side / ROOM)
    drawn = np.empty((len(DESIGNS), SIDE, SIDE), np.uint8)
    for number, design in enumerate(DESIGNS):
        canvas = Image.new("L", (side, side))
        font = _font(design, em)
        origin = (side / 2 - font.getlength(character) / 2, side / 2 + _CENTRE_LINE * em)
        ImageDraw.Draw(canvas).text(origin, character, fill=255, font=font, anchor="ls")
        drawn[number] = cv2.resize(np.asarray(canvas), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return drawn


def font_path(design: str) -> Path:
    """Return the file of a design.

    Raises:
        GlyphbenchError: The package is not installed, or does not hold it.
    """
    spec = find_spec("mplfonts")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, "fonts", design)
        if path.is_file():
            return path
    raise GlyphbenchError(
        f"the font {design} of the package 'mplfonts' is not there; install Glyphbench again with pip"
    )


@cache
def _covered() -> frozenset[int]:
    known = []
    for design in DESIGNS:
        with TTFont(font_path(design), lazy=True) as file:
            known.append(frozenset(file.getBestCmap()))
    return frozenset.intersection(*known)


@cache
def _font(design: str, em: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_path(design), em, layout_engine=ImageFont.Layout.BASIC)
