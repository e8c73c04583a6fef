"""What the alignment says of each character that was read, carried back to its place in the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from metrics.alignment import Step
from metrics.judgement import Judgement
from metrics.profiles import Profile
from metrics.reading import Line, Polygon, Reading
from metrics.spelling import spell

_WORST_FIRST = ("substitution", "extra", "beyond", "match")


def step_kind(step: Step) -> str:
    """Return how one column of an alignment counts: its kind, or `beyond` where it does not count at all."""
    return "beyond" if step.beyond else step.kind


def overlay_lines(reading: Reading, judgement: Judgement, profile: Profile) -> list[dict[str, Any]]:
    """Return each line that was read, as JSON data: text, confidence, polygon, kind, characters.

    `kind` is that of the worst character in it: `substitution`, `extra`, `beyond` or `match`; None where none of it
    is compared under this profile. Each character is [text, confidence, polygon, kind].
    """
    read = [profile.graphemes(line.text) for line in reading.lines]
    kinds: list[list[str | None]] = [[None] * len(graphemes) for graphemes in read]
    for region in judgement.regions:
        found = (step_kind(step) for step in region.steps if step.read)
        for origin, kind in zip(region.assigned.origins(read), found, strict=True):
            if origin:
                kinds[origin[0]][origin[1]] = kind
    return [
        {
            "text": line.text,
            "confidence": round(line.confidence, 4),
            "polygon": _rounded(line.polygon),
            "kind": _worst(found),
            "characters": [
                [character.text, round(character.confidence, 4), _rounded(character.polygon), kind]
                for character, kind in zip(line.characters, _character_kinds(line, found, profile), strict=True)
            ],
        }
        for line, found in zip(reading.lines, kinds, strict=True)
    ]


def _character_kinds(line: Line, kinds: Sequence[str | None], profile: Profile) -> list[str | None]:
    """Return the kind of each character box; None for one that is not compared under this profile."""
    found: list[list[str | None]] = [[] for _ in line.characters]
    for position, box in spell([character.text for character in line.characters], line.text, profile).items():
        found[box].append(kinds[position])
    return [_worst(box) for box in found]


def _worst(kinds: Iterable[str | None]) -> str | None:
    found = set(kinds)
    return next((kind for kind in _WORST_FIRST if kind in found), None)


def _rounded(polygon: Polygon) -> list[list[float]]:
    """Return corners to a tenth of a pixel: finer than any overlay shows."""
    return [[round(x, 1), round(y, 1)] for x, y in polygon]
