"""From a suite file to a `Suite`, or to all that is wrong with it at once, line by line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from prompts.errors import SuiteError, UnknownNameError
from prompts.positions import Positions
from prompts.schema import SuiteFile, parse_relation
from prompts.suite import Suite
from prompts.validation import Location, describe_faults

_SHIPPED = Path(__file__).with_name("suites")
_LINE_OF_SYNTAX_ERROR = re.compile(r"(.*) \(at line (\d+), column (\d+)\)")


def suite_names() -> tuple[str, ...]:
    """Return the names of the suites that come with the project, in order of the alphabet."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.toml")))


def find_suite(name_or_path: str | Path) -> Suite:
    """Return the suite that comes with the project under a name, or the one in a file.

    What ends in `.toml` or names a folder on its way is a path; anything else is a name.

    Raises:
        UnknownNameError: No suite of that name comes with the project; the message has the nearest names.
        SuiteError: The file cannot be used.
    """
    wanted = str(name_or_path)
    if wanted in suite_names():
        return load_suite(_SHIPPED / f"{wanted}.toml")
    if wanted.lower().endswith(".toml") or len(Path(wanted).parts) > 1:
        return load_suite(wanted)
    raise UnknownNameError("suite", wanted, suite_names(), "A path to a .toml file works as well.")


def load_suite(path: str | Path) -> Suite:
    """Return the suite in the file `path`.

    Raises:
        SuiteError: The file cannot be read or used; the message has every fault, as `file:line: key: what; remedy`.
    """
    text = _read(Path(path))
    data = _parse(path, text)
    positions = Positions(text)
    faults = [
        f"{positions.line(location)}: {'.'.join(map(str, location))}: {what}"
        for location, what in _clashes(data, positions)
    ]
    try:
        file = SuiteFile.model_validate(data)
    except ValidationError as error:
        faults += describe_faults(error, SuiteFile, lambda location: f"{positions.line(location)}: ")
    if faults:
        faults.sort(key=lambda fault: int(fault.partition(":")[0]))
        raise SuiteError(str(path), [f"{path}:{fault}" for fault in faults])
    return file.suite()


def _read(path: Path) -> str:
    try:
        if path.is_dir():
            raise SuiteError(str(path), [f"{path}: is a folder; name the .toml file inside it"])
        content = path.read_bytes()
    except FileNotFoundError:
        raise SuiteError(str(path), [f"{path}: there is no such file; check the path"]) from None
    except OSError as error:
        raise SuiteError(
            str(path), [f"{path}: cannot be read: {error.strerror}; check the path and its rights"]
        ) from None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = f"{path}:{line}: is not UTF-8 (byte 0x{content[error.start]:02x}); save the file as UTF-8"
        raise SuiteError(str(path), [fault]) from None


def _parse(path: str | Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and Python's own refusal of numbers of thousands of digits
        found = _LINE_OF_SYNTAX_ERROR.fullmatch(str(error))
        what, line, column = found.groups() if found else (str(error), str(text.count("\n") + 1), None)
        where = f" at column {column}" if column else ""
        remedy = "mend the TOML; text stands in straight quotes, and [[prompt]] opens each prompt"
        raise SuiteError(str(path), [f"{path}:{line}: TOML syntax: {what}{where}; {remedy}"]) from None


def _clashes(data: dict[str, Any], positions: Positions) -> Iterator[tuple[Location, str]]:
    """Yield the key path and the fault of what is right by itself but wrong beside something else in the file.

    Works on the raw data, so that these faults are told together with those of the schema.
    """
    first: dict[str, Location] = {}
    for index, entry in enumerate(_tables(data.get("prompt"))):
        if isinstance(name := entry.get("id"), str):
            location = ("prompt", index, "id")
            other = first.setdefault(name.casefold(), location)
            if other != location:
                line = positions.line(other)
                yield location, f"{name!r} is used in line {line} already (case does not count); give each its own id"
        regions = len(_tables(entry.get("region")))
        for number, relation in enumerate(_list(entry.get("relations"))):
            if _highest_region(relation) > regions:
                what = f"{relation!r} names a region that is not there (this prompt has {regions}); count them from 1"
                yield ("prompt", index, "relations", number), what


def _highest_region(relation: object) -> int:
    """Return the higher of the regions, counted from 1, that a relation joins; 0 for one that the schema refuses."""
    try:
        parsed = parse_relation(relation)
    except ValueError:
        return 0
    return max(parsed.subject, parsed.object) + 1


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _tables(value: object) -> list[dict[str, Any]]:
    return [entry if isinstance(entry, dict) else {} for entry in _list(value)]
