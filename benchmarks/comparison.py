"""How long a comparison of two large runs takes, and how much memory.

    python benchmarks/comparison.py [--prompts 2500] [--seeds 4]

Two run folders are made with random scores, 10,000 pictures a side, and compared and gated from their files, each by a
process of its own, as a user does. The goal is 5 seconds and 1 GiB a command. The time of `python -m bench --help` is
printed beside it, as a measure of how busy the machine is.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from bench.manifest import Manifest, ModelEntry, SuiteEntry
from bench.reader_record import ReaderRecord
from bench.records import ReadingRecord, Sample
from bench.run_folder import RunFolder
from bench.scoring import scores_path
from metrics.profiles import PROFILES
from metrics.reading import Line, Reading
from metrics.table import METRICS
from prompts.suite import Prompt, Region, Size, Suite

ROUNDS = 3
LENGTHS = (1, 2, 4, 7, 12, 24)


def make_suite(prompts: int, seeds: int) -> Suite:
    """Return a suite of this many prompts, of six lengths and thirty tags."""
    rows = []
    for n in range(prompts):
        text = "天地玄黄宇宙洪荒日月盈昃" * 2
        regions = (Region(text[: LENGTHS[n % 6]]),)
        rows.append(
            Prompt(f"p{n:05}", f"“{text}”", "zh", f"g{n:05}", Size(64, 64), regions, (f"t{n % 30}", f"u{n % 2}"))
        )
    return Suite("large", "1", "zh", "", "", "", "", tuple(range(seeds)), "standard", tuple(rows))


def make_run(folder: Path, suite: Suite, name: str, rng: np.random.Generator) -> None:
    """Write a complete run with random scores and one line of reading a picture."""
    run, reader = RunFolder(folder), ReaderRecord("none", {"engine": "none"}, None)
    folder.mkdir()
    run.write_suite(suite)
    reader.write(folder)
    run.write_manifest(
        Manifest(
            status="complete",
            glyphbench="0.1.0",
            created="2026-01-01T00:00:00+00:00",
            suite=SuiteEntry(name=suite.name, version=suite.version, digest=suite.digest),
            model=ModelEntry(name=name, spec=name, identity={}, digest=name, is_model=True),
            seeds=suite.seeds,
            limit=None,
            readers={reader.short: {"name": reader.name, **reader.signature}},
            environment={},
        )
    )
    keys = [(prompt.id, seed) for prompt in suite.prompts for seed in suite.seeds]
    line = Line("天地玄黄", 1.0, ((0, 0), (9, 0), (9, 9), (0, 9)))
    reading = Reading(64, 64, (line,))
    samples = [asdict(Sample(p, s, "ok", f"images/{p}/{s}.png", "0" * 64, 64, 64)) for p, s in keys]
    readings = [asdict(ReadingRecord(p, s, "0" * 64, reading)) for p, s in keys]
    for journal, rows in ((run.samples_journal, samples), (run.readings_journal(reader.short), readings)):
        journal.path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    scores_of(suite, name, rng).to_parquet(scores_path(folder, reader), index=False)


def scores_of(suite: Suite, name: str, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row for each prompt, seed, profile and metric, as `score_run` gives them."""
    index = pd.MultiIndex.from_product(
        [[p.id for p in suite.prompts], suite.seeds, list(PROFILES), list(METRICS)],
        names=["prompt", "seed", "profile", "metric"],
    )
    frame = index.to_frame(index=False)
    denominators = rng.integers(1, 25, len(frame)).astype(float)
    share = np.clip(rng.normal(0.8, 0.3, len(frame)), 0, 1)
    numerators = np.round(share * denominators)
    yes_or_no = frame["metric"].isin(["exact", "contains", "pick@k"]).to_numpy()
    denominators[yes_or_no], numerators[yes_or_no] = 1.0, (share[yes_or_no] > 0.7).astype(float)
    frame.insert(0, "suite", suite.name)
    frame.insert(1, "model", name)
    frame.insert(2, "reader", "none")
    frame["group"], frame["language"] = frame["prompt"].str.replace("p", "g"), "zh"
    frame["numerator"], frame["denominator"], frame["value"] = numerators, denominators, numerators / denominators
    frame["missing"], frame["beyond"] = None, ""
    return frame


def measured(arguments: list[str], cwd: Path) -> tuple[float, float, float]:
    """Return seconds, processor seconds and MiB at most of a command, run by a process whose only child it is."""
    code = (
        "import resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode\n"
        "assert code in (0, 1), code\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    command = [sys.executable, "-c", code, sys.executable, "-m", "bench", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    seconds, processor, memory = map(float, done.stdout.split())
    return seconds, processor, memory


def main() -> None:
    """Make two runs, compare and gate them, and print the least times of three rounds and the most memory."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--prompts", type=int, default=2500)
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        suite, start = make_suite(options.prompts, options.seeds), time.perf_counter()
        for number, name in enumerate(("base", "candidate")):
            make_run(Path(folder, name), suite, name, np.random.default_rng(number))
        print(f"{options.prompts * options.seeds:,} pictures a side, made in {time.perf_counter() - start:.1f} s")
        for arguments in (
            ["--help"],
            ["compare", "base", "candidate"],
            ["compare", "base", "candidate", "--interval", "bootstrap"],
            ["gate", "base", "candidate"],
        ):
            found = [measured(arguments, Path(folder)) for _ in range(ROUNDS)]
            seconds, processor, memory = (
                min(s for s, _, _ in found),
                min(p for _, p, _ in found),
                max(m for *_, m in found),
            )
            print(f"{' '.join(arguments):48} {seconds:5.2f} s  {processor:5.2f} s of processor  {memory:5.0f} MiB")
    print(f"this process held {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB to make the runs")


if __name__ == "__main__":
    main()
