"""The fonts of figures: a list of families in which each character is looked for in turn, and what none of them has.

Latin is set in DejaVu Sans, which comes with matplotlib, Chinese in Noto Sans CJK SC, which comes with mplfonts; both
have a free licence. The rest of the list is for rare signs.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.text import Text

from bench.generators.typeset.faces import FACES, coverage
from prompts.errors import GlyphbenchError
from reports.visible_text import visible

_CJK = ("mplfonts", "fonts/NotoSansCJKsc-Regular.otf")
CJK_FAMILY = "Noto Sans CJK SC"
_OTHERS = ("serif", "latin-book")
_NAMED = 8


@cache
def _files() -> tuple[Path, ...]:
    """Return the font files, in the order in which a character is looked for."""
    return (FACES["latin-sans"].path, cjk_file(), *(FACES[name].path for name in _OTHERS))


def first_file() -> Path:
    """Return the file in which each character is looked for first."""
    return _files()[0]


def cjk_file() -> Path:
    """Return the file of `CJK_FAMILY`; raises `GlyphbenchError` where it is not installed."""
    spec = find_spec(_CJK[0])
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, _CJK[1])
        if path.is_file():
            return path
    raise GlyphbenchError(
        f"figures need the font {_CJK[1]} of the package {_CJK[0]!r}, which is not there; "
        "install Glyphbench again with pip"
    )


@cache
def families() -> tuple[str, ...]:
    """Return the names of the families, made known to matplotlib."""
    names = []
    for path in _files():
        known = {Path(entry.fname): entry.name for entry in fontManager.ttflist}
        if path not in known:
            fontManager.addfont(path)
        names.append(FontProperties(fname=str(path)).get_name())
    return tuple(names)


@cache
def _known() -> frozenset[int]:
    return frozenset().union(*(coverage(path) for path in _files()))


def without_glyph(text: str) -> list[str]:
    """Return the characters of `text` that no font of figures has."""
    return [character for character in dict.fromkeys(text) if character != "\n" and ord(character) not in _known()]


def drawable(text: str) -> str:
    """Return `text` as it can be drawn: marks that would not be seen made visible, what has no glyph as U+…."""
    shown = visible(text)
    for character in without_glyph(shown):
        shown = shown.replace(character, f"U+{ord(character):04X}")
    return shown


def check_glyphs(figure: Figure) -> None:
    """Check that every character in a figure can be drawn.

    Raises:
        GlyphbenchError: Some cannot; names them.
    """
    texts = "".join(text.get_text() for text in figure.findobj(Text) if isinstance(text, Text))
    absent = without_glyph(texts)
    if absent:
        named = ", ".join(f"U+{ord(character):04X}" for character in absent[:_NAMED])
        more = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
        raise GlyphbenchError(
            f"no font of the figures ({', '.join(families())}) has the characters {named}{more}; "
            "a figure would show empty boxes in their place"
        )
