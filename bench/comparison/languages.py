"""Chinese against English: two runs of one model and one reader, paired through the prompts' groups.

A group has the same scene in both languages. Its prompts are averaged within a language first, their seeds before that;
what differs between the languages is then a paired difference over groups. Part of it is the reader's: it may read one
script better than the other, which its ceiling on right lettering tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.calibration.lookup import find_calibration
from bench.comparison.alignment import refusal
from bench.comparison.comparing import method_signature, unfinished_remarks
from bench.comparison.conditions import Mismatch, check_keys, mismatches
from bench.comparison.contender import Contender
from bench.comparison.sheet import ScoreSheet
from bench.reader_record import ReaderRecord
from metrics.paired import Difference, IntervalKind, PairedScores, Scores, difference
from metrics.score import Missing
from metrics.statistics import Estimate
from metrics.table import METRICS
from prompts.errors import GlyphbenchError
from prompts.suite import Suite

LANGUAGES = {"zh": "Chinese", "en": "English", "mixed": "Mixed lettering"}

COMPARED = ("accuracy", "exact", "cer", "recall", "legibility", "malformed")
"""Metrics that mean the same in both languages; words have no counterpart in Chinese."""


@dataclass(frozen=True, slots=True)
class CeilingOf:
    """What the reader makes of right lettering, for one suite.

    Attributes:
        suite: Its name.
        values: By metric; those that were calibrated.
        note: What is to be said of the calibration, or why there is none; "" for nothing.
    """

    suite: str
    values: dict[str, Estimate]
    note: str


@dataclass(frozen=True, slots=True)
class LanguageGap:
    """One metric in two languages.

    Attributes:
        metric: Its name.
        base: Value in the base's language, over the groups that both have.
        candidate: In the other language.
        difference: Candidate − base; its prompts are groups.
        reader: How the reader's ceilings differ, candidate − base: the part that is the reader's; None where one of
            them is not known.
    """

    metric: str
    base: float
    candidate: float
    difference: Difference
    reader: float | None


@dataclass(frozen=True, slots=True)
class LanguageComparison:
    """Two languages of one model.

    Attributes:
        base: The run in the first language.
        candidate: The run in the second.
        languages: Of both, in words.
        groups: How many groups both runs have.
        seeds: A prompt's.
        gaps: By metric.
        ceilings: Of both suites.
        remarks: What was allowed to differ, what was left out.
        method: What decides intervals and p values.
    """

    base: Contender
    candidate: Contender
    languages: tuple[str, str]
    groups: int
    seeds: int
    gaps: tuple[LanguageGap, ...]
    ceilings: tuple[CeilingOf, CeilingOf]
    remarks: tuple[str, ...]
    method: str

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


def compare_languages(
    base: ScoreSheet,
    candidate: ScoreSheet,
    ceilings: tuple[CeilingOf, CeilingOf],
    allow: Iterable[str] = (),
    level: float = 0.95,
    interval: IntervalKind = "t",
) -> LanguageComparison:
    """Return how two runs in two languages differ, paired through the groups of their prompts.

    Raises:
        GlyphbenchError: They are not of one model, one reader, one profile, or share no group.
    """
    allowed = set(allow)
    check_keys(allowed - {"model"})
    wrong = [m for m in _mismatches(base, candidate) if m.key not in allowed]
    if wrong:
        raise GlyphbenchError("\n  ".join(refusal(base, candidate, wrong)))
    shared = sorted({p.group for p in base.prompts} & {p.group for p in candidate.prompts})
    if not shared:
        raise GlyphbenchError(
            f"{base.contender.source} and {candidate.contender.source} share no prompt group; --by group is for suites "
            "whose prompts are translations of each other, such as zh_text and en_text"
        )
    gaps = []
    for name in COMPARED:
        if name in base.scores and name in candidate.scores:
            pairs = _by_group(base, candidate, name, shared)
            found = difference(pairs, level, interval)
            if not isinstance(found, Missing):
                own = [ceiling.values.get(name) for ceiling in ceilings]
                reader = None if own[0] is None or own[1] is None else own[1].value - own[0].value
                gaps.append(LanguageGap(name, pairs.sums.base, pairs.sums.candidate, found, reader))
    remarks = [f"allowed: {m.says}" for m in _mismatches(base, candidate)]
    remarks += [remark for sheet in (base, candidate) for remark in unfinished_remarks(sheet)]
    for sheet in (base, candidate):
        alone = sorted({p.group for p in sheet.prompts} - set(shared))
        if alone:
            remarks.append(f"left out: {len(alone)} groups only in {sheet.contender.source}: {', '.join(alone[:5])}")
    return LanguageComparison(
        base.contender,
        candidate.contender,
        (_language(base), _language(candidate)),
        len(shared),
        min(len(base.seeds), len(candidate.seeds)),
        tuple(gaps),
        ceilings,
        tuple(remarks),
        method_signature(level, interval),
    )


def ceiling_of(suite: Suite, reader: ReaderRecord, calibrations: Path) -> CeilingOf:
    """Return the reader's ceiling on plain typeset pictures of a suite, from the calibration that speaks for it."""
    found = find_calibration(suite, reader, calibrations)
    if found.calibration is None:
        return CeilingOf(suite.name, {}, f"{found.note}; to measure it: {found.command}")
    plain = found.calibration.ceiling.plain
    values = {name: value for name, value in plain.items() if not isinstance(value, Missing)}
    return CeilingOf(suite.name, values, found.note)


def _mismatches(base: ScoreSheet, candidate: ScoreSheet) -> list[Mismatch]:
    """Return what differs beside suite and prompts, which are to; seeds may, as they are not paired."""
    found = [m for m in mismatches(base.conditions, candidate.conditions) if m.key not in {"suite", "prompts", "seeds"}]
    if base.model_digest != candidate.model_digest:
        models = f"{base.contender.name} and {candidate.contender.name}"
        found.insert(0, Mismatch("model", f"the models differ: {models}; a language gap is of one model"))
    return found


def _language(sheet: ScoreSheet) -> str:
    codes = sorted({prompt.language for prompt in sheet.prompts})
    return LANGUAGES.get(codes[0], codes[0]) if len(codes) == 1 else sheet.conditions.suite


def _by_group(base: ScoreSheet, candidate: ScoreSheet, metric: str, groups: Sequence[str]) -> PairedScores:
    """Return paired scores in which a row is a group and stands for the mean, or the sums, of its prompts."""
    one, other = _grouped(base, metric, groups), _grouped(candidate, metric, groups)
    return PairedScores.of(METRICS[metric], groups, groups, one, other, k=1, same_seeds=False)


def _grouped(sheet: ScoreSheet, metric: str, groups: Sequence[str]) -> Scores:
    """Return one column: of a ratio the sums over prompts and seeds, else the mean over prompts of seeds' means."""
    rows: dict[str, list[int]] = {group: [] for group in groups}
    for row, prompt in enumerate(sheet.prompts):
        if prompt.group in rows:
            rows[prompt.group].append(row)
    scores = sheet.scores[metric]
    numerators, denominators = np.full((len(groups), 1), np.nan), np.full((len(groups), 1), np.nan)
    for place, group in enumerate(groups):
        part = scores.at(rows[group])
        if not part.there.any():
            continue
        if METRICS[metric].aggregate == "ratio":
            numerators[place], denominators[place] = np.nansum(part.numerators), np.nansum(part.denominators)
        else:
            scored = part.there.any(1)
            numerators[place] = np.nanmean((part.numerators / part.denominators)[scored], axis=1).mean()
            denominators[place] = 1.0
    return Scores(numerators, denominators)
