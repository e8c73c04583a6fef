"""One row for each character asked for in each picture: what was read in its place, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.reader_record import ReaderRecord
from bench.records import SampleKey
from bench.scoring import evidence_of, judge_sample, reading_of
from metrics.judgement import Judgement
from metrics.profiles import Profile, find_profile
from metrics.score import Missing
from prompts.levels import hanzi_levels, hanzi_strokes
from prompts.suite import Prompt

if TYPE_CHECKING:
    import pandas as pd

    from bench.run import Run

COLUMNS = {
    "prompt": "str", "seed": "int64", "group": "str", "language": "str",
    "region": "int64", "position": "int64", "target": "str", "read": "str", "kind": "str",
    "level": "Int64", "strokes": "Int64",
    "probability": "float64", "intact": "float64", "malformed": "boolean", "missing": "object",
}  # fmt: skip
"""Names and types of the columns; `docs/notebooks.md` says what they are."""

_Row = tuple[object, ...]


def character_frame(run: Run, reader: ReaderRecord) -> pd.DataFrame:
    """Return one row for each target character of each picture, in the suite's order.

    Characters are grapheme clusters of the target under the suite's profile, so that they are those which the scores
    count; letters are in lower case under `standard`. Characters that were read beside the target have no row.

    Args:
        run: Whose pictures.
        reader: Who read them.
    """
    import pandas as pd

    rows = list(_rows(run, reader))
    columns = zip(*rows, strict=True) if rows else ([] for _ in COLUMNS)
    kinds = {name: "object" if kind == "str" else kind for name, kind in COLUMNS.items()}
    return pd.DataFrame(
        {name: pd.Series(list(values), dtype=kind) for (name, kind), values in zip(kinds.items(), columns, strict=True)}
    )


def _rows(run: Run, reader: ReaderRecord) -> Iterator[_Row]:
    profile = find_profile(run.suite.profile)
    readings = run.readings_by(reader)
    for prompt in run.prompts:
        for seed in run.manifest.seeds:
            key = SampleKey(prompt.id, seed)
            record = readings.get(key)
            reading = reading_of(run.samples.get(key), record)
            if isinstance(reading, Missing):
                yield from _without_reading(prompt, seed, profile, reading)
                continue
            evidence = evidence_of(prompt, reading, record, reader, profile)
            yield from _read(prompt, seed, judge_sample(prompt, reading, profile, reader, evidence))


def _without_reading(prompt: Prompt, seed: int, profile: Profile, why: Missing) -> Iterator[_Row]:
    for number, region in enumerate(prompt.regions):
        for position, target in enumerate(profile.graphemes(region.text)):
            yield (
                *_asked(prompt, seed, number, position, target),
                None,
                None,
                *_known(target),
                None,
                None,
                None,
                why.reason,
            )


def _read(prompt: Prompt, seed: int, judgement: Judgement) -> Iterator[_Row]:
    weighed = {(found.region, found.position): found for found in judgement.evidence or ()}
    for region in judgement.regions:
        steps = [step for step in region.steps if step.kind != "extra"]
        for position, step in enumerate(steps):
            found = weighed.get((region.region, position))
            sound = None if found is None else found.soundness
            yield (
                *_asked(prompt, seed, region.region, position, step.target),
                step.read,
                "beyond" if step.beyond else step.kind,
                *_known(step.target),
                None if found is None else found.probability,
                None if found is None else found.intact,
                None if found is None or sound is None else found.is_malformed,
                None,
            )


def _asked(prompt: Prompt, seed: int, region: int, position: int, target: str) -> _Row:
    return prompt.id, seed, prompt.group, prompt.language, region, position, target


def _known(target: str) -> _Row:
    return hanzi_levels().get(target), hanzi_strokes().get(target)
