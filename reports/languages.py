"""Chinese against English: each language of each run, between chance and what the reader could at best have read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metrics.table import HEADLINE
from reports.charts import Axis, Row, chart_row

CHANCE = "wrong prompt"
"""The floor that is drawn: what pictures of other prompts score."""


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """One language of one run: its headline, and where ceiling and chance lie, in percent; None where not known."""

    language: str
    run: int
    row: Row
    ceiling: Mapping[str, Any] | None
    chance: Mapping[str, Any] | None
    chance_at: float | None


AXIS = Axis(0, 1, 0.2)


def language_rows(summaries: Sequence[Mapping[str, Any]]) -> list[LanguageRow]:
    """Return the languages of runs, Chinese first, on the scale from nothing to everything."""
    found = [
        _row(number, summary, language, entry[HEADLINE])
        for number, summary in enumerate(summaries)
        for language, entry in summary["breakdowns"]["language"].items()
    ]
    return sorted(found, key=lambda row: (row.language != "zh", row.language, row.run))


def _row(number: int, summary: Mapping[str, Any], language: str, estimate: Mapping[str, Any]) -> LanguageRow:
    calibration = summary["calibration"]
    known = calibration.get("ceiling", {})
    ceiling = known.get("by", {}).get("language", {}).get(language, {}).get(HEADLINE) or known.get("plain", {}).get(
        HEADLINE
    )
    chance = calibration.get("floors", {}).get(CHANCE, {}).get(HEADLINE)
    at = AXIS.at(chance["value"]) if chance and "value" in chance else None
    return LanguageRow(language, number, chart_row(AXIS, language, estimate, ceiling), ceiling, chance, at)
