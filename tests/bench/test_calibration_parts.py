"""The parts of a calibration on readings made up for the purpose: plan, ceiling, floors, response."""

from collections import Counter
from dataclasses import replace

import pytest

from bench.calibration.ceiling import Seen, kind_of_character, measure_ceiling
from bench.calibration.conditions import KINDS, QUICK, Condition, Effort, evenly, plan_conditions, plan_effort
from bench.calibration.floors import measure_floors
from bench.calibration.judging import Judge
from bench.calibration.observing import Observation
from bench.calibration.response import AS_READ, measure_response
from bench.calibration.truth import drawn_reading
from bench.generators import Job
from bench.generators.table import open_generator
from bench.reader_record import ReaderRecord
from metrics.evidence import weighable
from metrics.profiles import find_profile
from metrics.reading import Line, Reading
from metrics.score import Missing
from prompts.errors import GlyphbenchError, UnknownNameError
from prompts.loading import find_suite

SUITE = find_suite("zh_text")
PROMPTS = [prompt for prompt in SUITE.prompts if prompt.targets][:24]
READER = ReaderRecord("made up", {"engine": "none", "evidence": 1}, None)
JUDGE = Judge(READER, find_profile("standard"))
RIGHT = Condition("response", "typeset", (), ())


def details_of(prompt, drawn=None, errors=()):
    texts = drawn or [region.text for region in prompt.regions]
    return {
        "layout": "bare",
        "regions": [
            {
                "text": region.text,
                "drawn": text,
                "errors": errors,
                "box": [0, i / 9, 1, (i + 1) / 9],
                "orientation": "horizontal",
            }
            for i, (region, text) in enumerate(zip(prompt.regions, texts, strict=True))
        ],
    }


def observed(prompt, read, condition=RIGHT, drawn=None, errors=(), evidence=None):
    places = [((0, y), (90, y), (90, y + 9), (0, y + 9)) for y in range(0, 10 * len(read), 10)]
    lines = tuple(Line(text, 1.0, place) for text, place in zip(read, places, strict=True))
    return Observation(condition, prompt, 0, details_of(prompt, drawn, errors), Reading(90, 90, lines), evidence)


def read_right(prompt, **options):
    return observed(prompt, prompt.targets, **options)


def test_every_face_gets_its_share_and_only_texts_that_it_can_write():
    conditions = [c for c in plan_conditions(SUITE, Effort(faces_a_prompt=3)) if c.part == "plain"]
    shares = {c.face: len(c.jobs) for c in conditions}
    chinese = {face: share for face, share in shares.items() if not face.startswith("latin")}
    assert max(chinese.values()) - min(chinese.values()) <= 1
    assert not any(face.startswith("latin") for face in shares)
    assert sum(shares.values()) == 3 * sum(bool(prompt.targets) for prompt in SUITE.prompts)
    english = {c.face for c in plan_conditions(find_suite("en_text"), Effort()) if c.part == "plain"}
    assert {face for face in english if face.startswith("latin")}


def test_every_typesetter_of_a_plan_opens_and_jobs_match():
    for condition in plan_conditions(find_suite("smoke"), Effort()):
        open_generator(condition.spec).check(condition.drawn)
        assert len(condition.jobs) == len(condition.drawn) > 0


def test_blank_pictures_are_told_to_draw_nothing_and_wrong_ones_a_stranger():
    conditions = {c.part: c for c in plan_conditions(SUITE, QUICK)}
    assert not any(job.prompt.targets for job in conditions["blank"].drawn)
    assert all(job.prompt.targets for job in conditions["blank"].jobs)
    for asked, drawn in zip(conditions["wrong"].jobs, conditions["wrong"].drawn, strict=True):
        assert asked.prompt.group != drawn.prompt.group


def test_each_kind_of_error_is_drawn_at_each_rate():
    drawn = Counter((c.kind, c.rate) for c in plan_conditions(SUITE, Effort(rates=(0.1, 0.3))) if c.part == "response")
    assert drawn == {("", 0.0): 1, **{(kind, rate): 1 for kind in KINDS for rate in (0.1, 0.3)}}


def test_what_the_command_line_says():
    effort = plan_effort(quick=True, seeds="7,9", faces="serif, sans-400")
    assert (effort.seeds, effort.faces, effort.is_quick) == ((7, 9), ("serif", "sans-400"), True)
    with pytest.raises(UnknownNameError, match="did you mean 'serif'"):
        plan_effort(quick=False, seeds=None, faces="serf")
    with pytest.raises(GlyphbenchError, match="--seeds: seeds must be"):
        plan_effort(quick=False, seeds="x", faces=None)


def test_few_are_spread_over_all():
    assert evenly(range(10), 3) == [0, 3, 6]
    assert evenly(range(3), 10) == [0, 1, 2]


def test_the_ceiling_is_told_by_what_was_drawn():
    plain = Condition("plain", "typeset?face=serif", (), (), "serif")
    seen = [read_right(prompt, condition=plain) for prompt in PROMPTS]
    seen[0] = observed(PROMPTS[0], [], condition=plain)
    judged = [Seen(o, JUDGE.seen(o)) for o in seen]
    ceiling = measure_ceiling(judged, judged[:1])
    assert ceiling.plain["accuracy"].value == pytest.approx(1 - 1 / len(PROMPTS))
    assert ceiling.hard["accuracy"].value == 0
    assert ceiling.by["length"]["1"]["exact"].value == pytest.approx(5 / 6)
    assert ceiling.by["length"]["2"]["exact"].value == 1
    assert ceiling.by["face"].keys() == {"serif"}
    assert ceiling.by_character["level 1"].value < ceiling.by_character["level 1"].high <= 1
    assert ceiling.plain["legibility"] == Missing("this reader gives no character evidence")


@pytest.mark.parametrize(
    ("character", "kind"),
    [("茶", "level 1"), ("卬", "level 3"), ("陽", "Han beyond the standard list"), ("a", "letters"), ("7", "digits"),
     (" ", "spaces"), ("，", "punctuation and signs"), ("￥", "punctuation and signs")],
)  # fmt: skip
def test_kinds_of_characters(character, kind):
    assert kind_of_character(character) == kind


def test_floors_of_a_perfect_reader():
    right = [read_right(prompt) for prompt in PROMPTS]
    blank = [observed(prompt, []) for prompt in PROMPTS]
    wrong = [observed(prompt, other.targets) for prompt, other in zip(PROMPTS, PROMPTS[5:] + PROMPTS[:5], strict=True)]
    floors = measure_floors(right, blank, wrong, JUDGE)
    assert floors["blank"]["accuracy"].value == 0
    assert floors["blank"]["cer"].value == 1
    assert floors["wrong prompt"]["accuracy"].value < 0.1
    assert 0 < floors["shuffled"]["accuracy"].value < 0.6
    assert floors["shuffled"]["accuracy"].prompts == sum(len(set("".join(p.targets))) > 1 for p in PROMPTS)
    assert floors["all texts"]["recall"].value == 1
    assert floors["all texts"]["accuracy"].value < 0.2
    assert floors["all texts"]["extra"].value > 50


def test_floors_say_where_there_is_nothing_to_measure():
    floors = measure_floors([read_right(PROMPTS[0])], [], [], JUDGE)
    assert floors["blank"]["accuracy"] == Missing("no prompt has a score")
    assert floors["shuffled"]["accuracy"] == Missing("no prompt has a score")


def spoiled(text, count):
    return "".join("牛" if i < count else character for i, character in enumerate(text))


def miswritten(reader):
    """Pictures with the first characters wrong, which `reader` reads from (asked, drawn)."""
    observations = [read_right(prompt) for prompt in PROMPTS]
    for rate, count in ((0.1, 1), (0.3, 3)):
        condition = replace(RIGHT, kind="wrong", rate=rate)
        for prompt in PROMPTS:
            drawn = [spoiled(text, count) for text in prompt.targets]
            read = [reader(*pair) for pair in zip(prompt.targets, drawn, strict=True)]
            observations.append(observed(prompt, read, condition, drawn))
    return observations


def test_a_perfect_reader_responds_with_slope_one():
    response = measure_response(miswritten(lambda asked, drawn: drawn), JUDGE)["wrong"]
    assert (response.slope.value, response.offset.value) == (pytest.approx(1), pytest.approx(0))
    assert response.slope.method == "none: every picture lies on the line"
    assert [(point.rate, point.pictures) for point in response.points] == [(0, 24), (0.1, 24), (0.3, 24)]
    assert all(point.true == pytest.approx(point.measured) for point in response.points)


def test_a_reader_that_corrects_every_second_picture_responds_with_half_the_slope():
    reader = lambda asked, drawn: asked if PROMPTS.index(by_target[asked]) % 2 else drawn  # noqa: E731
    by_target = {target: prompt for prompt in PROMPTS for target in prompt.targets}
    response = measure_response(miswritten(reader), JUDGE)["wrong"]
    assert 0.3 < response.slope.value < 0.7
    assert response.slope.low < response.slope.value < response.slope.high


def test_a_reader_that_invents_a_character_has_an_offset():
    invented = Line("龙", 1.0, ((0, 80), (9, 80), (9, 89), (0, 89)))
    observations = [
        replace(o, reading=replace(o.reading, lines=(*o.reading.lines, invented)))
        for o in miswritten(lambda asked, drawn: drawn)
    ]
    response = measure_response(observations, JUDGE)["wrong"]
    assert response.offset.value > 0.1


def test_malformed_characters_are_measured_by_evidence_and_by_reading():
    observations = []
    for rate, damaged in ((0.0, 0), (0.5, 1)):
        condition = replace(RIGHT, kind="malformed" if rate else "", rate=rate)
        for prompt in PROMPTS[:12]:
            evidence = tuple(
                replace(e, intact=0.1 if e.position < damaged else 0.9, probability=0.9)
                for e in weighable(prompt, JUDGE.profile, None)
            )
            errors = [{"kind": "malformed", "position": 0}] * damaged
            observations.append(read_right(prompt, condition=condition, errors=errors, evidence=evidence))
    responses = measure_response(observations, JUDGE)
    assert responses["malformed"].slope.value == pytest.approx(1)
    assert responses[AS_READ].slope.value == pytest.approx(0)
    without = [replace(o, evidence=None) for o in observations]
    slope = measure_response(without, JUDGE)["malformed"].slope
    assert slope == Missing("this reader gives no character evidence")


def test_the_typesetter_says_what_it_truly_drew():
    prompt = PROMPTS[17]
    (picture,) = open_generator("typeset?missing=0.5").generate([Job(prompt, 1)])
    truth = drawn_reading(picture.details, *picture.image.size)
    judgement = JUDGE(prompt, truth)
    assert (judgement.missing, judgement.errors) == (2, 2)
