"""From readings to scores: one tidy frame a run and reader. Needs no images and no reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.digest import digest_of, short
from bench.reader_record import ReaderRecord
from bench.records import ReadingRecord, Sample, SampleKey
from metrics.evidence import CharacterEvidence, weighable
from metrics.judgement import Judgement, judge
from metrics.layout import asks_for_layout
from metrics.profiles import PROFILES, Profile, find_profile
from metrics.reading import Reading
from metrics.score import Missing
from metrics.table import LAYOUT_METRICS, METRICS
from prompts.suite import Prompt

if TYPE_CHECKING:
    import pandas as pd

    from bench.run import Run


def metric_set(reader: ReaderRecord) -> str:
    """Return the eight digits that name a score file: metrics and profiles with their versions, and the reader."""
    return short(
        digest_of(
            {
                "metrics": sorted(metric.signature for metric in METRICS.values()),
                "profiles": sorted(profile.signature for profile in PROFILES.values()),
                "reader": reader.digest,
            }
        )
    )


def reading_of(sample: Sample | None, record: ReadingRecord | None) -> Reading | Missing:
    """Return what was read of one picture: nothing where the model gave none, `Missing` where we do not know."""
    if sample is None:
        return Missing("not made yet")
    if sample.status == "infra":
        return Missing(f"infra: {sample.reason}")
    if sample.status in {"blank", "refused"}:
        return Reading(sample.width or 1, sample.height or 1)
    if record is None or record.sha256 != sample.sha256:
        return Missing("not read yet")
    return record.reading


@cache
def _readable(profile: Profile, characters: frozenset[str] | None) -> frozenset[str] | None:
    return None if characters is None else profile.readable(characters)


def judge_sample(
    prompt: Prompt,
    reading: Reading,
    profile: Profile,
    reader: ReaderRecord,
    evidence: tuple[CharacterEvidence, ...] | None = None,
) -> Judgement:
    """Return the counts of one sample under one profile, with this reader's alphabet."""
    return judge(prompt, reading, profile, _readable(profile, reader.characters), evidence)


def evidence_of(
    prompt: Prompt, reading: Reading, record: ReadingRecord | None, reader: ReaderRecord, profile: Profile
) -> tuple[CharacterEvidence, ...] | None:
    """Return the evidence of one sample; where the model gave no picture, that nothing is drawn.

    Args:
        prompt: What was asked for.
        reading: What counts as read (`reading_of`).
        record: What the reader recorded, if it did.
        reader: Who read, or would have.
        profile: The suite's own.
    """
    if record is not None and record.reading is reading:
        return record.evidence
    if not reader.gives_evidence:
        return None
    return tuple(weighable(prompt, profile, _readable(profile, reader.characters)))


def score_run(run: Run, reader: ReaderRecord) -> pd.DataFrame:
    """Return every score of a run by one reader, one row for each (prompt, seed, profile, metric).

    Columns: suite, model, reader, prompt, seed, group, language, profile, metric, numerator, denominator, value (NaN
    only where `missing` says why), missing (reason, else None), beyond (target characters that the reader cannot put
    out). Rows are in the suite's order. Prompts that ask for no place and no relation have no rows of the metrics of
    layout.
    """
    import pandas as pd

    readings = run.readings_by(reader)
    frame = pd.DataFrame(_rows(run, readings, reader))
    frame.insert(0, "suite", run.suite.name)
    frame.insert(1, "model", run.manifest.model.name)
    frame.insert(2, "reader", reader.name)
    for column in ("numerator", "denominator", "value"):
        frame[column] = frame[column].astype("float64")
    return frame


def _rows(run: Run, readings: Mapping[SampleKey, ReadingRecord], reader: ReaderRecord) -> Iterator[dict[str, Any]]:
    own = find_profile(run.suite.profile)
    for prompt in run.prompts:
        for seed in run.manifest.seeds:
            key = SampleKey(prompt.id, seed)
            reading = reading_of(run.samples.get(key), readings.get(key))
            if isinstance(reading, Missing):
                for profile in PROFILES.values():
                    yield from _sample_rows(prompt, seed, profile, reading)
                continue
            evidence = evidence_of(prompt, reading, readings.get(key), reader, own)
            for profile in PROFILES.values():
                yield from _sample_rows(prompt, seed, profile, judge_sample(prompt, reading, profile, reader, evidence))


def _sample_rows(prompt: Prompt, seed: int, profile: Profile, judged: Judgement | Missing) -> Iterator[dict[str, Any]]:
    has_layout = asks_for_layout(prompt)
    for metric in METRICS.values():
        if metric.name in LAYOUT_METRICS and not has_layout:
            continue
        score = judged if isinstance(judged, Missing) else metric.score(judged)
        row: dict[str, Any] = {
            "prompt": prompt.id,
            "seed": seed,
            "group": prompt.group,
            "language": prompt.language,
            "profile": profile.name,
            "metric": metric.name,
            "numerator": None,
            "denominator": None,
            "value": None,
            "missing": None,
            "beyond": "" if isinstance(judged, Missing) else "".join(judged.beyond),
        }
        if isinstance(score, Missing):
            row["missing"] = score.reason
        else:
            row |= {"numerator": score.numerator, "denominator": score.denominator, "value": score.value}
        yield row


def scores_path(folder: Path, reader: ReaderRecord) -> Path:
    """Return where the scores by this reader with today's metrics and profiles are kept."""
    return folder / f"scores.{metric_set(reader)}.parquet"
