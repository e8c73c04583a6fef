"""What each line of a reading should say if what was asked for stands there: the question that evidence answers.

A line keeps what was read, but for the characters that the alignment compares with the target: the target's take their
place, and those that are missing are put in where they should be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from metrics.alignment import Step
from metrics.judgement import Judgement, RegionJudgement
from metrics.profiles import Graphemes, Profile
from metrics.reading import Line
from metrics.spelling import spell

Labels = frozenset[int]
"""Labels of the recogniser that stand for one and the same character under a profile (`A` and `a`)."""


class Wanted(NamedTuple):
    """A target character: its region, its position there, and itself."""

    region: int
    position: int
    target: str


@dataclass(frozen=True, slots=True)
class Expected:
    """One character that a line should hold.

    Attributes:
        labels: Any of which will do.
        wanted: The target characters that it stands for: none where the line keeps what was read; several where one
            character of the reader is several under the profile (`℃`).
        sign: The number of the character of the line in whose place it is expected; None where it is missing.
    """

    labels: Labels
    wanted: tuple[Wanted, ...]
    sign: int | None


@dataclass(frozen=True, slots=True)
class LabelTable:
    """The labels of a recogniser by what they stand for.

    Attributes:
        normalised: By text under a profile, the labels of all characters that become it.
        own: By character, its label.
    """

    normalised: Mapping[str, Labels]
    own: Mapping[str, int]

    @classmethod
    def under(cls, profile: Profile, characters: Sequence[str]) -> LabelTable:
        """Return the table for a profile; `characters` are by label, the blank is ""."""
        table: dict[str, set[int]] = defaultdict(set)
        for label, character in enumerate(characters):
            table[profile.normalise(character)].add(label)
        own = {character: label for label, character in enumerate(characters)}
        return cls({text: frozenset(found) for text, found in table.items() if text}, own)


def expectations(
    lines: Sequence[Line], judgement: Judgement, profile: Profile, table: LabelTable
) -> tuple[tuple[Expected, ...], ...]:
    """Return for each line what it should hold, in order.

    Target characters of a region that got no line are in none of them, nor is white space, nor what no label stands
    for.

    Args:
        lines: Of the reading, with characters.
        judgement: How it compares with what was asked for.
        profile: Under which.
        table: The recogniser's labels under that profile.
    """
    read = [profile.graphemes(line.text) for line in lines]
    signs = [spell([c.text for c in line.characters], line.text, profile) for line in lines]
    instead: list[dict[int, list[Wanted]]] = [defaultdict(list) for _ in lines]
    between: list[dict[int, list[Wanted]]] = [defaultdict(list) for _ in lines]
    for region in judgement.regions:
        for wanted, place in _placed(region, read, signs):
            if wanted.target not in table.normalised:
                continue
            (instead if place.replaces else between)[place.line][place.sign].append(wanted)
    return tuple(_line_expectation(line, instead[number], between[number], table) for number, line in enumerate(lines))


class _Place(NamedTuple):
    """A character of a line, and whether the target stands in its place or, missing, behind it (−1: at the start)."""

    line: int
    sign: int
    replaces: bool


def _placed(
    region: RegionJudgement, read: Sequence[Graphemes], signs: Sequence[Mapping[int, int]]
) -> list[tuple[Wanted, _Place]]:
    """Return where each target character of a region belongs, in order; none of it where the region got no line."""
    origins = iter(region.assigned.origins(read))
    placed: list[tuple[Wanted, _Place]] = []
    waiting: list[Wanted] = []  # missing characters before the first one that has a place
    last: _Place | None = None
    position = -1
    for step in region.steps:
        found = _sign_of(next(origins), signs) if step.read else None
        position += bool(step.target)
        if found and last is None:
            placed += [(wanted, _Place(found.line, found.sign - 1, False)) for wanted in waiting]
        last = found or last
        if not _is_weighed(step):
            continue
        wanted = Wanted(region.region, position, step.target)
        if found:
            placed.append((wanted, found))
        elif last:
            placed.append((wanted, _Place(last.line, last.sign, False)))
        else:
            waiting.append(wanted)
    return placed


def _is_weighed(step: Step) -> bool:
    return bool(step.target) and not step.target.isspace() and not step.beyond


def _sign_of(origin: tuple[int, int] | None, signs: Sequence[Mapping[int, int]]) -> _Place | None:
    if origin is None or origin[1] not in signs[origin[0]]:
        return None
    return _Place(origin[0], signs[origin[0]][origin[1]], True)


def _line_expectation(
    line: Line, instead: Mapping[int, list[Wanted]], between: Mapping[int, list[Wanted]], table: LabelTable
) -> tuple[Expected, ...]:
    labels = table.normalised
    expected = [Expected(labels[wanted.target], (wanted,), None) for wanted in between.get(-1, ())]
    for number, character in enumerate(line.characters):
        targets = instead.get(number, [])
        together = labels.get("".join(wanted.target for wanted in targets))
        if not targets:
            expected.append(Expected(frozenset({table.own[character.text]}), (), number))
        elif together:
            expected.append(Expected(together, tuple(targets), number))
        else:
            expected += [Expected(labels[wanted.target], (wanted,), number) for wanted in targets]
        expected += [Expected(labels[wanted.target], (wanted,), None) for wanted in between.get(number, ())]
    return tuple(expected)
