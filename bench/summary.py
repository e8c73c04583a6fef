"""The summary of a run: estimates with intervals, breakdowns, counts, what was left out, the signature."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bench.agreement import summarise_agreement
from bench.calibration.telling import summarise_calibration
from bench.prompt_fit import summarise_alignment
from bench.reader_record import ReaderRecord
from metrics.profiles import PROFILES
from metrics.score import Missing, Score
from metrics.statistics import Estimate, Measured, estimate
from metrics.table import HEADLINE, METRICS
from prompts.lengths import LENGTH_LABELS, count_characters, length_bin
from prompts.suite import Prompt

if TYPE_CHECKING:
    import pandas as pd

    from bench.run import Run

BREAKDOWN_METRICS = ("accuracy", "cer", "exact")
UNFINISHED = ("infra:", "not made", "not read")
"""How the reasons begin why a picture has no score yet, which the same command would go on with."""

NOT_A_MODEL = "instrument check, not a model"


def summarise_run(run: Run) -> dict[str, Any]:
    """Return what `summary.json` holds, as JSON data."""
    profile = run.suite.profile
    k = min(4, len(run.manifest.seeds))
    tables = dict(iter(run.scores.groupby("profile", sort=False)))
    metrics = {name: _estimates(tables[name], run.prompts, METRICS, k) for name in PROFILES}
    left_out = _left_out(tables[profile])
    return {
        "suite": run.manifest.suite.model_dump(),
        "model": {"name": run.manifest.model.name, "spec": run.manifest.model.spec},
        "note": None if run.manifest.model.is_model else NOT_A_MODEL,
        "status": "started" if _unfinished(left_out) else run.manifest.status,
        "partial": run.manifest.limit is not None,
        "counts": _counts(run),
        "reader": {"name": run.reader.name, "digest": run.reader.digest},
        "other_readers": [_other_reader(run, reader, profile, k) for reader in run.readers[1:]],
        "agreement": summarise_agreement(run),
        "calibration": summarise_calibration(run.suite, run.reader, run.calibrations),
        "profile": profile,
        "k": k,
        "headline": {"metric": HEADLINE, **metrics[profile][HEADLINE]},
        "metrics": metrics,
        "breakdowns": _breakdowns(run, tables[profile], k),
        "left_out": left_out,
        "beyond_reader": _beyond_reader(tables[profile]),
        "malformed": _malformed(tables[profile]),
        "layout": _layout(tables[profile]),
        "alignment": summarise_alignment(run),
        "signature": run.signature,
    }


def _other_reader(run: Run, reader: ReaderRecord, profile: str, k: int) -> dict[str, Any]:
    """Return the headline as another reader of the run would have it."""
    rows = run.scores_by(reader)
    headline = _estimates(rows[rows["profile"] == profile], run.prompts, [HEADLINE], k)[HEADLINE]
    return {"name": reader.name, "digest": reader.digest, "headline": {"metric": HEADLINE, **headline}}


def _estimates(rows: pd.DataFrame, prompts: Sequence[Prompt], names: Iterable[str], k: int) -> dict[str, Any]:
    """Return the estimate of each metric over `prompts`, as JSON data."""
    groups = {prompt.id: prompt.group for prompt in prompts}
    wanted = rows[rows["prompt"].isin(list(groups)) & rows["missing"].isna()]
    scores: dict[str, dict[str, list[Score]]] = {name: {} for name in METRICS}
    for name, prompt, numerator, denominator in zip(
        wanted["metric"], wanted["prompt"], wanted["numerator"], wanted["denominator"], strict=True
    ):
        scores[name].setdefault(prompt, []).append(Score(numerator, denominator))
    estimates = {}
    for name in names:
        measured = [Measured(prompt, groups[prompt], tuple(found)) for prompt, found in scores[name].items()]
        estimates[name] = _as_json(estimate(METRICS[name], measured, k))
    return estimates


def _as_json(result: Estimate | Missing) -> dict[str, Any]:
    return {"missing": result.reason} if isinstance(result, Missing) else asdict(result)


def _breakdowns(run: Run, rows: pd.DataFrame, k: int) -> dict[str, dict[str, Any]]:
    """Return estimates by language, length and number of the targets, size and tag, each with its number of prompts."""
    slicers: dict[str, Callable[[Prompt], Sequence[str]]] = {
        "language": lambda prompt: [prompt.language],
        "length": lambda prompt: [length_bin(sum(map(count_characters, prompt.targets)))],
        "regions": lambda prompt: [str(len(prompt.targets))],
        "size": lambda prompt: [f"{prompt.size.width}×{prompt.size.height}"],
        "tag": lambda prompt: prompt.tags,
    }
    breakdowns: dict[str, dict[str, Any]] = {}
    for by, slicer in slicers.items():
        slices: dict[str, list[Prompt]] = {}
        for prompt in run.prompts:
            for label in slicer(prompt):
                slices.setdefault(label, []).append(prompt)
        order = LENGTH_LABELS if by == "length" else sorted(slices, key=_natural)
        breakdowns[by] = {
            label: {"prompts": len(slices[label]), **_estimates(rows, slices[label], BREAKDOWN_METRICS, k)}
            for label in order
            if label in slices
        }
    return breakdowns


def _natural(label: str) -> tuple[list[int], str]:
    """Return a key by which numbers in labels stand in the order of their size."""
    return [int(digits) for digits in re.findall(r"[0-9]+", label)], label


def _counts(run: Run) -> dict[str, int]:
    """Return how many pictures were asked for, and what became of them."""
    wanted = [(prompt.id, seed) for prompt in run.prompts for seed in run.manifest.seeds]
    found = Counter(sample.status for key in wanted if (sample := run.samples.get(key)))  # type: ignore[call-overload]
    statuses = {status: found[status] for status in ("ok", "blank", "refused", "infra")}
    return {"prompts": len(run.prompts), "asked": len(wanted), **statuses, "not_made": len(wanted) - found.total()}


def _unfinished(left_out: Sequence[dict[str, Any]]) -> bool:
    """Return whether pictures are still to be made or read."""
    return any(entry["reason"].startswith(UNFINISHED) for entry in left_out)


def _left_out(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return, for the headline metric, why samples have no score and how many, most frequent first."""
    reasons = rows.loc[rows["metric"] == HEADLINE, "missing"].dropna()
    return [{"reason": reason, "samples": count} for reason, count in Counter(reasons).most_common()]


def _malformed(rows: pd.DataFrame) -> dict[str, int]:
    """Return how many drawn characters were judged and how many of them look malformed."""
    found = rows[(rows["metric"] == "malformed") & rows["missing"].isna()]
    return {"all": int(found["numerator"].sum()), "judged": int(found["denominator"].sum())}


def _layout(rows: pd.DataFrame) -> dict[str, int] | None:
    """Return how many texts have a place, were found and stand in it, and how many relations hold; None without any.

    What was never drawn is in `placed` and not in `placed_found`.
    """
    scored = rows[rows["missing"].isna()]
    layout, placement, relations = (scored[scored["metric"] == name] for name in ("layout", "placement", "relations"))
    if layout.empty and relations.empty:
        return None
    return {
        "placed": int(layout["denominator"].sum()),
        "placed_found": int(placement["denominator"].sum()),
        "in_place": int(layout["numerator"].sum()),
        "relations": int(relations["denominator"].sum()),
        "relations_kept": int(relations["numerator"].sum()),
    }


def _beyond_reader(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the target characters that the reader cannot put out, with the prompts that have them."""
    found: dict[str, list[str]] = {}
    for prompt, characters in (
        rows.loc[rows["beyond"] != "", ["prompt", "beyond"]].drop_duplicates().itertuples(index=False)
    ):
        for character in dict.fromkeys(characters):
            found.setdefault(character, []).append(prompt)
    return found
