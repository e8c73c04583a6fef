"""Texts out of their places by a known amount: what is recorded is what was drawn."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from bench.generators import Job
from bench.generators.table import open_generator
from metrics.boxes import centre, contains, distance
from prompts.errors import GlyphbenchError
from prompts.suite import CELLS, Box, Prompt, Region, Relation, Size

SIZE = Size(640, 384)
EDGES = ("top-left", "top-right", "bottom-left", "bottom-right", "middle-centre")
TEXTS = ("春眠", "夏日", "秋水", "冬至", "福")
PROMPT = Prompt("p", "…", "zh", "p", SIZE, tuple(map(Region, TEXTS, EDGES)))


def draw(spec, prompt=PROMPT, seed=0):
    (picture,) = open_generator(spec).generate([Job(prompt, seed)])
    return picture


def boxes(picture):
    return {region["region"]: Box(*region["box"]) for region in picture.details["regions"]}


def pixels(picture):
    return np.asarray(picture.image)


@pytest.mark.parametrize("by", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("seed", range(3))
def test_every_text_moves_by_the_distance_asked_for_in_edge_cells_too(by, seed):
    at_rest, moved = boxes(draw("typeset", seed=seed)), boxes(draw(f"typeset?displace={by}", seed=seed))
    rounding = 2 / min(SIZE)
    for region in at_rest:
        assert distance(at_rest[region], moved[region]) == pytest.approx(by, abs=rounding)
        assert contains(Box(0, 0, 1, 1), moved[region][:2])
        assert contains(Box(0, 0, 1, 1), moved[region][2:])


def test_what_is_recorded_is_where_the_ink_went():
    at_rest, picture = draw("typeset?ground=light"), draw("typeset?ground=light&displace=0.15")
    for before, after in zip(at_rest.details["regions"], picture.details["regions"], strict=True):
        shift = [a - b for a, b in zip(centre(Box(*after["box"])), centre(Box(*before["box"])), strict=True)]
        assert after["moved"] == pytest.approx(shift, abs=2e-6)
        corner, other = before["lines"][0]["corners"][0], after["lines"][0]["corners"][0]
        assert [b - a for a, b in zip(corner, other, strict=True)] == pytest.approx(shift, abs=2e-6)
    left, top, right, bottom = (round(edge * side) for edge, side in zip(after["box"], SIZE * 2, strict=True))
    inside = pixels(picture)[top:bottom, left:right].astype(int)
    assert np.ptp(inside.mean(axis=2)) > 60  # there is ink in the box


def test_no_two_texts_touch():
    for seed in range(3):
        found = list(boxes(draw("typeset?displace=0.3", seed=seed)).values())
        for one, other in combinations(found, 2):
            assert (
                one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top
            )


def test_without_room_a_text_moves_as_far_as_it_can_and_that_is_recorded():
    prompt = Prompt(
        "full",
        "…",
        "zh",
        "full",
        SIZE,
        (Region("天地玄黄宇宙", Box(0, 0, 1, 1)), Region("福", "bottom-right")),
    )
    at_rest, picture = boxes(draw("typeset?em=60", prompt)), draw("typeset?em=60&displace=0.9", prompt)
    moved = [np.hypot(*region["moved"]) for region in picture.details["regions"]]
    assert moved[0] < 0.9
    for region, found in boxes(picture).items():
        assert distance(found, at_rest[region]) == pytest.approx(moved[region], abs=1e-5)


def test_displacement_is_seeded_and_leaves_all_else_as_it_was():
    assert np.array_equal(pixels(draw("typeset?displace=0.1")), pixels(draw("typeset?displace=0.1")))
    assert draw("typeset?displace=0.1").details != draw("typeset?displace=0.1", seed=1).details
    assert np.array_equal(pixels(draw("typeset?displace=0")), pixels(draw("typeset")))
    plain, moved = draw("typeset").details, draw("typeset?displace=0.1").details
    assert {**moved, "regions": 0} == {**plain, "swapped": None, "regions": 0}
    for before, after in zip(plain["regions"], moved["regions"], strict=True):
        assert (before["em"], before["face"], before["ink"]) == (after["em"], after["face"], after["ink"])
    assert "moved" not in plain["regions"][0]


def test_texts_without_a_place_stay():
    prompt = replace(PROMPT, regions=(Region("山高水长"), Region("福", "bottom-right")))
    regions = draw("typeset?displace=0.1", prompt).details["regions"]
    assert "moved" not in regions[0]
    assert np.hypot(*regions[1]["moved"]) == pytest.approx(0.1, abs=2 / min(SIZE))


@pytest.mark.parametrize("seed", range(4))
def test_two_texts_change_places_and_the_others_stay(seed):
    picture, at_rest = draw("typeset?places=swapped", seed=seed), draw("typeset", seed=seed)
    one, other = picture.details["swapped"]
    found, before = boxes(picture), boxes(at_rest)
    for index, where in enumerate(EDGES):
        place = {one: EDGES[other], other: EDGES[one]}.get(index, where)
        assert contains(CELLS[place], centre(found[index]))
        assert index in (one, other) or found[index] == before[index]
    assert [region["drawn"] for region in picture.details["regions"]] == [region.text for region in PROMPT.regions]


def test_another_seed_swaps_another_pair():
    assert len({tuple(draw("typeset?places=swapped", seed=seed).details["swapped"]) for seed in range(8)}) > 2


@pytest.mark.parametrize(
    "regions",
    [
        (Region("福", "top-left"), Region("春")),
        (Region("福", "top-left"), Region("福", "top-right")),
        (Region("百年老号", Box(0.05, 0.05, 0.95, 0.95)), Region("福", "middle-centre")),
    ],
)
def test_where_no_two_texts_can_be_told_to_be_swapped_none_are(regions):
    picture = draw("typeset?places=swapped", replace(PROMPT, regions=regions))
    assert picture.details["swapped"] is None
    assert np.array_equal(pixels(picture), pixels(draw("typeset", replace(PROMPT, regions=regions))))


@pytest.mark.parametrize("seed", range(6))
def test_the_text_that_is_to_be_larger_is(seed):
    regions = Region("慢下来喝一杯热茶", "top-centre"), Region("福", "bottom-centre")
    prompt = replace(PROMPT, regions=regions, relations=(Relation(0, "larger-than", 1),))
    first, second = draw("typeset", prompt, seed).details["regions"]
    assert first["em"] >= 1.4 * second["em"] - 1


def test_options_stand_in_the_name_and_the_identity():
    generator = open_generator("typeset?displace=0.1&places=swapped")
    assert generator.name == "typeset-places-swapped-displace-0.1"
    assert generator.identity["options"] == {"strength": "plain", "displace": 0.1, "places": "swapped"}
    assert "displace" not in open_generator("typeset").identity["options"]


@pytest.mark.parametrize("spec", ["typeset?displace=-0.1", "typeset?displace=2", "typeset?places=mixed"])
def test_options_that_cannot_be_used(spec):
    with pytest.raises(GlyphbenchError, match=r"displace|places"):
        open_generator(spec)
