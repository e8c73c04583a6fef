"""What a line should hold: its own reading, with the target's characters where the alignment has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.judgement import judge
from metrics.profiles import PROFILES
from metrics.readers.expectation import LabelTable, expectations
from metrics.reading import Character, Line, Reading
from metrics.spelling import spell
from prompts.suite import Prompt, Region, Size

STANDARD = PROFILES["standard"]
CHARACTERS = ("", *"福春到倒来甲乙丙ABabcde１1℃.… ，,°C")
TABLE = LabelTable.under(STANDARD, CHARACTERS)


def lines_of(*texts):
    box = ((0, 0), (9, 0), (9, 9), (0, 9))
    return tuple(
        Line(text, 1.0, tuple((x, y + 20 * i) for x, y in box), tuple(Character(c, 1.0, box) for c in text))
        for i, text in enumerate(texts)
    )


def expected(targets, texts):
    """Each line as text: what was read stands for itself, the target's characters are in brackets, new ones after +."""
    prompt = Prompt("p", "", "zh", "p", Size(99, 99), tuple(map(Region, targets)))
    lines = lines_of(*texts)
    judgement = judge(prompt, Reading(99, 99, lines), STANDARD, STANDARD.readable(CHARACTERS[1:]))
    shown = []
    for line in expectations(lines, judgement, STANDARD, TABLE):
        text = ""
        for place in line:
            name = "/".join(sorted({CHARACTERS[label] for label in place.labels}))
            text += ("+" if place.sign is None else "") + (f"[{name}]" if place.wanted else name)
        shown.append(text)
    return shown


@pytest.mark.parametrize(
    ("targets", "texts", "shown"),
    [
        (["福到"], ["福到"], ["[福][到]"]),
        (["福到"], ["福倒"], ["[福][到]"]),
        (["福到"], ["福"], ["[福]+[到]"]),
        (["福到"], ["到"], ["+[福][到]"]),
        (["春福到来"], ["春来"], ["[春]+[福]+[到][来]"]),
        (["福到"], ["甲福到乙"], ["甲[福][到]乙"]),
        (["福到", "春来"], ["春来福到"], ["[春][来][福][到]"]),
        (["福到", "春来"], ["福到"], ["[福][到]"]),
        (["福到春来"], ["福到", "春来"], ["[福][到]", "[春][来]"]),
        (["aa"], ["Aa"], ["[A/a][A/a]"]),
        (["1"], ["１"], ["[1/１]"]),
        (["5°c"], ["℃"], ["[℃]"]),
        (["..."], ["…"], ["[…]"]),
        (["a b"], ["ab"], ["[A/a][B/b]"]),
        (["a b"], ["a b"], ["[A/a] [B/b]"]),
        (["吉到"], ["甲到"], ["甲[到]"]),
        ([], ["甲乙"], ["甲乙"]),
        (["福到"], [], []),
    ],
)
def test_what_a_line_should_hold(targets, texts, shown):
    assert expected(targets, texts) == shown


@given(
    st.lists(st.text("福春到ab .", max_size=4), max_size=3), st.lists(st.text("福春到甲aB .", max_size=5), max_size=3)
)
def test_every_weighable_character_is_in_at_most_one_place_and_every_sign_is_kept(targets, texts):
    prompt = Prompt("p", "", "zh", "p", Size(99, 99), tuple(map(Region, targets)))
    lines = lines_of(*texts)
    judgement = judge(prompt, Reading(99, 99, lines), STANDARD)
    found = expectations(lines, judgement, STANDARD, TABLE)
    wanted = [(w.region, w.position) for line in found for place in line for w in place.wanted]
    assert len(wanted) == len(set(wanted))
    placed = {region.region for region in judgement.regions if region.assigned.pieces}
    for region in judgement.regions:
        inked = [i for i, target in enumerate(region.target) if not target.isspace()]
        got = sorted(position for number, position in wanted if number == region.region)
        assert got == (inked if region.region in placed and got else [])
    for line, places in zip(lines, found, strict=True):
        signs = [place.sign for place in places if place.sign is not None]
        assert sorted(set(signs)) == list(range(len(line.text)))
        assert signs == sorted(signs)


def test_spelling_says_which_part_each_grapheme_comes_from():
    assert spell(["℃", " ", "福"], "℃ 福", STANDARD) == {0: 0, 1: 0, 2: 2}
    assert spell(["e", "\u0301"], "e\u0301", STANDARD) == {}
    assert spell(list("光明"), "甲明", STANDARD) == {1: 1}
