"""Weighs the characters that were asked for against what the recogniser's output and the picture say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from metrics.ctc import Weight, weigh
from metrics.evidence import CharacterEvidence, weighable
from metrics.judgement import judge
from metrics.profiles import Profile
from metrics.readers.bands import Band
from metrics.readers.crops import Image
from metrics.readers.expectation import Expected, LabelTable, Wanted, expectations
from metrics.readers.posteriors import Posteriors
from metrics.readers.windows import window
from metrics.reading import Line, Reading
from prompts.suite import Prompt


class SourceLine(Protocol):
    """A line of a reading with what it was read from."""

    @property
    def line(self) -> Line:
        """The line, with characters."""

    @property
    def band(self) -> Band:
        """Where it lies."""

    @property
    def crop(self) -> Image:
        """The line laid straight."""

    @property
    def spans(self) -> Sequence[tuple[float, float]]:
        """Of each character: where it begins and ends, as shares of the crop's length in 0..1."""

    @property
    def posteriors(self) -> Posteriors:
        """What the recogniser thinks of it."""


class ShapeJudge(Protocol):
    """Tells by its picture how well a character is drawn."""

    def judge(self, crops: Sequence[Image], characters: Sequence[str]) -> NDArray[np.float64]:
        """Return for each crop how surely it shows that character well drawn; NaN where it cannot tell."""

    def combine(self, doubt: NDArray[np.float64], picture: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how surely each character is intact, in 0..1, from the recogniser's doubt in it and its picture."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """A recogniser's labels under one profile: as a table, by label, and the normalised code points among them."""

    table: LabelTable
    characters: tuple[str, ...]
    readable: frozenset[str]

    @classmethod
    def under(cls, profile: Profile, characters: tuple[str, ...]) -> Alphabet:
        """Return the alphabet of a recogniser, whose characters are by label, the blank "" first."""
        return cls(LabelTable.under(profile, characters), characters, profile.readable(filter(None, characters)))

    def labels_of(self, prompt: Prompt, profile: Profile) -> frozenset[int]:
        """Return the labels of every character that a prompt asks for, alone or together with its neighbours."""
        wanted: set[int] = set()
        for region in prompt.regions:
            text = profile.graphemes(region.text or "")
            for size in (1, 2, 3):
                for start in range(len(text) - size + 1):
                    wanted |= self.table.normalised.get("".join(text[start : start + size]), frozenset())
        return frozenset(wanted)


def weigh_lines(
    cut: Callable[[Band], Image],
    prompt: Prompt,
    profile: Profile,
    reading: Reading,
    sources: Sequence[SourceLine],
    alphabet: Alphabet,
    shapes: ShapeJudge,
) -> tuple[CharacterEvidence, ...]:
    """Return the evidence for every target character of `prompt` that evidence can be about (`weighable`).

    Args:
        cut: Returns the part of the picture in a band, laid straight.
        prompt: What was asked for.
        profile: Under which it is compared.
        reading: What was read.
        sources: Its lines, in its order, with posteriors that hold the labels of the prompt.
        alphabet: Of the recogniser under that profile.
        shapes: Judges drawn characters.
    """
    judgement = judge(prompt, reading, profile, alphabet.readable)
    expected = expectations(reading.lines, judgement, profile, alphabet.table)
    steps = {
        (region.region, position): step.read
        for region in judgement.regions
        for position, step in enumerate(step for step in region.steps if step.target)
    }
    found: dict[tuple[int, int], _Found] = {}
    for number, (source, line) in enumerate(zip(sources, expected, strict=True)):
        for place, weight in zip(line, _weights(source, line), strict=True):
            for wanted in place.wanted:
                found[wanted.region, wanted.position] = _Found(number, source, place, wanted, weight)
    intact = _intact(cut, list(found.values()), alphabet, shapes)
    return tuple(
        _evidence(base, found[key], steps[key], intact[key], alphabet) if (key := (base.region, base.position)) in found
        else base
        for base in weighable(prompt, profile, alphabet.readable)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    """A target character in its line."""

    number: int
    source: SourceLine
    place: Expected
    wanted: Wanted
    weight: Weight

    @property
    def read(self) -> str:
        """The character that was read in its place, as the reader put it out; "" for none."""
        return "" if self.place.sign is None else self.source.line.characters[self.place.sign].text

    def crops(self, cut: Callable[[Band], Image]) -> tuple[Image, ...]:
        """Return its picture as it lies in the line, and turned upright where the line runs up or down.

        None for Latin letters and digits in a column: stacked, they are too small in their line to be compared.
        """
        if self.place.sign is None:
            return ()
        start, end = self.source.spans[self.place.sign]
        if not self.source.band.straight:
            # Laying a curve straight bends its characters, which stand rigid on it.
            return (window(cut(Band.around(self.source.band.square((start + end) / 2))), 0.0, 1.0),)
        crop = window(self.source.crop, start, end)
        (x, y) = self.source.band.top[-1] - self.source.band.top[0]
        if abs(y) <= abs(x):
            return (crop,)
        return () if self.wanted.target.isascii() else (crop, np.rot90(crop, -1))


def _weights(source: SourceLine, line: Sequence[Expected]) -> tuple[Weight, ...]:
    posteriors = source.posteriors
    columns = [[c for label in place.labels if (c := posteriors.column(label)) is not None] for place in line]
    return weigh(posteriors.probabilities, columns, posteriors.span)


_Judged = Mapping[tuple[int, int], tuple[float | None, float | None]]
"""By region and position: how surely it is intact as what was asked for, and as what was read instead."""


def _intact(cut: Callable[[Band], Image], found: Sequence[_Found], alphabet: Alphabet, shapes: ShapeJudge) -> _Judged:
    """Return how surely each character is intact; all pictures are judged in one batch."""
    crops: list[Image] = []
    characters: list[str] = []
    doubts: list[float] = []
    owners: list[tuple[tuple[int, int], bool]] = []
    for one in found:
        key = (one.wanted.region, one.wanted.position)
        for as_read, character, doubt in _questions(one, alphabet):
            for crop in one.crops(cut):
                crops.append(crop)
                characters.append(character)
                doubts.append(doubt)
                owners.append((key, as_read))
    best: dict[tuple[tuple[int, int], bool], float] = {}
    if crops:
        combined = shapes.combine(np.array(doubts), shapes.judge(crops, characters))
        for owner, value in zip(owners, combined.tolist(), strict=True):
            if not np.isnan(value):
                best[owner] = max(value, best.get(owner, 0.0))
    keys = {(one.wanted.region, one.wanted.position) for one in found}
    return {key: (best.get((key, False)), best.get((key, True))) for key in keys}


def _questions(one: _Found, alphabet: Alphabet) -> Iterator[tuple[bool, str, float]]:
    """Yield what is asked of the pictures: whether as read, as which character, and the recogniser's doubt in it."""
    if one.place.sign is None or len(one.place.wanted) > 1:
        return
    posteriors = one.source.posteriors
    labels = sorted(one.place.labels)
    columns = [posteriors.column(label) for label in labels]
    first, last = int(one.weight.start), max(int(one.weight.start) + 1, int(np.ceil(one.weight.end)))
    likely = [0.0 if c is None else float(posteriors.probabilities[first:last, c].max(initial=0)) for c in columns]
    # Of the characters that will do (A and a), the one that is most likely drawn.
    yield False, alphabet.characters[labels[int(np.argmax(likely))]], one.weight.doubt
    if alphabet.table.own[one.read] not in one.place.labels:
        yield True, one.read, 1 - one.source.line.characters[one.place.sign].confidence


def _evidence(
    base: CharacterEvidence,
    found: _Found,
    read: str,
    intact: tuple[float | None, float | None],
    alphabet: Alphabet,
) -> CharacterEvidence:
    weight, sign = found.weight, found.place.sign
    rival = "" if weight.rival is None else alphabet.characters[int(found.source.posteriors.labels[weight.rival])]
    return replace(
        base,
        line=found.number,
        read=read,
        probability=weight.probability,
        rival=rival,
        rival_probability=weight.rival_probability,
        intact=intact[0],
        read_intact=intact[1],
        polygon=None if sign is None else found.source.line.characters[sign].polygon,
    )
