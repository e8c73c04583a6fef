"""Character evidence: what the recogniser's own output says about the characters that were asked for.

A reader names the likeliest character and so forgives a malformed one; the probability that it gives to the *expected*
character at its place does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from metrics.reading import Polygon


@dataclass(frozen=True, slots=True)
class CharacterEvidence:
    """What speaks for one target character.

    Attributes:
        region: Number of its region in the prompt, from 0.
        position: Its number in the region's normalised target, from 0.
        target: The character (a grapheme cluster of the normalised target).
        line: Number of the line of the reading in which it is sought; None where its region got no line.
        probability: That the recogniser's output gives to it at its place, in 0..1; 0 where no line is.
        rival: The likeliest other character there, "" where that is none at all.
        rival_probability: Likewise, in 0..1.
        intact: How sure it is that the character is drawn as it should be, in 0..1; None where that is not judged
            (punctuation, and characters beyond the reader).
        polygon: Where it stands in the picture; None where no line is.
    """

    region: int
    position: int
    target: str
    line: int | None
    probability: float
    rival: str
    rival_probability: float
    intact: float | None
    polygon: Polygon | None
