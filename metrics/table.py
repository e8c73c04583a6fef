"""The metrics: one frozen object each, in one table."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from metrics.judgement import Judgement
from metrics.layout import Layout
from metrics.score import Missing, Result, Score
from prompts.errors import UnknownNameError

Aggregation = Literal["mean", "ratio", "pick"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One way to score a sample.

    Attributes:
        name: As reports and policies write it.
        version: Raised whenever any score would come out differently.
        unit: Of the aggregated value.
        better: Which direction is better.
        low: Smallest possible value.
        high: Largest possible value, or None where there is none.
        aggregate: `mean` of the samples' values, over seeds first, then prompts; `ratio` of the sums of numerators
            and denominators; `pick`: the chance that at least one of k seeds scores 1, then the mean over prompts.
        meaning: One sentence for people.
        score: From the counts of one sample.
    """

    name: str
    version: int
    unit: str
    better: Literal["higher", "lower"]
    low: float
    high: float | None
    aggregate: Aggregation
    meaning: str
    score: Callable[[Judgement], Result]

    @property
    def signature(self) -> str:
        """Name and version, as signatures write them."""
        return f"{self.name}.{self.version}"


def _without_target(judgement: Judgement) -> Missing | None:
    """Return why there is nothing to judge, or None where there is something."""
    if judgement.has_target:
        return None
    if judgement.beyond:
        points = ", ".join(f"{g} ({' '.join(f'U+{ord(c):04X}' for c in g)})" for g in dict.fromkeys(judgement.beyond))
        return Missing(f"beyond the reader: {points}")
    return Missing("no target")


def _longest(judgement: Judgement) -> int:
    """Return the longer of target and reading, or the distance in the rare case that it exceeds both.

    With several regions, white space that is lost where a line is cut, or added where lines are joined, can make the
    distance of a wholly wrong reading longer by a few characters; the accuracy is then 0.
    """
    return max(judgement.target, judgement.read, judgement.errors)


def _normalised_distance(judgement: Judgement) -> Result:
    return _without_target(judgement) or Score(judgement.errors, _longest(judgement))


def _accuracy(judgement: Judgement) -> Result:
    longest = _longest(judgement)
    return _without_target(judgement) or Score(longest - judgement.errors, longest)


def _cer(judgement: Judgement) -> Result:
    return _without_target(judgement) or Score(judgement.errors, judgement.target)


def _wer(judgement: Judgement) -> Result:
    if missing := _without_target(judgement):
        return missing
    if judgement.word_errors is None or judgement.words is None:
        return Missing("no words: not English, or a profile without white space")
    if judgement.beyond:
        return Missing(f"beyond the reader: {''.join(dict.fromkeys(judgement.beyond))}")
    return Score(judgement.word_errors, judgement.words)


def _precision(judgement: Judgement) -> Result:
    if missing := _without_target(judgement):
        return missing
    return Score(judgement.matches, judgement.read) if judgement.read else Missing("nothing was read")


def _recall(judgement: Judgement) -> Result:
    return _without_target(judgement) or Score(judgement.matches, judgement.target)


def _f1(judgement: Judgement) -> Result:
    return _without_target(judgement) or Score(2 * judgement.matches, judgement.target + judgement.read)


def _exact(judgement: Judgement) -> Result:
    return _without_target(judgement) or Score(float(judgement.errors == 0))


def _contains(judgement: Judgement) -> Result:
    return _without_target(judgement) or Score(float(all(region.contained for region in judgement.regions)))


def _missing(judgement: Judgement) -> Result:
    return _without_target(judgement) or Score(judgement.missing, judgement.target)


def _extra(judgement: Judgement) -> Result:
    return Score(judgement.extra)


def _legibility(judgement: Judgement) -> Result:
    if missing := _without_target(judgement):
        return missing
    if judgement.evidence is None:
        return Missing("this reader gives no character evidence")
    return Score(sum(found.probability for found in judgement.evidence), len(judgement.evidence))


def _malformed(judgement: Judgement) -> Result:
    if missing := _without_target(judgement):
        return missing
    if judgement.evidence is None:
        return Missing("this reader gives no character evidence")
    drawn = [found for found in judgement.evidence if found.soundness is not None]
    if not drawn:
        return Missing("no character to judge is drawn")
    return Score(sum(found.is_malformed for found in drawn), len(drawn))


def _asked_layout(judgement: Judgement) -> Layout | Missing:
    """Return where the texts stand, or why that cannot be told."""
    if missing := _without_target(judgement):
        return missing
    layout = judgement.layout
    if layout is None:
        return Missing("no place is asked for")
    return layout if layout.knows_places else Missing("this reader does not tell where lines stand")


def _layout(judgement: Judgement) -> Result:
    layout = _asked_layout(judgement)
    if isinstance(layout, Missing):
        return layout
    in_place = sum(bool(region.is_in_place) for region in layout.placed)
    return Score(in_place, len(layout.placed)) if layout.placed else Missing("no place is asked for")


def _placement(judgement: Judgement) -> Result:
    layout = _asked_layout(judgement)
    if isinstance(layout, Missing):
        return layout
    if not layout.placed:
        return Missing("no place is asked for")
    distances = [region.distance for region in layout.placed if region.distance is not None]
    return Score(math.fsum(distances), len(distances)) if distances else Missing("no text with a place was found")


def _relations(judgement: Judgement) -> Result:
    layout = _asked_layout(judgement)
    if isinstance(layout, Missing):
        return layout
    asked = layout.judged_relations
    kept = sum(relation.verdict == "kept" for relation in asked)
    return Score(kept, len(asked)) if asked else Missing("no relation between texts is asked for")


def _order(judgement: Judgement) -> Result:
    layout = _asked_layout(judgement)
    if isinstance(layout, Missing):
        return layout
    if len(layout.placed) < 2:
        return Missing("fewer than two texts with a place are asked for")
    return Missing("fewer than two texts with a place were found") if layout.order is None else Score(layout.order)


def _regions_found(judgement: Judgement) -> Result:
    if missing := _without_target(judgement):
        return missing
    layout = judgement.layout
    if layout is None:
        return Missing("no place is asked for")
    return Score(sum(region.lettering.is_found for region in layout.regions), len(layout.regions))


_ALL = (
    Metric("accuracy", 1, "share", "higher", 0, 1, "mean",
           "1 − edit distance / the longer of target and reading", _accuracy),
    Metric("cer", 1, "errors per character", "lower", 0, None, "ratio",
           "character error rate: edit distances / target characters, unclipped", _cer),
    Metric("wer", 1, "errors per word", "lower", 0, None, "ratio",
           "word error rate, English: word edit distances / target words, unclipped", _wer),
    Metric("precision", 1, "share", "higher", 0, 1, "ratio",
           "of the characters read, those that are right and in order", _precision),
    Metric("recall", 1, "share", "higher", 0, 1, "ratio",
           "of the characters asked for, those that are right and in order", _recall),
    Metric("f1", 1, "share", "higher", 0, 1, "ratio",
           "2 × right characters / (target + read characters)", _f1),
    Metric("ned", 1, "share", "lower", 0, 1, "mean",
           "normalised edit distance: edit distance / the longer of target and reading", _normalised_distance),
    Metric("exact", 1, "share", "higher", 0, 1, "mean",
           "pictures with every text right and nothing else", _exact),
    Metric("contains", 1, "share", "higher", 0, 1, "mean",
           "pictures with every text right and unbroken, extra text allowed", _contains),
    Metric("pick@k", 1, "share", "higher", 0, 1, "pick",
           "chance that at least one of k seeds is exact", _exact),
    Metric("missing", 1, "share", "lower", 0, 1, "ratio",
           "of the characters asked for, those with nothing in their place", _missing),
    Metric("extra", 1, "characters per picture", "lower", 0, None, "mean",
           "characters read that were not asked for", _extra),
    Metric("legibility", 1, "share", "higher", 0, 1, "ratio",
           "mean probability that the recogniser's output gives to the characters asked for, each at its place",
           _legibility),
    Metric("malformed", 1, "share", "lower", 0, 1, "ratio",
           "of the characters drawn, those that are well drawn neither as asked for nor as read", _malformed),
    Metric("layout", 1, "share", "higher", 0, 1, "ratio",
           "of the texts with a place, those that are legible and stand in it; one that was never drawn does not",
           _layout),
    Metric("placement", 1, "of the picture", "lower", 0, None, "ratio",
           "mean distance of the texts found from the middle of their places, as fractions of width and height",
           _placement),
    Metric("relations", 1, "share", "higher", 0, 1, "ratio",
           "of the relations between texts (left-of, above …), those that hold; none holds of a text never drawn",
           _relations),
    Metric("order", 1, "Kendall's tau", "higher", -1, 1, "mean",
           "order in which the texts found are read, against that of their places", _order),
    Metric("regions_found", 1, "share", "higher", 0, 1, "ratio",
           "of the texts asked for where places are, those of which at least half is right", _regions_found),
)  # fmt: skip

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}

HEADLINE = "accuracy"

LAYOUT_METRICS = ("layout", "placement", "relations", "order", "regions_found")
"""Those that only prompts with places or relations have."""


def find_metric(name: str) -> Metric:
    """Return the metric called `name`; raises `UnknownNameError` with near matches."""
    if name not in METRICS:
        raise UnknownNameError("metric", name, METRICS)
    return METRICS[name]
