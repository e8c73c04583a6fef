from __future__ import annotations

import pytest

from metrics.judgement import judge
from metrics.profiles import PROFILES, find_profile
from metrics.reading import Character, Line, Reading
from prompts.suite import Prompt, Region, Size
from reports.overlay import overlay_lines

BOX = ((0.04, 0), (10, 0), (10, 5), (0, 5))


def overlaid(targets, texts, profile="standard", alphabet=None, language="zh"):
    prompt = Prompt("p", "…", language, "p", Size(64, 64), tuple(map(Region, targets)))
    corners = [tuple((x, y + 10 * i) for x, y in BOX) for i in range(len(texts))]
    lines = [
        Line(text, 0.91234, box, tuple(Character(c, 0.5, box) for c in text))
        for text, box in zip(texts, corners, strict=True)
    ]
    reading = Reading(64, 64, tuple(lines))
    return overlay_lines(reading, judge(prompt, reading, find_profile(profile), alphabet), find_profile(profile))


def kinds(*arguments, **options):
    return [
        (line["kind"], [character[3] for character in line["characters"]]) for line in overlaid(*arguments, **options)
    ]


def test_each_character_has_the_kind_of_its_column():
    assert kinds(["光明书店"], ["光明节店甲"]) == [
        ("substitution", ["match", "match", "substitution", "match", "extra"])
    ]


def test_the_space_that_joins_two_lines_is_in_neither():
    assert kinds(["good tea now"], ["good", "tex", "now"], language="en") == [
        ("match", ["match"] * 4),
        ("substitution", ["match", "match", "substitution"]),
        ("match", ["match"] * 3),
    ]


def test_one_line_may_serve_two_regions():
    assert kinds(["新鲜水果", "不贵"], ["不贵新鲜水甲"]) == [("substitution", ["match"] * 5 + ["substitution"])]


def test_beyond_the_reader():
    assert kinds(["好\U00020bb7茶"], ["好吉茶"], alphabet="好茶") == [("beyond", ["match", "beyond", "match"])]


def test_what_the_profile_drops_is_not_judged():
    assert kinds(["好茶"], ["「好 茶」", "——"], "letters") == [
        ("match", [None, "match", None, "match", None]),
        (None, [None, None]),
    ]


def test_one_character_may_become_several():
    assert kinds(["5kg"], ["5㎏"], language="en") == [("match", ["match", "match"])]


@pytest.mark.parametrize("profile", PROFILES)
def test_no_error_is_lost_on_the_way_to_the_picture(profile):
    texts = ["Fresh  cofee,", "甲乙 good", "tea！"]
    prompt = Prompt("p", "…", "en", "p", Size(64, 64), (Region("Fresh coffee, good tea"), Region("甲丙")))
    reading = Reading(64, 64, tuple(Line(t, 1, BOX, tuple(Character(c, 1, BOX) for c in t)) for t in texts))
    judgement = judge(prompt, reading, find_profile(profile))
    found = [c[3] for line in overlay_lines(reading, judgement, find_profile(profile)) for c in line["characters"]]
    spaces = sum(step.read == " " and step.kind == "extra" for region in judgement.regions for step in region.steps)
    assert found.count("extra") == judgement.extra - spaces
    assert found.count("substitution") == judgement.substitutions


def test_boxes_that_say_something_else_than_the_line_have_no_kind():
    reading = Reading(64, 64, (Line("光明", 0.9, BOX, (Character("甲", 0.9, BOX), Character("明", 0.9, BOX))),))
    prompt = Prompt("p", "…", "zh", "p", Size(64, 64), (Region("光明"),))
    profile = find_profile("standard")
    [line] = overlay_lines(reading, judge(prompt, reading, profile), profile)
    assert (line["kind"], [c[3] for c in line["characters"]]) == ("match", [None, "match"])


def test_figures_are_rounded_for_the_page():
    [line] = overlaid(["光"], ["光"])
    assert (line["confidence"], line["polygon"][0], line["text"]) == (0.9123, [0.0, 0], "光")
