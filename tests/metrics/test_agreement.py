import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.agreement import compare
from metrics.judgement import judge
from metrics.profiles import PROFILES
from metrics.reading import Line, Reading
from metrics.score import Missing, Score
from prompts.suite import Prompt, Region, Size

STANDARD = PROFILES["standard"]
TEXTS = st.lists(st.text("福春到ab", max_size=4), max_size=3)


def judged(targets, texts, alphabet=None):
    prompt = Prompt("one", "", "zh", "one", Size(512, 512), tuple(Region(target) for target in targets))
    lines = [
        Line(text, 1.0, ((0, 40 * i), (200, 40 * i), (200, 40 * i + 20), (0, 40 * i + 20)))
        for i, text in enumerate(texts)
    ]
    readable = None if alphabet is None else STANDARD.readable(alphabet)
    return judge(prompt, Reading(512, 512, tuple(lines)), STANDARD, readable)


def test_two_readers_that_make_the_same_mistake_agree():
    found = compare(judged(["福到"], ["福倒"]), judged(["福到"], ["福倒"]))
    assert (found.reading.value, found.character, found.contested) == (1.0, Score(2, 2), ())


def test_different_mistakes_agree_on_what_is_wrong_but_not_on_the_reading():
    found = compare(judged(["福到"], ["福倒"]), judged(["福到"], ["福刀"]))
    assert found.reading == Score(1, 2)
    assert found.character == Score(2, 2)


def test_what_only_one_reads_right_is_contested():
    found = compare(judged(["福到", "春"], ["福倒", "春"]), judged(["福到", "春"], ["春", "福到"]))
    assert found.contested == ("到",)
    assert (found.characters, found.alike) == (3, 2)


def test_two_that_read_nothing_agree():
    found = compare(judged(["福"], []), judged(["福"], []))
    assert (found.reading.value, found.character) == (1.0, Score(1, 1))


def test_characters_beyond_one_of_them_are_not_compared():
    found = compare(judged(["𠮷野"], ["吉野"], "吉野"), judged(["𠮷野"], ["𠮷野"]))
    assert (found.characters, found.contested) == (1, ())


def test_without_a_target_there_is_no_agreement_on_characters():
    assert compare(judged([], ["福"]), judged([], ["福"])).character == Missing("no target")


@given(st.lists(st.text("福春到a", min_size=1, max_size=4), max_size=2), TEXTS, TEXTS)
def test_agreement_is_symmetric_and_a_share(targets, one, other):
    first, second = judged(targets, one), judged(targets, other)
    there, back = compare(first, second), compare(second, first)
    assert there.reading == back.reading
    assert (there.character, sorted(there.contested)) == (back.character, sorted(back.contested))
    assert 0 <= there.reading.value <= 1
    assert compare(first, first).reading.value == pytest.approx(1)
