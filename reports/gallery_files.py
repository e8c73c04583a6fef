"""The gallery's data as scripts that a page opened from disk can load: browsers refuse it anything else.

`index-N` has what sorting, filtering and searching need of every picture, worst pictures first; `details-N` has the
rest of a few dozen, loaded when they are to be seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.files import write_whole
from reports.pairing import Row
from reports.visible_text import json_text, script_call, script_json

ENTRIES_IN_INDEX = 2000
ENTRIES_IN_DETAILS = 48
CALLBACK = "glyphbench"
"""The function of the page that the scripts hand their data to."""

_ASKED = ("prompt", "language", "tags", "text", "targets")
_IN_ROW = ("seed", "status", "score", "errors", "agreement")
_OF_PICTURE = ("thumb", "width", "height")


@dataclass(frozen=True, slots=True)
class GalleryPart:
    """One script: its name, and its data as JSON."""

    name: str
    data: Any


def split_record(record: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the row of a gallery record, and its other fields as a line of JSON: kept small, for there are thousands.

    What the record has beyond the fields known here goes with the details.
    """
    kinds: dict[str, int] = {}
    for region in record["regions"]:
        for kind, *_ in region["steps"]:
            kinds[kind] = kinds.get(kind, 0) + 1
    kinds |= {"malformed": len(record["suspects"]), "astray": _astray(record["layout"])}
    read = [line["text"] for line in record["lines"]] + [line for other in record["others"] for line in other["lines"]]
    row = {
        **{name: record[name] for name in (*_ASKED, "group", *_IN_ROW)},
        **{name: record.get(name) for name in _OF_PICTURE},
        "kinds": {kind: count for kind, count in kinds.items() if count},
        "read": "\n".join(read),
    }
    details = {name: value for name, value in record.items() if name not in row}
    return row, json_text(details)


def _astray(layout: Mapping[str, Any] | None) -> int:
    """Return how many texts do not stand in the place asked for; 0 where the reader does not tell places."""
    return layout["placed"] - layout["in_place"] if layout and layout["in_place"] is not None else 0


def gallery_parts(
    entries: Sequence[Sequence[Row | None]], details: Sequence[Mapping[tuple[str, int], str]]
) -> Iterator[GalleryPart]:
    """Yield the scripts of a gallery.

    Args:
        entries: One row a run, in the order in which they are to be split up.
        details: For each run, the details of each (prompt, seed) as JSON.
    """
    numbers: dict[tuple[int, str], int] = {}
    for number, first in enumerate(range(0, len(entries), ENTRIES_IN_INDEX)):
        prompts: list[dict[str, Any]] = []
        rows = [
            [_row(row, run, numbers, prompts) for run, row in enumerate(entry)]
            for entry in entries[first : first + ENTRIES_IN_INDEX]
        ]
        yield GalleryPart(f"index-{number}", {"prompts": prompts, "entries": rows})
    for number, first in enumerate(range(0, len(entries), ENTRIES_IN_DETAILS)):
        found = [
            [row and json.loads(details[run][row["prompt"], row["seed"]]) for run, row in enumerate(entry)]
            for entry in entries[first : first + ENTRIES_IN_DETAILS]
        ]
        yield GalleryPart(f"details-{number}", found)


def _row(
    row: Row | None, run: int, numbers: dict[tuple[int, str], int], prompts: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """Return a row that names its prompt by number; a prompt that is new is added to `prompts`."""
    if row is None:
        return None
    name = run, str(row["prompt"])
    if name not in numbers:
        numbers[name] = len(numbers)
        prompts.append({field: row[field] for field in _ASKED})
    return {"prompt": numbers[name], **{field: row[field] for field in row if field not in (*_ASKED, "group")}}


def write_parts(folder: Path, parts: Iterator[GalleryPart]) -> list[str]:
    """Write each part as a script into `folder`, remove those of an earlier report, and return the parts' names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for part in parts:
        write_whole(folder / f"{part.name}.js", script_call(CALLBACK, part.name, part.data), durable=False)
        names.append(part.name)
    for stale in {path for kind in ("index", "details") for path in folder.glob(f"{kind}-*.js")}:
        if stale.stem not in names:
            stale.unlink()
    return names


def inline_parts(parts: Iterator[GalleryPart]) -> dict[str, str]:
    """Return the JSON of each part by its name, for elements of the page itself."""
    return {part.name: script_json(part.data) for part in parts}
