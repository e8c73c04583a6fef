"""What pictures took, by resolution and by the model's layout in memory: seconds of each stage, and most memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.records import Sample, SampleKey

STAGES = ("encode", "denoise", "decode")


@dataclass(frozen=True, slots=True)
class EffortRow:
    """Pictures of one size, drawn in one layout with so many to a batch.

    Attributes:
        layout: Where the model's parts were.
        width: In pixels.
        height: In pixels.
        batch: Pictures a forward pass.
        pictures: Whose denoising was measured.
        seconds: Median of each stage, of those that were measured; an encoded text counts once.
        peak_bytes: At the fullest moment of all stages; None where none was measured.
        peak_of: What that is the memory of: `device`, or `process`, by how much it grew.
    """

    layout: str
    width: int
    height: int
    batch: int
    pictures: int
    seconds: Mapping[str, float]
    peak_bytes: int | None
    peak_of: str


def effort_rows(timings: Iterable[Mapping[str, Any]], samples: Mapping[SampleKey, Sample]) -> list[dict[str, Any]]:
    """Return a row for each layout, size and batch, as plain data; none where no generator told what it took."""
    lines = [line for line in timings if "layout" in line]
    batches = {SampleKey(line["prompt"], line["seed"]): line["batch"] for line in lines if line["stage"] == "denoise"}
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for line in lines:
        key = SampleKey(line["prompt"], line["seed"])
        sample = samples.get(key)
        if sample is not None and sample.width is not None and key in batches:
            place = (line["layout"], line["peak_of"], sample.width, sample.height, batches[key])
            groups.setdefault(place, []).append(line)
    rows = []
    for (layout, peak_of, width, height, batch), found in sorted(groups.items()):
        stages = {stage: [line["seconds"] for line in found if line["stage"] == stage] for stage in STAGES}
        peaks = [line["peak_bytes"] for line in found if "peak_bytes" in line]
        seconds = {stage: median(values) for stage, values in stages.items() if values}
        drawn = len(stages["denoise"])
        rows.append(EffortRow(layout, width, height, batch, drawn, seconds, max(peaks, default=None), peak_of))
    return [asdict(row) for row in rows]


def making_times(timings: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the median and the sum of the seconds in which pictures were made, and how many; None without any."""
    seconds = [line["seconds"] for line in timings if line["stage"] == "make"]
    return {"median": median(seconds), "total": sum(seconds), "pictures": len(seconds)} if seconds else None
