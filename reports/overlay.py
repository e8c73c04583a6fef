"""What the alignment says of each character that was read, carried back to its place in the picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from metrics.alignment import Step
from metrics.judgement import Judgement, RegionJudgement
from metrics.profiles import Profile
from metrics.reading import Line, Polygon, Reading

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
        for (line, position), kind in _placed(region, read):
            kinds[line][position] = kind
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


def _placed(region: RegionJudgement, read: Sequence[Sequence[str]]) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield line, position in its normalised text, and kind of each character that the region got."""
    steps = (step_kind(step) for step in region.steps if step.read)
    kinds = dict(enumerate(steps))
    text, at = region.assigned.text, 0
    for line, start, stop in region.assigned.pieces:
        for position in range(start, stop):
            character = read[line][position]
            if at < len(text) and text[at] == " " != character:
                at += 1  # the space that joins two pieces stands in no line
            if at < len(text) and text[at] == character:
                yield (line, position), kinds[at]
                at += 1


def _character_kinds(line: Line, kinds: Sequence[str | None], profile: Profile) -> Sequence[str | None]:
    """Return the kind of each character box, or None for all where they do not spell the line."""
    spelt = [_without_space(profile.graphemes(character.text)) for character in line.characters]
    whole = profile.graphemes(line.text)
    if [grapheme for graphemes in spelt for grapheme in graphemes] != _without_space(whole):
        return [None] * len(spelt)
    left = iter(kind for kind, grapheme in zip(kinds, whole, strict=True) if grapheme != " ")
    return [_worst([next(left) for _ in graphemes]) for graphemes in spelt]


def _without_space(graphemes: Iterable[str]) -> list[str]:
    return [grapheme for grapheme in graphemes if grapheme != " "]


def _worst(kinds: Iterable[str | None]) -> str | None:
    found = set(kinds)
    return next((kind for kind in _WORST_FIRST if kind in found), None)


def _rounded(polygon: Polygon) -> list[list[float]]:
    """Return corners to a tenth of a pixel: finer than any overlay shows."""
    return [[round(x, 1), round(y, 1)] for x, y in polygon]
