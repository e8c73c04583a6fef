"""How the readers of a run agree with each other: per picture, over all of it, and on which characters they do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.reader_record import ReaderRecord
from bench.records import SampleKey
from bench.scoring import judge_sample, reading_of
from metrics.agreement import CHARACTER_AGREEMENT, READING_AGREEMENT, Agreement, compare
from metrics.profiles import find_profile
from metrics.score import Missing, Result, Score
from metrics.statistics import Measured, Quantity, estimate
from prompts.suite import Prompt

if TYPE_CHECKING:
    from bench.run import Run

_CONTESTED_LISTED = 30


@dataclass(frozen=True, slots=True)
class SampleAgreement:
    """How two readers agree on one picture that both have read."""

    prompt: Prompt
    key: SampleKey
    agreement: Agreement


def compare_readers(run: Run, first: ReaderRecord, second: ReaderRecord) -> Iterator[SampleAgreement]:
    """Yield the agreement on each picture that both readers have read, under the suite's profile."""
    profile = find_profile(run.suite.profile)
    for prompt in run.prompts:
        for seed in run.manifest.seeds:
            key = SampleKey(prompt.id, seed)
            sample = run.samples.get(key)
            if sample is None or sample.status != "ok":
                continue
            readings = [reading_of(sample, run.readings_by(reader).get(key)) for reader in (first, second)]
            judged = [
                judge_sample(prompt, reading, profile, reader)
                for reading, reader in zip(readings, (first, second), strict=True)
                if not isinstance(reading, Missing)
            ]
            if len(judged) == 2:
                yield SampleAgreement(prompt, key, compare(*judged))


def summarise_agreement(run: Run) -> list[dict[str, Any]]:
    """Return, as JSON data, how the first reader of a run agrees with each other one; empty for a single reader."""
    return [
        _summary(run.reader, other, samples) for other, samples in zip(run.readers[1:], run.agreements, strict=True)
    ]


def _summary(first: ReaderRecord, second: ReaderRecord, samples: Sequence[SampleAgreement]) -> dict[str, Any]:
    contested = Counter(character for sample in samples for character in sample.agreement.contested)
    return {
        "readers": [{"name": reader.name, "digest": reader.digest} for reader in (first, second)],
        "agreement": _estimate(READING_AGREEMENT, samples, lambda found: found.reading),
        "characters": _estimate(CHARACTER_AGREEMENT, samples, lambda found: found.character),
        "contested": [[character, count] for character, count in contested.most_common(_CONTESTED_LISTED)],
        "contested_in_all": contested.total(),
    }


def _estimate(
    quantity: Quantity, samples: Sequence[SampleAgreement], score: Callable[[Agreement], Result]
) -> dict[str, Any]:
    scores: dict[str, list[Score]] = {}
    groups = {}
    for sample in samples:
        found = score(sample.agreement)
        if isinstance(found, Score):
            scores.setdefault(sample.prompt.id, []).append(found)
            groups[sample.prompt.id] = sample.prompt.group
    result = estimate(quantity, [Measured(prompt, groups[prompt], tuple(found)) for prompt, found in scores.items()])
    return {"missing": result.reason} if isinstance(result, Missing) else asdict(result)
