"""A run's scores as a comparison needs them: from a run folder, or from a blessed baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.comparison.conditions import Conditions
from bench.comparison.contender import Contender
from bench.reader_record import ReaderRecord
from bench.records import SampleKey
from bench.summary import UNFINISHED
from metrics.paired import Scores
from metrics.profiles import find_profile
from metrics.table import HEADLINE, METRICS
from prompts.lengths import count_characters, length_bin
from prompts.suite import Prompt

if TYPE_CHECKING:
    import pandas as pd

    from bench.run import Run

_COLUMNS = ("prompt", "seed", "metric", "numerator", "denominator", "missing")

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PromptFacts:
    """What is to be known of a prompt: its cluster, and the slices that it belongs to."""

    id: str
    group: str
    language: str
    length: str
    tags: tuple[str, ...]

    @classmethod
    def of(cls, prompt: Prompt) -> PromptFacts:
        """Return the facts of a suite's prompt."""
        length = length_bin(sum(map(count_characters, prompt.targets)))
        return cls(prompt.id, prompt.group, prompt.language, length, prompt.tags)


@dataclass(frozen=True)
class ScoreSheet:
    """Scores of one run by one reader under its suite's profile; arrays are [prompts, seeds] in the order of both.

    Attributes:
        contender: Who this is.
        model_digest: Of all that decides the pixels beside prompt and seed.
        conditions: What must agree with another sheet.
        prompts: What was asked for.
        scores: By metric; one that has no score at all is not here.
        empty: Where the model gave no picture: blank or refused, scored as nothing read.
        unfinished: Why pictures have no score yet, and how many: those that the same run command would go on with.
        surroundings: What may matter and is told where it differs: tier, packages, accelerators.
    """

    contender: Contender
    model_digest: str
    conditions: Conditions
    prompts: tuple[PromptFacts, ...]
    scores: Mapping[str, Scores]
    empty: Flags
    unfinished: Mapping[str, int]
    surroundings: Mapping[str, str]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The columns of all arrays."""
        return self.conditions.seeds

    def of_seeds(self, columns: Sequence[int], label: str) -> ScoreSheet:
        """Return the sheet with these columns only, renumbered from seed 0, as if it were a run of its own."""
        return replace(
            self,
            contender=replace(self.contender, name=f"{self.contender.name}, {label}"),
            conditions=replace(self.conditions, seeds=tuple(range(len(columns)))),
            scores={name: scores.at(slice_all(self), columns) for name, scores in self.scores.items()},
            empty=self.empty[:, list(columns)],
        )


def slice_all(sheet: ScoreSheet) -> NDArray[np.intp]:
    """Return the rows of all prompts."""
    return np.arange(len(sheet.prompts))


def sheet_of(run: Run, reader: ReaderRecord | None = None) -> ScoreSheet:
    """Return the sheet of a run, by one of its readers; without one, the first.

    Raises:
        GlyphbenchError: No reader has read the run yet, or its files cannot be read.
    """
    reader = reader or run.reader
    manifest = run.manifest
    prompts = tuple(map(PromptFacts.of, run.prompts))
    rows = run.scores_by(reader, run.suite.profile, _COLUMNS)
    scores, reasons = _tables(rows, [prompt.id for prompt in prompts], manifest.seeds)
    conditions = Conditions(
        suite=manifest.suite.name,
        suite_version=manifest.suite.version,
        suite_digest=manifest.suite.digest,
        asked=len(prompts),
        whole=len(run.suite.prompts),
        seeds=manifest.seeds,
        reader=reader.name,
        reader_digest=reader.digest,
        reader_signature=reader.signature,
        profile=find_profile(run.suite.profile).signature,
        metrics={name: metric.signature for name, metric in METRICS.items()},
    )
    return ScoreSheet(
        Contender(manifest.model.name, run.signature, str(run.folder.path)),
        manifest.model.digest,
        conditions,
        prompts,
        scores,
        _empty(run),
        _unfinished(reasons, manifest.status),
        _surroundings(manifest.tier, manifest.glyphbench, manifest.environment),
    )


def _tables(
    rows: pd.DataFrame, prompts: Sequence[str], seeds: Sequence[int]
) -> tuple[dict[str, Scores], NDArray[np.object_]]:
    """Return the scores by metric, and for the headline why there is none: "" where there is one."""
    import pandas as pd

    shape = len(prompts), len(seeds)
    row = pd.Index(prompts).get_indexer(pd.Index(rows["prompt"]))
    column = pd.Index(seeds).get_indexer(pd.Index(rows["seed"]))
    known = (row >= 0) & (column >= 0)
    reasons = np.full(shape, "not scored yet", dtype=object)
    scores = {}
    for name, index in rows.groupby("metric", sort=False, observed=True).indices.items():
        kept = index[known[index]]
        place = row[kept], column[kept]
        numerators, denominators = np.full(shape, np.nan), np.full(shape, np.nan)
        numerators[place] = rows["numerator"].to_numpy()[kept]
        denominators[place] = rows["denominator"].to_numpy()[kept]
        if not np.isnan(numerators).all():
            scores[str(name)] = Scores(numerators, denominators)
        if name == HEADLINE:
            reasons[place] = [reason if isinstance(reason, str) else "" for reason in rows["missing"].to_numpy()[kept]]
    return scores, reasons


def _unfinished(reasons: NDArray[np.object_], status: str) -> dict[str, int]:
    open_ones = [reason for reason in reasons.ravel().tolist() if reason.startswith((*UNFINISHED, "not scored"))]
    if not open_ones and status != "complete":
        return {"the run was not ended": 1}
    return dict(Counter(open_ones).most_common())


def _empty(run: Run) -> Flags:
    statuses = {key: sample.status for key, sample in run.samples.items()}
    empty = np.zeros((len(run.prompts), len(run.manifest.seeds)), np.bool_)
    for row, prompt in enumerate(run.prompts):
        for column, seed in enumerate(run.manifest.seeds):
            empty[row, column] = statuses.get(SampleKey(prompt.id, seed)) in {"blank", "refused"}
    return empty


def _surroundings(tier: str, glyphbench: str, environment: Mapping[str, Any]) -> dict[str, str]:
    packages = environment.get("packages") or {}
    accelerators = environment.get("accelerators") or []
    return {
        "tier": tier,
        "glyphbench": glyphbench,
        "accelerators": "; ".join(map(str, accelerators)) or "none",
        **{name: str(packages[name]) for name in sorted(packages)},
    }


def surrounding_remarks(base: ScoreSheet, candidate: ScoreSheet) -> list[str]:
    """Return what is to be said of the surroundings in which two runs were made, where these differ."""
    then, now = base.surroundings, candidate.surroundings
    changed = [
        f"{name} {then.get(name, 'none')} → {now.get(name, 'none')}"
        for name in dict.fromkeys((*then, *now))
        if then.get(name) != now.get(name)
    ]
    return [f"made in other surroundings: {', '.join(changed)}"] if changed else []
