"""What is recorded of a picture: the truth about what was drawn, how, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from bench.generators import JSON
from bench.generators.typeset.bends import Bend
from bench.generators.typeset.colours import RGB, hexadecimal
from bench.generators.typeset.design import Design, Lettering
from bench.generators.typeset.fitting import Block
from bench.generators.typeset.glyphs import Point
from bench.generators.typeset.linebreaks import clusters
from bench.generators.typeset.mistakes import Writing
from bench.generators.typeset.painting import Drawn
from bench.generators.typeset.placing import Placing
from bench.generators.typeset.rectangle import tightest_rectangle
from bench.generators.typeset.scene import Surface
from bench.generators.typeset.setting import Character, SetLine
from prompts.suite import Size


def describe(design: Design, drawn: Sequence[Drawn], strength: str, writings: Sequence[Writing]) -> Mapping[str, JSON]:
    """Return the details of a picture; places are fractions of its width and height."""
    scene = design.scene
    placed = {
        lettering.block.item.region: (lettering, place)
        for lettering, place in zip(design.letterings, drawn, strict=True)
    }
    nothing: tuple[Lettering | None, Drawn | None] = (None, None)
    moves = design.placing.moves if design.placing else {}
    return {
        "strength": strength,
        "layout": scene.layout,
        "scheme": scene.scheme,
        "surface": _surface(scene.surface),
        "wall": _surface(scene.wall) if design.ground is scene.wall else None,
        "noise": scene.noise,
        **({"swapped": _pair(design.placing)} if design.placing else {}),
        "regions": [
            {
                **_region(index, writing, *placed.get(index, nothing), size=design.size),
                **({"moved": [round(part, 6) for part in moves[index]]} if index in moves else {}),
            }
            for index, writing in enumerate(writings)
            if writing.text
        ],
    }


def _pair(placing: Placing) -> JSON:
    """Return the two regions in each other's place; None where no two are."""
    return list(placing.swapped) if placing.swapped else None


def _region(
    index: int, writing: Writing, lettering: Lettering | None, place: Drawn | None, size: Size
) -> dict[str, JSON]:
    """Return what was asked for, what was drawn, the mistakes between the two, and how and where it was drawn."""
    malformations = lettering.block.item.malformations if lettering else {}
    found: list[tuple[int, Mapping[str, JSON]]] = [(mistake.position, asdict(mistake)) for mistake in writing.mistakes]
    for position, number in writing.candidates:
        if damage := malformations.get(number):
            drawn = clusters(writing.text)[position]
            error: Mapping[str, JSON] = {
                "kind": "malformed",
                "position": position,
                "drawn": drawn,
                "damage": damage.kind,
            }
            found.append((position, error))
    return {
        "region": index,
        "text": writing.text,
        "drawn": writing.drawn,
        "errors": [error for _, error in sorted(found, key=lambda entry: entry[0])],
        **(_lettering(lettering, place, size) if lettering and place else {}),
    }


def _surface(surface: Surface) -> JSON:
    return {
        "kind": surface.kind,
        "colours": [hexadecimal(colour) for colour in dict.fromkeys(surface.colours)],
        "angle": surface.angle,
        "texture": surface.texture,
    }


def _lettering(lettering: Lettering, place: Drawn, size: Size) -> Mapping[str, JSON]:
    block, finish = lettering.block, lettering.finish
    style = block.setting.style
    return {
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
        "filling": _surface(finish.filling) if finish.filling else None,
        "glow": hexadecimal(finish.core) if finish.core else None,
    }


def _lines(lettering: Lettering, size: Size) -> JSON:
    """Return each line or column: its text, the corners of its ink (None for a blank one), and its characters."""
    return [
        {
            "text": line.text,
            "corners": _line_corners(lettering.block, line, size),
            "characters": [_character(lettering.block, character, size) for character in line.characters],
            **({"path": _points(lettering.block.placed(line.path), size)} if line.path else {}),
        }
        for line in lettering.block.setting.lines
    ]


def _character(block: Block, character: Character, size: Size) -> JSON:
    return {
        "text": character.text,
        "corners": character.corners and _points(block.placed(character.corners), size),
        **({"damage": character.damage} if character.damage else {}),
    }


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
