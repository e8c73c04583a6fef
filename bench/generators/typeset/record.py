"""What is recorded of a picture: the truth about what was drawn, how, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.generators import JSON
from bench.generators.typeset.bends import Bend
from bench.generators.typeset.colours import RGB, hexadecimal
from bench.generators.typeset.design import Design, Lettering
from bench.generators.typeset.fitting import Block
from bench.generators.typeset.glyphs import Point
from bench.generators.typeset.painting import Drawn
from bench.generators.typeset.rectangle import tightest_rectangle
from bench.generators.typeset.scene import Surface
from bench.generators.typeset.setting import SetLine
from prompts.suite import Size


def describe(design: Design, drawn: Sequence[Drawn], strength: str) -> Mapping[str, JSON]:
    """Return the details of a picture; places are fractions of its width and height."""
    scene = design.scene
    return {
        "strength": strength,
        "layout": scene.layout,
        "scheme": scene.scheme,
        "surface": _surface(scene.surface),
        "wall": _surface(scene.wall) if design.ground is scene.wall else None,
        "noise": scene.noise,
        "regions": [
            _lettering(lettering, place, design.size) for lettering, place in zip(design.letterings, drawn, strict=True)
        ],
    }


def _surface(surface: Surface) -> JSON:
    return {
        "kind": surface.kind,
        "colours": [hexadecimal(colour) for colour in dict.fromkeys(surface.colours)],
        "angle": surface.angle,
        "texture": surface.texture,
    }


def _lettering(lettering: Lettering, place: Drawn, size: Size) -> JSON:
    block, finish = lettering.block, lettering.finish
    style = block.setting.style
    return {
        "region": block.item.region,
        "text": block.item.text,
        "box": _fractions(place.box, size),
        "lines": _lines(lettering, size),
        "face": style.face.name,
        "em": block.setting.size,
        "tracking": style.tracking,
        "leading": style.leading,
        "alignment": style.alignment,
        "orientation": style.orientation,
        "curve": _curve(block.item.bend),
        "angle": block.item.warp.angle,
        "keystone": list(block.item.warp.keystone),
        "ink": hexadecimal(finish.ink),
        "contrast": round(place.contrast, 2),
        "least_contrast": round(place.least_contrast, 2),
        "outline": _stroke(finish.outline),
        "shadow": _stroke(finish.shadow),
        "blur": finish.blur,
    }


def _lines(lettering: Lettering, size: Size) -> JSON:
    """Return each line or column: its text, the corners of its ink (None for a blank one), and its characters."""
    return [
        {
            "text": line.text,
            "corners": _line_corners(lettering.block, line, size),
            "characters": [
                {
                    "text": character.text,
                    "corners": character.corners and _points(lettering.block.placed(character.corners), size),
                }
                for character in line.characters
            ],
            **({"path": _points(lettering.block.placed(line.path), size)} if line.path else {}),
        }
        for line in lettering.block.setting.lines
    ]


def _line_corners(block: Block, line: SetLine, size: Size) -> JSON:
    """Return the corners of a line's ink; of one that runs along a curve, those of its tightest rectangle."""
    if line.ink is None:
        return None
    if not line.path:
        return _points(block.placed(line.ink.corners), size)
    corners = [corner for character in line.characters for corner in character.corners or ()]
    first, last = block.placed((line.path[0], line.path[-1]))
    is_ring = block.item.bend is not None and block.item.bend.kind == "circle"
    heading = (1.0, 0.0) if is_ring else (last[0] - first[0], last[1] - first[1])
    return _points(tightest_rectangle(block.placed(corners), heading), size)


def _points(points: Sequence[Point], size: Size) -> JSON:
    return [_fractions(point, size) for point in points]


def _curve(bend: Bend | None) -> JSON:
    if bend is None:
        return None
    return {"kind": bend.kind, "sweep": bend.sweep, "periods": bend.periods, "start": bend.start}


def _stroke(stroke: tuple[RGB, int] | None) -> JSON:
    return stroke and {"colour": hexadecimal(stroke[0]), "pixels": stroke[1]}


def _fractions(places: Sequence[float], size: Size) -> list[float]:
    """Return x and y, or several in turn, as fractions of the picture."""
    return [round(place / size[index % 2], 6) for index, place in enumerate(places)]
