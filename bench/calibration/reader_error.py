"""A reader's error on real pictures, against a careful human transcription."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.calibration.judging import Judge
from bench.calibration.reading_stream import ReadingStream
from bench.calibration.result import LeftOut, ReaderKey, Value, as_json
from bench.calibration.tally import estimate_scores
from bench.calibration.transcribed_pictures import Transcribed, TranscribedPictures, as_drawn
from bench.calibration.transcription import WILDCARD, DrawnText
from bench.digest import short
from bench.files import write_json
from bench.reader_record import ReaderRecord
from bench.records import ReadingRecord
from metrics.alignment import Step
from metrics.discrimination import Scored, auc
from metrics.evidence import CharacterEvidence, weighable
from metrics.judgement import judge
from metrics.profiles import find_profile
from metrics.reading import Line, Reading
from metrics.score import Missing, Score
from metrics.table import METRICS
from prompts.suite import Prompt, Region

BIASED = ("accuracy", "cer", "exact")
"""Metrics whose bias is told."""


@dataclass(frozen=True, slots=True)
class ReaderError:
    """What a reader gets wrong on real pictures.

    Attributes:
        transcription: SHA-256 (hex) of the file.
        cer: Character error rate on the well-formed characters that are drawn.
        cer_by_language: The same by the language of what is drawn.
        bias: By metric, the score from the reading minus the score from the truth, malformed characters counted as
            what they are meant to be.
        bias_strict: The same with malformed characters counted as wrong.
        auc: How well the character evidence tells malformed from well-formed characters.
        auc_as_read: How well plain reading does: whether the character was read as asked for.
        found: Share of the malformed characters below the threshold of the metric `malformed`.
        false_alarms: Share of the well-formed ones below it.
        well_formed: Characters asked for and judged that are well-formed …
        malformed: … and malformed.
    """

    reader: ReaderKey
    profile: str
    transcription: str
    pictures: int
    cer: Value
    cer_by_language: Mapping[str, Value]
    bias: Mapping[str, Value]
    bias_strict: Mapping[str, Value]
    auc: Value
    auc_as_read: Value
    found: Value
    false_alarms: Value
    well_formed: int
    malformed: int
    left_out: tuple[LeftOut, ...]

    def write(self, folder: Path, source: Path) -> Path:
        """Write this into `folder`, named after the transcription `source` and the reader; return the path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"truth-{source.stem}-{short(self.transcription)}.{short(self.reader.digest)}.json"
        write_json(path, as_json(self))
        return path


@dataclass(frozen=True, slots=True)
class _Read:
    """One transcribed picture with what was read in it."""

    picture: Transcribed
    record: ReadingRecord

    @property
    def drawn(self) -> Prompt:
        """What is drawn, as a prompt, in the group of the prompt that was asked for."""
        drawn = as_drawn(self.picture.transcription)
        return replace(drawn, group=self.picture.asked.group) if self.picture.asked else drawn


@dataclass(frozen=True, slots=True)
class _Weighed:
    """One target character: its evidence, how it was read, and whether it is truly malformed."""

    read: _Read
    evidence: CharacterEvidence
    is_read: bool
    is_malformed: bool


def measure_reader_error(
    pictures: TranscribedPictures, source: Path, reader: ReaderRecord, workers: int
) -> ReaderError:
    """Return a reader's error on transcribed pictures.

    Raises:
        GlyphbenchError: Pictures that are not there or cannot be used.
        RunFailedError: A reading process was killed.
    """
    pictures.check()
    profile = pictures.suite.profile
    stream = ReadingStream(reader, profile, workers)
    title = f"read {source.name} with {reader.name}"
    read = [
        _Read(shown.tag, record) for shown, record in stream.read(title, len(pictures.transcriptions), pictures.shown())
    ]
    judge_as = Judge(reader, find_profile(profile))
    scores = [(entry, score) for entry in read if (score := _reading_errors(entry, judge_as)) is not None]
    weighed = [character for entry in read for character in _weighed(entry, judge_as)]
    return ReaderError(
        reader=ReaderKey(reader.name, reader.digest, reader.signature),
        profile=profile,
        transcription=hashlib.sha256(source.read_bytes()).hexdigest(),
        pictures=len(read),
        cer=_cer(scores),
        cer_by_language={
            language: _cer([(entry, score) for entry, score in scores if entry.drawn.language == language])
            for language in sorted({entry.drawn.language for entry, _ in scores})
        },
        bias={name: _bias(name, read, judge_as, is_strict=False) for name in BIASED},
        bias_strict={name: _bias(name, read, judge_as, is_strict=True) for name in BIASED},
        **_detection(weighed, reader),
        left_out=tuple(LeftOut(reason, count) for reason, count in stream.left_out.most_common()),
    )


def _cer(scores: Iterable[tuple[_Read, Score]]) -> Value:
    return estimate_scores(METRICS["cer"], ((entry.drawn, score) for entry, score in scores))


def _reading_errors(read: _Read, judge_as: Judge) -> Score | None:
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


def _bias(name: str, read: Sequence[_Read], judge_as: Judge, *, is_strict: bool) -> Value:
    """Return the mean of reading score minus true score, over the pictures whose prompt is known."""
    metric = replace(METRICS[name], low=-1.0, high=None if METRICS[name].high is None else 1.0)
    differences = []
    for entry in read:
        prompt = entry.picture.asked
        if prompt is None:
            continue
        measured = metric.score(judge_as(prompt, entry.record.reading))
        true = metric.score(judge_as(prompt, _true_reading(entry, is_strict=is_strict)))
        if isinstance(measured, Score) and isinstance(true, Score):
            differences.append((prompt, _difference(metric.aggregate, measured, true)))
    if not any(entry.picture.asked for entry in read):
        return Missing("no picture has a prompt, so nothing was asked for")
    return estimate_scores(metric, differences)


def _difference(aggregate: str, measured: Score, true: Score) -> Score:
    """Return the difference of two scores; those of a ratio have the same denominator, the target's characters."""
    if aggregate == "ratio":
        return Score(measured.numerator - true.numerator, true.denominator)
    return Score(measured.value - true.value)


def _true_reading(read: _Read, *, is_strict: bool) -> Reading:
    """Return what a perfect reader would say; if `is_strict`, it reads malformed characters as something else."""
    reading = read.record.reading
    drawn = [text for text in read.picture.transcription.drawn if text.text.strip()]
    step = reading.height / max(1, len(drawn))
    return Reading(
        reading.width,
        reading.height,
        tuple(_line(text, i * step, step, reading.width, is_strict=is_strict) for i, text in enumerate(drawn)),
    )


def _line(drawn: DrawnText, top: float, height: float, width: float, *, is_strict: bool) -> Line:
    """Return a line over the whole width: where it stands is not transcribed, and only breaks ties."""
    corners = ((0.0, top), (width, top), (width, top + height), (0.0, top + height))
    return Line(drawn.masked if is_strict else drawn.text, 1.0, corners)


def _weighed(read: _Read, judge_as: Judge) -> Iterator[_Weighed]:
    """Yield the characters asked for that are drawn, well or malformed, and that the reader can judge.

    Without character evidence, those are all but white space. The target is aligned with what is drawn: a character
    with another one, or none, in its place is neither.
    """
    prompt = read.picture.asked or read.drawn
    truth = judge_as(prompt, _true_reading(read, is_strict=True))
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
        if step is None or (given is not None and evidence.soundness is None):
            continue
        is_malformed = WILDCARD in step.read
        if is_malformed or step.kind == "match":
            yield _Weighed(read, evidence, as_read[evidence.region, evidence.position], is_malformed)


def _detection(weighed: Sequence[_Weighed], reader: ReaderRecord) -> dict[str, Any]:
    """Return the fields of `ReaderError` about malformed characters."""
    counts = Counter(character.is_malformed for character in weighed)
    fields: dict[str, Any] = {
        "well_formed": counts[False],
        "malformed": counts[True],
        "auc_as_read": auc([_scored(c, float(not c.is_read)) for c in weighed]),
    }
    if not reader.gives_evidence:
        missing = Missing("this reader gives no character evidence")
        return {**fields, **dict.fromkeys(("auc", "found", "false_alarms"), missing)}
    return {
        **fields,
        "auc": auc([_scored(c, 1.0 - float(c.evidence.soundness or 0.0)) for c in weighed]),
        "found": _share_flagged([c for c in weighed if c.is_malformed]),
        "false_alarms": _share_flagged([c for c in weighed if not c.is_malformed]),
    }


def _scored(character: _Weighed, score: float) -> Scored:
    return Scored(score, character.is_malformed, character.read.picture.transcription.name)


def _share_flagged(characters: Sequence[_Weighed]) -> Value:
    return estimate_scores(
        METRICS["malformed"], ((c.read.drawn, Score(float(c.evidence.is_malformed))) for c in characters)
    )
