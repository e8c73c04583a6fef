"""The metrics of a tower: they depend neither on a reader nor on a text profile."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.table import Aggregation


@dataclass(frozen=True, slots=True)
class TowerMetric:
    """One way to score how a picture fits its prompt, with the bounds of its aggregate; higher is always better."""

    name: str
    version: int
    aggregate: Aggregation
    low: float
    high: float
    meaning: str


TOWER_METRICS = {
    metric.name: metric
    for metric in (
        TowerMetric("clip", 1, "mean", -1, 1, "Cosine of the picture with its own prompt."),
        TowerMetric(
            "clip_lift", 1, "mean", 0, 1, "Share of the suite's other prompts in the same language that fit worse."
        ),
        TowerMetric("region_clip", 1, "ratio", 0, 1, "Share of regions whose crop and caption fit each other best."),
    )
}
