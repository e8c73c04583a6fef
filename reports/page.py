"""The page of a run: one HTML file that opens from disk, with small pictures and `data.json` beside it."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.files import write_whole
from bench.run import Run
from bench.summary import UNFINISHED
from metrics.evidence import MALFORMED_BELOW
from metrics.table import HEADLINE, METRICS
from reports import formats
from reports.calibration import calibration_lines, calibration_rows
from reports.charts import breakdown_charts, headline_mark
from reports.facts import describe_facts, repeat_command
from reports.gallery import gallery_records
from reports.layout import layout_lines, measured_metrics
from reports.response_plots import headline_marks, response_plots
from reports.suspects import write_suspects
from reports.thumbnails import write_thumbnails
from reports.visible_text import describe_characters, script_json, visible, visible_data

FORMAT = 1
"""Of `data.json`; raised when a reader of an older one could not read it."""

_TEMPLATES = Path(__file__).with_name("templates")
_STYLES = ("page.css", "gallery.css", "layout.css")
_SCRIPTS = (
    "samples.js",
    "alignment.js",
    "overlay.js",
    "layout.js",
    "card.js",
    "viewer.js",
    "gallery.js",
    "suspects.js",
    "keys.js",
)


def write_page(run: Run) -> Path:
    """Write `report/` in the run folder and return the path of its `index.html`.

    The page holds all that it shows but the pictures, and needs no server and no network.
    """
    report = run.folder.path / "report"
    report.mkdir(exist_ok=True)
    thumbnails = write_thumbnails(run.folder.path, report, run.samples.values())
    suspects = write_suspects(run, report)
    data = page_data(run, list(gallery_records(run, thumbnails, suspects)))
    write_whole(report / "data.json", json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    page = report / "index.html"
    write_whole(page, render(data))
    return page


def page_data(run: Run, samples: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what `data.json` holds: all that the page shows, raw."""
    suite = run.suite
    return {
        "format": FORMAT,
        "summary": run.summary,
        "manifest": run.manifest.model_dump(mode="json"),
        "suite": {name: getattr(suite, name) for name in ("title", "description", "source", "licence")},
        "samples": samples,
        "efforts": run.efforts,
    }


def render(data: dict[str, Any]) -> str:
    """Return the page for the content of a `data.json`."""
    summary = data["summary"]
    style, script = _joined(_STYLES), f'(() => {{\n"use strict";\n{_joined(_SCRIPTS)}}})();\n'
    basic = [name for name in summary["metrics"] if not name.endswith("-hans")]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            summary=summary,
            headline=summary["headline"],
            headline_metric=METRICS[HEADLINE],
            mark=headline_mark(summary["headline"]),
            metrics=measured_metrics(summary),
            layout_words=layout_lines(summary["layout"]),
            profiles={"basic": basic, "simplified": [name for name in summary["metrics"] if name not in basic]},
            charts=breakdown_charts(summary),
            calibration=summary["calibration"],
            calibration_words=calibration_lines(summary["calibration"]),
            calibration_rows=(rows := calibration_rows(summary["calibration"])),
            calibration_metrics=list(dict.fromkeys(name for row in rows.values() for name in row)),
            calibration_marks=headline_marks(summary["calibration"]),
            responses=response_plots(summary["calibration"]),
            unfinished=_unfinished(summary),
            suspects=_suspects(summary),
            efforts=data["efforts"],
            suite=data["suite"],
            facts=describe_facts(data["manifest"], data["suite"]),
            command=repeat_command(data["manifest"]),
            limit=data["manifest"]["limit"],
            samples=script_json(visible_data(data["samples"])),
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
        )
    )


def _unfinished(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """Return why pictures have no score yet, and how many: those that the same command would go on with."""
    return [entry for entry in summary["left_out"] if entry["reason"].startswith(UNFINISHED)]


def _suspects(summary: dict[str, Any]) -> dict[str, Any] | None:
    """Return how many characters look malformed, of how many, below which threshold; None where nothing was judged."""
    judged: dict[str, int] = summary["malformed"]
    return {**judged, "threshold": MALFORMED_BELOW} if judged["judged"] else None


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals |= {
        name: getattr(formats, name)
        for name in (
            "format_brief",
            "format_count",
            "format_estimate",
            "format_percent",
            "format_value",
            "reason_without_interval",
        )
    }
    environment.filters["code_points"] = describe_characters
    return environment


def _shown(value: object) -> object:
    """Return what a template puts out for a value: nothing from outside reaches the page unseen."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _joined(names: tuple[str, ...]) -> str:
    return "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def _policy(style: str, script: str) -> str:
    """Return a content security policy that lets in this very style, this very script, pictures, and nothing else."""
    allowed = {
        "default-src": "'none'",
        "img-src": "'self' file: data:",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{directive} {source}" for directive, source in allowed.items())


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
