"""How well layout is measured: typeset pictures of the suite `regions` with texts moved or swapped by a known amount.

`python benchmarks/layout.py --seed 7300` draws every prompt in its places, at each displacement of the calibration's
profile and with two texts in each other's place, has all of it read, and prints the tables of docs/layout.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace

from bench.calibration.conditions import Condition, Effort, plan_conditions
from bench.calibration.displacement import DISPLACED, IN_PLACE, measure_displacement
from bench.calibration.judging import Judge
from bench.calibration.observing import Observation, observe
from bench.calibration.reading_stream import ReadingStream
from bench.calibration.result import as_json
from bench.calibration.tally import Judged, estimate_scores, estimates
from bench.generators import Job
from bench.reader_record import ReaderRecord
from metrics.judgement import Judgement
from metrics.layout import Layout
from metrics.profiles import find_profile
from metrics.readers import open_reader
from metrics.score import Score
from metrics.table import METRICS
from prompts.loading import find_suite
from prompts.suite import Suite
from reports.formats import format_brief

NAMES = ("layout", "placement", "relations", "order", "regions_found", "accuracy")
DIRECTED = ("left-of", "right-of", "above", "below")
"""Relations that cannot hold both ways: exchanging two texts breaks them."""


def conditions(suite: Suite, seed: int, limit: int) -> list[Condition]:
    """Return the calibration's displacements of every prompt, and pictures with a swapped pair."""
    effort = Effort(seeds=(seed,), response=limit)
    found = [condition for condition in plan_conditions(suite, effort) if condition.part == "layout"]
    jobs: tuple[Job, ...] = found[0].jobs
    return [*found, Condition("layout", "typeset?places=swapped", jobs, jobs, kind="swapped")]


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    for cells in (head, ["---"] * len(head), *rows):
        print(f"| {' | '.join(cells)} |")
    print()


def told(observations: Sequence[Observation], judge: Judge) -> list[str]:
    """Return the estimate of each metric over pictures."""
    found = as_json(estimates((Judged(o.prompt, judge.seen(o)) for o in observations), NAMES))
    return [format_brief(found[name]) for name in NAMES]


def print_displaced(observations: Sequence[Observation], judge: Judge) -> None:
    """Print the metrics at each displacement, and the lines through them."""
    rates = sorted({o.condition.rate for o in observations})
    rows = [[f"{rate:g}", *told([o for o in observations if o.condition.rate == rate], judge)] for rate in rates]
    print_table(["displaced by", *NAMES], rows)
    responses = measure_displacement(observations, judge)
    for name in (DISPLACED, IN_PLACE):
        response = responses[name]
        slope, offset = as_json(response.slope), as_json(response.offset)
        print(f"{name} → {response.metric}: slope {format_brief(slope)}, offset {format_brief(offset)}")
        points = [[f"{p.rate:g}", f"{p.true:.4f}", f"{p.measured:.4f}", str(p.pictures)] for p in response.points]
        print_table(["displaced by", "true", "measured", "pictures"], points)


def print_swapped(plain: Sequence[Observation], swapped: Sequence[Observation], judge: Judge) -> None:
    """Print what a swap does to the text scores, and to the layout of the two texts that were swapped."""
    at_rest = {(o.prompt.id, o.seed): judge.seen(o) for o in plain}
    pairs = [(o, judge.seen(o)) for o in swapped if o.details["swapped"]]
    accuracy = METRICS["accuracy"]
    differences = []
    for o, seen in pairs:
        before, after = accuracy.score(at_rest[o.prompt.id, o.seed]), accuracy.score(seen)
        if isinstance(before, Score) and isinstance(after, Score):
            differences.append((o.prompt, Score(after.value - before.value)))
    change = as_json(estimate_scores(replace(accuracy, low=-1.0), differences))
    regions = [r for o, seen in pairs for r in layout_of(seen).regions if r.region in o.details["swapped"]]
    relations = [
        entry
        for o, seen in pairs
        for entry in layout_of(seen).relations
        if {entry.relation.subject, entry.relation.object} == set(o.details["swapped"])
        and entry.relation.kind in DIRECTED
    ]
    others = [r for o, seen in pairs for r in layout_of(seen).placed if r.region not in o.details["swapped"]]
    print(f"{len(pairs)} of {len(swapped)} pictures have two texts in each other's place")
    print_table(
        ["of", "number", "hold"],
        [
            ["texts swapped, found", str(sum(r.lettering.is_found for r in regions)), f"{len(regions)} drawn"],
            ["texts swapped, in place", str(len(regions)), str(sum(bool(r.is_in_place) for r in regions))],
            ["relations of the pair", str(len(relations)), str(sum(r.verdict == "kept" for r in relations))],
            ["other texts, in place", str(len(others)), str(sum(bool(r.is_in_place) for r in others))],
        ],
    )
    print(f"accuracy, swapped minus in place: {format_brief(change)}")


def layout_of(seen: Judgement) -> Layout:
    """Return the layout, which every prompt with a place has."""
    assert seen.layout is not None
    return seen.layout


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="regions")
    parser.add_argument("--reader", default="ppocr")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--limit", type=int, default=10_000, help="prompts at most")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    suite = find_suite(arguments.suite)
    reader = ReaderRecord.of(arguments.reader, open_reader(arguments.reader))
    judge = Judge(reader, find_profile(suite.profile))
    stream = ReadingStream(reader, suite.profile, arguments.workers)
    seen = list(observe(stream, "layout", conditions(suite, arguments.seed, arguments.limit)))
    for reason, count in stream.left_out.items():
        print(f"left out: {count} pictures: {reason}")
    print(f"{suite.name} {suite.version}, {len(suite.prompts)} prompts, seed {arguments.seed}, {reader.name}\n")
    moved = [o for o in seen if o.condition.kind != "swapped"]
    print_displaced(moved, judge)
    plain = [o for o in moved if not o.condition.rate]
    print_swapped(plain, [o for o in seen if o.condition.kind == "swapped"], judge)


if __name__ == "__main__":
    main()
