"""What happened to the characters of a run: kinds of error, which were taken for which, and how kinds of them fare."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import regex

from metrics.judgement import Judgement
from metrics.score import Missing, Score
from metrics.statistics import Measured, estimate
from metrics.table import METRICS
from prompts.levels import hanzi_levels, hanzi_strokes
from prompts.suite import Prompt
from reports.overlay import step_kind

MOST_LISTED = 48
"""Pairs and missing characters that are listed, the most frequent ones; how many there are in all is told."""

_STROKE_EDGES = (1, 5, 9, 13, 17)
_STROKE_LABELS = ("", "1–4", "5–8", "9–12", "13–16", "17+")
_LEVELS = ("level 1", "level 2", "level 3", "other Han", "Latin", "digits", "other")

Counts = dict[tuple[str, str], dict[str, list[Score]]]
"""By breakdown and slice: for each prompt, right characters of all, one score for each seed."""


@dataclass(slots=True)
class CharacterTally:
    """Counts the characters of one sample after the other."""

    kinds: Counter[str] = field(default_factory=Counter)
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    groups: dict[str, str] = field(default_factory=dict)
    counts: Counts = field(default_factory=dict)

    def add(self, prompt: Prompt, judgement: Judgement) -> None:
        """Count the characters of one sample."""
        self.groups[prompt.id] = prompt.group
        slices: dict[tuple[str, str], list[int]] = {}
        for region in judgement.regions:
            for step in region.steps:
                kind = step_kind(step)
                self.kinds[kind] += 1
                if kind == "substitution":
                    self.confusions[step.target, step.read] += 1
                elif kind == "missing":
                    self.missing[step.target] += 1
                if step.target and kind != "beyond":
                    for place in _slices(step.target):
                        found = slices.setdefault(place, [0, 0])
                        found[0] += kind == "match"
                        found[1] += 1
        for place, (right, all_) in slices.items():
            self.counts.setdefault(place, {}).setdefault(prompt.id, []).append(Score(right, all_))

    def as_json(self) -> dict[str, Any]:
        """Return what the page shows: counts of columns by kind, frequent mistakes, and recall by level and strokes."""
        return {
            "kinds": dict(self.kinds),
            "confusions": [[*pair, count] for pair, count in _ranked(self.confusions)],
            "confusions_in_all": len(self.confusions),
            "missing": [[character, count] for character, count in _ranked(self.missing)],
            "missing_in_all": len(self.missing),
            "recall": {
                "level": self._recall("level", _LEVELS),
                "strokes": self._recall("strokes", _STROKE_LABELS[1:]),
            },
        }

    def _recall(self, by: str, labels: tuple[str, ...]) -> dict[str, Any]:
        """Return how many characters of each slice were asked for, and the share that is right, with its interval."""
        found = {}
        for label in labels:
            if scores := self.counts.get((by, label)):
                measured = [Measured(name, self.groups[name], tuple(each)) for name, each in scores.items()]
                result = estimate(METRICS["recall"], measured)
                characters = int(sum(score.denominator for each in scores.values() for score in each))
                value = {"missing": result.reason} if isinstance(result, Missing) else asdict(result)
                found[label] = {"characters": characters, "recall": value}
        return found


def _slices(character: str) -> list[tuple[str, str]]:
    """Return in which slices a target character counts; white space in none."""
    if character.isspace():
        return []
    if level := hanzi_levels().get(character):
        strokes = _STROKE_LABELS[bisect(_STROKE_EDGES, hanzi_strokes()[character])]
        return [("level", f"level {level}"), ("strokes", strokes)]
    return [("level", _other(character))]


def _other(character: str) -> str:
    for pattern, label in ((r"\p{Han}", "other Han"), (r"\p{Latin}", "Latin"), (r"\p{Nd}", "digits")):
        if regex.match(pattern, character):
            return label
    return "other"


def _ranked(counts: Counter[Any]) -> list[tuple[Any, int]]:
    """Return the most frequent, ties in the order of their code points: the same page for the same run."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_LISTED]
