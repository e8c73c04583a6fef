"""Reads the pictures of a run that exists, by other readers or again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.plan import open_records
from bench.progress import show_progress
from bench.reading_pool import ReadingTask
from bench.reading_stage import enrol, open_pool, record_reading, unread
from bench.records import SampleKey
from bench.run import Run
from bench.run_folder import RunFolder
from bench.runner import finish


@dataclass(frozen=True, slots=True)
class RereadResult:
    """The run as it stands, how many pictures were read, and what failed."""

    run: Run
    read: int
    failures: tuple[str, ...]


def reread(path: Path, specs: tuple[str, ...], workers: int, calibrations: Path) -> RereadResult:
    """Have every picture of the run in the folder `path` read by these readers, and score the run again.

    Readings that are there already stay; the readers named here come before any others of the run, and the first one
    makes the headline, unless they could not read all of it.

    Raises:
        GlyphbenchError: There is no such run, a reader cannot be opened, or another process is working on the run.
        RunFailedError: A reading process was killed; what is done is kept.
    """
    readers = open_records(specs)
    folder = RunFolder(path)
    with folder.lock():
        run = Run.open(path)
        tasks = [
            ReadingTask(sample, reader, prompt, run.suite.profile)
            for prompt in run.prompts
            for seed in run.manifest.seeds
            if (sample := run.samples.get(SampleKey(prompt.id, seed))) is not None and sample.status == "ok"
            for reader in readers
        ]
        manifest = enrol(folder, run.manifest, readers, behind=True)
        folder.write_manifest(manifest)
        left = unread(folder, tasks)
        failures = []
        with (
            show_progress(f"reading {path.name}", 0, len(left)) as progress,
            open_pool(path, workers) as pool,
        ):
            for outcome in pool.read_all(left):
                failures.append(record_reading(folder, outcome))
                progress.read()
        failed = tuple(failure for failure in failures if failure)
        if not failed:
            manifest = enrol(folder, manifest, readers)
        return RereadResult(finish(folder, manifest, calibrations, rescore=True), len(left) - len(failed), failed)
