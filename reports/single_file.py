"""The page as one file, to be sent to someone: with the worst and the best pictures and a sample of the others."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from reports.gallery_files import gallery_parts, inline_parts
from reports.page_template import render
from reports.pairing import Row

LIMIT = 10_000_000
"""Bytes of such a file: what a mail or an issue takes."""

_MARGIN = 0.95  # Of the limit is filled: what a picture takes is foreseen, not measured.
_SEED = 0

Entry = Sequence[Row | None]


def single_file(
    heads: Sequence[Mapping[str, Any]],
    entries: Sequence[Entry],
    details: Sequence[Mapping[tuple[str, int], str]],
    folder: Path,
    limit: int = LIMIT,
) -> str:
    """Return the page of `reports.page` as one file of fewer than `limit` bytes.

    Args:
        heads: What `data.json` has of each run, but for the samples.
        entries: The gallery's entries, worst first.
        details: Of each run's pictures, as JSON.
        folder: Where the page would lie, from which the heads' `base` leads to the small copies.
        limit: Most bytes.
    """
    files = _Files([folder / unquote(str(head["base"])) for head in heads])
    heads = [{**head, "suspects": files.suspects(number, head["suspects"])} for number, head in enumerate(heads)]
    empty = {
        "parts": [],
        "inline": {},
        "pictures": 0,
        "single": {"shown": 0, "n": 0, "worst": 0, "best": 0, "drawn": 0},
    }
    room = limit * _MARGIN - len(render(heads, {"worst": [], "best": []}, empty).encode())
    chosen = _chosen(entries, details, files, room)
    shown = [entry for _, entry in sorted((at, entry) for part in chosen.values() for at, entry in part.items())]
    light = [
        _light(each, [(row["prompt"], row["seed"]) for entry in shown if (row := entry[run])])
        for run, each in enumerate(details)
    ]
    parts = inline_parts(gallery_parts([files.entry(entry) for entry in shown], light))
    single = {"shown": len(shown), "n": len(entries), **{name: len(part) for name, part in chosen.items()}}
    gallery = {"parts": list(parts), "inline": parts, "pictures": len(shown), "single": single}
    return render(heads, {"worst": [], "best": []}, gallery)


class _Files:
    """The small copies of each run as addresses that hold the picture itself."""

    def __init__(self, bases: Sequence[Path]) -> None:
        self._bases = bases

    def address(self, run: int, file: str | None) -> str | None:
        if file is None:
            return None
        content = (self._bases[run] / unquote(file)).read_bytes()
        return f"data:image/webp;base64,{b64encode(content).decode()}"

    def size(self, run: int, file: str | None) -> int:
        return 0 if file is None else (self._bases[run] / unquote(file)).stat().st_size * 4 // 3 + 4

    def entry(self, entry: Entry) -> list[Row | None]:
        return [row and {**row, "thumb": self.address(run, row["thumb"])} for run, row in enumerate(entry)]

    def suspects(self, run: int, suspects: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{**each, "file": self.address(run, each["file"])} for each in suspects]


def _light(details: Mapping[tuple[str, int], str], keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Return details without what a single file does not have: the whole picture, and cut-outs of characters."""
    light = {}
    for key in keys:
        found = json.loads(details[key])
        suspects = [{**each, "file": None} for each in found["suspects"]]
        light[key] = json.dumps({**found, "image": None, "suspects": suspects}, ensure_ascii=False)
    return light


def _chosen(
    entries: Sequence[Entry], details: Sequence[Mapping[tuple[str, int], str]], files: _Files, room: float
) -> dict[str, dict[int, Entry]]:
    """Return entries by why they are shown and by their number: two of the worst, one of the best, one drawn, again."""
    scored = [at for at, entry in enumerate(entries) if any(row and row["score"] is not None for row in entry)]
    drawn = random.Random(_SEED).sample(range(len(entries)), len(entries))
    queues = {"worst": iter(scored), "best": iter(reversed(scored)), "drawn": iter(drawn)}
    chosen: dict[str, dict[int, Entry]] = {name: {} for name in queues}
    taken: set[int] = set()
    while len(taken) < len(entries):
        before = len(taken)
        for name in ("worst", "worst", "best", "drawn"):
            at = next((each for each in queues[name] if each not in taken), None)
            if at is None:
                continue
            room -= _bytes(entries[at], details, files)
            if room < 0:
                return chosen
            chosen[name][at] = entries[at]
            taken.add(at)
        if len(taken) == before:
            break
    return chosen


def _bytes(entry: Entry, details: Sequence[Mapping[tuple[str, int], str]], files: _Files) -> int:
    return sum(
        files.size(run, row["thumb"])
        + len(details[run][row["prompt"], row["seed"]].encode())
        + len(json.dumps(row, ensure_ascii=False).encode())
        for run, row in enumerate(entry)
        if row
    )
