"""The report of a run of thousands of pictures: seconds and memory to write it, and how smooth it is in a browser.

    python benchmarks/report.py [--prompts 2500] [--seeds 4] [--folder DIR] [--keep]

The run is synthetic: targets of the shipped suites, readings with one character in ten wrong, boxes for every
character, a few distinct pictures of 1024² under many names, their small copies there already, as a run leaves them.
`write` is `python -m bench report`, a process of its own, from its start to its end; `score` is what comes before it
in a run. The browser is Chromium, headless, from disk: `first paint` is the first contentful paint, `ready` when all of
the gallery can be sorted and searched, `long tasks` those over 50 ms while the gallery is scrolled from end to end.
`plain page` is what the same scrolling takes on a page of text without any script, before and after: where that has
long tasks too, it is the machine that was busy. `slowed` is the gallery on a processor a quarter as fast.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from bench.manifest import Manifest, ModelEntry, SuiteEntry
from bench.reader_record import ReaderRecord
from bench.records import ReadingRecord, Sample, SampleKey
from bench.run_folder import RunFolder
from metrics.reading import Character, Line, Reading
from prompts.loading import find_suite
from prompts.suite import Prompt, Region, Size, Suite

SIDE = 1024
DISTINCT = 24
WRONG = 0.1
SLOWER = 4


def main() -> None:
    """Make the run, write its report, open it, print what was measured."""
    arguments = _arguments()
    folder = Path(arguments.folder or tempfile.mkdtemp(prefix="glyphbench-report-"))
    run = folder / "run"
    if not run.exists():
        make_run(run, arguments.prompts, arguments.seeds)
    measured = {"pictures": arguments.prompts * arguments.seeds, **_written(run), **_browsed(run / "report/index.html")}
    print(json.dumps(measured, indent=2))
    if not arguments.keep:
        shutil.rmtree(folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--prompts", type=int, default=2500)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--folder", help="where to make the run, or where it is already")
    parser.add_argument("--keep", action="store_true", help="leave the run where it is")
    return parser.parse_args()


def make_run(path: Path, prompts: int, seeds: int) -> None:
    """Write a run folder as a run of a model would leave it, but for the scores."""
    folder = RunFolder(path)
    path.mkdir(parents=True)
    suite = _suite(prompts, seeds)
    letters = frozenset("".join(target for prompt in suite.prompts for target in prompt.targets)) | {" "}
    reader = ReaderRecord("by-rule", {"engine": "none"}, letters)
    folder.write_suite(suite)
    reader.write(path)
    folder.write_manifest(_manifest(suite, reader))
    pictures = _pictures(path)
    alphabet = sorted(letters - {" "})
    samples, readings = [], []
    for number, (prompt, seed) in enumerate((p, s) for p in suite.prompts for s in suite.seeds):
        key, source = SampleKey(prompt.id, seed), pictures[number % len(pictures)]
        file = _linked(path, source, key)
        samples.append(asdict(Sample(*key, "ok", file, source.stem, SIDE, SIDE, None, {"strength": "plain"})))
        record = ReadingRecord(*key, source.stem, _reading(prompt, random.Random(number), alphabet))
        readings.append(asdict(record))
    for name, records in (("samples", samples), (f"readings.{reader.short}", readings)):
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (path / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


def _suite(prompts: int, seeds: int) -> Suite:
    known = [prompt for name in ("zh_text", "en_text") for prompt in find_suite(name).prompts]
    chosen = tuple(
        Prompt(
            f"{known[i % len(known)].id}-{i}",
            known[i % len(known)].text,
            known[i % len(known)].language,
            f"group-{i}",
            Size(SIDE, SIDE),
            tuple(Region(text) for text in known[i % len(known)].targets),
            known[i % len(known)].tags,
        )
        for i in range(prompts)
    )
    return Suite(
        "synthetic", "1", "mixed", "Synthetic", "", "made for a measurement", "Apache-2.0", tuple(range(seeds)),
        "standard", chosen,
    )  # fmt: skip


def _manifest(suite: Suite, reader: ReaderRecord) -> Manifest:
    return Manifest(
        status="complete",
        glyphbench="0",
        created="2026-01-01T00:00:00+00:00",
        suite=SuiteEntry(name=suite.name, version=suite.version, digest=suite.digest),
        model=ModelEntry(name="synthetic", spec="synthetic", identity={}, digest="0" * 64, is_model=True),
        seeds=suite.seeds,
        limit=None,
        readers={reader.short: {"name": reader.name, **reader.signature}},
        environment={"command": "", "packages": {}},
    )


def _pictures(path: Path) -> list[Path]:
    """Return a few pictures of smooth colours with a mark on each; a file's stem stands for its digest."""
    (path / "images").mkdir()
    found = []
    for number in range(DISTINCT):
        image = Image.linear_gradient("L").resize((SIDE, SIDE)).convert("RGB")
        ImageDraw.Draw(image).text((300, 400), str(number), fill="#c22", font=ImageFont.load_default(200))
        file = path / "images" / f"{number:064x}.png"
        image.save(file, compress_level=1)
        found.append(file)
    return found


def _linked(path: Path, source: Path, key: SampleKey) -> str:
    """Give a picture and its small copy another name, as files of their own would have."""
    from bench.thumbnails import small_copy, thumbnail_path

    file = Path("images", key.prompt, f"{key.seed}.png")
    (path / file).parent.mkdir(parents=True, exist_ok=True)
    os.link(source, path / file)
    small = path / thumbnail_path(key, source.stem)
    small.parent.mkdir(parents=True, exist_ok=True)
    first = source.with_suffix(".webp")
    if not first.exists():
        with Image.open(source) as image:
            first.write_bytes(small_copy(image))
    os.link(first, small)
    return file.as_posix()


def _reading(prompt: Prompt, chance: random.Random, alphabet: list[str]) -> Reading:
    return Reading(SIDE, SIDE, tuple(_lines(prompt, chance, alphabet)))


def _lines(prompt: Prompt, chance: random.Random, alphabet: list[str]) -> Iterator[Line]:
    for row, target in enumerate(prompt.targets):
        text = "".join(chance.choice(alphabet) if c != " " and chance.random() < WRONG else c for c in target)
        step = 900 / max(1, len(text))
        boxes = tuple(Character(c, 0.9, _box(60 + i * step, 100 + row * 150, step)) for i, c in enumerate(text))
        yield Line(text, 0.95, _box(60, 100 + row * 150, 900), boxes)


def _box(left: float, top: float, width: float) -> tuple[tuple[float, float], ...]:
    return (left, top), (left + width, top), (left + width, top + 120.0), (left, top + 120.0)


def _written(run: Path) -> dict[str, float]:
    scored = _process("score", run)
    written = _process("report", run)
    return {"score_s": scored[0], "score_gib": scored[1], "write_s": written[0], "write_gib": written[1]}


def _process(command: str, run: Path) -> tuple[float, float]:
    """Return the seconds and the most memory (GiB) of a command of ours on the run."""
    program = (
        "import resource, runpy, sys; sys.argv = ['bench', *sys.argv[1:]]\n"
        "try: runpy.run_module('bench', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program, command, str(run)], check=True, stdout=subprocess.PIPE)
    return round(time.perf_counter() - start, 2), round(int(done.stdout.split()[-1]) / 2**20, 3)


def _browsed(page: Path) -> dict[str, Any]:
    """Return what Chromium took to show the page and to scroll it, beside a plain page and a slow processor."""
    from playwright.sync_api import sync_playwright

    plain = page.with_name("plain.html")
    plain.write_text(_plain_page(), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        before = _tasks_of(browser, plain)
        found = _opened(browser, page)
        slowed = _tasks_of(browser, page, slower=SLOWER)
        after = _tasks_of(browser, plain)
        browser.close()
    plain.unlink()
    return {
        "html_kb": round(page.stat().st_size / 1e3),
        **found,
        "long_tasks_plain_page_ms": _longest(before + after),
        "long_tasks_slowed_ms": _longest(slowed),
    }


def _plain_page() -> str:
    lines = "".join(f"<p>{number}: 光明书店, a line of text</p>" for number in range(2000))
    return f'<!doctype html><meta charset="utf-8"><title>Plain</title><div id="pictures" data-ready>{lines}</div>'


def _opened(browser: Any, page: Path) -> dict[str, Any]:  # noqa: ANN401 - a browser of Playwright
    tab = _tab(browser)
    start = time.perf_counter()
    tab.goto(page.resolve().as_uri())
    tab.wait_for_selector("[data-ready]")
    ready = time.perf_counter() - start
    paint = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null")
    tab.wait_for_timeout(1500)
    loading = tab.evaluate("longTasks.splice(0)")
    tasks = _scrolled(tab)
    tab.close()
    return {
        "first_paint_ms": None if paint is None else round(paint),
        "ready_ms": round(1000 * ready),
        "long_tasks_loading_ms": _longest(loading),
        "long_tasks_scrolling_ms": _longest(tasks),
    }


def _tasks_of(browser: Any, page: Path, *, slower: int = 1) -> list[float]:  # noqa: ANN401 - a browser of Playwright
    """Return the long tasks of scrolling a page that has been opened and left alone for a moment."""
    tab = _tab(browser)
    tab.goto(page.resolve().as_uri())
    tab.wait_for_selector("[data-ready]")
    tab.wait_for_timeout(1500)
    tab.context.new_cdp_session(tab).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    tab.evaluate("longTasks.splice(0)")
    tasks = _scrolled(tab)
    tab.close()
    return tasks


def _tab(browser: Any) -> Any:  # noqa: ANN401 - a browser and a page of Playwright
    tab = browser.new_page(viewport={"width": 1440, "height": 900})
    tab.add_init_script(
        "window.longTasks = []; new PerformanceObserver((list) => longTasks.push(...list.getEntries()"
        ".map((entry) => entry.duration))).observe({ type: 'longtask', buffered: true });"
    )
    return tab


def _longest(tasks: list[float]) -> list[int]:
    return sorted(map(round, tasks), reverse=True)[:5]


def _scrolled(tab: Any) -> list[float]:  # noqa: ANN401 - a page of Playwright
    """Scroll the gallery: first by the wheel, screen by screen, then by leaps from end to end."""
    tab.evaluate("document.getElementById('pictures').scrollIntoView({ behavior: 'instant' })")
    tab.mouse.move(700, 500)
    for _ in range(60):
        tab.mouse.wheel(0, 700)
        tab.wait_for_timeout(50)
    for part in range(20):
        tab.evaluate(f"scrollTo({{ top: document.body.scrollHeight * {part} / 20, behavior: 'instant' }})")
        tab.wait_for_timeout(200)
    found: list[float] = tab.evaluate("longTasks.splice(0)")
    return found


if __name__ == "__main__":
    main()
