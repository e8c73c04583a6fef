"""Where a calibration is drawn: marks beside the headline, and the measured against the true share of errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metrics.table import HEADLINE, LAYOUT_METRICS
from reports.charts import Axis
from reports.formats import format_brief

_CHANCE = "wrong prompt"
_STEP = 0.1
_DENSE = 0.6
"""An axis that goes further has half as many ticks."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the headline's scale: its position in percent, and what stands there."""

    name: str
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class ResponsePlot:
    """One kind of error: points (true, measured) and the fitted line, in percent of the plot, y downwards.

    `diagonal` is where measured equals true; `ticks` position and label along either axis.
    """

    kind: str
    response: Mapping[str, Any]
    points: tuple[tuple[float, float], ...]
    line: tuple[tuple[float, float], tuple[float, float]] | None
    ticks: tuple[tuple[float, str], ...]


def headline_marks(calibration: Mapping[str, Any]) -> tuple[Mark, ...]:
    """Return where ceiling and chance lie on a scale from 0 to 1; nothing without a calibration."""
    if "missing" in calibration:
        return ()
    found = {"ceiling": calibration["ceiling"]["plain"][HEADLINE], "chance": calibration["floors"][_CHANCE][HEADLINE]}
    axis = Axis(0, 1, 0.25)
    return tuple(
        Mark(name, axis.at(estimate["value"]), format_brief(estimate))
        for name, estimate in found.items()
        if "value" in estimate
    )


def response_plots(calibration: Mapping[str, Any]) -> tuple[ResponsePlot, ...]:
    """Return a plot for each kind of error: those of the lettering on one scale, those of layout on one each."""
    responses = calibration.get("response", {})
    scales: dict[str, list[float]] = {}
    for response in responses.values():
        scales.setdefault(_scale(response), []).extend(p[end] for p in response["points"] for end in _ENDS)
    axes = {scale: _axis(max((_STEP, *ends))) for scale, ends in scales.items()}
    return tuple(_plot(kind, response, axes[_scale(response)]) for kind, response in responses.items())


_ENDS = ("true", "measured")


def _scale(response: Mapping[str, Any]) -> str:
    return response["metric"] if response["metric"] in LAYOUT_METRICS else "lettering"


def _axis(most: float) -> Axis:
    step = _STEP if most <= _DENSE else 2 * _STEP
    return Axis(0, step * -(-round(most, 9) // step), step)


def _plot(kind: str, response: Mapping[str, Any], axis: Axis) -> ResponsePlot:
    points = tuple(_place(axis, point["true"], point["measured"]) for point in response["points"])
    slope, offset = response["slope"], response["offset"]
    line = None
    if "value" in slope and points:
        ends = [point["true"] for point in response["points"]]
        first, last = (_place(axis, x, offset["value"] + slope["value"] * x) for x in (min(ends), max(ends)))
        line = first, last
    return ResponsePlot(kind, response, points, line, tuple(axis.ticks))


def _place(axis: Axis, true: float, measured: float) -> tuple[float, float]:
    """Return the position of a point; what lies below the scale is drawn on its edge."""
    return axis.at(true), round(100 - max(0.0, axis.at(measured)), 3)
