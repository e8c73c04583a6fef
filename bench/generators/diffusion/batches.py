"""Batches: jobs that may share a forward pass without changing each other's pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.generators import Job
from prompts.suite import Size


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs of one size whose texts have the same length; steps and guidance are those of the whole run.

    Attributes:
        size: Of the pictures.
        jobs: At least one.
        halved_from: Pictures in the batch that did not fit into memory and of which this is a part; 0 for none.
    """

    size: Size
    jobs: tuple[Job, ...]
    halved_from: int = 0

    def halves(self) -> tuple[Batch, Batch]:
        """Return the two halves of a batch that did not fit."""
        middle = len(self.jobs) // 2
        first = self.halved_from or len(self.jobs)
        return Batch(self.size, self.jobs[:middle], first), Batch(self.size, self.jobs[middle:], first)


def batches(jobs: Sequence[Job], width: int, lengths: Mapping[str, int]) -> list[Batch]:
    """Return jobs in batches of at most `width`, in the order of the first job of each kind.

    Args:
        jobs: To be drawn.
        width: Pictures a batch.
        lengths: Tokens of each text, padding included: CogView4 attends to padding, so that a text padded further
            than it would be alone gives another picture.
    """
    if width == 1:
        return [Batch(job.prompt.size, (job,)) for job in jobs]
    kinds: dict[tuple[Size, int], list[Job]] = {}
    for job in jobs:
        kinds.setdefault((job.prompt.size, lengths[job.prompt.text]), []).append(job)
    return [
        Batch(size, tuple(alike[start : start + width]))
        for (size, _), alike in kinds.items()
        for start in range(0, len(alike), width)
    ]
