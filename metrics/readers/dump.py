"""The `dump` reader: readings made elsewhere, from a file of JSON lines."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from metrics.readers import PictureName
from metrics.reading import Line, Polygon, Reading, whole_picture
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.strict_json import parse_json
from prompts.validation import describe_faults

FORMAT = 1
"""Goes up with every change of what a file means."""

_OUTSIDE = 0.05
"""By how much of its larger side a corner may lie outside of the picture: detectors overshoot a little."""

Coordinate: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
Key: TypeAlias = tuple[str, str]
"""How a picture is named in the file (`prompt`, `file`, `sha256`), and the name."""


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LineEntry(BaseModel):
    """A line of text: `confidence` in 0..1, `polygon` in pixels, clockwise from where the text begins."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(min_length=1)
    confidence: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    polygon: (
        Annotated[list[Annotated[list[Coordinate], Field(min_length=2, max_length=2)]], Field(min_length=3)] | None
    ) = None


class PictureEntry(BaseModel):
    """What was read in one picture, which is named by prompt and seed, by file, or by SHA-256 of the file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prompt: str | None = Field(None, min_length=1)
    seed: int | None = Field(None, ge=0)
    file: str | None = Field(None, min_length=1)
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    lines: list[LineEntry]

    @model_validator(mode="after")
    def _named_once(self) -> PictureEntry:
        if (self.prompt is None) != (self.seed is None):
            raise ValueError("prompt and seed go together")
        if [self.prompt, self.file, self.sha256].count(None) != 2:
            raise ValueError("name the picture in one way: prompt and seed, or file, or sha256")
        return self

    @property
    def key(self) -> Key:
        """The name of the picture."""
        if self.prompt is not None:
            return "prompt", f"{self.prompt}/{self.seed}"
        return ("file", self.file.removeprefix("images/")) if self.file else ("sha256", str(self.sha256))


class DumpReader:
    """Gives the readings of a file, one line for each picture; a picture that the file lacks is a failure."""

    def __init__(self, spec: Spec) -> None:
        """Make a reader from `dump:FILE`.

        Raises:
            GlyphbenchError: No file is named, or it cannot be used; all its faults are listed, with their lines.
        """
        if not spec.target:
            raise GlyphbenchError(f"--reader {spec.text!r}: name the file with the readings: dump:FILE.jsonl")
        spec.validated(_Options)
        self._path = Path(spec.target).expanduser()
        try:
            self._content = self._path.read_bytes()
        except OSError as error:
            raise GlyphbenchError(f"--reader {spec.text!r}: {self._path}: {error.strerror}") from None
        self._entries  # noqa: B018 - faults of the file are told now

    @cached_property
    def signature(self) -> Mapping[str, str | int | float | bool]:
        """Digest of the file: who made the readings, and how, is not known here."""
        return {
            "engine": "readings made elsewhere",
            "format": FORMAT,
            "file": hashlib.sha256(self._content).hexdigest(),
            "confidences": all(line.confidence is not None for line in self._lines()),
            "places": all(line.polygon is not None for line in self._lines()),
            "auto_corrects": "unknown",
        }

    @property
    def characters(self) -> None:
        """None: nothing is known of the engine."""
        return

    def read(self, image: NDArray[np.uint8]) -> Reading:
        """Refuse to read: pixels alone do not say which picture it is.

        Raises:
            GlyphbenchError: Always.
        """
        raise GlyphbenchError(f"{self._path}: readings made elsewhere fit only the pictures of a run")

    def read_named(self, image: NDArray[np.uint8], picture: PictureName) -> Reading:
        """Return what the file says of a picture, in its order.

        A line without a polygon is given the whole picture, one without a confidence 1.

        Raises:
            GlyphbenchError: The file says nothing of it, says two things, or has places outside of it.
        """
        height, width = image.shape[:2]
        names: tuple[Key, ...] = (
            ("prompt", f"{picture.prompt}/{picture.seed}"),
            ("file", picture.file.removeprefix("images/")),
            ("sha256", picture.sha256),
        )
        found = [self._entries[name] for name in names if name in self._entries]
        which = f"prompt {picture.prompt!r}, seed {picture.seed} ({picture.file}, sha256 {picture.sha256})"
        if not found:
            raise GlyphbenchError(f"{self._path} has no reading of {which}; add a line for it (with lines [] if empty)")
        if len(found) > 1:
            places = " and ".join(str(number) for number, _ in found)
            raise GlyphbenchError(f"{self._path} has several readings of {which}: lines {places}; keep one")
        number, entry = found[0]
        for line in entry.lines:
            if not _fits(line, width, height):
                raise GlyphbenchError(
                    f"{self._path}, line {number}: the polygon of {line.text!r} is not in the picture of {width} × "
                    f"{height}: corners are in pixels of the picture as it is in the run"
                )
        return Reading(width, height, tuple(_line(line, width, height) for line in entry.lines))

    def _lines(self) -> Iterator[LineEntry]:
        for _, entry in self._entries.values():
            yield from entry.lines

    @cached_property
    def _entries(self) -> Mapping[Key, tuple[int, PictureEntry]]:
        """Line number and content of each picture's entry.

        Raises:
            GlyphbenchError: Lines that cannot be used; the message has all of them.
        """
        entries: dict[Key, tuple[int, PictureEntry]] = {}
        faults: list[str] = []
        for number, raw in enumerate(self._content.split(b"\n"), 1):
            if not raw.strip():
                continue
            try:
                entry = PictureEntry.model_validate(parse_json(raw.decode("utf-8-sig" if number == 1 else "utf-8")))
            except ValidationError as error:
                faults += [f"line {number}: {fault}" for fault in describe_faults(error, PictureEntry)]
            except ValueError as error:
                faults.append(f"line {number}: no JSON in UTF-8: {error}")
            else:
                if entry.key in entries:
                    faults.append(f"line {number}: {' '.join(entry.key)} is already on line {entries[entry.key][0]}")
                entries.setdefault(entry.key, (number, entry))
        if not entries and not faults:
            faults.append("no readings in it")
        if faults:
            raise GlyphbenchError("\n  ".join([f"{self._path}: readings that cannot be used", *faults]))
        return entries


def _fits(line: LineEntry, width: int, height: int) -> bool:
    if line.polygon is None:
        return True
    slack = _OUTSIDE * max(width, height)
    extent = max(math.dist(a, b) for a in line.polygon for b in line.polygon)
    inside = all(-slack <= x <= width + slack and -slack <= y <= height + slack for x, y in line.polygon)
    return inside and extent > 2  # fractions of the picture, taken for pixels, lie within 1.5 of each other


def _line(line: LineEntry, width: int, height: int) -> Line:
    confidence = 1.0 if line.confidence is None else line.confidence
    corners: Polygon = whole_picture(width, height)
    if line.polygon is not None:
        corners = tuple((x, y) for x, y in line.polygon)
    return Line(line.text, confidence, corners)
