"""Several runs on the same prompts: in order, with intervals, and which of them cannot be told apart."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from bench.comparison.alignment import align_comparable
from bench.comparison.comparing import method_signature, unfinished_remarks
from bench.comparison.contender import Contender
from bench.comparison.sheet import PromptFacts, ScoreSheet
from metrics.multiplicity import holm
from metrics.paired import Difference, IntervalKind, PairedScores, Scores, difference
from metrics.score import Missing, Score
from metrics.statistics import Estimate, Measured, estimate
from metrics.table import HEADLINE, METRICS
from prompts.errors import GlyphbenchError

_LETTER = re.compile(r"[a-z]|\(\d+\)")


@dataclass(frozen=True, slots=True)
class Place:
    """One run on the leaderboard.

    Attributes:
        contender: Who.
        estimate: Its value over the prompts and seeds that all runs have.
        to_first: How it differs from the first run that was named; None for that one.
        letters: Runs that share a letter cannot be told apart.
        number: Which of the runs it is, as they were named, from 0.
    """

    contender: Contender
    estimate: Estimate
    to_first: Difference | None
    letters: str
    number: int


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Runs in order of one metric, the best first.

    Attributes:
        metric: Its name.
        better: Which direction is better.
        unit: Of its values.
        level: Of the intervals; 1 − level is that of the tests, adjusted over all pairs (Holm).
        places: The runs.
        prompts: That all of them have.
        seeds: That all of them have.
        remarks: What was allowed to differ, what was left out.
        method: What decides intervals and p values.
    """

    metric: str
    better: str
    unit: str
    level: float
    places: tuple[Place, ...]
    prompts: int
    seeds: int
    remarks: tuple[str, ...]
    method: str

    @property
    def clear_best(self) -> Place | None:
        """The best run, if it is told apart from every other one."""
        best, *others = self.places
        own = set(_LETTER.findall(best.letters))
        return None if any(own & set(_LETTER.findall(other.letters)) for other in others) else best

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


def rank(
    sheets: Sequence[ScoreSheet],
    allow: Iterable[str] = (),
    metric: str = HEADLINE,
    level: float = 0.95,
    interval: IntervalKind = "t",
) -> Leaderboard:
    """Return two or more runs in order, over the prompts and seeds that all of them have.

    Raises:
        GlyphbenchError: Two of them are not comparable, they have nothing in common, or one has no score.
    """
    allow, first = tuple(allow), sheets[0]
    remarks = [remark for sheet in sheets for remark in unfinished_remarks(sheet)]
    for other in sheets[1:]:
        aligned, allowed = align_comparable(first, other, allow)
        source = other.contender.source
        remarks += [f"{source}: allowed: {mismatch.says}" for mismatch in allowed]
        remarks += [f"{source}: left out: {what}" for what in aligned.left_out]
    pairs = _all_pairs(sheets, metric)
    found = {places: difference(each, level, interval) for places, each in pairs.items()}
    ps = holm([1.0 if isinstance(each, Missing) else each.p for each in found.values()])
    apart = {places for places, p in zip(found, ps, strict=True) if p <= 1 - level + 1e-12}
    estimates = [_estimate(metric, pairs, place, level) for place in range(len(sheets))]
    sign = -1 if METRICS[metric].better == "higher" else 1
    order = sorted(range(len(sheets)), key=lambda place: (sign * estimates[place].value, place))
    letters = letters_of(order, apart)
    differences = [None, *(found[0, place] for place in range(1, len(sheets)))]
    common = pairs[0, 1]
    return Leaderboard(
        metric,
        METRICS[metric].better,
        METRICS[metric].unit,
        level,
        tuple(
            Place(sheets[place].contender, estimates[place], _known(differences[place]), letters[place], place)
            for place in order
        ),
        len(common.prompts),
        common.base.there.shape[1],
        tuple(dict.fromkeys(remarks)),
        method_signature(level, interval),
    )


def letters_of(order: Sequence[int], apart: set[tuple[int, int]]) -> dict[int, str]:
    """Return letters such that two runs share one if and only if they are not told apart.

    By insertion and absorption: H.-P. Piepho, "An Algorithm for a Letter-Based Representation of All-Pairwise
    Comparisons", Journal of Computational and Graphical Statistics 13 (2004).

    Args:
        order: The runs, the best first, which gets the letter a.
        apart: Pairs (smaller, larger) that are told apart.
    """
    columns = [set(order)]
    for one, other in sorted(apart):
        for column in [column for column in columns if {one, other} <= column]:
            columns.remove(column)
            columns += [column - {one}, column - {other}]
            columns = [c for c in columns if not any(c < d for d in columns)]
            columns = [c for at, c in enumerate(columns) if c not in columns[:at]]
    rank_of = {place: at for at, place in enumerate(order)}
    columns.sort(key=lambda column: sorted(rank_of[place] for place in column))
    names = [_letter(number) for number in range(len(columns))]
    return {p: "".join(name for name, column in zip(names, columns, strict=True) if p in column) for p in order}


def _letter(number: int) -> str:
    return chr(ord("a") + number) if number < 26 else f"({number + 1})"


def _all_pairs(sheets: Sequence[ScoreSheet], metric: str) -> dict[tuple[int, int], PairedScores]:
    """Return the paired scores of each two runs on what all runs have.

    Raises:
        GlyphbenchError: A run has no score of the metric, or they have nothing in common.
    """
    for sheet in sheets:
        if metric not in sheet.scores:
            raise GlyphbenchError(f"{sheet.contender.source} has no score of {metric}")
    everywhere = {p.id for p in sheets[0].prompts}.intersection(*({p.id for p in s.prompts} for s in sheets[1:]))
    facts = [prompt for prompt in sheets[0].prompts if prompt.id in everywhere]
    seeds = [seed for seed in sheets[0].seeds if all(seed in sheet.seeds for sheet in sheets[1:])]
    if not facts or not seeds:
        raise GlyphbenchError("these runs have no prompt and seed in common; compare them two by two")
    scores = [_part(sheet, metric, facts, seeds) for sheet in sheets]
    # A picture that one run has no score for counts in none, so that all runs stand on the same pictures.
    common = np.logical_and.reduce([each.there for each in scores])
    ids, groups = [prompt.id for prompt in facts], [prompt.group for prompt in facts]
    k = min(4, len(seeds))
    return {
        (one, other): PairedScores.of(
            METRICS[metric], ids, groups, scores[one].where(common), scores[other].where(common), k
        )
        for one, other in combinations(range(len(sheets)), 2)
    }


def _part(sheet: ScoreSheet, metric: str, prompts: Sequence[PromptFacts], seeds: Sequence[int]) -> Scores:
    rows = {prompt.id: row for row, prompt in enumerate(sheet.prompts)}
    return sheet.scores[metric].at([rows[p.id] for p in prompts], [sheet.seeds.index(seed) for seed in seeds])


def _estimate(metric: str, pairs: dict[tuple[int, int], PairedScores], place: int, level: float) -> Estimate:
    places, first = next((places, each) for places, each in pairs.items() if place in places)
    own = first.base if places[0] == place else first.candidate
    measured = [
        Measured(
            prompt,
            group,
            tuple(Score(n, d) for n, d in zip(numerators, denominators, strict=True) if not math.isnan(n)),
        )
        for prompt, group, numerators, denominators in zip(
            first.prompts, first.groups, own.numerators.tolist(), own.denominators.tolist(), strict=True
        )
    ]
    found = estimate(METRICS[metric], measured, first.k, level)
    if isinstance(found, Missing):
        raise GlyphbenchError(f"these runs cannot be ranked by {metric}: {found.reason}")
    return found


def _known(found: Difference | Missing | None) -> Difference | None:
    return None if isinstance(found, Missing) else found
