"""Which characters of a normalised line stand for which of the characters that a reader put out."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from metrics.profiles import Profile


def spell(parts: Sequence[str], text: str, profile: Profile) -> dict[int, int]:
    """Return, by position in the normalised line, which of its parts a grapheme comes from.

    White space is in no part's charge, nor is what only the whole line becomes (a letter and a mark that compose, a
    phrase that OpenCC knows): such positions are left out.

    Args:
        parts: The characters as the reader put them out.
        text: The line as it put it out, which they should make up; what they do not is left out.
        profile: The normalisation.
    """
    owners, flat = [], []
    for number, part in enumerate(parts):
        for grapheme in profile.graphemes(part):
            owners.append(number)
            flat.append(grapheme)
    whole = profile.graphemes(text)
    return {
        block.b + offset: owners[block.a + offset]
        for block in Levenshtein.opcodes(flat, whole).as_matching_blocks()
        for offset in range(block.size)
    }
