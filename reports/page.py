"""The page of one run, or of up to three side by side: HTML that opens from disk, its data in files beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.digest import digest_of, short
from bench.files import write_chunks, write_whole
from bench.run import Run
from bench.thumbnails import REPORT
from prompts.errors import GlyphbenchError
from reports.characters import CharacterTally
from reports.gallery import gallery_records
from reports.gallery_files import gallery_parts, split_record, write_parts
from reports.page_template import render
from reports.pairing import Row, pair, worst_first
from reports.single_file import single_file
from reports.suspects import write_suspects
from reports.thumbnails import write_thumbnails
from reports.visible_text import json_text, visible_data

FORMAT = 2
"""Of `data.json`; raised when a reader of an older one could not read it."""

MOST_RUNS = 3
"""Side by side: more pictures would be too small to read."""

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class RunContent:
    """What a page shows of one run.

    `head` is what `data.json` has of it but for the samples; `samples` those, as JSON, in the suite's order; `rows` and
    `details` the same for the gallery, made visible.
    """

    head: dict[str, Any]
    samples: list[str]
    rows: list[Row]
    details: dict[Key, str]


def write_page(run: Run, *others: Run, out: Path | None = None, whole: bool = False) -> Path:
    """Write a page and return its path: by default `report/index.html` in the run folder.

    Args:
        run: What is reported.
        others: Up to two runs that stand beside it, paired picture by picture at the same seed.
        out: The folder of the page; for several runs, by default one beside the first run's.
        whole: Write one file with everything in it instead, of less than 10 MB: `single-file.html`.
    """
    runs = (run, *others)
    if len(runs) > MOST_RUNS:
        raise GlyphbenchError(f"a page has room for {MOST_RUNS} runs side by side; {len(runs)} were named")
    folder = out or _folder(runs)
    folder.mkdir(parents=True, exist_ok=True)
    contents = [_content(each, folder) for each in runs]
    heads = [content.head for content in contents]
    entries = _entries(contents)
    details = [content.details for content in contents]
    if whole:
        page = folder / "single-file.html"
        write_whole(page, single_file(heads, entries, details, folder))
        return page
    write_chunks(folder / "data.json", _data(contents))
    names = write_parts(folder / "data", gallery_parts(entries, details))
    page = folder / "index.html"
    write_whole(page, render(heads, glance(entries), {"parts": names, "pictures": len(entries)}))
    return page


def glance(entries: Sequence[Sequence[Row | None]], most: int = 4) -> dict[str, list[Row]]:
    """Return the first run's worst and best pictures that have a score and a small copy, of different prompts."""
    scored = [row for row, *_ in entries if row and row["score"] is not None and row["thumb"]]
    ranked = sorted(scored, key=lambda row: (row["score"], row["prompt"], row["seed"]))
    worst = _of_different_prompts(ranked, most)
    taken = {row["prompt"] for row in worst}
    best = _of_different_prompts([row for row in reversed(ranked) if row["prompt"] not in taken], most)
    return {"worst": worst, "best": best}


def _of_different_prompts(rows: Sequence[Row], most: int) -> list[Row]:
    found: dict[str, Row] = {}
    for row in rows:
        if len(found) < most:
            found.setdefault(str(row["prompt"]), row)
    return list(found.values())


def _folder(runs: Sequence[Run]) -> Path:
    if len(runs) == 1:
        return runs[0].folder.path / REPORT
    name = short(digest_of([str(run.folder.path.resolve()) for run in runs]))
    return runs[0].folder.path.resolve().parent / f"report-{name}"


def _content(run: Run, folder: Path) -> RunContent:
    """Return what the page in `folder` shows of a run, after making its small copies in the run's own report folder."""
    report = run.folder.path / REPORT
    report.mkdir(exist_ok=True)
    thumbnails = write_thumbnails(run.folder.path, run.samples.values())
    suspects = write_suspects(run, report)
    tally = CharacterTally()
    samples: list[str] = []
    rows: list[Row] = []
    details: dict[Key, str] = {}
    listed: list[dict[str, Any]] = []
    for record in gallery_records(run, thumbnails, suspects, tally):
        samples.append(json_text(record))
        shown = visible_data(record)
        row, rest = split_record(shown)
        rows.append(row)
        details[row["prompt"], row["seed"]] = rest
        listed += [{**each, "prompt": row["prompt"], "seed": row["seed"]} for each in shown["suspects"] if each["file"]]
    suite = run.suite
    head = {
        "summary": run.summary,
        "manifest": run.manifest.model_dump(mode="json"),
        "suite": {name: getattr(suite, name) for name in ("title", "description", "source", "licence", "twin")},
        "efforts": run.efforts,
        "making": run.making,
        "characters": tally.as_json(),
        "suspects": sorted(listed, key=lambda each: (each["soundness"], each["prompt"], each["seed"])),
        "base": _base(report, folder),
    }
    return RunContent(head, samples, rows, details)


def _base(report: Path, folder: Path) -> str:
    """Return the address of a run's report folder as the page in `folder` sees it, ending in a slash if not empty."""
    relative = Path(os.path.relpath(report.resolve(), folder.resolve())).as_posix()
    return "" if relative == "." else f"{quote(relative)}/"


def _entries(contents: Sequence[RunContent]) -> list[list[Row | None]]:
    names = {content.head["summary"]["suite"]["name"] for content in contents}
    return worst_first(pair([content.rows for content in contents], by_group=len(names) > 1))


def _data(contents: Sequence[RunContent]) -> Iterator[str]:
    """Yield `data.json` piece by piece: it is long."""
    yield f'{{"format":{FORMAT},"runs":['
    for number, content in enumerate(contents):
        yield ("," if number else "") + json_text(content.head)[:-1] + ',"samples":['
        for at, sample in enumerate(content.samples):
            yield ("," if at else "") + sample
        yield "]}"
    yield "]}\n"
