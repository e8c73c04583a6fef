"""The published distribution as tables for the documentation.

`python -m bench.generators.typeset.publication docs/typesetter.md` writes them into the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import get_type_hints

from bench.generators.typeset.bends import DEPTH, GAP, PERIODS, SPREAD, SWEEP, TIGHTEST
from bench.generators.typeset.colours import contrast, hexadecimal
from bench.generators.typeset.distribution import STRENGTHS, Strength
from bench.generators.typeset.faces import FACES
from bench.generators.typeset.finish import FILLING_DEPTH, OUTLINE_WIDTH, SHADOW_OFFSET
from bench.generators.typeset.palette import FILLINGS, NEON, SCHEMES, WALLS

_BEGIN, _END = "<!-- distribution: begin -->", "<!-- distribution: end -->"


def as_markdown() -> str:
    """Return the distribution as Markdown tables."""
    hints = get_type_hints(Strength, include_extras=True).items()
    described = {name: hint.__metadata__[0] for name, hint in hints if hasattr(hint, "__metadata__")}
    quantities = [(text, *(str(getattr(s, name)) for s in STRENGTHS.values())) for name, text in described.items()]
    schemes = [
        (name, *(hexadecimal(c) for c in scheme), *(f"{contrast(c, scheme.ground):.1f}" for c in scheme[1:]))
        for name, scheme in SCHEMES.items()
    ]
    faces = [(f"`{key}`", face.name, face.package, face.licence) for key, face in FACES.items()]
    return "\n\n".join(
        [
            _table(["drawn", *(f"`{name}`" for name in STRENGTHS)], quantities),
            "Colours, all equally likely in either strength:",
            _table(["scheme", "ground", "ink", "second ink", "contrast of the ink", "of the second"], schemes),
            "Walls behind panels, all equally likely:",
            _table(["wall", "colour"], [(name, hexadecimal(colour)) for name, colour in WALLS.items()]),
            "Where a curve or a finish is asked for:",
            _table(["drawn", "from"], _wished()),
            "Colours of neon, and those that gradients and textures run into:",
            _table(["neon", "colour"], [(name, hexadecimal(colour)) for name, colour in NEON.items()]),
            _table(["filling", "colour"], [(name, hexadecimal(colour)) for name, colour in FILLINGS.items()]),
            "Faces:",
            _table(["face", "design", "package", "licence"], faces),
        ]
    )


def _wished() -> list[tuple[str, str]]:
    return [
        (
            "arc: degrees that its longest line turns through, fewer where its letters would lean too far apart",
            str(SWEEP),
        ),
        ("wave: periods over its longest line", str(PERIODS)),
        ("wave: depth, share of the deepest that is still smooth", str(DEPTH)),
        ("wave: where its period begins; circle: where its text begins, degrees clockwise from the top", "0 – 360"),
        ("least radius at the inner edge of lettering on a curve, em", f"{TIGHTEST:g}"),
        ("room between the end of a ring and its beginning at least, em", f"{GAP:g}"),
        ("added between the letters of a ring at most, to close it, em", f"{SPREAD:g}"),
        ("outline, em", str(OUTLINE_WIDTH)),
        ("shadow to the right and down, em", str(SHADOW_OFFSET)),
        ("depth of a textured filling (±), share of the distance between ink and ground", str(FILLING_DEPTH)),
    ]


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def with_tables(page: str) -> str:
    """Return a Markdown page with what stands between its two distribution marks replaced by the tables."""
    head, _, rest = page.partition(_BEGIN)
    _, _, tail = rest.partition(_END)
    return f"{head}{_BEGIN}\n\n{as_markdown()}\n\n{_END}{tail}"


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(with_tables(document.read_text(encoding="utf-8")), encoding="utf-8")
