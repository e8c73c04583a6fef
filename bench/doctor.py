"""Is this machine fit to measure? A list of checks, each of which says what it found.

To add one, write a function that yields findings and name it in `examine`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import Any, Literal

from bench.environment import describe_environment
from bench.known_lines import KnownLine, draw_known_lines
from bench.reader_record import ReaderRecord
from bench.scoring import judge_sample
from metrics.judgement import Judgement
from metrics.profiles import PROFILES
from metrics.readers import NamedPictureReader, Reader, open_reader
from metrics.readers.opencv import REMEDY, opencv_explained
from prompts.errors import GlyphbenchError

State = Literal["ok", "absent", "fault"]

WRONG_AT_MOST = 0.05
"""Share of characters of a script; every reader that is shipped stays under 2% of them."""

_PROFILE = PROFILES["standard"]
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        check: Of what.
        state: `absent` is not there, and needed only for what its name says; `fault` is wrong, and what to do is said.
        says: One line for people.
        details: The same and more, for programs.
    """

    check: str
    state: State
    says: str
    details: dict[str, Any] = field(default_factory=dict)


def examine(readers: Sequence[str] = ()) -> Iterator[Finding]:
    """Yield the findings of every check, the quick ones first.

    Args:
        readers: Specs of the readers that shall read the known lines; none for those that are installed and need
            neither network nor target.
    """
    yield from _machine()
    yield from _packages()
    yield _opencv()
    lines = list(draw_known_lines())
    for spec in readers or _installed_readers():
        yield _reading(spec, lines)


def _machine() -> Iterator[Finding]:
    found = describe_environment()
    kept = {key: found[key] for key in ("python", "platform", "processor", "cores", "accelerators")}
    yield Finding("machine", "ok", f"Python {kept['python']}, {kept['processor']}, {kept['cores']} cores", kept)
    gpus = kept["accelerators"]
    yield Finding("GPU", "ok" if gpus else "absent", "; ".join(gpus) or "none: readers run on the CPU", {"gpus": gpus})


def _packages() -> Iterator[Finding]:
    """Yield, for the core and each extra, which packages are there."""
    for extra, names in _requirements().items():
        versions = {name: _version(name) for name in names}
        missing = [name for name, found in versions.items() if found is None]
        state: State = "ok" if not missing else "fault" if extra == "core" else "absent"
        if missing:
            wanted = "glyphbench" if extra == "core" else f"'glyphbench[{extra}]'"
            says = f"missing: {', '.join(missing)}; run  pip install {wanted}"
        else:
            says = ", ".join(f"{name} {found}" for name, found in versions.items())
        yield Finding(f"packages: {extra}", state, says, versions)


def _requirements() -> dict[str, list[str]]:
    """Return the packages that the distribution asks for, by extra; those of users without one are `core`."""
    found: dict[str, list[str]] = {"core": []}
    for line in requires("glyphbench") or ():
        match = _REQUIREMENT.match(line)
        extra = re.search(r"""extra\s*==\s*['"]([^'"]+)""", line)
        group = extra[1] if extra else "core"
        if match and match[1] != "glyphbench" and group not in {"all", "dev"}:
            found.setdefault(group, []).append(match[1])
    return found


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _opencv() -> Finding:
    try:
        with opencv_explained():
            import cv2
    except (GlyphbenchError, ImportError) as error:
        return Finding("OpenCV", "fault", str(error))
    names = ("opencv-python-headless", "opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless")
    owners = {name: found for name in names if (found := _version(name))}
    says = f"{cv2.__version__} is imported"
    if len(owners) > 1:
        listed = ", ".join(f"{name} {found}" for name, found in owners.items())
        says += f", of several in one place ({listed}); should it ask for libGL, run  {REMEDY}"
    return Finding("OpenCV", "ok", says, {"imported": cv2.__version__, **owners})


def _installed_readers() -> list[str]:
    return ["ppocr", *(["paddleocr"] if find_spec("paddleocr") else [])]


def _reading(spec: str, lines: Sequence[KnownLine]) -> Finding:
    """Return how well a reader reads the known lines, by script."""
    check = f"reader {spec}"
    try:
        reader = open_reader(spec)
        if isinstance(reader, NamedPictureReader):
            return Finding(check, "absent", "not tried: it gives readings that were made elsewhere")
        record = ReaderRecord.of(spec, reader)
        judged = [(line, *_judged(line, reader, record)) for line in lines]
    except (GlyphbenchError, OSError, ValueError) as error:
        return Finding(check, "fault", str(error))
    errors = {
        script: sum(j.errors for line, j, _ in judged if line.prompt.language == script)
        / max(1, sum(j.target for line, j, _ in judged if line.prompt.language == script))
        for script in ("zh", "en")
    }
    wrong = [
        {"line": line.prompt.id, "drawn": line.prompt.text, "read": read, "errors": judgement.errors}
        for line, judgement, read in judged
        if judgement.errors
    ]
    state: State = "fault" if max(errors.values()) > WRONG_AT_MOST else "ok"
    says = ", ".join(f"{script} {share:.1%} of characters wrong" for script, share in errors.items())
    says += f" in {len(lines)} known lines (fault above {WRONG_AT_MOST:.0%}); signature #{record.short}"
    for fault in wrong:
        says += f"\n{fault['line']}: {fault['read']!r} for {fault['drawn']!r}"
    details = {"errors": errors, "wrong": wrong, "digest": record.digest, "signature": record.signature}
    return Finding(check, state, says, details)


def _judged(line: KnownLine, reader: Reader, record: ReaderRecord) -> tuple[Judgement, str]:
    """Return how a reading of one line compares with what was drawn, and the reading."""
    reading = reader.read(line.image)
    return judge_sample(line.prompt, reading, _PROFILE, record), " / ".join(found.text for found in reading.lines)
