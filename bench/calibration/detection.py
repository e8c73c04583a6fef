"""Whether malformed characters are found: what the evidence says against what people marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.calibration.judging import Judge
from bench.calibration.result import Value
from bench.calibration.tally import estimate_scores
from bench.calibration.transcribed_reading import TranscribedReading
from bench.calibration.transcription import WILDCARD
from bench.reader_record import ReaderRecord
from metrics.discrimination import Scored, auc
from metrics.evidence import CharacterEvidence, weighable
from metrics.score import Missing, Score
from metrics.table import METRICS


@dataclass(frozen=True, slots=True)
class Detection:
    """How well malformed characters are told from well-formed ones.

    Attributes:
        auc: By the character evidence.
        auc_as_read: By plain reading: whether the character was read as asked for.
        found: Share of the malformed characters below the threshold of the metric `malformed`.
        false_alarms: Share of the well-formed ones below it.
        well_formed: Characters that these four rest on and that are well-formed: those asked for, drawn, and judged by
            the evidence; all but white space, where there is none.
        malformed: The malformed ones likewise.
        malformed_unjudged: Malformed characters that the evidence says nothing about, mostly because nothing was read
            in their place.
    """

    auc: Value
    auc_as_read: Value
    found: Value
    false_alarms: Value
    well_formed: int
    malformed: int
    malformed_unjudged: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """One target character: its evidence, how it was read, and whether it is truly malformed."""

    read: TranscribedReading
    evidence: CharacterEvidence
    is_read: bool
    is_malformed: bool


def weighed_characters(read: TranscribedReading, judge_as: Judge) -> Iterator[Weighed]:
    """Yield the characters asked for, but white space, that are drawn, well or malformed.

    The target is aligned with what is drawn: a character with another one, or none, in its place is neither.
    """
    prompt = read.picture.asked or read.drawn
    truth = judge_as(prompt, read.truth(is_strict=True))
    seen = judge_as(prompt, read.record.reading)
    kinds = {
        (region.region, position): step
        for region in truth.regions
        for position, step in enumerate(step for step in region.steps if step.target)
    }
    as_read = {
        (region.region, position): step.kind == "match"
        for region in seen.regions
        for position, step in enumerate(step for step in region.steps if step.target)
    }
    given = read.record.evidence
    alphabet = judge_as.reader.characters
    readable = None if alphabet is None else judge_as.profile.readable(alphabet)
    for evidence in weighable(prompt, judge_as.profile, readable) if given is None else given:
        step = kinds.get((evidence.region, evidence.position))
        is_malformed = step is not None and WILDCARD in step.read
        if step is not None and (is_malformed or step.kind == "match"):
            yield Weighed(read, evidence, as_read[evidence.region, evidence.position], is_malformed)


def detect(weighed: Sequence[Weighed], reader: ReaderRecord) -> Detection:
    """Return how malformed characters are told from well-formed ones."""
    judged = [(character, sound) for character in weighed if (sound := character.evidence.soundness) is not None]
    basis = [character for character, _ in judged] or weighed
    counts = Counter(character.is_malformed for character in basis)
    given = "judges no character of these pictures" if reader.gives_evidence else "is not given by this reader"
    missing = Missing(f"character evidence {given}")
    return Detection(
        auc=auc([_scored(character, 1.0 - sound) for character, sound in judged]) if judged else missing,
        auc_as_read=auc([_scored(character, float(not character.is_read)) for character in basis]),
        found=_share_flagged([c for c in basis if c.is_malformed]) if judged else missing,
        false_alarms=_share_flagged([c for c in basis if not c.is_malformed]) if judged else missing,
        well_formed=counts[False],
        malformed=counts[True],
        malformed_unjudged=sum(character.is_malformed for character in weighed) - counts[True],
    )


def _scored(character: Weighed, score: float) -> Scored:
    return Scored(score, character.is_malformed, character.read.name)


def _share_flagged(characters: Sequence[Weighed]) -> Value:
    return estimate_scores(
        METRICS["malformed"], ((c.read.drawn, Score(float(c.evidence.is_malformed))) for c in characters)
    )
