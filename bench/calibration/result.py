"""What a calibration says, as data: ceiling, floors and response of one reader on one suite; and as a JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from bench.digest import short
from bench.files import write_json
from bench.json_file import read_formatted
from metrics.score import Missing
from metrics.statistics import Estimate
from prompts.errors import GlyphbenchError

FORMAT = 1
"""Raised when older versions could not read a calibration any more."""

Value: TypeAlias = Estimate | Missing
Values: TypeAlias = Mapping[str, Value]
"""Estimates by metric."""


@dataclass(frozen=True, slots=True)
class SuiteKey:
    """Which suite, whole: `digest` is of all its content."""

    name: str
    version: str
    digest: str
    profile: str


@dataclass(frozen=True, slots=True)
class ReaderKey:
    """Which reader: its spec, the digest of spec and signature, and the whole signature."""

    name: str
    digest: str
    signature: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Extent:
    """What was measured: how many of the suite's prompts with a target, seeds, faces, and pictures read."""

    prompts: int
    prompts_with_target: int
    seeds: tuple[int, ...]
    faces: tuple[str, ...]
    rates: tuple[float, ...]
    pictures: int
    is_quick: bool
    displacements: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What the reader makes of right lettering.

    Attributes:
        plain: Over all faces, in the plain distribution.
        hard: In the hard distribution, faces as they are drawn.
        by: The plain pictures by language, length, orientation, face and layout: for each the metrics by label.
        by_character: Share of target characters that were read right, by kind and level of the character.
    """

    plain: Values
    hard: Values
    by: Mapping[str, Mapping[str, Values]]
    by_character: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class ResponsePoint:
    """Pictures drawn with one rate of one kind of error: the rate asked for, and the mean true and measured values."""

    rate: float
    true: float
    measured: float
    pictures: int


@dataclass(frozen=True, slots=True)
class Response:
    """How a metric follows one kind of error: measured = offset + slope · true, over pictures.

    `true_value` says what is on the axis of truth, `metric` what was measured.
    """

    metric: str
    true_value: str
    slope: Value
    offset: Value
    points: tuple[ResponsePoint, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Pictures that are in no number, and why."""

    reason: str
    pictures: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """One reader on one suite.

    Attributes:
        created: When, in UTC.
        glyphbench: The version that measured it.
        metrics: Signatures of the metrics, and of the profile.
        typesetter: All that decided the pictures beside suite and seeds.
        floors: Scores of readings that have nothing to do with the prompt, by floor and metric.
        response: By kind of error.
        seconds: That it took.
    """

    suite: SuiteKey
    reader: ReaderKey
    created: str
    glyphbench: str
    metrics: tuple[str, ...]
    typesetter: Mapping[str, Any]
    extent: Extent
    ceiling: Ceiling
    floors: Mapping[str, Values]
    response: Mapping[str, Response]
    left_out: tuple[LeftOut, ...]
    seconds: float
    format: int = FORMAT

    @property
    def file_name(self) -> str:
        """The name of its file: suite and reader, each with eight digits of its digest."""
        return f"{self.suite.name}-{short(self.suite.digest)}.{short(self.reader.digest)}.json"

    def write(self, folder: Path) -> Path:
        """Write the calibration into `folder`, whole or not at all, and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.file_name
        write_json(path, as_json(self))
        return path

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """Return the calibration in the file `path`.

        Raises:
            GlyphbenchError: It is missing, damaged, or of a newer format.
        """
        content = read_formatted(path, FORMAT, f"there is no calibration {path}")
        try:
            return _ADAPTER.validate_python(_with_reasons(content))
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
            raise GlyphbenchError(f"{path}: not a calibration: {faults}") from None


_ADAPTER = TypeAdapter(Calibration)


def as_json(value: object) -> Any:  # noqa: ANN401 - any JSON data
    """Return dataclasses as JSON data; `Missing` as `{"missing": reason}`, as in `summary.json`."""
    if isinstance(value, Missing):
        return {"missing": value.reason}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list | tuple) else value


def _with_reasons(content: Any) -> Any:  # noqa: ANN401 - any JSON data
    """Return JSON data with every `{"missing": reason}` as the fields of `Missing`."""
    if isinstance(content, dict):
        if len(content) == 1 and isinstance(content.get("missing"), str):
            return {"reason": content["missing"]}
        return {key: _with_reasons(item) for key, item in content.items()}
    return [_with_reasons(item) for item in content] if isinstance(content, list) else content
