"""The gallery's records: each sample with its picture, its lines, and the very alignment that made its score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from bench.records import Sample, SampleKey
from bench.run import Run
from bench.scoring import judge_sample, reading_of
from metrics.judgement import Judgement
from metrics.profiles import Profile, find_profile
from metrics.reading import Reading
from metrics.score import Missing, Score
from metrics.table import HEADLINE, METRICS
from prompts.suite import Prompt
from reports.characters import CharacterTally
from reports.layout import layout_record
from reports.overlay import overlay_lines, step_kind
from reports.prompt_fit import fit_records
from reports.suspects import Suspects
from reports.thumbnails import Thumbnail


def gallery_records(
    run: Run, thumbnails: Mapping[SampleKey, Thumbnail], suspects: Suspects, tally: CharacterTally
) -> Iterator[dict[str, Any]]:
    """Yield one record for each picture that the run asks for, in the suite's order, as JSON data.

    `score` is the headline metric under the suite's profile, or None with the reason in `missing`; `regions` holds the
    alignment, one [kind, target, read] for each column; `lines` what was read and where, in pixels; `layout` where
    texts are wanted and where they stand (None without places); `suspects` the characters that look malformed;
    `others` what other readers read, and `agreement` the least agreement with them (None without any); `fit` how it
    fits its prompt by a tower (None without one). Paths are URLs relative to the own report folder of the run. Each
    judgement is counted by `tally` as it is made.
    """
    profile = find_profile(run.suite.profile)
    agreements = _agreements(run)
    fits = fit_records(run)
    for prompt in run.prompts:
        for seed in run.manifest.seeds:
            key = SampleKey(prompt.id, seed)
            sample = run.samples.get(key)
            reading = reading_of(sample, run.readings.get(key))
            yield {
                **_asked(prompt, seed),
                **_picture(sample, thumbnails.get(key, Thumbnail(None))),
                **_verdict(run, prompt, reading, profile, tally),
                "suspects": [suspect.as_json() for suspect in suspects.get(key, ())],
                "others": _other_readings(run, key),
                "agreement": agreements.get(key),
                "fit": fits.get(key),
            }


def _agreements(run: Run) -> dict[SampleKey, float]:
    """Return by picture the least agreement of the first reader with another one."""
    least: dict[SampleKey, float] = {}
    for samples in run.agreements:
        for found in samples:
            value = found.agreement.reading.value
            least[found.key] = min(value, least.get(found.key, value))
    return least


def _other_readings(run: Run, key: SampleKey) -> list[dict[str, Any]]:
    """Return what each reader after the first read in a picture."""
    found = []
    for reader in run.readers[1:]:
        record, sample = run.readings_by(reader).get(key), run.samples.get(key)
        if record is not None and sample is not None and record.sha256 == sample.sha256:
            found.append({"reader": reader.name, "lines": [line.text for line in record.reading.lines]})
    return found


def _asked(prompt: Prompt, seed: int) -> dict[str, Any]:
    return {
        "prompt": prompt.id,
        "seed": seed,
        "group": prompt.group,
        "language": prompt.language,
        "tags": list(prompt.tags),
        "text": prompt.text,
        "targets": list(prompt.targets),
    }


def _picture(sample: Sample | None, thumbnail: Thumbnail) -> dict[str, Any]:
    if sample is None:
        return {"status": "not made", "reason": None, "image": None, "thumb": None, "details": {}}
    shown = thumbnail.file is not None
    return {
        "status": sample.status,
        "reason": thumbnail.fault or sample.reason,
        "image": f"../{quote(sample.file)}" if shown and sample.file else None,
        "thumb": quote(thumbnail.file) if thumbnail.file else None,
        "width": sample.width,
        "height": sample.height,
        "details": sample.details,
    }


def _verdict(
    run: Run, prompt: Prompt, reading: Reading | Missing, profile: Profile, tally: CharacterTally
) -> dict[str, Any]:
    if isinstance(reading, Missing):
        return {"score": None, "missing": reading.reason, "errors": None, "regions": [], "lines": [], "layout": None}
    judgement = judge_sample(prompt, reading, profile, run.reader)
    tally.add(prompt, judgement)
    score = METRICS[HEADLINE].score(judgement)
    return {
        "score": score.value if isinstance(score, Score) else None,
        "missing": score.reason if isinstance(score, Missing) else None,
        "errors": judgement.errors,
        "regions": _regions(prompt, judgement),
        "lines": overlay_lines(reading, judgement, profile),
        "layout": layout_record(prompt, judgement, reading),
    }


def _regions(prompt: Prompt, judgement: Judgement) -> list[dict[str, Any]]:
    """Return target and alignment of each region; the target is None for lettering that nobody asked for."""
    regions = []
    for judged in judgement.regions:
        asked = prompt.regions[judged.region] if judged.region >= 0 else None
        regions.append(
            {
                "region": judged.region,
                "target": asked.text if asked else None,
                "role": asked.role if asked else None,
                "where": asked.where if asked else None,
                "steps": [[step_kind(step), step.target, step.read] for step in judged.steps],
            }
        )
    return regions
