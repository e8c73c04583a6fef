"""Where texts stand against where they are wanted: geometry whose answer is known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from metrics.boxes import box_around, distance, share_inside, share_leaking
from metrics.judgement import judge
from metrics.profiles import PROFILES
from metrics.reading import Character, Line, Reading, whole_picture
from metrics.score import Missing, Score
from metrics.table import LAYOUT_METRICS, METRICS
from prompts.schema import parse_relation
from prompts.suite import CELLS, Box, Prompt, Region, Size

STANDARD = PROFILES["standard"]
WIDE = (2000, 500)


def asked(regions, relations=(), language="zh"):
    wanted = tuple(region if isinstance(region, Region) else Region(*region) for region in regions)
    return Prompt("p", "…", language, "p", Size(*WIDE), wanted, (), tuple(map(parse_relation, relations)))


def corners(box, size=WIDE):
    left, top, right, bottom = (edge * side for edge, side in zip(box, size * 2, strict=True))
    return (left, top), (right, top), (right, bottom), (left, bottom)


def line(text, box, size=WIDE, characters=False):
    left, top, right, bottom = box
    step = (right - left) / len(text)
    boxes = [corners((left + i * step, top, left + (i + 1) * step, bottom), size) for i in range(len(text))]
    found = tuple(Character(c, 1.0, place) for c, place in zip(text, boxes, strict=True)) if characters else ()
    return Line(text, 1.0, corners(box, size), found)


def around(x, y, width=0.1, height=0.1):
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def judged(prompt, lines, size=WIDE, alphabet=None):
    return judge(prompt, Reading(*size, tuple(lines)), STANDARD, alphabet)


def scores(judgement):
    return {name: METRICS[name].score(judgement) for name in LAYOUT_METRICS}


def values(judgement):
    return {name: score.value for name, score in scores(judgement).items() if isinstance(score, Score)}


MENU = asked(
    [("今日特价", "top-centre"), ("豆浆", "bottom-left"), ("油条", "bottom-right")], ["1 above 2", "2 left-of 3"]
)
PLACES = [(0.5, 1 / 6), (1 / 6, 5 / 6), (5 / 6, 5 / 6)]


def menu(shift=(0, 0), order=(0, 1, 2), size=WIDE):
    texts = [region.text for region in MENU.regions]
    return [line(texts[i], around(PLACES[k][0] + shift[0], PLACES[k][1] + shift[1]), size) for k, i in enumerate(order)]


def test_texts_in_their_places():
    assert values(judged(MENU, menu())) == pytest.approx(
        {"layout": 1, "placement": 0, "relations": 1, "order": 1, "regions_found": 1}, abs=1e-12
    )


@pytest.mark.parametrize("size", [(2000, 500), (500, 2000), (640, 640)])
def test_distance_is_in_fractions_of_either_side_at_every_ratio(size):
    found = judged(MENU, menu((0.03, -0.04), size=size), size)
    assert values(found)["placement"] == pytest.approx(0.05)
    assert [region.is_in_place for region in found.layout.regions] == [True] * 3


@pytest.mark.parametrize(("shift", "inside"), [((0.16, 0.16), 1), ((0.17, 0), 0), ((0, -0.17), 0)])
def test_a_text_is_in_place_while_its_middle_is(shift, inside):
    prompt = asked([("福", "middle-centre")])
    found = judged(prompt, [line("福", around(0.5 + shift[0], 0.5 + shift[1]))])
    assert scores(found)["layout"] == Score(inside, 1)


def test_two_texts_in_each_others_place_keep_their_text_and_lose_their_layout():
    found = judged(MENU, menu(order=(0, 2, 1)))
    assert found.errors == 0
    assert [region.is_in_place for region in found.layout.regions] == [True, False, False]
    assert [relation.verdict for relation in found.layout.relations] == ["kept", "broken"]
    assert [round(region.distance, 6) for region in found.layout.regions] == [0, 0.666667, 0.666667]
    assert (found.layout.regions[1].leak, found.layout.regions[1].leaks_into) == (pytest.approx(1), 2)
    assert values(found)["order"] == pytest.approx(1 / 3)


def test_what_was_never_drawn_is_not_in_place_and_has_no_distance():
    found = judged(MENU, menu()[:2])
    assert scores(found)["layout"] == Score(2, 3)
    assert scores(found)["placement"].denominator == 2
    assert scores(found)["regions_found"] == Score(2, 3)
    assert [relation.verdict for relation in found.layout.relations] == ["kept", "not found"]
    assert scores(found)["relations"] == Score(1, 2)


def test_an_empty_picture_has_nothing_in_place():
    found = scores(judged(MENU, []))
    assert (found["layout"], found["relations"], found["regions_found"]) == (Score(0, 3), Score(0, 2), Score(0, 3))
    assert isinstance(found["placement"], Missing)
    assert isinstance(found["order"], Missing)


@pytest.mark.parametrize(
    "prompt", [asked([("福",), ("春",)]), asked([]), asked([Region(caption="猫", where="top-left")])]
)
def test_prompts_that_name_no_place_have_no_layout(prompt):
    found = judged(prompt, [line("福", around(0.5, 0.5))])
    assert found.layout is None
    assert all(isinstance(score, Missing) for score in scores(found).values())


def test_a_reader_without_places_gives_none():
    found = judged(MENU, [Line(region.text, 1.0, whole_picture(*WIDE)) for region in MENU.regions])
    reason = "this reader does not tell where lines stand"
    assert scores(found) == {
        **dict.fromkeys(LAYOUT_METRICS, Missing(reason)),
        "regions_found": Score(3, 3),
    }


def test_texts_beyond_the_reader_are_in_no_count():
    prompt = asked([("福", "top-left"), ("\U00020bb7", "top-right")], ["1 left-of 2"])
    found = judged(prompt, [line("福", around(1 / 6, 1 / 6)), line("吉", around(5 / 6, 1 / 6))], alphabet="福吉")
    assert scores(found)["layout"] == Score(1, 1)
    assert [relation.verdict for relation in found.layout.relations] == ["not judged"]
    assert scores(found)["relations"] == Missing("no relation between texts is asked for")


@pytest.mark.parametrize(
    ("read", "is_found"), [("今日特价", True), ("今日", True), ("今日甲乙", True), ("今", False), ("甲乙特丙", False)]
)
def test_a_text_is_found_if_half_of_it_is_right(read, is_found):
    found = judged(asked([("今日特价", "top-left")]), [line(read, around(1 / 6, 1 / 6))])
    assert found.layout.regions[0].lettering.is_found == is_found


def test_stray_lettering_counts_against_the_text_but_not_against_its_place():
    lines = [line("今日特价", around(1 / 6, 1 / 6)), line("甲乙丙丁戊己庚辛", around(0.9, 0.9))]
    found = judged(asked([("今日特价", "top-left")]), lines)
    assert found.extra == 8
    (region,) = found.layout.regions
    assert region.lettering.score == 1
    assert region.distance == pytest.approx(0, abs=1e-12)


def test_the_score_of_a_lone_text_without_stray_pieces_is_its_accuracy():
    found = judged(
        asked([("Fresh coffee daily", "top-left")], language="en"),
        [line("Fresh cofee", around(0.2, 0.2, 0.3)), line("dayly", around(0.2, 0.3))],
    )
    assert found.layout.regions[0].lettering.score == pytest.approx(METRICS["accuracy"].score(found).value)


@pytest.mark.parametrize("characters", [True, False])
def test_two_texts_in_one_line_each_have_their_share_of_it(characters):
    prompt = asked([("新鲜水果", "middle-left"), ("不贵", "middle-right")])
    found = judged(prompt, [line("新鲜水果不贵", (0.1, 0.4, 0.7, 0.5), characters=characters)])
    boxes = [region.lettering.box for region in found.layout.regions]
    assert boxes == [pytest.approx((0.1, 0.4, 0.5, 0.5)), pytest.approx((0.5, 0.4, 0.7, 0.5))]


def test_what_is_extra_in_a_line_is_not_in_the_box():
    found = judged(asked([("出口", "middle-left")]), [line("出口甲乙", (0.1, 0.4, 0.5, 0.5), characters=True)])
    assert found.layout.regions[0].lettering.box == pytest.approx((0.1, 0.4, 0.3, 0.5))


def test_a_share_of_a_line_follows_its_bend():
    top = tuple((x, 100 + (x - 200) ** 2 / 400) for x in range(0, 401, 100))
    bent = Line("甲乙丙丁福福福福", 1.0, (*top, *((x, y + 50) for x, y in reversed(top))))
    found = judged(asked([("福福福福", "top-left"), ("甲乙丙丁", "top-right")]), [bent], (400, 400))
    assert found.layout.regions[0].lettering.box == pytest.approx((0.5, 0.25, 1, 0.625))


@given(st.data())
def test_pieces_of_a_line_never_lie_outside_it(data):
    text = data.draw(st.text("甲乙丙丁", min_size=2, max_size=8))
    cut = data.draw(st.integers(1, len(text) - 1))
    prompt = asked([(text[:cut], "top-left"), (text[cut:], "top-right")])
    place = (0.1, 0.2, 0.9, 0.3)
    found = judged(prompt, [line(text, place, characters=data.draw(st.booleans()))])
    for region in found.layout.regions:
        if box := region.lettering.box:
            assert share_inside(box, Box(*place)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("relation", "first", "second", "kept"),
    [
        ("left-of", around(0.2, 0.5), around(0.8, 0.5), True),
        ("left-of", around(0.8, 0.5), around(0.2, 0.5), False),
        ("left-of", around(0.2, 0.5), around(0.26, 0.9), True),
        ("left-of", around(0.2, 0.5), around(0.24, 0.9), False),  # each reaches the other's middle
        ("left-of", around(0.2, 0.5, 0.1), around(0.3, 0.9, 0.6), False),  # one lies before the other's middle only
        ("right-of", around(0.8, 0.5), around(0.2, 0.5), True),
        ("right-of", around(0.2, 0.5), around(0.8, 0.5), False),
        ("above", around(0.5, 0.2), around(0.5, 0.8), True),
        ("above", around(0.5, 0.5), around(0.5, 0.5), False),
        ("below", around(0.5, 0.8), around(0.5, 0.2), True),
        ("below", around(0.5, 0.2), around(0.5, 0.8), False),
        ("same-row", around(0.2, 0.5), around(0.8, 0.54), True),
        ("same-row", around(0.2, 0.5), around(0.8, 0.56), False),
        ("same-row", around(0.2, 0.5, 0.1, 0.4), around(0.8, 0.6), True),
        ("inside", around(0.5, 0.5), around(0.5, 0.5, 0.4, 0.4), True),
        ("inside", around(0.5, 0.5, 0.4, 0.4), around(0.5, 0.5), False),
        ("larger-than", around(0.5, 0.2, 0.1, 0.12), around(0.5, 0.8), True),
        ("larger-than", around(0.5, 0.2), around(0.5, 0.8), False),
    ],
)  # fmt: skip
def test_relations(relation, first, second, kept):
    prompt = asked([("春夏",), ("秋冬",)], [f"1 {relation} 2"])
    # In a picture that is higher than wide, so that lines are as thick as they are high.
    found = judged(prompt, [line("春夏", first, (4000, 500)), line("秋冬", second, (4000, 500))], (4000, 500))
    assert [entry.verdict for entry in found.layout.relations] == ["kept" if kept else "broken"]


def test_inside_a_text_that_has_a_place_is_inside_its_place():
    prompt = asked([("正宗", "middle-centre"), ("百年老号", Box(0.1, 0.1, 0.9, 0.9))], ["1 inside 2"])
    ring = line("百年老号", (0.2, 0.12, 0.8, 0.2))
    assert judged(prompt, [line("正宗", around(0.5, 0.5)), ring]).layout.relations[0].verdict == "kept"
    assert judged(prompt, [line("正宗", around(0.95, 0.95)), ring]).layout.relations[0].verdict == "broken"
    assert judged(prompt, [line("正宗", around(0.5, 0.5))]).layout.relations[0].verdict == "not found"


@given(st.permutations(range(4)))
def test_order_is_kendalls_tau_along_one_row(order):
    prompt = asked([(text, Box(i / 4, 0, (i + 1) / 4, 1)) for i, text in enumerate("春夏秋冬")])
    lines = [line("春夏秋冬"[i], around((k + 0.5) / 4, 0.3 + 0.1 * i)) for k, i in enumerate(order)]
    expected = stats.kendalltau(range(4), order).statistic
    assert values(judged(prompt, lines))["order"] == pytest.approx(expected)


def test_columns_of_chinese_are_read_from_the_right():
    couplet = [
        Region("一壶春水", "middle-right", orientation="vertical"),
        Region("半窗竹影", "middle-left", orientation="vertical"),
    ]
    tall = 0.02, 0.3
    lines = [line("一壶春水", around(5 / 6, 0.5, *tall)), line("半窗竹影", around(1 / 6, 0.5, *tall))]
    assert values(judged(asked(couplet), lines))["order"] == 1
    assert (
        values(
            judged(
                asked(couplet),
                [line("半窗竹影", around(5 / 6, 0.5, *tall)), line("一壶春水", around(1 / 6, 0.5, *tall))],
            )
        )["order"]
        == -1
    )


def test_small_and_large_texts_of_one_row_stay_in_it():
    prompt = asked([("春", "top-left"), ("夏", "top-right")])
    lines = [line("春", around(1 / 6, 0.3, 0.1, 0.05)), line("夏", around(5 / 6, 0.05, 0.1, 0.05))]
    assert values(judged(prompt, lines))["order"] == 1


@pytest.mark.parametrize(
    ("lines", "wanted", "kept"),
    [
        ([line("一壶春水", around(0.5, 0.5, 0.02, 0.6))], "vertical", True),
        ([line("一壶春水", around(0.5, 0.5, 0.3, 0.1))], "vertical", False),
        ([line("一壶春水", around(0.5, 0.5, 0.3, 0.1))], "horizontal", True),
        ([line(c, around(0.5, 0.2 + 0.2 * i, 0.03, 0.1)) for i, c in enumerate("一壶春水")], "vertical", True),
        ([line("It", around(0.5, 0.5, 0.01, 0.1), characters=True)], "horizontal", True),
        ([line("福", around(0.5, 0.5))], "vertical", None),
        ([line("一壶春水", around(0.5, 0.5, 0.3, 0.1))], None, None),
    ],
)  # fmt: skip
def test_orientation(lines, wanted, kept):
    text = "".join(entry.text for entry in lines)
    found = judged(asked([Region(text, "middle-centre", orientation=wanted)]), lines)
    assert found.layout.regions[0].keeps_orientation is kept


FRACTION = st.floats(0, 1, allow_nan=False)
BOXES = st.builds(lambda a, b, c, d: Box(min(a, b), min(c, d), max(a, b), max(c, d)), *[FRACTION] * 4)


@given(BOXES, BOXES, BOXES)
def test_shares_are_shares_and_distance_is_a_distance(one, other, third):
    assert 0 <= share_inside(one, other) <= 1 + 1e-9
    assert share_inside(one, one) == pytest.approx(1)
    assert -1e-9 <= share_leaking(one, third, other) <= share_inside(one, other) + 1e-9
    assert share_leaking(one, other, other) == pytest.approx(0, abs=1e-9)
    assert distance(one, other) == distance(other, one) <= math.sqrt(2) + 1e-9
    assert distance(one, third) <= distance(one, other) + distance(other, third) + 1e-9


def test_a_box_around_points_is_in_fractions():
    assert box_around([(10, 20), (30, 5)], 100, 50) == (0.1, 0.1, 0.3, 0.4)


@given(st.sampled_from(sorted(CELLS)), FRACTION, FRACTION)
def test_in_place_is_never_further_than_the_corner_of_the_place(cell, x, y):
    (region,) = judged(asked([("福", cell)]), [line("福", around(x, y, 0.001, 0.001))]).layout.regions
    if region.is_in_place:
        assert region.distance <= math.hypot(1 / 6, 1 / 6) + 1e-9
    else:
        assert region.distance >= 1 / 6 - 1e-9


def test_layout_changes_no_count_of_the_text():
    with_places, without = MENU, asked([(region.text,) for region in MENU.regions])
    lines = menu(order=(2, 0, 1))
    for name in METRICS:
        if name not in LAYOUT_METRICS:
            assert METRICS[name].score(judged(with_places, lines)) == METRICS[name].score(judged(without, lines))
