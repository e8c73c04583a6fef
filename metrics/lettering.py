"""Where a region's lettering was found: the place, size and direction of the pieces of the reading that are its own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from metrics.boxes import box_around
from metrics.profiles import Graphemes, Profile
from metrics.reading import Line, Point, Reading, whole_picture
from metrics.spelling import spell
from prompts.suite import Box, Orientation

if TYPE_CHECKING:
    from metrics.alignment import Step
    from metrics.judgement import RegionJudgement

FOUND_FROM = 0.5
"""Text score from which a region counts as found: as much of it is right as is wrong."""

_CLEARLY = 1.5
"""How much longer than thick a line is, at the least, whose direction can be told without its characters."""


@dataclass(frozen=True, slots=True)
class Lettering:
    """What was found of one region.

    Attributes:
        score: Text score, 0..1: 1 − edit distance / the longer of target and reading, over the pieces that are its own;
            None where the reader cannot put out any character of the target.
        box: Around it, in fractions of the picture; None where it is not found or the reader tells no places.
        thickness: Of its lines across their direction, in pixels, the median of them; None likewise.
        orientation: How it runs; None where that cannot be told.
    """

    score: float | None
    box: Box | None = None
    thickness: float | None = None
    orientation: Orientation | None = None

    @property
    def is_found(self) -> bool:
        """Whether enough of it is right."""
        return self.score is not None and self.score >= FOUND_FROM


@dataclass(frozen=True, slots=True)
class _Part:
    """What a region has of one line: the aligned characters by position in the line's normalised text."""

    line: int
    steps: dict[int, Step]

    @property
    def is_own(self) -> bool:
        """Whether at least half of its characters are right: else it is stray lettering that had to go somewhere."""
        counted = [step for position, step in self.steps.items() if not step.beyond and step.read != " "]
        return 2 * sum(step.kind == "match" for step in counted) >= len(counted) and bool(counted)

    @property
    def positions(self) -> list[int]:
        """Where in the line the characters stand that are right or in the place of one asked for."""
        return sorted(p for p, step in self.steps.items() if step.kind != "extra" and step.read != " ")


def find_lettering(judged: RegionJudgement, read: Sequence[Graphemes], reading: Reading, profile: Profile) -> Lettering:
    """Return where a region's text stands in the picture.

    A region also gets lettering that nobody asked for, which may stand anywhere: a piece of which fewer than half of
    the characters are right is neither in its text score nor in its place.

    Args:
        judged: The region's target, pieces and alignment.
        read: The normalised text of every line of the reading.
        reading: What was read.
        profile: The normalisation.
    """
    parts, joins = _parts(judged, read)
    own = [part for part in parts if part.is_own]
    score = _score(judged, own, joins if len(own) == len(parts) else 0)
    if score is None or score < FOUND_FROM or not own:
        return Lettering(score)
    lines = [reading.lines[part.line] for part in own]
    whole = whole_picture(reading.width, reading.height)
    if any(line.polygon == whole for line in lines):
        return Lettering(score)
    points = [point for part in own for point in _outline(part, reading.lines[part.line], read[part.line], profile)]
    thickness = median(_thickness(line) for line in lines)
    return Lettering(score, box_around(points, reading.width, reading.height), thickness, _orientation(lines))


def _parts(judged: RegionJudgement, read: Sequence[Graphemes]) -> tuple[list[_Part], int]:
    """Return the parts of lines, and how many of the spaces that join them are right."""
    parts = {piece.line: _Part(piece.line, {}) for piece in judged.assigned.pieces}
    joins = 0
    steps = (step for step in judged.steps if step.read)
    for origin, step in zip(judged.assigned.origins(read), steps, strict=True):
        if origin:
            parts[origin[0]].steps[origin[1]] = step
        else:
            joins += step.kind == "match"
    return list(parts.values()), joins


def _score(judged: RegionJudgement, own: Sequence[_Part], joins: int) -> float | None:
    """Return the text score without stray pieces: what was aligned with them is missing, or was never there."""
    target = sum(bool(step.target) and not step.beyond for step in judged.steps)
    if not target:
        return None
    kinds = [step.kind for part in own for step in part.steps.values() if not step.beyond]
    wrong, extra = kinds.count("substitution"), kinds.count("extra")
    aligned = kinds.count("match") + joins + wrong
    errors = wrong + extra + target - aligned
    return 1 - errors / max(target, aligned + extra, errors)


def _outline(part: _Part, line: Line, text: Graphemes, profile: Profile) -> Sequence[Point]:
    """Return corners around a part of a line: the line's own, its characters', or a share of the line's length."""
    positions = part.positions
    if len(positions) == sum(grapheme != " " for grapheme in text):
        return line.polygon
    if line.characters:
        boxes = spell([character.text for character in line.characters], line.text, profile)
        if points := [p for i in positions if i in boxes for p in line.characters[boxes[i]].polygon]:
            return points
    return _share(line, positions[0] / len(text), (positions[-1] + 1) / len(text))


def _edges(line: Line) -> tuple[Sequence[Point], Sequence[Point]] | None:
    """Return the two long edges of a line's outline, both in reading direction; None for an odd number of corners."""
    count = len(line.polygon)
    return None if count % 2 else (line.polygon[: count // 2], line.polygon[: count // 2 - 1 : -1])


def _share(line: Line, start: float, stop: float) -> Sequence[Point]:
    """Return the corners of a line between two shares of its length."""
    edges = _edges(line)
    if edges is None:
        return line.polygon
    return [_along(edge, share) for edge in edges for share in (start, stop)]


def _along(edge: Sequence[Point], share: float) -> Point:
    """Return the point at a share of the length of a polyline."""
    lengths = [math.dist(a, b) for a, b in itertools.pairwise(edge)]
    left = share * math.fsum(lengths)
    for (a, b), length in zip(itertools.pairwise(edge), lengths, strict=True):
        if left <= length and length:
            return a[0] + (b[0] - a[0]) * left / length, a[1] + (b[1] - a[1]) * left / length
        left -= length
    return edge[-1]


def _sides(line: Line) -> tuple[float, float]:
    """Return length and thickness of a line, in pixels, as the order of its corners has them."""
    edges = _edges(line)
    if edges is None:
        (left, top, right, bottom) = box_around(line.polygon, 1, 1)
        return right - left, bottom - top
    along = [math.fsum(math.dist(a, b) for a, b in itertools.pairwise(edge)) for edge in edges]
    across = [math.dist(a, b) for a, b in zip(*edges, strict=True)]
    return sum(along) / 2, sum(across) / len(across)


def _thickness(line: Line) -> float:
    along, across = _sides(line)
    # Several characters make a line longer than thick, however its corners are ordered.
    return min(along, across) if len(line.text.strip()) > 1 else across


def _orientation(lines: Sequence[Line]) -> Orientation | None:
    """Return how most characters run; lines of one character each, how they follow each other."""
    votes = {"horizontal": 0, "vertical": 0}
    for line in lines:
        if direction := _direction(line):
            votes[direction] += len(line.text)
    if not any(votes.values()) and len(lines) > 1:
        return _steeper(_middle(lines[0].polygon), _middle(lines[-1].polygon))
    if votes["horizontal"] == votes["vertical"]:
        return None
    return "vertical" if votes["vertical"] > votes["horizontal"] else "horizontal"


def _direction(line: Line) -> Orientation | None:
    if len(line.characters) > 1:
        return _steeper(_middle(line.characters[0].polygon), _middle(line.characters[-1].polygon))
    if len(line.text.strip()) < 2:
        return None
    left, top, right, bottom = box_around(line.polygon, 1, 1)
    if max(right - left, bottom - top) < _CLEARLY * min(right - left, bottom - top):
        return None
    return _steeper((left, top), (right, bottom))


def _steeper(start: Point, end: Point) -> Orientation:
    return "vertical" if abs(end[1] - start[1]) > abs(end[0] - start[0]) else "horizontal"


def _middle(polygon: Sequence[Point]) -> Point:
    left, top, right, bottom = box_around(polygon, 1, 1)
    return (left + right) / 2, (top + bottom) / 2
