"""What the templates are given: each run's numbers where they are drawn, and what the runs share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.summary import UNFINISHED
from metrics.evidence import MALFORMED_BELOW
from metrics.table import HEADLINE
from reports.calibration import calibration_rows
from reports.charts import THIN, breakdown_charts, character_charts, headline_mark
from reports.facts import describe_facts, repeat_command
from reports.languages import AXIS, language_rows
from reports.layout import measured_metrics
from reports.response_plots import headline_marks, response_plots

KINDS = ("match", "substitution", "missing", "extra", "beyond")
"""Of an alignment's columns, in the order in which they are told."""

SUSPECTS_AT_FIRST = 24


def page_view(heads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the context of the templates for one run or several."""
    labels = run_labels(heads)
    summaries = [head["summary"] for head in heads]
    return {
        "runs": [_run_view(head, label) for head, label in zip(heads, labels, strict=True)],
        "joint": len(heads) > 1,
        "charts": breakdown_charts(summaries),
        "character_charts": character_charts([head["characters"] for head in heads]),
        "languages": language_rows(summaries),
        "language_axis": AXIS,
        "kinds": KINDS,
        "thin": THIN,
        "metrics": {metric.name: metric for summary in summaries for metric in measured_metrics(summary)}.values(),
        "has_suspects": any(_suspects(summary) for summary in summaries),
        "has_readers": any(summary["other_readers"] for summary in summaries),
        "has_effort": any(head["efforts"] or head["making"] for head in heads),
        "has_layout": any(summary["layout"] for summary in summaries),
    }


def run_labels(heads: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a short name for each run: its model, or its suite, or both, or a number, whatever tells them apart."""
    models = [head["summary"]["model"]["name"] for head in heads]
    suites = [head["summary"]["suite"]["name"] for head in heads]
    both = [f"{model}, {suite}" for model, suite in zip(models, suites, strict=True)]
    for labels in (models, suites, both):
        if len(set(labels)) == len(heads):
            return labels
    return [f"{label} ({number})" for number, label in enumerate(both, 1)]


def _run_view(head: Mapping[str, Any], label: str) -> dict[str, Any]:
    summary, manifest = head["summary"], head["manifest"]
    calibration = summary["calibration"]
    basic = [name for name in summary["metrics"] if not name.endswith("-hans")]
    rows = calibration_rows(calibration)
    return {
        **head,
        "label": label,
        "headline": summary["headline"],
        "mark": headline_mark(summary["headline"]),
        "profiles": {"basic": basic, "simplified": [name for name in summary["metrics"] if name not in basic]},
        "calibration": calibration,
        "calibration_rows": rows,
        "calibration_metrics": list(dict.fromkeys(name for row in rows.values() for name in row)),
        "calibration_marks": headline_marks(calibration),
        "responses": response_plots(calibration),
        "unfinished": _unfinished(summary),
        "malformed": _suspects(summary),
        "suspects": (head["suspects"][:SUSPECTS_AT_FIRST], head["suspects"][SUSPECTS_AT_FIRST:]),
        "kinds_in_all": sum(head["characters"]["kinds"].values()),
        "facts": describe_facts(manifest, head["suite"]),
        "command": repeat_command(manifest),
        "limit": manifest["limit"],
        "metric": HEADLINE,
    }


def _unfinished(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return why pictures have no score yet, and how many: those that the same command would go on with."""
    return [entry for entry in summary["left_out"] if entry["reason"].startswith(UNFINISHED)]


def _suspects(summary: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how many characters look malformed, of how many, below which threshold; None where nothing was judged."""
    judged: dict[str, int] = summary["malformed"]
    return {**judged, "threshold": MALFORMED_BELOW} if judged["judged"] else None
