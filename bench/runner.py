"""Runs a plan: makes the pictures, has them read meanwhile, scores them; goes on where an earlier process stopped."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.alignment_stage import gather_vectors
from bench.allowance import PAID, Allowance, Ledger
from bench.disk import check_disk
from bench.environment import describe_environment
from bench.generators import Failure, Job, Outcome, PaidGenerator, Resumable, Undone
from bench.manifest import Manifest, ModelEntry, SuiteEntry
from bench.plan import RunPlan
from bench.progress import Progress, show_progress
from bench.reading_pool import ReadingOutcome, ReadingPool, ReadingTask
from bench.reading_stage import enrol, open_pool, record_reading, unread
from bench.recording_stage import Recorder
from bench.records import Sample, SampleKey
from bench.run import Run
from bench.run_folder import RunFolder
from bench.scoring import scores_path
from metrics.towers.source import TowerSource
from metrics.towers.tower import open_tower
from prompts.errors import GlyphbenchError


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended: the run as it stands, whether there was nothing left to do, and what failed."""

    run: Run
    was_complete: bool
    failures: tuple[str, ...]


def execute(plan: RunPlan, *, fresh: bool = False) -> RunResult:
    """Do what is left of a plan and return the run.

    Raises:
        GlyphbenchError: The folder cannot be written, is another run's, or another process is working on it.
        RunFailedError: A reading process was killed; what is done is kept.
        OSError: The disk filled up; what is done is kept.
    """
    # Weights are fetched first: a run must not be drawn for hours before they turn out not to be had.
    tower = open_tower(plan.tower) if isinstance(plan.tower, TowerSource) else plan.tower
    path = plan.folder(fresh=fresh)
    check_disk(path, plan.jobs)
    folder = RunFolder(path)
    with folder.lock():
        manifest = _begin(plan, folder)
        work = _Work(plan, folder)
        was_complete = manifest.status == "complete" and not work.to_make and not work.to_read
        if not was_complete:
            _do(work)
            work.failures += _told(work.undone)
        aligned = gather_vectors(folder, manifest, tower, changed=not was_complete)
        rescore, manifest = not was_complete or aligned != manifest, aligned
        if work.failures:
            manifest = manifest.model_copy(update={"status": "started", "finished": None})
        elif not was_complete:
            manifest = manifest.model_copy(update={"status": "complete", "finished": _now()})
        return RunResult(
            finish(folder, manifest, plan.calibrations, rescore=rescore), was_complete, tuple(work.failures)
        )


def _begin(plan: RunPlan, folder: RunFolder) -> Manifest:
    """Return the manifest of the run in `folder`, which is written first of all if the run is new."""
    environment = describe_environment()
    if not (folder.path / "manifest.json").exists():
        folder.write_suite(plan.suite)
        manifest = Manifest(
            glyphbench=version("glyphbench"),
            created=_now(),
            suite=SuiteEntry(name=plan.suite.name, version=plan.suite.version, digest=plan.suite.digest),
            model=ModelEntry(
                name=plan.generator.name,
                spec=plan.spec,
                identity=dict(plan.generator.identity),
                digest=plan.model_digest,
                is_model=plan.generator.is_model,
            ),
            seeds=plan.seeds,
            limit=plan.limit,
            tier=plan.tier,
            environment=environment,
        )
    else:
        manifest = folder.manifest
        _check_same_run(plan, folder, manifest)
        known = [manifest.environment, *manifest.continued]
        if {**environment, "command": ""} not in [{**other, "command": ""} for other in known]:
            manifest = manifest.model_copy(update={"continued": [*manifest.continued, environment]})
    manifest = enrol(folder, manifest, plan.readers)
    folder.write_manifest(manifest)
    return manifest


def _check_same_run(plan: RunPlan, folder: RunFolder, manifest: Manifest) -> None:
    """Raise `GlyphbenchError` where the folder holds another run than the plan's, whatever its name says."""
    folder.read_suite()
    pairs = {
        "suite": (manifest.suite.digest, plan.suite.digest),
        "model": (manifest.model.digest, plan.model_digest),
        "seeds": (manifest.seeds, plan.seeds),
        "limit": (manifest.limit, plan.limit),
        "tier": (manifest.tier, plan.tier),
    }
    if different := [name for name, (there, asked) in pairs.items() if there != asked]:
        raise GlyphbenchError(
            f"{folder.path}: holds a run of another {' and '.join(different)}; choose another folder with --out or "
            "start another run with --fresh"
        )


@dataclass
class _Work:
    """What is still to be made and read, and what failed while doing so."""

    plan: RunPlan
    folder: RunFolder
    failures: list[str] = field(default_factory=list)
    undone: list[Undone] = field(default_factory=list)
    to_make: tuple[Job, ...] = ()
    to_read: tuple[ReadingTask, ...] = ()

    def __post_init__(self) -> None:
        samples = self.folder.samples()
        made: list[ReadingTask] = []
        to_make: list[Job] = []
        for job in self.plan.jobs:
            sample = samples.get(SampleKey(job.prompt.id, job.seed))
            gone = sample is None or (sample.file is not None and not (self.folder.path / sample.file).is_file())
            if sample is None or gone or not sample.is_final:
                to_make.append(job)
            elif sample.status == "ok":
                made += self.tasks(job, sample)
        self.to_make = tuple(to_make)
        self.to_read = unread(self.folder, made)

    def tasks(self, job: Job, sample: Sample) -> list[ReadingTask]:
        """Return what is to be done to have a picture read by every reader."""
        return [ReadingTask(sample, reader, job.prompt, self.plan.suite.profile) for reader in self.plan.readers]


def _do(work: _Work) -> None:
    title = f"{work.plan.suite.name} with {work.plan.generator.name}"
    to_read = len(work.to_make) * len(work.plan.readers) + len(work.to_read)
    with (
        show_progress(title, len(work.to_make), to_read) as progress,
        open_pool(work.folder.path, work.plan.workers) as pool,
        Recorder(work.folder, work.plan.generator) as recorder,
    ):
        for outcome in _stream(work, pool, recorder, progress):
            if failure := record_reading(work.folder, outcome):
                work.failures.append(failure)
            progress.read()


def _stream(work: _Work, pool: ReadingPool, recorder: Recorder, progress: Progress) -> Iterator[ReadingOutcome]:
    """Yield readings as they come, of earlier pictures first, then of those made meanwhile."""
    for task in work.to_read:
        yield from pool.submit(task)
    for outcome, sample in _made(work, recorder):
        progress.made()
        if isinstance(outcome, Failure) and not sample.is_final:
            work.failures.append(f"{sample.prompt}, seed {sample.seed}: {outcome.reason}")
        for task in work.tasks(outcome.job, sample):
            if sample.status == "ok":
                yield from pool.submit(task)
            else:
                progress.read()
    yield from pool.finish()


def _made(work: _Work, recorder: Recorder) -> Iterator[tuple[Outcome, Sample]]:
    """Yield what became of each picture, once that is on disk."""
    generator = work.plan.generator
    if isinstance(generator, Resumable):
        generator.work_in(work.folder.unfinished)
    start = time.perf_counter()
    for outcome in _outcomes(work):
        if isinstance(outcome, Undone):
            work.undone.append(outcome)
            continue
        yield from recorder.submit(outcome, time.perf_counter() - start)
        start = time.perf_counter()
    yield from recorder.finish()


def _outcomes(work: _Work) -> Iterator[Outcome | Undone]:
    """Yield what becomes of each job; where pictures are paid for, each is in the run's ledger before it is asked."""
    plan = work.plan
    if not isinstance(plan.generator, PaidGenerator):
        return plan.generator.generate(work.to_make)
    ledger = Ledger(work.folder.path / PAID, plan.budget)
    return plan.generator.generate_within(work.to_make, Allowance(plan.concurrency, ledger))


def _told(undone: Sequence[Undone]) -> list[str]:
    """Return one line for each reason for which pictures were left undone."""
    counts = Counter(each.reason for each in undone)
    return [f"{n} picture{'s' if n > 1 else ''} left undone: {reason}" for reason, n in counts.items()]


def finish(folder: RunFolder, manifest: Manifest, calibrations: Path, *, rescore: bool) -> Run:
    """Return the run, scored for every reader; the manifest is written last."""
    run = Run(folder, manifest, folder.read_suite())
    run = Run(folder, manifest.model_copy(update={"signature": run.signature}), run.suite, calibrations)
    if rescore or not all(scores_path(folder.path, reader).exists() for reader in run.readers):
        run.score()
    folder.write_manifest(run.manifest)
    return run


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
