"""What a run's summary says of its calibration, as JSON data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.calibration.lookup import Lookup, find_calibration
from bench.calibration.result import as_json
from bench.reader_record import ReaderRecord
from prompts.suite import Suite

BREAKDOWNS = ("language", "length")
"""The ceiling's breakdowns that a run has, too."""


def summarise_calibration(suite: Suite, reader: ReaderRecord, folder: Path) -> dict[str, Any]:
    """Return ceiling, floors and response for a run; or `missing` with the reason.

    In both cases `standing`, `note` and `command` say which calibration it is and how to measure it anew.
    """
    found = find_calibration(suite, reader, folder)
    told: dict[str, Any] = {"standing": found.standing, "note": found.note, "command": found.command}
    if found.calibration is None:
        return {"missing": found.note, **told}
    return {**told, **_content(found)}


def _content(found: Lookup) -> dict[str, Any]:
    calibration = found.calibration
    assert calibration is not None
    ceiling = calibration.ceiling
    return {
        "file": found.path.name if found.path else None,
        "created": calibration.created,
        "glyphbench": calibration.glyphbench,
        "extent": as_json(calibration.extent),
        "ceiling": {
            "plain": as_json(ceiling.plain),
            "hard": as_json(ceiling.hard),
            "by": {by: as_json(ceiling.by[by]) for by in BREAKDOWNS if by in ceiling.by},
            "by_character": as_json(ceiling.by_character),
        },
        "floors": as_json(calibration.floors),
        "response": as_json(calibration.response),
        "left_out": as_json(calibration.left_out),
    }
