"""What a run is going to do, decided and checked before anything is written."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode

from bench.alignment_stage import check_languages, plan_tower
from bench.config import Settings
from bench.digest import digest_of, short
from bench.generators import Generator, Job, tier_of
from bench.generators.table import open_generator
from bench.reader_record import ReaderRecord
from metrics.readers import open_reader
from metrics.score import Missing
from metrics.towers.source import TowerSource
from prompts.errors import GlyphbenchError
from prompts.loading import find_suite
from prompts.suite import Suite


@dataclass(frozen=True)
class RunPlan:
    """One suite to run with one model."""

    suite: Suite
    generator: Generator
    spec: str
    seeds: tuple[int, ...]
    limit: int | None
    readers: tuple[ReaderRecord, ...]
    workers: int
    out: Path
    calibrations: Path
    concurrency: int = 1
    budget: int | None = None
    tower: TowerSource | Missing | None = None

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """Every picture of the run, prompt by prompt, in the suite's order."""
        return tuple(Job(prompt, seed) for prompt in self.suite.prompts[: self.limit] for seed in self.seeds)

    @cached_property
    def model_digest(self) -> str:
        """SHA-256 (hex) of all that decides the pixels beside prompt and seed."""
        return digest_of(self.generator.identity)

    @property
    def tier(self) -> str:
        """Which speed-ups of the generator may change pixels."""
        return tier_of(self.generator)

    @cached_property
    def id8(self) -> str:
        """Eight digits for what decides the pictures of this run: the same command gives the same digits."""
        content = {
            "suite": self.suite.digest,
            "model": self.model_digest,
            "seeds": self.seeds,
            "limit": self.limit,
            "tier": self.tier,
        }
        return short(digest_of(content))

    def folder(self, *, fresh: bool = False) -> Path:
        """Return the newest folder of this run, or the next new one if `fresh`."""
        first = self.out / f"{self.suite.name}-{self.generator.name}-{self.id8}"
        taken = [first] if first.exists() else []
        while taken and (following := first.with_name(f"{first.name}.{len(taken) + 1}")).exists():
            taken.append(following)
        if not taken:
            return first
        return first.with_name(f"{first.name}.{len(taken) + 1}") if fresh else taken[-1]


def plan_runs(settings: Settings, workers: int, *, check: bool = True) -> list[RunPlan]:
    """Return one plan for each suite, checked unless told otherwise.

    Raises:
        GlyphbenchError: An unknown suite or model, options or sizes that cannot be, images that are not there …
    """
    suites = [find_suite(name) for name in settings.suite]
    spec = with_options(settings.model or default_model(), settings.driving)
    generator = open_generator(spec)
    readers = open_records(settings.reader)
    tower = plan_tower(settings.tower) if check else None
    plans = []
    for suite in suites:
        existing = generator.seeds(suite.prompts[: settings.limit])
        seeds = settings.seeds or existing or suite.seeds
        plan = RunPlan(
            suite,
            generator,
            spec,
            seeds,
            settings.limit,
            readers,
            workers,
            settings.out,
            settings.calibrations,
            settings.concurrency,
            settings.budget,
            tower,
        )
        if check:
            check_languages(tower, suite.prompts[: settings.limit])
            generator.check(plan.jobs)
        plans.append(plan)
    return plans


def open_records(specs: Sequence[str]) -> tuple[ReaderRecord, ...]:
    """Return the record of each reader, in this order.

    Raises:
        GlyphbenchError: A reader is unknown, refuses its options, is not installed, or is named twice.
    """
    records = {record.short: record for record in (ReaderRecord.of(spec, open_reader(spec)) for spec in specs)}
    if len(records) < len(specs):
        raise GlyphbenchError(f"--reader: {', '.join(specs)}: a reader is named twice")
    return tuple(records.values())


def with_options(spec: str, options: Mapping[str, object]) -> str:
    """Return a model spec with further options; a model that has no such option refuses it when it is opened."""
    query = urlencode(options, safe="/@")
    return f"{spec}{'&' if '?' in spec else '?'}{query}" if query else spec


def default_model() -> str:
    """Return CogView4 where there is a CUDA device, else the typesetter."""
    return "cogview4" if shutil.which("nvidia-smi") else "typeset"
