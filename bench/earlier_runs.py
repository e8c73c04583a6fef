"""What earlier runs in the same folder tell about one that is still to come: seconds a picture, spread over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.plan import RunPlan
from bench.reader_record import ReaderRecord
from bench.records import SampleKey
from bench.run import Run
from metrics.power import seed_deviation
from metrics.table import HEADLINE
from prompts.errors import GlyphbenchError
from prompts.suite import Size


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for one picture, on how many it was measured, and where."""

    seconds: float
    pictures: int
    where: str


def earlier_runs(out: Path) -> Iterator[Run]:
    """Yield the runs in a folder, newest first; what cannot be read as one is passed over."""
    folders = [path.parent for path in out.glob("*/manifest.json")]
    for folder in sorted(folders, key=lambda path: (path.stat().st_mtime, path.name), reverse=True):
        try:
            yield Run.open(folder)
        except GlyphbenchError:
            continue


def making_pace(plan: RunPlan, runs: list[Run]) -> Pace | None:
    """Return the seconds that the same model in the same tier took for a picture; other sizes by their pixels."""
    sizes = [job.prompt.size for job in plan.jobs]
    wanted = sum(map(_pixels, sizes)) / max(1, len(sizes))
    exact: list[float] = []
    scaled: list[float] = []
    where: list[str] = []
    for run in runs:
        if (run.manifest.model.digest, run.manifest.tier) == (plan.model_digest, plan.tier):
            where.append(run.folder.path.name)
            for size, seconds in _stages(run, "make"):
                if size in sizes:
                    exact.append(seconds)
                else:
                    scaled.append(seconds * wanted / _pixels(size))
    if not (exact or scaled):
        return None
    note = "" if exact else ", at other sizes, scaled by pixels"
    return _pace(exact or scaled, f"{', '.join(where)}{note}")


def reading_pace(reader: ReaderRecord, runs: list[Run]) -> Pace | None:
    """Return the seconds that a reader took for a picture, in one process."""
    found = {run.folder.path.name: [s for _, s in _stages(run, f"read {reader.short}")] for run in runs}
    seconds = [s for each in found.values() for s in each]
    return _pace(seconds, ", ".join(name for name, each in found.items() if each)) if seconds else None


def deviation_over_seeds(plan: RunPlan, runs: list[Run]) -> tuple[float, str] | None:
    """Return how a model's headline score varies over the seeds of a prompt of this suite, and in which run it did so.

    A run of the same model counts before one of another; an instrument check tells nothing of a model, and a run with
    one seed, or without scores, nothing at all.
    """
    of_suite = [run for run in runs if run.manifest.suite.digest == plan.suite.digest and run.manifest.readers]
    same = [run for run in of_suite if run.manifest.model.digest == plan.model_digest]
    others = [run for run in of_suite if run not in same and run.manifest.model.is_model]
    for run in [*same, *others]:
        rows = run.scores
        rows = rows[(rows["metric"] == HEADLINE) & (rows["profile"] == run.suite.profile) & rows["missing"].isna()]
        deviation = seed_deviation([list(group) for _, group in rows.groupby("prompt")["value"]])
        if deviation is not None:
            return deviation, run.folder.path.name
    return None


def _stages(run: Run, stage: str) -> Iterator[tuple[Size, float]]:
    """Yield size and seconds of each picture that a stage is recorded for."""
    for _, line in run.folder.timings_journal.records():
        sample = run.samples.get(SampleKey(line.get("prompt", ""), line.get("seed", -1)))
        if line.get("stage") == stage and sample is not None and sample.width and sample.height:
            yield Size(sample.width, sample.height), float(line["seconds"])


def _pace(seconds: list[float], where: str) -> Pace:
    return Pace(math.fsum(seconds) / len(seconds), len(seconds), where)


def _pixels(size: Size) -> int:
    return size.width * size.height
