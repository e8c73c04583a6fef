from collections import Counter

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from metrics.alignment import Step, align, distance
from metrics.judgement import judge
from metrics.profiles import PROFILES
from metrics.reading import Line, Reading
from metrics.table import METRICS
from prompts.suite import Prompt, Region, Size

STANDARD = PROFILES["standard"]

# Few different characters, so that there is something to align.
ZH = st.text("福满人间春夏秋冬书", max_size=12)
EN = st.text("abcé e", max_size=14)
MIXED = st.lists(
    st.sampled_from([*"福春ab1，", "e\u0301", "q\u0323", "𠮷", "👍🏽", "👨\u200d👩\u200d👧", "🇨🇳", "❤\ufe0f"]),
    max_size=10,
).map("".join)
TEXT = ZH | EN | MIXED


def naive_distance(target, read):
    """Wagner and Fischer's recurrence, as a textbook has it."""
    row = list(range(len(read) + 1))
    for i, t in enumerate(target, 1):
        previous, row = row, [i]
        for j, r in enumerate(read, 1):
            row.append(min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (t != r)))
    return row[-1]


def judged(target, read, language="zh"):
    line = Line(read, 1.0, ((0, 0), (100, 0), (100, 20), (0, 20)))
    prompt = Prompt("one", "", language, "one", Size(512, 512), (Region(target),))
    return judge(prompt, Reading(512, 512, (line,)), STANDARD)


def value(metric, judgement):
    return METRICS[metric].score(judgement).value


@given(TEXT, TEXT)
def test_distance_equals_the_textbook_recurrence_on_graphemes(a, b):
    target, read = STANDARD.graphemes(a), STANDARD.graphemes(b)
    assert distance(target, read) == naive_distance(target, read)


@given(TEXT, TEXT)
def test_an_alignment_spells_both_texts_and_costs_the_distance(a, b):
    target, read = STANDARD.graphemes(a), STANDARD.graphemes(b)
    steps = align(target, read)
    assert tuple(step.target for step in steps if step.target) == target
    assert tuple(step.read for step in steps if step.read) == read
    assert sum(step.kind != "match" for step in steps) == naive_distance(target, read)
    for step in steps:
        shape = {"match": step.target == step.read != "", "substitution": "" != step.target != step.read != "",
                 "missing": step.read == "" != step.target, "extra": step.target == "" != step.read}  # fmt: skip
        assert [kind for kind, fits in shape.items() if fits] == [step.kind]


@given(TEXT, TEXT)
def test_one_more_character_read_changes_the_distance_by_at_most_one(a, b):
    target, read = STANDARD.graphemes(a), STANDARD.graphemes(b)
    assert abs(distance(target, (*read, "龘")) - distance(target, read)) <= 1


@given(ZH.filter(bool), ZH)
def test_character_counts_equal_those_of_jiwer(target, read):
    judgement, theirs = judged(target, read), jiwer.process_characters(target, read)
    assert (judgement.matches, judgement.substitutions, judgement.missing, judgement.extra) == (
        theirs.hits,
        theirs.substitutions,
        theirs.deletions,
        theirs.insertions,
    )
    assert value("cer", judgement) == pytest.approx(jiwer.cer(target, read))


@given(EN, EN)
def test_english_counts_and_word_errors_equal_those_of_jiwer(a, b):
    target, read = STANDARD.normalise(a), STANDARD.normalise(b)
    if not target:
        assert not judged(a, b, "en").has_target
        return
    judgement = judged(a, b, "en")
    assert value("cer", judgement) == pytest.approx(jiwer.cer(target, read))
    assert value("wer", judgement) == pytest.approx(jiwer.wer(target, read))
    words = jiwer.process_words(target, read)
    assert judgement.word_errors == words.substitutions + words.deletions + words.insertions


@given(TEXT, TEXT)
def test_ned_equals_rapidfuzz_and_accuracy_is_its_complement(a, b):
    target, read = STANDARD.graphemes(a), STANDARD.graphemes(b)
    if target:
        judgement = judged(a, b)
        assert value("ned", judgement) == pytest.approx(Levenshtein.normalized_distance(target, read))
        assert value("accuracy", judgement) == pytest.approx(1 - value("ned", judgement))


@given(ZH, st.text("福满人间春", max_size=8), st.frozensets(st.sampled_from("夏秋冬书")))
def test_an_alignment_is_also_best_when_characters_beyond_the_reader_are_free(target, read, beyond):
    """Each of them costs one step in any alignment, as the reader cannot put it out."""
    steps = align(target, read, beyond)
    counted = sum(step.kind != "match" and not step.beyond for step in steps)
    assert counted == distance(target, read) - sum(t in beyond for t in target)
    assert Counter(step.target for step in steps if step.beyond) == Counter(t for t in target if t in beyond)


def test_steps_beyond_the_reader_are_flagged_but_a_match_is_not():
    assert align("甲乙", "丙乙", frozenset("甲")) == (
        Step("substitution", "甲", "丙", beyond=True),
        Step("match", "乙", "乙"),
    )
    assert align("甲乙", "甲", frozenset("甲")) == (Step("match", "甲", "甲"), Step("missing", "乙"))
