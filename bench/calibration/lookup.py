"""Which calibration speaks for a run: the user's own ones first, then those that come with Glyphbench."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from bench.calibration.result import Calibration
from bench.calibration.tally import metric_signatures
from bench.reader_record import ReaderRecord
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Suite

Standing = Literal["exact", "same instrument", "stale", "none"]

LIBRARIES = frozenset(
    {
        "numpy", "onnxruntime", "opencv", "opencv-python", "openvino", "paddleocr", "paddlepaddle", "paddlex", "pillow",
        "pyclipper", "rapidocr", "scipy", "torch", "transformers",
    }
)  # fmt: skip
"""Keys of a reader's signature that name a library's version: another one computes the same with other rounding."""

_CHANGES_TOLD = 3


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was found for a suite and a reader.

    Attributes:
        standing: `exact`: of this very suite and reader; `same instrument`: only libraries have other versions;
            `stale`: of this suite and reader by name, but something else has changed, so it is not used; `none`.
        calibration: To be used; None where it is stale or there is none.
        path: Of its file, or of the stale one.
        note: What is to be said about it, "" for nothing.
        command: That measures it anew.
    """

    standing: Standing
    calibration: Calibration | None
    path: Path | None
    note: str
    command: str


def find_calibration(suite: Suite, reader: ReaderRecord, folder: Path) -> Lookup:
    """Return the calibration for a run's suite and reader.

    Args:
        suite: As run.
        reader: That read the run.
        folder: The user's own calibrations; it need not exist.
    """
    command = shlex.join(["python", "-m", "bench", "calibrate", "--suite", suite.name, "--reader", reader.name])
    stale: Lookup | None = None
    close: Lookup | None = None
    for path in _candidates(suite, folder):
        try:
            calibration = Calibration.read(path)
        except GlyphbenchError as error:
            stale = stale or Lookup("stale", None, path, str(error), command)
            continue
        if _kind(calibration.reader.name) != _kind(reader.name) or calibration.suite.name != suite.name:
            continue
        if changes := _changes(calibration, suite, reader):
            note = f"{path.name} is out of date: {'; '.join(changes)}"
            stale = stale or Lookup("stale", None, path, note, command)
        elif calibration.reader.digest == reader.digest:
            return Lookup("exact", calibration, path, "", command)
        elif close is None:
            note = f"calibrated with other versions: {', '.join(_versions(calibration, reader)) or 'of nothing'}"
            close = Lookup("same instrument", calibration, path, note, command)
    return close or stale or Lookup("none", None, None, f"{reader.name} is not calibrated on {suite.name}", command)


def _candidates(suite: Suite, folder: Path) -> Iterator[Path]:
    """Yield the files that may hold a calibration of a suite of this name, the user's first."""
    shipped = Path(str(files("bench.calibration").joinpath("shipped")))
    for place in (folder, shipped):
        if place.is_dir():
            yield from sorted(place.glob(f"{suite.name}-*.json"))


def _kind(reader: str) -> str:
    return Spec.parse(reader, "--reader").kind


def _changes(calibration: Calibration, suite: Suite, reader: ReaderRecord) -> list[str]:
    """Return what has changed since, so that the calibration does not hold any more."""
    changes = []
    if calibration.suite.digest != suite.digest:
        changes.append(f"suite {suite.name} has other content ({calibration.suite.version}, now {suite.version})")
    then, now = dict(calibration.reader.signature), dict(reader.signature)
    settings = [
        f"the reader's {key} was {then.get(key, 'not there')}, is {now.get(key, 'not there')}"
        for key in sorted({*then, *now} - LIBRARIES)
        if then.get(key) != now.get(key)
    ]
    left = len(settings) - _CHANGES_TOLD
    changes += settings[:_CHANGES_TOLD] + ([f"{left} more of its settings have changed"] if left > 0 else [])
    known = set(metric_signatures(suite.profile))
    if gone := [signature for signature in calibration.metrics if signature not in known]:
        changes.append(f"measured with {', '.join(gone)}, which count otherwise now")
    return changes


def _versions(calibration: Calibration, reader: ReaderRecord) -> list[str]:
    then, now = calibration.reader.signature, reader.signature
    keys = sorted(key for key in {*then, *now} & LIBRARIES if then.get(key) != now.get(key))
    return [f"{key} {then.get(key, 'none')} (now {now.get(key, 'none')})" for key in keys]
