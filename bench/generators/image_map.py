"""Mapping files: which image belongs to which prompt and seed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path, PurePath

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bench.seeds import LARGEST
from prompts.errors import GlyphbenchError
from prompts.validation import describe_faults

_SURPLUS = "\0"


class MapEntry(BaseModel):
    """One image: the prompt's id, the seed, and the file relative to the folder, or absolute.

    Other columns or keys are left alone, so that a trainer's own table will do.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    prompt: str = Field(min_length=1)
    seed: int = Field(ge=0, le=LARGEST)
    file: str = Field(min_length=1)


def read_image_map(source: Path, folder: Path) -> dict[tuple[str, int], Path]:
    """Return the image file of each (prompt id, seed) that a CSV (with a header) or JSON Lines file names.

    A relative file lies in `folder` and may not leave it by `..`; an absolute one is taken as it stands.

    Raises:
        GlyphbenchError: The file cannot be read, or has faults; the message has all of them, with their lines.
    """
    text = _text(source)
    faults: list[str] = []
    images: dict[tuple[str, int], Path] = {}
    lines: dict[tuple[str, int], int] = {}
    for line, row in _rows(source, text, faults):
        try:
            entry = MapEntry.model_validate(row)
        except ValidationError as error:
            faults += [f"line {line}: {fault}" for fault in describe_faults(error, MapEntry)]
            continue
        key = (entry.prompt, entry.seed)
        if ".." in PurePath(entry.file).parts:
            faults.append(f"line {line}: file {entry.file!r} may not contain '..'; an absolute path may lie anywhere")
        elif key in images:
            faults.append(f"line {line}: prompt {key[0]!r} with seed {key[1]} stands in line {lines[key]} as well")
        else:
            images[key], lines[key] = folder / entry.file, line
    if faults:
        count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
        raise GlyphbenchError("\n  ".join([f"{source}: {count}", *faults]))
    return images


def _text(source: Path) -> str:
    """Return the content of a mapping file; a byte order mark is dropped."""
    try:
        return source.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise GlyphbenchError(f"cannot read the mapping file {source}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise GlyphbenchError(f"{source}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def _rows(source: Path, text: str, faults: list[str]) -> Iterator[tuple[int, object]]:
    """Yield each row with its line number; what is no row at all goes to `faults`."""
    match source.suffix.lower():
        case ".csv":
            yield from _csv_rows(text, faults)
        case ".jsonl":
            yield from _json_rows(text, faults)
        case _:
            raise GlyphbenchError(f"{source}: a mapping file is called .csv or .jsonl")


def _csv_rows(text: str, faults: list[str]) -> Iterator[tuple[int, object]]:
    """Yield the rows below a CSV header that names prompt, seed and file, in any order."""
    table = csv.DictReader(io.StringIO(text, newline=""), restkey=_SURPLUS, strict=True)
    try:
        missing = MapEntry.model_fields.keys() - set(table.fieldnames or ())
        if missing:
            faults.append(f"line 1: the header must name prompt, seed and file; without {', '.join(sorted(missing))}")
            return
        for row in table:
            if _SURPLUS in row:
                faults.append(f"line {table.line_num}: more fields than the header has; quote a field with a comma")
            else:
                yield table.line_num, {key: value for key, value in row.items() if value is not None}
    except csv.Error as error:
        faults.append(f"line {table.reader.line_num}: {error}")


def _json_rows(text: str, faults: list[str]) -> Iterator[tuple[int, object]]:
    """Yield the objects of JSON Lines."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except ValueError as error:
            faults.append(f"line {number}: not JSON ({error})")
