"""What a comparison of two runs found, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from bench.comparison.contender import Contender
from metrics.paired import Difference


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """One metric of two runs.

    Attributes:
        name: As `metrics.table.METRICS` has it.
        better: Which direction is better.
        unit: Of the values.
        base: The base's value over what is compared; None where nothing is.
        candidate: The candidate's value.
        difference: Candidate − base; None where there is none.
        missing: Why there is no difference; "" where there is one.
        one_sided: Pictures (prompts, where seeds are not paired) left out because one side has no score for them.
    """

    name: str
    better: Literal["higher", "lower"]
    unit: str
    base: float | None
    candidate: float | None
    difference: Difference | None
    missing: str
    one_sided: int


@dataclass(frozen=True, slots=True)
class SliceComparison:
    """One metric on a part of the prompts; for reading, never gated.

    Attributes:
        by: `language`, `length` or `tag`.
        label: Of the part.
        metric: Its name.
        base: The base's value there.
        candidate: The candidate's.
        difference: Candidate − base.
        q: By Benjamini and Hochberg over all slices of the comparison that are large enough to be tested; else None.
    """

    by: str
    label: str
    metric: str
    base: float
    candidate: float
    difference: Difference
    q: float | None


@dataclass(frozen=True, slots=True)
class PicturePair:
    """The two pictures of one prompt and seed.

    Attributes:
        seed: Of the base's picture.
        candidate_seed: Of the candidate's: the same, where seeds are paired.
        base: The base's score; None where it has none.
        candidate: The candidate's.
        base_file: Path of the base's picture; None where there is none to show, as of a baseline.
        candidate_file: Of the candidate's.
        base_read: What was read in the base's picture; None where that is not kept.
        candidate_read: In the candidate's.
    """

    seed: int
    candidate_seed: int
    base: float | None
    candidate: float | None
    base_file: str | None = None
    candidate_file: str | None = None
    base_read: str | None = None
    candidate_read: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedPrompt:
    """A prompt that changed: the headline metric's value on both sides, and the pictures that show it best first.

    `target` is the lettering that was asked for; "" where neither side is a run folder.
    """

    prompt: str
    language: str
    base: float
    candidate: float
    pictures: tuple[PicturePair, ...]
    target: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs beside each other.

    Attributes:
        base: One of them.
        candidate: The other.
        profile: Text profile of all scores.
        prompts: How many are compared.
        seeds: How many seeds a prompt.
        paired_seeds: Whether the seeds are the same on both sides.
        metrics: In the table's order.
        slices: By language, length and tag.
        losses: The prompts that lost most in the headline metric, worst first.
        gains: Those that gained most.
        remarks: What was allowed to differ, what was left out, other surroundings.
        method: What decides intervals and p values, as signatures have it.
    """

    base: Contender
    candidate: Contender
    profile: str
    prompts: int
    seeds: int
    paired_seeds: bool
    metrics: tuple[MetricComparison, ...]
    slices: tuple[SliceComparison, ...]
    losses: tuple[ChangedPrompt, ...]
    gains: tuple[ChangedPrompt, ...]
    remarks: tuple[str, ...]
    method: str

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)
