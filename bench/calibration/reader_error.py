"""A reader's error on real pictures, against a careful human transcription."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.calibration.bias import BIASED, measure_bias
from bench.calibration.detection import Detection, detect, weighed_characters
from bench.calibration.judging import Judge
from bench.calibration.reading_stream import ReadingStream
from bench.calibration.result import LeftOut, ReaderKey, Value, as_json
from bench.calibration.tally import estimate_scores
from bench.calibration.transcribed_pictures import TranscribedPictures
from bench.calibration.transcribed_reading import TranscribedReading
from bench.calibration.well_formed import reading_errors
from bench.digest import short
from bench.files import write_json
from bench.reader_record import ReaderRecord
from metrics.profiles import find_profile
from metrics.score import Score
from metrics.table import METRICS


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
        detection: Whether malformed characters are found.
        left_out: Pictures that could not be read.
    """

    reader: ReaderKey
    profile: str
    transcription: str
    pictures: int
    cer: Value
    cer_by_language: Mapping[str, Value]
    bias: Mapping[str, Value]
    bias_strict: Mapping[str, Value]
    detection: Detection
    left_out: tuple[LeftOut, ...]

    def write(self, folder: Path, source: Path) -> Path:
        """Write this into `folder`, named after the transcription `source` and the reader; return the path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"truth-{source.stem}-{short(self.transcription)}.{short(self.reader.digest)}.json"
        write_json(path, as_json(self))
        return path


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
        TranscribedReading(shown.tag, record)
        for shown, record in stream.read(title, len(pictures.transcriptions), pictures.shown())
    ]
    judge_as = Judge(reader, find_profile(profile))
    scores = [(entry, score) for entry in read if (score := reading_errors(entry, judge_as)) is not None]
    weighed = [character for entry in read for character in weighed_characters(entry, judge_as)]
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
        bias={name: measure_bias(name, read, judge_as, is_strict=False) for name in BIASED},
        bias_strict={name: measure_bias(name, read, judge_as, is_strict=True) for name in BIASED},
        detection=detect(weighed, reader),
        left_out=tuple(LeftOut(reason, count) for reason, count in stream.left_out.most_common()),
    )


def _cer(scores: Iterable[tuple[TranscribedReading, Score]]) -> Value:
    return estimate_scores(METRICS["cer"], ((entry.drawn, score) for entry, score in scores))
