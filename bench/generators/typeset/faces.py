"""The faces that lettering is set in: where their files are, which characters they have, their fonts and digests.

Every file comes inside an installed package and has a free licence. Other files in the same packages are left out:
SimHei (not free), Source Han (the same designs as Noto), Noto Sans CJK SC Regular (the variable face at weight 400).
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

from prompts.errors import GlyphbenchError

_OFL, _DEJAVU, _STIX = "SIL Open Font License 1.1", "Bitstream Vera and DejaVu (free)", "STIX Font License (free)"


class TypesettingError(GlyphbenchError):
    """Raised for a text that cannot be drawn exactly: a character without a glyph, or a place too small for it."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font file, and where it holds several designs or weights, which one.

    Attributes:
        name: As people call it.
        package: The installed package that the file comes in.
        file: Path inside that package.
        licence: Of the file.
        index: Which face of a collection.
        weight: Of a variable face, on its `wght` axis.
    """

    name: str
    package: str
    file: str
    licence: str
    index: int = 0
    weight: int | None = None

    @property
    def path(self) -> Path:
        """The file.

        Raises:
            TypesettingError: The package is not installed, or has no such file.
        """
        spec = find_spec(self.package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(folder, self.file)
            if path.is_file():
                return path
        raise TypesettingError(
            f"the font {self.file} of the package {self.package!r} is not there; install Glyphbench again with pip"
        )


def _sans(weight: int) -> Face:
    # Index 2 of the collection is the simplified Chinese design.
    file = "NotoSansCJK-VF.otf.ttc"
    return Face(f"Noto Sans CJK SC {weight}", "manimgx_fonts_cjk", file, _OFL, index=2, weight=weight)


def _noto(name: str, file: str) -> Face:
    return Face(name, "mplfonts", f"fonts/{file}.otf", _OFL)


def _latin(name: str, file: str, licence: str) -> Face:
    return Face(name, "matplotlib", f"mpl-data/fonts/ttf/{file}.ttf", licence)


FACES: dict[str, Face] = {
    "sans-100": _sans(100),
    "sans-200": _sans(200),
    "sans-300": _sans(300),
    "sans-400": _sans(400),
    "sans-500": _sans(500),
    "sans-700": _sans(700),
    "sans-900": _sans(900),
    "serif": _noto("Noto Serif CJK SC", "NotoSerifCJKsc-Regular"),
    "mono": _noto("Noto Sans Mono CJK SC", "NotoSansMonoCJKsc-Regular"),
    "latin-sans": _latin("DejaVu Sans", "DejaVuSans", _DEJAVU),
    "latin-sans-bold": _latin("DejaVu Sans Bold", "DejaVuSans-Bold", _DEJAVU),
    "latin-sans-oblique": _latin("DejaVu Sans Oblique", "DejaVuSans-Oblique", _DEJAVU),
    "latin-serif": _latin("DejaVu Serif", "DejaVuSerif", _DEJAVU),
    "latin-serif-bold": _latin("DejaVu Serif Bold", "DejaVuSerif-Bold", _DEJAVU),
    "latin-book": _latin("STIX General", "STIXGeneral", _STIX),
    "latin-book-bold": _latin("STIX General Bold", "STIXGeneralBol", _STIX),
    "latin-book-italic": _latin("STIX General Italic", "STIXGeneralItalic", _STIX),
}
"""Every face, by a short name; those called `latin` have no Chinese."""


@lru_cache(maxsize=32)
def coverage(path: Path, index: int = 0) -> frozenset[int]:
    """Return the code points that a font file has glyphs for."""
    with TTFont(path, fontNumber=index, lazy=True) as file:
        return frozenset(file.getBestCmap())


def missing_characters(face: Face, text: str) -> list[str]:
    """Return the characters of `text`, in composed form (NFC) and without white space, that `face` has no glyph for."""
    known = coverage(face.path, face.index)
    characters = dict.fromkeys(unicodedata.normalize("NFC", text))
    return [character for character in characters if not character.isspace() and ord(character) not in known]


@lru_cache(maxsize=64)
def font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """Return `face` at `size` pixels to the em.

    Basic layout: the same pixels whether or not Pillow finds the libraries for complex scripts.
    """
    loaded = ImageFont.truetype(face.path, size, index=face.index, layout_engine=ImageFont.Layout.BASIC)
    if face.weight is not None:
        loaded.set_variation_by_axes([face.weight])
    return loaded


@lru_cache(maxsize=32)
def digest(path: Path) -> str:
    """Return the SHA-256 (hex) of a font file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
