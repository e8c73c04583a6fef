"""Measures a calibration: draws, reads and judges the pictures, then takes ceiling, floors and response from them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import get_args

from bench.calibration.ceiling import Seen, measure_ceiling
from bench.calibration.conditions import Condition, Effort, Part, plan_conditions
from bench.calibration.displacement import measure_displacement
from bench.calibration.floors import measure_floors
from bench.calibration.judging import Judge
from bench.calibration.observing import Observation, observe
from bench.calibration.reading_stream import ReadingStream
from bench.calibration.response import measure_response
from bench.calibration.result import Calibration, Extent, LeftOut, ReaderKey, SuiteKey
from bench.calibration.tally import metric_signatures
from bench.generators.table import open_generator
from bench.reader_record import ReaderRecord
from metrics.profiles import find_profile
from prompts.errors import GlyphbenchError
from prompts.suite import Suite


def measure(suite: Suite, reader: ReaderRecord, effort: Effort, workers: int) -> Calibration:
    """Return the calibration of a reader on a suite; nothing stays on disk.

    Raises:
        GlyphbenchError: The suite has no targets, or no face can write any of them.
        RunFailedError: A reading process was killed.
    """
    start = time.monotonic()
    conditions = plan_conditions(suite, effort)
    if not any(condition.part == "plain" for condition in conditions):
        raise GlyphbenchError(f"suite {suite.name}: none of its targets can be written in {', '.join(effort.faces)}")
    stream = ReadingStream(reader, suite.profile, workers)
    seen = list(observe(stream, f"calibrate {suite.name} with {reader.name}", conditions))
    parts = _by_part(seen)
    judge = Judge(reader, find_profile(suite.profile))
    right = [o for o in parts["response"] if not o.condition.kind]
    return Calibration(
        suite=SuiteKey(suite.name, suite.version, suite.digest, suite.profile),
        reader=ReaderKey(reader.name, reader.digest, reader.signature),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        glyphbench=version("glyphbench"),
        metrics=metric_signatures(suite.profile),
        typesetter=dict(open_generator("typeset").identity),
        extent=_extent(suite, effort, conditions, len(seen)),
        ceiling=measure_ceiling(_judged(parts["plain"], judge), _judged(parts["hard"], judge)),
        floors=measure_floors(right, parts["blank"], parts["wrong"], judge),
        response={
            **measure_response(parts["response"], judge),
            **measure_displacement(parts["layout"], judge),
        },
        left_out=tuple(LeftOut(reason, count) for reason, count in stream.left_out.most_common()),
        seconds=round(time.monotonic() - start, 1),
    )


def _by_part(observations: Sequence[Observation]) -> dict[Part, list[Observation]]:
    parts: dict[Part, list[Observation]] = {part: [] for part in get_args(Part)}
    for observation in observations:
        parts[observation.condition.part].append(observation)
    return parts


def _judged(observations: Sequence[Observation], judge: Judge) -> list[Seen]:
    return [Seen(observation, judge.seen(observation)) for observation in observations]


def _extent(suite: Suite, effort: Effort, conditions: Sequence[Condition], pictures: int) -> Extent:
    plain = [condition for condition in conditions if condition.part == "plain"]
    return Extent(
        prompts=len({job.prompt.id for condition in plain for job in condition.jobs}),
        prompts_with_target=sum(bool(prompt.targets) for prompt in suite.prompts),
        seeds=effort.seeds,
        faces=tuple(condition.face for condition in plain if condition.face),
        rates=effort.rates,
        pictures=pictures,
        is_quick=effort.is_quick,
        displacements=effort.displacements if any(c.part == "layout" for c in conditions) else (),
    )
