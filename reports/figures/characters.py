"""Single characters of the targets: how often each was asked for, and how often it was right or read as another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.characters import character_frame
from metrics.score import Missing, Score
from metrics.statistics import Estimate, Measured, estimate
from metrics.table import Aggregation
from reports.figures.series import Series


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A target character in one picture.

    Attributes:
        prompt: Id.
        group: Of the prompt.
        seed: Of the picture.
        character: After the suite's profile.
        read: What stands in its place: itself, another one, or "" for nothing.
    """

    prompt: str
    group: str
    seed: int
    character: str
    read: str

    @property
    def is_right(self) -> bool:
        """Whether it was read as what it is."""
        return self.read == self.character


@dataclass(frozen=True, slots=True)
class _Share:
    """What is estimated: the share of characters that are right, over all of them."""

    aggregate: Aggregation = "ratio"
    low: float = 0.0
    high: float | None = 1.0


def occurrences(series: Series) -> Iterator[Occurrence]:
    """Yield the target characters of a series in every picture that has a reading, or that the model did not give.

    Left out, as in every metric: white space, and characters that the reader cannot put out.
    """
    run = series.run
    frame = run.characters if series.reader == run.reader else character_frame(run, series.reader)
    prompts = {run.prompts[place].id for place in series.rows}
    known = frame[frame["prompt"].isin(prompts) & frame["missing"].isna() & (frame["kind"] != "beyond")]
    columns = ("prompt", "group", "seed", "target", "read")
    for prompt, group, seed, target, read in zip(*(known[name] for name in columns), strict=True):
        if not target.isspace():
            yield Occurrence(prompt, group, seed, target, read)


def share_right(found: Sequence[Occurrence], level: float = 0.95) -> Estimate | Missing:
    """Return the share of these occurrences that are right; its interval is over prompt groups, by the delta method."""
    counts: dict[str, dict[int, list[int]]] = {}
    groups: dict[str, str] = {}
    for each in found:
        groups[each.prompt] = each.group
        entry = counts.setdefault(each.prompt, {}).setdefault(each.seed, [0, 0])
        entry[0] += each.is_right
        entry[1] += 1
    measured = [
        Measured(prompt, groups[prompt], tuple(Score(right, asked) for right, asked in seeds.values()))
        for prompt, seeds in counts.items()
    ]
    return estimate(_Share(), measured, level=level)


def parted(
    found: Iterable[Occurrence], part: Callable[[str], str], order: Sequence[str]
) -> dict[str, list[Occurrence]]:
    """Return occurrences by the part that their character belongs to, in this order; those in none are left out."""
    parts: dict[str, list[Occurrence]] = {label: [] for label in order}
    for each in found:
        label = part(each.character)
        if label in parts:
            parts[label].append(each)
    return {label: members for label, members in parts.items() if members}
