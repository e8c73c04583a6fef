"""Generators: (prompt, seed, size) in, picture out.

To add one, write a class with the members of `Generator` and name it in `table.GENERATORS`; a package outside this one
announces it under the entry-point group `glyphbench.generators`. The class is called with a `Spec`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, runtime_checkable

from prompts.suite import Prompt, Size

if TYPE_CHECKING:
    from PIL import Image

    from bench.allowance import Allowance

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to make: a prompt (with its size) and a seed."""

    prompt: Prompt
    seed: int


@dataclass(frozen=True, slots=True)
class Effort:
    """What one stage of making a picture took.

    Attributes:
        stage: Such as `encode`, `denoise`, `decode`.
        seconds: Of this picture's share.
        peak_bytes: Memory at the stage's fullest moment; None where it was not measured.
        details: What else is worth keeping beside the figures.
    """

    stage: str
    seconds: float
    peak_bytes: int | None = None
    details: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished picture (mode RGB), what its maker wants recorded about it, and what its stages took."""

    job: Job
    image: Image.Image
    details: Mapping[str, JSON] = field(default_factory=dict)
    efforts: tuple[Effort, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture that was not made.

    `infra` is a fault of ours (out of memory, NaN, a broken file), tried again on the next run and never scored;
    `refused` is the model's own doing and scored as nothing read.
    """

    job: Job
    status: Literal["infra", "refused"]
    reason: str


Outcome: TypeAlias = Picture | Failure


@dataclass(frozen=True, slots=True)
class Undone:
    """A job that was not begun, and why: nothing is recorded of it, so that the next run begins it."""

    job: Job
    reason: str


class Generator(Protocol):
    """Makes pictures."""

    @property
    def name(self) -> str:
        """Short, safe in a file name: the `<model>` of the run folder."""

    @property
    def identity(self) -> Mapping[str, JSON]:
        """All that decides the pixels beside prompt and seed: kind, digest of the weights, every option."""

    @property
    def is_model(self) -> bool:
        """False for an instrument check such as `typeset`, whose scores say nothing about a model."""

    def seeds(self, prompts: Sequence[Prompt]) -> tuple[int, ...] | None:
        """Return the seeds that already exist for `prompts`, or None where any seed can be made."""

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise `GlyphbenchError`, naming every job that cannot be done, before any work starts."""

    def generate(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield one outcome for each job, in any order."""


@runtime_checkable
class Tiered(Protocol):
    """A generator with speed-ups that may change pixels."""

    @property
    def tier(self) -> str:
        """Which of them are in use, in one word that begins with `exact`, `equivalent` or `lossy`."""


@runtime_checkable
class Sized(Protocol):
    """A generator whose model has sizes of its own."""

    def nearest_size(self, size: Size) -> Size:
        """Return `size` where it can be asked for, else the nearest that can."""


@runtime_checkable
class Resumable(Protocol):
    """A generator that keeps unfinished work, so that a kill does not undo it."""

    def work_in(self, folder: Path) -> None:
        """Keep the unfinished work of the next `generate` in `folder`, which need not exist yet."""

    def recorded(self, job: Job) -> None:
        """Take note that the outcome of `job` is on disk: what was kept for it can go. May come from another thread."""


def tier_of(generator: Generator) -> str:
    """Return the tier of a generator's speed-ups; `exact` where it has none."""
    return generator.tier if isinstance(generator, Tiered) else "exact"


@runtime_checkable
class PaidGenerator(Protocol):
    """A generator whose pictures cost money each, or whose server takes several questions at a time."""

    def generate_within(self, jobs: Sequence[Job], allowance: Allowance) -> Iterator[Outcome | Undone]:
        """Yield as `Generator.generate` does, with the requests at a time and the paid pictures that are allowed."""
