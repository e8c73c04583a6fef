"""Two score sheets laid on each other, prompt by prompt and seed by seed; what has no counterpart is counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bench.comparison.conditions import Mismatch, check_keys, mismatches
from bench.comparison.sheet import PromptFacts, ScoreSheet
from metrics.paired import PairedScores, Scores
from metrics.table import METRICS
from prompts.errors import GlyphbenchError

_NAMED = 5
"""Prompts without a counterpart that are named."""


@dataclass(frozen=True)
class Aligned:
    """What two sheets have in common.

    Attributes:
        base: One side.
        candidate: The other.
        prompts: Those of both, in the base's order.
        seeds: Those of both, in the base's order; none where they have none in common, so that each side keeps its own
            and only prompts are paired.
        left_out: What has no counterpart, in words.
    """

    base: ScoreSheet
    candidate: ScoreSheet
    prompts: tuple[PromptFacts, ...]
    seeds: tuple[int, ...]
    left_out: tuple[str, ...]

    @property
    def metrics(self) -> list[str]:
        """Metrics that both sides have scores for, in the table's order."""
        return [name for name in METRICS if name in self.base.scores and name in self.candidate.scores]

    @property
    def seeds_a_prompt(self) -> int:
        """How many seeds of a prompt are compared; the fewer ones where the sides have unequal numbers."""
        return len(self.seeds) or min(len(self.base.seeds), len(self.candidate.seeds))

    @cached_property
    def _rows(self) -> tuple[list[int], list[int]]:
        return _places(self.base, self.prompts), _places(self.candidate, self.prompts)

    @cached_property
    def _columns(self) -> tuple[list[int] | None, list[int] | None]:
        if not self.seeds:
            return None, None
        base, candidate = list(self.base.seeds), list(self.candidate.seeds)
        return [base.index(s) for s in self.seeds], [candidate.index(s) for s in self.seeds]

    def pairs(self, metric: str, wanted: Sequence[int] | None = None) -> PairedScores:
        """Return the paired scores of one metric; `wanted` are places in `prompts`, without it all of them."""
        places = range(len(self.prompts)) if wanted is None else wanted
        base, candidate = self._sides(metric, places)
        prompts = [self.prompts[place] for place in places]
        return PairedScores.of(
            METRICS[metric],
            [prompt.id for prompt in prompts],
            [prompt.group for prompt in prompts],
            base,
            candidate,
            k=min(4, self.seeds_a_prompt),
            same_seeds=bool(self.seeds),
        )

    @property
    def seed_pairs(self) -> list[tuple[int, int]]:
        """The seeds of pictures that are shown beside each other."""
        if self.seeds:
            return [(seed, seed) for seed in self.seeds]
        return list(zip(self.base.seeds, self.candidate.seeds, strict=False))

    def sample_values(self, metric: str, place: int) -> tuple[list[float], list[float]]:
        """Return the values of one prompt's pictures on both sides, in the order of `seed_pairs`; NaN for none."""
        base, candidate = self._sides(metric, [place])
        count = len(self.seed_pairs)
        return (
            (base.numerators / base.denominators)[0, :count].tolist(),
            (candidate.numerators / candidate.denominators)[0, :count].tolist(),
        )

    def one_sided(self, metric: str) -> int:
        """Return how many pictures, or prompts where seeds are not paired, have a score on one side only."""
        base, candidate = (side.there for side in self._sides(metric, range(len(self.prompts))))
        if not self.seeds:
            return int((base.any(1) ^ candidate.any(1)).sum())
        return int((base ^ candidate).sum())

    def _sides(self, metric: str, places: Sequence[int]) -> tuple[Scores, Scores]:
        """Return the scores of both sides on the prompts at these places and the common seeds."""
        (base_rows, rows), (base_columns, columns) = self._rows, self._columns
        base = self.base.scores[metric].at([base_rows[place] for place in places], base_columns)
        return base, self.candidate.scores[metric].at([rows[place] for place in places], columns)

    def empty(self) -> tuple[int, int]:
        """Return how many compared pictures each side left blank or refused."""
        counts = [
            sheet.empty[rows][:, columns if columns is not None else slice(None)].sum()
            for sheet, rows, columns in zip((self.base, self.candidate), self._rows, self._columns, strict=True)
        ]
        return int(counts[0]), int(counts[1])


def align(base: ScoreSheet, candidate: ScoreSheet) -> Aligned:
    """Return what two sheets have in common, whatever their conditions."""
    known = {prompt.id for prompt in candidate.prompts}
    asked = {prompt.id for prompt in base.prompts}
    seeds = tuple(seed for seed in base.seeds if seed in candidate.seeds)
    left_out = [
        *_only("prompt", "the base", [p.id for p in base.prompts if p.id not in known]),
        *_only("prompt", "the candidate", [p.id for p in candidate.prompts if p.id not in asked]),
    ]
    if seeds:
        left_out += _only("seed", "the base", [str(s) for s in base.seeds if s not in seeds])
        left_out += _only("seed", "the candidate", [str(s) for s in candidate.seeds if s not in seeds])
    else:
        left_out.append("no seed is in both runs: prompts are paired, seeds are not")
    shared = tuple(prompt for prompt in base.prompts if prompt.id in known)
    return Aligned(base, candidate, shared, seeds, tuple(left_out))


def forbidden(base: ScoreSheet, candidate: ScoreSheet, allow: Iterable[str]) -> tuple[list[Mismatch], list[Mismatch]]:
    """Return the conditions that differ: those that are not allowed to, and those that are."""
    allowed = set(allow)
    check_keys(allowed)
    found = mismatches(base.conditions, candidate.conditions)
    return [m for m in found if m.key not in allowed], [m for m in found if m.key in allowed]


def align_comparable(
    base: ScoreSheet, candidate: ScoreSheet, allow: Iterable[str] = ()
) -> tuple[Aligned, list[Mismatch]]:
    """Return what two comparable sheets have in common, and which differences were allowed.

    Raises:
        GlyphbenchError: They are not comparable: which parts differ, and what to do.
    """
    wrong, allowed = forbidden(base, candidate, allow)
    if wrong:
        raise GlyphbenchError("\n  ".join(refusal(base, candidate, wrong)))
    aligned = align(base, candidate)
    if not aligned.prompts:
        raise GlyphbenchError(f"{base.contender.source} and {candidate.contender.source} have no prompt in common")
    return aligned, allowed


def refusal(base: ScoreSheet, candidate: ScoreSheet, wrong: Sequence[Mismatch]) -> list[str]:
    """Return why two sheets are not comparable, a line each, and the command that mends it where there is one."""
    sources = base.contender.source, candidate.contender.source
    lines = [f"{sources[0]} and {sources[1]} are not comparable", *(mismatch.says for mismatch in wrong)]
    keys = [mismatch.key for mismatch in wrong]
    if set(keys) <= {"reader", "libraries"}:
        commands = [f"python -m bench read {source} --reader {base.conditions.reader}" for source in sources]
        lines.append(f"to have both read alike: {' && '.join(commands)}")
    if "suite" in keys and {p.group for p in base.prompts} & {p.group for p in candidate.prompts}:
        lines.append("they share prompt groups: two languages of one model are compared with --by group")
    lines.append(f"to compare them all the same: {' '.join(f'--allow {key}' for key in keys)}")
    return lines


def _places(sheet: ScoreSheet, prompts: Sequence[PromptFacts]) -> list[int]:
    places = {prompt.id: place for place, prompt in enumerate(sheet.prompts)}
    return [places[prompt.id] for prompt in prompts]


def _only(noun: str, side: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    told = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return [f"{len(names)} {noun}{'s' if len(names) > 1 else ''} only in {side}: {told}"]
