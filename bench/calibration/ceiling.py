"""The ceiling: what a reader makes of lettering that is certainly right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import regex

from bench.calibration.observing import Observation
from bench.calibration.result import Ceiling, Value, Values
from bench.calibration.tally import CEILING_METRICS, Judged, estimate_scores, estimates
from metrics.judgement import Judgement
from metrics.score import Score
from metrics.table import LAYOUT_METRICS, METRICS
from prompts.lengths import LENGTH_LABELS, count_characters, length_bin
from prompts.levels import hanzi_levels

Labels = dict[str, tuple[str, ...]]

_KINDS_OF_CHARACTER = (
    (r"\p{Han}", "Han beyond the standard list"),
    (r"\p{L}", "letters"),
    (r"\p{N}", "digits"),
    (r"\s", "spaces"),
)
_OTHER = "punctuation and signs"


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture with its judgement."""

    observation: Observation
    judgement: Judgement


def measure_ceiling(plain: Sequence[Seen], hard: Sequence[Seen]) -> Ceiling:
    """Return the ceiling from right lettering in the plain and in the hard distribution."""
    slices: dict[str, dict[str, list[Judged]]] = {}
    for seen in plain:
        for by, labels in _labels(seen.observation).items():
            for label in labels:
                slices.setdefault(by, {}).setdefault(label, []).append(_judged(seen))
    has_places = any(seen.judgement.layout for seen in plain)
    names = (*CEILING_METRICS, *(LAYOUT_METRICS if has_places else ()))
    return Ceiling(
        plain=estimates(map(_judged, plain), names),
        hard=estimates(map(_judged, hard), names),
        by={by: _ordered(by, found) for by, found in slices.items()},
        by_character=_by_character(plain),
    )


def _judged(seen: Seen) -> Judged:
    return Judged(seen.observation.prompt, seen.judgement)


def _labels(observation: Observation) -> Labels:
    """Return the labels of a picture in each breakdown."""
    prompt, details = observation.prompt, observation.details
    orientations = dict.fromkeys(str(region["orientation"]) for region in details["regions"])
    return {
        "language": (prompt.language,),
        "length": (length_bin(sum(map(count_characters, prompt.targets))),),
        "orientation": (next(iter(orientations)) if len(orientations) == 1 else "both",),
        "face": (str(observation.condition.face),),
        "layout": (str(details["layout"]),),
    }


def _ordered(by: str, found: dict[str, list[Judged]]) -> dict[str, Values]:
    order: Callable[[str], object] = LENGTH_LABELS.index if by == "length" else str
    return {label: estimates(found[label], CEILING_METRICS) for label in sorted(found, key=order)}  # type: ignore[arg-type]


def _by_character(plain: Sequence[Seen]) -> dict[str, Value]:
    """Return the share of target characters that were read right, by kind and level of the character."""
    scores: dict[str, list[tuple[Seen, Score]]] = {}
    for seen in plain:
        counts: dict[str, list[int]] = {}
        for label, is_right in _target_characters(seen.judgement):
            counts.setdefault(label, []).append(is_right)
        for label, right in counts.items():
            scores.setdefault(label, []).append((seen, Score(sum(right), len(right))))
    return {
        label: estimate_scores(METRICS["recall"], [(seen.observation.prompt, score) for seen, score in scores[label]])
        for label in sorted(scores, key=_rank)
    }


def _target_characters(judgement: Judgement) -> Iterator[tuple[str, bool]]:
    """Yield label and rightness of each target character that the reader can put out."""
    for region in judgement.regions:
        for step in region.steps:
            if step.target and not step.beyond:
                yield kind_of_character(step.target), step.kind == "match"


def kind_of_character(character: str) -> str:
    """Return `level 1` to `level 3` for a character of the standard list, else what kind of character it is."""
    level = hanzi_levels().get(character)
    if level is not None:
        return f"level {level}"
    return next((label for pattern, label in _KINDS_OF_CHARACTER if regex.match(pattern, character)), _OTHER)


def _rank(label: str) -> tuple[bool, int, str]:
    labels = [label for _, label in _KINDS_OF_CHARACTER]
    return not label.startswith("level"), labels.index(label) if label in labels else len(labels), label
