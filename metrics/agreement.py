"""Agreement of two readers on one picture, without regard to which of them is right."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.alignment import distance
from metrics.judgement import Judgement
from metrics.score import Missing, Result, Score
from metrics.table import Aggregation


@dataclass(frozen=True, slots=True)
class AgreementMeasure:
    """How agreements over pictures aggregate, and within which bounds."""

    name: str
    aggregate: Aggregation
    meaning: str
    low: float = 0.0
    high: float = 1.0


READING_AGREEMENT = AgreementMeasure(
    "agreement", "mean", "1 − edit distance between the two readings / the longer one, a picture"
)
CHARACTER_AGREEMENT = AgreementMeasure(
    "character agreement", "ratio", "of the characters asked for, those that both read right or both do not"
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two readers make of one picture.

    Attributes:
        distance: Edit distance between what they read, region by region.
        longest: The longer reading of each region, summed, in characters.
        characters: Target characters that both can put out.
        alike: Those of them that both read right, or neither does.
        contested: Those that one reads right and the other does not.
    """

    distance: int
    longest: int
    characters: int
    alike: int
    contested: tuple[str, ...]

    @property
    def reading(self) -> Score:
        """Agreement of the readings, 0..1; two that say nothing agree."""
        return Score(self.longest - self.distance, self.longest) if self.longest else Score(1.0)

    @property
    def character(self) -> Result:
        """Agreement on which target characters are right."""
        return Score(self.alike, self.characters) if self.characters else Missing("no target")


def compare(first: Judgement, second: Judgement) -> Agreement:
    """Return how two readers agree, from what each was judged to say of the same prompt under the same profile."""
    apart = longest = characters = 0
    contested: list[str] = []
    for one, other in zip(first.regions, second.regions, strict=True):
        apart += distance(one.assigned.text, other.assigned.text)
        longest += max(len(one.assigned.text), len(other.assigned.text))
        columns = zip(
            (step for step in one.steps if step.target), (step for step in other.steps if step.target), strict=True
        )
        for a, b in columns:
            if a.beyond or b.beyond:
                continue
            characters += 1
            if (a.kind == "match") != (b.kind == "match"):
                contested.append(a.target)
    return Agreement(apart, longest, characters, characters - len(contested), tuple(contested))
