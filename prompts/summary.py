"""A suite in figures: what `suites NAME` shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prompts.lengths import LENGTH_LABELS, count_characters, length_bin
from prompts.suite import CELLS, Prompt, Region, Suite


@dataclass(frozen=True, slots=True)
class SuiteSummary:
    """Counts of prompts; every table is in the order in which it should be shown.

    Attributes:
        languages: By language, most frequent first.
        lengths: By characters of all targets together, white space not counted, from `none` to the longest bin.
        regions: By number of regions.
        places: Regions, not prompts, by where they are asked to be: cells in the order of the grid, `box`, `open`.
        relations: Relations, not prompts, by kind, most frequent first.
        tags: By tag, most frequent first.
        examples: Up to three prompts, spread over the suite.
    """

    languages: Mapping[str, int]
    lengths: Mapping[str, int]
    regions: Mapping[int, int]
    places: Mapping[str, int]
    relations: Mapping[str, int]
    tags: Mapping[str, int]
    examples: tuple[Prompt, ...]


def summarise(suite: Suite) -> SuiteSummary:
    """Return `suite` in figures, with up to three examples."""
    prompts = suite.prompts
    lengths = Counter(length_bin(sum(map(count_characters, prompt.targets))) for prompt in prompts)
    regions = Counter(len(prompt.regions) for prompt in prompts)
    places = Counter(_place(region) for prompt in prompts for region in prompt.regions)
    spread = dict.fromkeys((0, len(prompts) // 2, len(prompts) - 1))
    return SuiteSummary(
        languages=_ranked(prompt.language for prompt in prompts),
        lengths={label: lengths[label] for label in LENGTH_LABELS if lengths[label]},
        regions=dict(sorted(regions.items())),
        places={place: places[place] for place in (*CELLS, "box", "open") if places[place]},
        relations=_ranked(relation.kind for prompt in prompts for relation in prompt.relations),
        tags=_ranked(tag for prompt in prompts for tag in prompt.tags),
        examples=tuple(prompts[index] for index in spread) if prompts else (),
    )


def _place(region: Region) -> str:
    return region.where if isinstance(region.where, str) else "box" if region.where else "open"


def _ranked(labels: Iterable[str]) -> dict[str, int]:
    counts = Counter(labels)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
