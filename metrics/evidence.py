"""Character evidence: what the recogniser's own output says about the characters that were asked for.

A reader names the likeliest character and so forgives a malformed one; the probability that it gives to the *expected*
character at its place, and the shape of what is drawn there, do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from metrics.profiles import Profile
from metrics.reading import Polygon
from prompts.suite import Prompt

MALFORMED_BELOW = 0.5
"""A drawn character is malformed if it is less surely intact than this, both as the character asked for and as the one
that was read in its place: 1% of well-drawn characters are (docs/legibility.md)."""


@dataclass(frozen=True, slots=True)
class CharacterEvidence:
    """What speaks for one target character.

    Attributes:
        region: Number of its region in the prompt, from 0.
        position: Its number in the region's normalised target, from 0.
        target: The character (a grapheme cluster of the normalised target).
        line: Number of the line of the reading in which it is sought; None where its region got no line.
        read: What the alignment has in its place, as it was read; "" for a missing character.
        probability: That the recogniser's output gives to the character at its place, in 0..1; 0 without a line.
        rival: The likeliest other character there, "" for none at all.
        rival_probability: Likewise, in 0..1.
        intact: How surely it is drawn as it should be, in 0..1; None where that is not judged (a missing character,
            punctuation, Latin in a column, a character without a reference).
        read_intact: How surely what stands there is a well-drawn `read` instead, in 0..1; None where `read` is the
            target itself or is not judged.
        polygon: Where it stands in the picture; None for a missing character.
    """

    region: int
    position: int
    target: str
    line: int | None = None
    read: str = ""
    probability: float = 0.0
    rival: str = ""
    rival_probability: float = 0.0
    intact: float | None = None
    read_intact: float | None = None
    polygon: Polygon | None = None

    @property
    def soundness(self) -> float | None:
        """How surely what stands there is a well-drawn character, the one asked for or the one read; None: not judged.

        A wrong character that is well drawn is wrong, not malformed.
        """
        return None if self.intact is None else max(self.intact, self.read_intact or 0.0)

    @property
    def is_malformed(self) -> bool:
        """Whether it was judged and found malformed."""
        return self.soundness is not None and self.soundness < MALFORMED_BELOW


def weighable(prompt: Prompt, profile: Profile, characters: Iterable[str] | None) -> Iterator[CharacterEvidence]:
    """Yield, as evidence for nothing drawn, each target character that evidence is about.

    White space has no ink, and nothing can be said of what is not in `characters`, the normalised alphabet of the
    reader (`Profile.readable`; None if not known), clusters of several code points among it: neither is yielded.
    """
    alphabet = None if characters is None else frozenset(characters)
    for number, region in enumerate(prompt.regions):
        for position, target in enumerate(profile.graphemes(region.text or "")):
            if not target.isspace() and (alphabet is None or target in alphabet):
                yield CharacterEvidence(number, position, target)
