"""Chinese in PDF files as TrueType: matplotlib embeds no other outlines that every viewer and every journal takes.

The Chinese fonts that come in packages have cubic outlines (OpenType with CFF). With `pdf.fonttype` 42 matplotlib puts
them where a PDF file must have a TrueType font. So the few characters of a figure are converted first.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.text import Text

from bench.generators.typeset.faces import coverage
from reports.figures.fonts import CJK_FAMILY, cjk_file, first_file

_MOST_ERROR = 0.5
"""Of the converted outlines, in units of which 1,000 make an em."""


@contextmanager
def truetype_only(figure: Figure) -> Iterator[None]:
    """Have the Chinese characters of a figure drawn from a TrueType font, and afterwards as before."""
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    latin, chinese = coverage(first_file()), coverage(cjk_file())
    wanted = sorted({ord(c) for text in texts for c in text.get_text()} & (chinese - latin))
    if not wanted:
        yield
        return
    name = f"Glyphbench CJK {hashlib.sha256(repr(wanted).encode()).hexdigest()[:8]}"
    families = {text: text.get_fontfamily() for text in texts}
    known = list(fontManager.ttflist)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.ttf")
        _convert(cjk_file(), wanted, name, path)
        fontManager.addfont(path)
        try:
            for text, family in families.items():
                text.set_fontfamily([name if each == CJK_FAMILY else each for each in family])
            yield
        finally:
            fontManager.ttflist[:] = known
            for text, family in families.items():
                text.set_fontfamily(family)


def _convert(source: Path, characters: list[int], name: str, path: Path) -> None:
    """Write these characters of a font with CFF outlines as a TrueType font of another name."""
    options = Options()
    options.layout_features, options.drop_tables = (
        [],
        [*options.drop_tables, "VORG", "BASE", "GPOS", "GSUB", "vhea", "vmtx"],
    )
    # Otherwise equal figures would have fonts of another time.
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    order, glyphs = font.getGlyphOrder(), font.getGlyphSet()
    outlines = {}
    for glyph in order:
        pen = TTGlyphPen(None)
        glyphs[glyph].draw(Cu2QuPen(pen, _MOST_ERROR, reverse_direction=True))
        outlines[glyph] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, outlines
    del font["CFF "]
    for glyph, outline in outlines.items():
        outline.recalcBounds(font["glyf"])
        font["hmtx"][glyph] = font["hmtx"][glyph][0], getattr(outline, "xMin", 0)
    _describe(font, name, len(order))
    font.save(path)


def _describe(font: TTFont, name: str, glyphs: int) -> None:
    """Put in the tables what a TrueType font has to say of itself."""
    most = font["maxp"] = newTable("maxp")
    most.tableVersion, most.numGlyphs, most.maxZones = 0x00010000, glyphs, 1
    for field in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth", "maxPoints", "maxContours",
        "maxCompositePoints", "maxCompositeContours",
    ):  # fmt: skip
        setattr(most, field, 0)
    most.recalc(font)
    post = font["post"]
    post.formatType, post.extraNames, post.mapping = 2.0, [], {}
    post.glyphOrder = font.getGlyphOrder()
    for number, text in ((1, name), (2, "Regular"), (4, name), (6, name.replace(" ", ""))):
        font["name"].removeNames(nameID=number)
        font["name"].setName(text, number, 3, 1, 0x409)
        font["name"].setName(text, number, 1, 0, 0)
    for number in (16, 17):
        font["name"].removeNames(nameID=number)
    font.sfntVersion = "\000\001\000\000"
