"""What a model cannot draw, found before work starts: seeds and sizes."""

from __future__ import annotations

from collections.abc import Sequence

from bench.generators import Job
from bench.generators.diffusion.presets import SizeRule
from bench.generators.listing import first_of
from prompts.suite import Size

_SEEDS = range(2**64)


def seed_faults(jobs: Sequence[Job]) -> list[str]:
    """Return a sentence on seeds that PyTorch's generators do not take; none where all are good."""
    bad = sorted({job.seed for job in jobs if job.seed not in _SEEDS})
    return [f"seeds that are not from 0 to 2⁶⁴ − 1: {first_of([str(seed) for seed in bad])}"] if bad else []


def size_faults(jobs: Sequence[Job], rule: SizeRule | None) -> list[str]:
    """Return sentences on sizes that the model was not made for, each with the nearest that it was."""
    if rule is None:
        return []
    ids: dict[Size, dict[str, None]] = {}
    for job in jobs:
        if not rule.allows(job.prompt.size):
            ids.setdefault(job.prompt.size, {})[job.prompt.id] = None
    faults = []
    for size, prompts in sorted(ids.items()):
        nearest = rule.nearest(size)
        faults.append(
            f"{size.width}x{size.height} (nearest {nearest.width}x{nearest.height}) for {len(prompts)} prompts: "
            f"{first_of(list(prompts))}"
        )
    if faults:
        faults.append(f"It was made for {rule}. Change the suite's sizes, or insist with size_rule=none")
    return faults
