"""One sample's lettering compared with what was asked for, under one profile: the counts that every metric uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from metrics.alignment import Step, align, distance
from metrics.assignment import Assigned, assign
from metrics.evidence import CharacterEvidence
from metrics.layout import Layout, measure_layout
from metrics.profiles import Graphemes, Profile
from metrics.reading import Reading
from prompts.suite import Prompt


@dataclass(frozen=True, slots=True)
class RegionJudgement:
    """One region: its target and what it got of the reading, aligned character by character.

    `region` counts the prompt's regions from 0; it is −1 for lettering found where the prompt asks for none.
    """

    region: int
    target: Graphemes
    assigned: Assigned
    steps: tuple[Step, ...]

    @property
    def contained(self) -> bool:
        """Whether the target stands whole and unbroken in what was read, whatever else is there.

        In the place of a character beyond the reader there may be any other one, or none.
        """
        beyond = {step.target for step in self.steps if step.beyond}
        text = self.assigned.text
        ends = set(range(len(text) + 1))
        for t in self.target:
            after = {i + 1 for i in ends if i < len(text) and (t == text[i] or t in beyond)}
            ends = ends | after if t in beyond else after
        return bool(ends)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One sample: character counts over all its regions, in grapheme clusters of the normalised text.

    Attributes:
        regions: In the prompt's order.
        matches: Characters that are right.
        substitutions: Target characters with another one in their place.
        missing: Target characters with nothing in their place.
        extra: Characters read that answer to no target character.
        word_errors: Word edit distance; None where the profile or the language has no words.
        words: Target words; None likewise.
        beyond: Target characters that the reader cannot put out: they are in none of the counts.
        evidence: For each target character that is drawn with ink and not beyond; None where the reader gives none.
        layout: Where the texts stand; None where the prompt says nothing about it.
    """

    regions: tuple[RegionJudgement, ...]
    matches: int
    substitutions: int
    missing: int
    extra: int
    word_errors: int | None
    words: int | None
    beyond: tuple[str, ...]
    evidence: tuple[CharacterEvidence, ...] | None = None
    layout: Layout | None = None

    @property
    def errors(self) -> int:
        """The edit distance D."""
        return self.substitutions + self.missing + self.extra

    @property
    def target(self) -> int:
        """Characters asked for, |target|."""
        return self.matches + self.substitutions + self.missing

    @property
    def read(self) -> int:
        """Characters read, |read|."""
        return self.matches + self.substitutions + self.extra

    @property
    def has_target(self) -> bool:
        """Whether the prompt asks for lettering that this reader and this profile can judge."""
        return self.target > 0


def judge(
    prompt: Prompt,
    reading: Reading,
    profile: Profile,
    characters: Iterable[str] | None = None,
    evidence: tuple[CharacterEvidence, ...] | None = None,
) -> Judgement:
    """Return how `reading` compares with what `prompt` asks for.

    Args:
        prompt: What was asked for.
        reading: What was read in the picture; an empty one for a picture that the model refused or left blank.
        profile: The normalisation for both sides.
        characters: Normalised code points that the reader can put out (`Profile.readable`); None if not known.
        evidence: Of the reader for the target characters, whatever profile it was weighed under.
    """
    wanted = [(i, profile.graphemes(region.text)) for i, region in enumerate(prompt.regions) if region.text]
    wanted = [(i, target) for i, target in wanted if target] or [(-1, ())]
    places = [prompt.regions[i].box if i >= 0 else None for i, _ in wanted]
    assigned = assign([target for _, target in wanted], places, reading, profile)
    alphabet = None if characters is None else frozenset(characters)
    regions = tuple(
        RegionJudgement(i, target, got, align(target, got.text, _beyond(target, alphabet)))
        for (i, target), got in zip(wanted, assigned, strict=True)
    )
    steps = [step for region in regions for step in region.steps]
    counted = [step.kind for step in steps if not step.beyond]
    words = _word_counts(regions) if prompt.language == "en" and profile.white_space != "drop" else (None, None)
    return Judgement(
        regions,
        matches=counted.count("match"),
        substitutions=counted.count("substitution"),
        missing=counted.count("missing"),
        extra=counted.count("extra"),
        word_errors=words[0],
        words=words[1],
        beyond=tuple(step.target for step in steps if step.beyond),
        evidence=evidence,
        layout=measure_layout(prompt, regions, reading, profile),
    )


def _beyond(target: Graphemes, alphabet: frozenset[str] | None) -> frozenset[str]:
    """Return the target characters with a code point outside the reader's alphabet."""
    if alphabet is None:
        return frozenset()
    return frozenset(grapheme for grapheme in target if not alphabet.issuperset(grapheme))


def _word_counts(regions: Iterable[RegionJudgement]) -> tuple[int, int]:
    """Return word edit distance and number of target words over all regions."""
    errors = words = 0
    for region in regions:
        target = "".join(region.target).split()
        errors += distance(target, "".join(region.assigned.text).split())
        words += len(target)
    return errors, words
