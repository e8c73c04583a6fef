"""Alignment of a target with what was read, character by character."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from rapidfuzz.distance import Levenshtein

StepKind = Literal["match", "substitution", "missing", "extra"]
_KINDS: dict[str, StepKind] = {"equal": "match", "replace": "substitution", "delete": "missing", "insert": "extra"}


@dataclass(frozen=True, slots=True)
class Step:
    """One column of an alignment: a target character, the character read there, or both.

    `beyond` marks a target character that the reader cannot put out at all: whatever was read there says nothing
    about the picture, so the step counts for nothing. A match is never beyond: the reader did put it out.
    """

    kind: StepKind
    target: str = ""
    read: str = ""
    beyond: bool = False


def distance(target: Sequence[Hashable], read: Sequence[Hashable]) -> int:
    """Return the Levenshtein distance: the fewest substitutions, omissions and insertions from one to the other."""
    return Levenshtein.distance(target, read)


def align(target: Sequence[str], read: Sequence[str], beyond: frozenset[str] = frozenset()) -> tuple[Step, ...]:
    """Return one alignment of least distance; among equals, the one that RapidFuzz (and so jiwer) gives.

    Args:
        target: Characters that should have been drawn.
        read: Characters that were read.
        beyond: Target characters that the reader cannot put out.
    """
    steps: list[Step] = []
    for op in Levenshtein.opcodes(target, read):
        wanted, found = target[op.src_start : op.src_end], read[op.dest_start : op.dest_end]
        columns = zip_longest(wanted, found, fillvalue="")
        steps += [Step(_KINDS[op.tag], t, r, op.tag != "equal" and t in beyond) for t, r in columns]
    return tuple(steps)
