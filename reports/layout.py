"""Layout for the reports: one picture's places and boxes as data for the gallery, and a run's counts in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metrics.boxes import centre
from metrics.judgement import Judgement
from metrics.layout import Layout, RegionLayout
from metrics.reading import Reading
from metrics.table import LAYOUT_METRICS, METRICS, Metric
from prompts.suite import Box, Prompt

_PIXELS = 1
"""Decimals of a pixel: finer than any overlay shows."""

_SHARE = 4


def measured_metrics(summary: Mapping[str, Any]) -> list[Metric]:
    """Return the metrics that a run's summary shows: those of layout only where any of them has a value."""
    found = {name for values in summary["metrics"].values() for name, value in values.items() if "value" in value}
    has_layout = any(name in found for name in LAYOUT_METRICS)
    return [metric for metric in METRICS.values() if metric.name not in LAYOUT_METRICS or has_layout]


def layout_lines(layout: Mapping[str, Any] | None) -> list[str]:
    """Return what a summary's `layout` counts, in sentences; nothing for runs without places."""
    if layout is None:
        return []
    lines = []
    if placed := layout["placed"]:
        found, in_place = layout["placed_found"], layout["in_place"]
        share = f", {in_place / found:.1%} of those found" if found else ""
        lines.append(
            f"{in_place:,} of {placed:,} texts with a place are legible and stand in it: {in_place / placed:.1%} of all"
            f"{share}; {placed - found:,} {'was' if placed - found == 1 else 'were'} not found"
        )
    if asked := layout["relations"]:
        kept = layout["relations_kept"]
        lines.append(f"{kept:,} of {asked:,} relations between texts {'holds' if kept == 1 else 'hold'}")
    return lines


def layout_record(prompt: Prompt, judgement: Judgement, reading: Reading) -> dict[str, Any] | None:
    """Return where the texts of a picture stand, as JSON data; None where the prompt says nothing about it.

    Boxes are left, top, right, bottom in pixels; distances and shares are as in `metrics.layout`. Regions count from 1.
    """
    layout = judgement.layout
    if layout is None:
        return None
    return {
        "regions": [_region(prompt, region, reading) for region in layout.regions],
        "relations": [
            [f"{r.relation.subject + 1} {r.relation.kind} {r.relation.object + 1}", r.verdict] for r in layout.relations
        ],
        "order": None if layout.order is None else round(layout.order, _SHARE),
        "in_place": sum(bool(region.is_in_place) for region in layout.placed) if layout.knows_places else None,
        "placed": len(layout.placed),
        "note": _note(layout),
    }


def _note(layout: Layout) -> str | None:
    return None if layout.knows_places else "the reader does not tell where lines stand"


def _region(prompt: Prompt, region: RegionLayout, reading: Reading) -> dict[str, Any]:
    asked, found = prompt.regions[region.region], region.lettering
    return {
        "number": region.region + 1,
        "text": asked.text,
        "where": asked.where if isinstance(asked.where, str) else asked.where and "box",
        "place": _pixels(region.place, reading),
        "found": found.is_found,
        "score": _rounded(found.score),
        "box": _pixels(found.box, reading),
        "in_place": region.is_in_place if found.box or not found.is_found else None,
        "distance": _rounded(region.distance),
        "direction": _direction(region),
        "inside": _rounded(region.inside),
        "leak": _rounded(region.leak),
        "leaks_into": None if region.leaks_into is None else region.leaks_into + 1,
        "orientation": found.orientation,
        "keeps_orientation": region.keeps_orientation,
    }


def _direction(region: RegionLayout) -> list[float] | None:
    """Return how far right and down of its place's middle a text stands, in fractions of width and height."""
    if region.place is None or region.lettering.box is None:
        return None
    wanted, found = centre(region.place), centre(region.lettering.box)
    return [round(found[0] - wanted[0], _SHARE), round(found[1] - wanted[1], _SHARE)]


def _pixels(box: Box | None, reading: Reading) -> list[float] | None:
    if box is None:
        return None
    return [round(edge * side, _PIXELS) for edge, side in zip(box, (reading.width, reading.height) * 2, strict=True)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _SHARE)
