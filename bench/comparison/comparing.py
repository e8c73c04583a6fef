"""Compares two runs: every metric, the slices, and the prompts that changed most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from bench.comparison.alignment import Aligned, align_comparable
from bench.comparison.changed import most_changed
from bench.comparison.result import Comparison, MetricComparison, SliceComparison
from bench.comparison.sheet import PromptFacts, ScoreSheet, surrounding_remarks
from bench.summary import BREAKDOWN_METRICS
from metrics.multiplicity import benjamini_hochberg
from metrics.paired import Difference, IntervalKind, PairedScores, differences
from metrics.resampling import RESAMPLES
from metrics.score import Missing
from metrics.sign_flip import SEED, SIGNATURE
from metrics.table import METRICS
from prompts.lengths import LENGTH_LABELS

FEWEST_TESTED = 6
"""Prompt groups of a slice that is tested: with five, no result has a p below 1/16."""

_SLICERS: dict[str, Callable[[PromptFacts], Sequence[str]]] = {
    "language": lambda prompt: (prompt.language,),
    "length": lambda prompt: (prompt.length,),
    "tag": lambda prompt: prompt.tags,
}


def compare(
    base: ScoreSheet,
    candidate: ScoreSheet,
    allow: Iterable[str] = (),
    level: float = 0.95,
    interval: IntervalKind = "t",
) -> Comparison:
    """Return how a candidate differs from a base on the same prompts and seeds.

    Args:
        base: One side.
        candidate: The other.
        allow: Conditions that may differ (`bench.comparison.conditions.KEYS`).
        level: Nominal coverage of the intervals.
        interval: `t`, or the percentile `bootstrap`.

    Raises:
        GlyphbenchError: They are not comparable; the message says which parts differ and what to do.
    """
    aligned, allowed = align_comparable(base, candidate, allow)
    losses, gains = most_changed(aligned)
    return Comparison(
        base.contender,
        candidate.contender,
        base.conditions.profile,
        len(aligned.prompts),
        aligned.seeds_a_prompt,
        bool(aligned.seeds),
        tuple(_metrics(aligned, level, interval)),
        tuple(_slices(aligned, level, interval)),
        losses,
        gains,
        tuple(
            [f"allowed: {mismatch.says}" for mismatch in allowed]
            + [f"left out: {what}" for what in aligned.left_out]
            + [remark for sheet in (base, candidate) for remark in unfinished_remarks(sheet)]
            + surrounding_remarks(base, candidate)
        ),
        method_signature(level, interval),
    )


def method_signature(level: float, interval: IntervalKind) -> str:
    """Return what decides intervals and p values, in one line."""
    kind = "t" if interval == "t" else f"bootstrap.{RESAMPLES}#{SEED}"
    return f"interval:{kind}@{level:g}|test:{SIGNATURE}"


def unfinished_remarks(sheet: ScoreSheet) -> list[str]:
    """Return what a run lacks: the numbers may change when it is finished."""
    found = [f"{sheet.contender.source} is not complete: {count} × {why}" for why, count in sheet.unfinished.items()]
    if sheet.conditions.is_partial:
        found.append(
            f"{sheet.contender.source} is a partial run: the first {sheet.conditions.asked} of "
            f"{sheet.conditions.whole} prompts"
        )
    return found


def _metrics(aligned: Aligned, level: float, interval: IntervalKind) -> list[MetricComparison]:
    """Return every metric of the table, those without scores with the reason."""
    pairs = {name: aligned.pairs(name) for name in aligned.metrics}
    found = dict(zip(pairs, differences(list(pairs.values()), level, interval), strict=True))
    compared = []
    for name, metric in METRICS.items():
        result = found.get(name, Missing(_lacking(aligned, name)))
        one_sided = aligned.one_sided(name) if name in pairs else 0
        own = (name, metric.better, metric.unit)
        if isinstance(result, Missing):
            compared.append(MetricComparison(*own, None, None, None, result.reason, one_sided))
        else:
            sums = pairs[name].sums
            compared.append(MetricComparison(*own, sums.base, sums.candidate, result, "", one_sided))
    return compared


def _lacking(aligned: Aligned, name: str) -> str:
    sides = (("the base", aligned.base), ("the candidate", aligned.candidate))
    lacking = [label for label, sheet in sides if name not in sheet.scores]
    return f"{' and '.join(lacking)} {'have' if len(lacking) > 1 else 'has'} no score"


def _slices(aligned: Aligned, level: float, interval: IntervalKind) -> list[SliceComparison]:
    """Return the slices, with q values over those that are large enough to be tested."""
    parts = list(_parts(aligned))
    results = differences([pairs for _, _, _, pairs in parts], level, interval)
    found = [
        SliceComparison(by, label, name, pairs.sums.base, pairs.sums.candidate, result, None)
        for (by, label, name, pairs), result in zip(parts, results, strict=True)
        if isinstance(result, Difference)
    ]
    tested = [place for place, each in enumerate(found) if each.difference.clusters >= FEWEST_TESTED]
    qs = benjamini_hochberg([found[place].difference.p for place in tested])
    for place, q in zip(tested, qs, strict=True):
        found[place] = replace(found[place], q=q)
    return found


def _parts(aligned: Aligned) -> Iterator[tuple[str, str, str, PairedScores]]:
    """Yield kind and label of each slice, metric, and scores; a kind of which there is one alone is no slice."""
    for by, slicer in _SLICERS.items():
        places: dict[str, list[int]] = {}
        for place, prompt in enumerate(aligned.prompts):
            for label in slicer(prompt):
                places.setdefault(label, []).append(place)
        if len(places) < 2:
            continue
        for label in sorted(places, key=LENGTH_LABELS.index if by == "length" else str):
            for name in BREAKDOWN_METRICS:
                if name in aligned.metrics:
                    yield by, label, name, aligned.pairs(name, places[label])
