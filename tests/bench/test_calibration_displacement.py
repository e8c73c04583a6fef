"""The response to displacement: what is measured against what is known, with readings that are known too."""

from dataclasses import replace

import pytest

from bench.calibration.conditions import QUICK, Condition, Effort, plan_conditions
from bench.calibration.displacement import DISPLACED, IN_PLACE, measure_displacement
from bench.calibration.judging import Judge
from bench.calibration.observing import Observation
from bench.calibration.truth import drawn_reading
from bench.generators import Job
from bench.generators.table import open_generator
from bench.reader_record import ReaderRecord
from metrics.profiles import PROFILES
from metrics.reading import Reading
from metrics.score import Missing
from prompts.loading import find_suite
from prompts.suite import Prompt, Region, Size

RATES = (0.0, 0.1, 0.3)
PROMPTS = [
    Prompt(f"p{i}", "…", "zh", f"p{i}", Size(600, 400), (Region("山高水长", places[0]), Region("福", places[1])))
    for i, places in enumerate(
        [("top-left", "bottom-right"), ("top-right", "middle-left"), ("bottom-centre", "top-centre")]
    )
]
JUDGE = Judge(ReaderRecord("perfect", {}, None), PROFILES["standard"])


def observed(read):
    """Return pictures at every rate, with what `read(details, rate)` makes of each."""
    found = []
    for rate in RATES:
        jobs = [Job(prompt, 0) for prompt in PROMPTS]
        spec = f"typeset?displace={rate:g}"
        condition = Condition("layout", spec, tuple(jobs), tuple(jobs), kind="displaced" if rate else "", rate=rate)
        for picture in open_generator(spec).generate(jobs):
            reading = read(drawn_reading(picture.details, *picture.image.size), rate)
            found.append(Observation(condition, picture.job.prompt, 0, picture.details, reading))
    return found


def moved(reading, rate):
    """As a reader would have it that sees every line 6 pixels (1% of the width) too far to the right."""
    lines = (replace(line, polygon=tuple((x + 6, y) for x, y in line.polygon)) for line in reading.lines)
    return replace(reading, lines=tuple(lines))


def test_a_perfect_reader_has_slope_one():
    responses = measure_displacement(observed(lambda reading, rate: reading), JUDGE)
    far, inside = responses[DISPLACED], responses[IN_PLACE]
    assert (far.slope.value, far.offset.value) == (pytest.approx(1), pytest.approx(0, abs=1e-9))
    assert [point.true for point in far.points] == pytest.approx(RATES, abs=0.01)
    assert [point.measured for point in inside.points] == [point.true for point in inside.points]
    assert inside.points[0].true == 1
    assert inside.points[-1].true < 0.5


def test_a_reader_that_errs_is_found_out():
    far = measure_displacement(observed(moved), JUDGE)[DISPLACED]
    assert far.offset.value == pytest.approx(0.01, abs=0.005)
    assert far.points[0].measured == pytest.approx(far.points[0].true + 0.01, abs=0.003)


def test_pictures_in_which_nothing_was_found_are_in_no_distance():
    def blind(reading, rate):
        return reading if rate else Reading(reading.width, reading.height)

    responses = measure_displacement(observed(blind), JUDGE)
    assert [point.rate for point in responses[DISPLACED].points] == [0.1, 0.3]
    assert responses[IN_PLACE].points[0].measured == 0
    nothing = measure_displacement(observed(lambda reading, rate: Reading(600, 400)), JUDGE)[DISPLACED]
    assert nothing.slope == Missing("no text with a place was found")


def test_suites_without_places_have_no_such_response():
    assert measure_displacement([], JUDGE) == {}
    smoke = find_suite("smoke")
    without = replace(smoke, prompts=tuple(p for p in smoke.prompts if not any(r.where for r in p.regions)))
    assert not [c for c in plan_conditions(without, Effort()) if c.part == "layout"]


def test_the_profile_of_displacements_is_fixed_and_begins_at_none():
    found = [c for c in plan_conditions(find_suite("smoke"), Effort()) if c.part == "layout"]
    assert [c.rate for c in found] == [0, 0.05, 0.1, 0.2, 0.3]
    assert [c.spec for c in found][:2] == ["typeset?displace=0", "typeset?displace=0.05"]
    assert all(any(region.where for region in job.prompt.regions) for c in found for job in c.jobs)
    assert [c.rate for c in plan_conditions(find_suite("smoke"), QUICK) if c.part == "layout"] == [0, 0.1, 0.3]
