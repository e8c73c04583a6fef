"""What a reader gets wrong on well-formed characters, whatever it makes of malformed ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench.calibration.judging import Judge
from bench.calibration.transcribed_reading import TranscribedReading
from bench.calibration.transcription import WILDCARD
from metrics.alignment import Step
from metrics.judgement import judge
from metrics.score import Score
from prompts.suite import Region


def reading_errors(read: TranscribedReading, judge_as: Judge) -> Score | None:
    """Return errors over well-formed characters drawn; None where there are none.

    Malformed characters are in no count, nor is what was read next to them beyond what is drawn: a malformed 明 that
    is read as 日月 is no error.
    """
    regions = tuple(Region(drawn.masked) for drawn in read.picture.transcription.drawn if drawn.text.strip())
    prompt = replace(read.drawn, regions=regions)
    profile, known = judge_as.profile, judge_as.reader.characters
    written = {point for region in regions for point in profile.normalise(region.text)}
    alphabet = (written if known is None else profile.readable(known)) - {WILDCARD}
    judgement = judge(prompt, read.record.reading, profile, alphabet)
    errors = sum(count_errors(region.steps) for region in judgement.regions)
    return Score(errors, judgement.target) if judgement.target else None


def count_errors(steps: Sequence[Step]) -> int:
    """Return the errors of an alignment without those at characters beyond, and extra characters next to them."""
    kinds = ["beyond" if step.beyond else step.kind for step in steps]
    blamed = [kind not in {"match", "beyond"} for kind in kinds]
    for order in (range(len(kinds)), range(len(kinds) - 1, -1, -1)):
        is_beside = False
        for i in order:
            is_beside = kinds[i] == "beyond" or (is_beside and kinds[i] == "extra")
            blamed[i] &= not is_beside
    return sum(blamed)
