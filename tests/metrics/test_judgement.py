import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.alignment import Step
from metrics.judgement import judge
from metrics.profiles import PROFILES
from metrics.reading import Line, Reading
from metrics.score import Missing
from metrics.table import METRICS
from prompts.suite import Prompt, Region, Size

STANDARD = PROFILES["standard"]
FAMILY = "👨\u200d👩\u200d👧"


def prompt(*targets, language="zh"):
    return Prompt("one", "", language, "one", Size(512, 512), tuple(Region(target) for target in targets))


def reading(*texts):
    lines = [
        Line(text, 1.0, ((0, 40 * i), (200, 40 * i), (200, 40 * i + 20), (0, 40 * i + 20)))
        for i, text in enumerate(texts)
    ]
    return Reading(512, 512, tuple(lines))


def judged(targets, texts, profile=STANDARD, alphabet=None, language="zh"):
    characters = None if alphabet is None else profile.readable(alphabet)
    return judge(prompt(*targets, language=language), reading(*texts), profile, characters)


def value(metric, *arguments, **options):
    score = METRICS[metric].score(judged(*arguments, **options))
    return score if isinstance(score, Missing) else score.value


def values(metrics, *arguments, **options):
    return [value(metric, *arguments, **options) for metric in metrics]


def test_counts_add_up_over_regions():
    judgement = judged(["福到人间", "春来"], ["福倒人", "春天来"])
    assert (judgement.matches, judgement.substitutions, judgement.missing, judgement.extra) == (4, 1, 1, 1)
    assert (judgement.errors, judgement.target, judgement.read) == (3, 6, 6)
    assert [region.region for region in judgement.regions] == [0, 1]
    assert judgement.regions[1].steps == (Step("match", "春", "春"), Step("extra", "", "天"), Step("match", "来", "来"))


@given(
    st.lists(st.text("福春ab ", max_size=6), min_size=1, max_size=3),
    st.lists(st.text("福春abc ", max_size=8), max_size=4),
)
def test_counts_agree_with_the_alignments(targets, texts):
    judgement = judged(targets, texts)
    assert judgement.target == sum(len(region.target) for region in judgement.regions)
    assert judgement.read == sum(len(region.assigned.text) for region in judgement.regions)
    assert judgement.errors == sum(step.kind != "match" for region in judgement.regions for step in region.steps)
    visible = sum(len(STANDARD.graphemes(text.replace(" ", ""))) for text in texts)
    assert sum(g != " " for region in judgement.regions for g in region.assigned.text) == visible


SHARES = ("accuracy", "precision", "recall", "f1", "exact", "contains")


def test_right_text_scores_one():
    assert values(SHARES, ["福到人间"], ["福到人间"]) == [1, 1, 1, 1, 1, 1]
    assert values(("cer", "ned", "missing", "extra"), ["福到人间"], ["福到人间"]) == [0, 0, 0, 0]


def test_a_blank_picture_scores_nothing_and_has_no_precision():
    assert values(("accuracy", "recall", "f1", "exact", "contains"), ["福到人间"], []) == [0, 0, 0, 0, 0]
    assert values(("cer", "ned", "missing", "extra"), ["福到人间"], []) == [1, 1, 1, 0]
    assert value("precision", ["福到人间"], []) == Missing("nothing was read")


@pytest.mark.parametrize(
    ("target", "language"),
    [("今日新鲜烘焙面包全场八折优惠欢迎光临本店", "zh"), ("the quick brown fox jumps over a lazy dog", "en")],
)
def test_shuffled_characters_score_far_below_right_ones(target, language):
    generator, scores = random.Random(7), []
    for _ in range(20):
        shuffled = list(target)
        generator.shuffle(shuffled)
        scores.append(values(("accuracy", "recall"), [target], ["".join(shuffled)], language=language))
    assert all(max(pair) < 0.5 for pair in scores)


@pytest.mark.parametrize(("language", "target"), [("zh", "今日新鲜烘焙"), ("en", "fresh bread today")])
def test_fifty_extra_words_cost_precision_and_accuracy_but_not_recall(language, target):
    extra = [f"word{i} more{i}" for i in range(25)]
    accuracy, precision, recall, exact, contains = values(
        ("accuracy", "precision", "recall", "exact", "contains"), [target], [target, *extra], language=language
    )
    assert (recall, exact, contains) == (1, 0, 1)
    assert accuracy == precision < 0.1
    assert value("cer", [target], [target, *extra], language=language) > 10


def test_one_wrong_glyph_costs_one_character():
    assert values(SHARES, ["每日新鲜烘焙"], ["每日新鲜烘培"]) == pytest.approx([5 / 6, 5 / 6, 5 / 6, 5 / 6, 0, 0])
    assert values(("missing", "extra"), ["每日新鲜烘焙"], ["每日新鲜烘培"]) == [0, 0]


def test_text_drawn_again_is_extra():
    assert values(("accuracy", "recall", "extra", "contains"), ["福到"], ["福到", "福到"]) == [0.5, 1, 2, 1]


@pytest.mark.parametrize(
    ("texts", "exact", "contains"),
    [
        (["福到"], 1, 1),
        (["福", "到"], 1, 1),
        (["恭喜福到了"], 0, 1),
        (["福星到"], 0, 0),
        (["到福"], 0, 0),
        (["福"], 0, 0),
        ([], 0, 0),
    ],
)
def test_contains_allows_extra_text_around_and_exact_none(texts, exact, contains):
    assert values(("exact", "contains"), ["福到"], texts) == [exact, contains]


def test_contains_wants_every_region():
    assert value("contains", ["福到", "春来"], ["福到了", "春来啦"]) == 1
    assert value("contains", ["福到", "春来"], ["福到了", "春"]) == 0


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        ("𠮷野家", "吉野家"),
        ("café", "cafe"),
        ("q\u0323x", "qx"),
        ("👍🏽好", "👍好"),
        ("🇨🇳队", "🇺🇸队"),
        (f"一{FAMILY}", "一👨"),
        ("書法", "书法"),
        ("葛\U000e0100城", "葛城"),
    ],
)
def test_what_looks_different_is_one_error_and_what_is_equal_none(target, wrong):
    assert judged([target], [target]).errors == 0
    judgement = judged([target], [wrong])
    assert (judgement.errors, judgement.substitutions) == (1, 1)


@pytest.mark.parametrize(
    ("target", "same", "strictly"),
    [
        ("ＳＡＬＥ５折", "SALE5折", 5),
        ("ｶﾞﾗｽ", "ガラス", 3),
        ("“你好，世界！”", '"你好,世界!"', 4),
        ("cafe\u0301", "café", 0),
    ],
)
def test_what_looks_alike_is_equal_under_the_standard_profile(target, same, strictly):
    assert judged([target], [same]).errors == 0
    assert judged([target], [same], profile=PROFILES["strict"]).errors == strictly


def test_traditional_for_simplified_counts_unless_the_profile_folds_it():
    assert value("accuracy", ["书法艺术"], ["書法藝術"]) == 0.25
    assert value("accuracy", ["书法艺术"], ["書法藝術"], profile=PROFILES["standard-hans"]) == 1


@pytest.mark.parametrize("texts", [["吉野家"], ["野家"], ["喜野家"]])
def test_a_character_beyond_the_reader_is_flagged_and_counts_for_nothing(texts):
    judgement = judged(["𠮷野家"], texts, alphabet="吉野家喜")
    assert judgement.beyond == ("𠮷",)
    assert (judgement.target, judgement.read, judgement.matches, judgement.errors) == (2, 2, 2, 0)
    assert all(region.contained for region in judgement.regions)


def test_other_errors_beside_a_character_beyond_the_reader_still_count():
    assert value("accuracy", ["𠮷野家"], ["吉野屋"], alphabet="吉野家屋") == 0.5
    assert value("contains", ["𠮷野家"], ["吉屋家"], alphabet="吉野家屋") == 0
    assert value("contains", ["野𠮷家"], ["野家"], alphabet="吉野家") == 1
    assert value("contains", ["野𠮷家"], ["野吉吉家"], alphabet="吉野家") == 0


def test_a_target_wholly_beyond_the_reader_has_no_score():
    judgement = judged(["𠮷㐂𠮷"], ["吉七"], alphabet="吉七")
    reason = "beyond the reader: 𠮷 (U+20BB7), 㐂 (U+3402)"
    for name, metric in METRICS.items():
        if name != "extra":
            assert metric.score(judgement) == Missing(reason)
    assert judgement.extra == 0


def test_a_region_wholly_beyond_the_reader_leaves_the_others_their_score():
    assert values(("accuracy", "exact", "contains"), ["𠮷", "店"], ["店"], alphabet="吉店") == [1, 1, 1]


def test_words_with_characters_beyond_the_reader_are_not_compared():
    missing = value("wer", ["naïve plan"], ["naive plan"], alphabet="aeilnpv", language="en")
    assert missing == Missing("beyond the reader: ï")


@given(
    st.lists(st.text("福春𠮷㐂ab ", max_size=5), min_size=1, max_size=3),
    st.lists(st.text("福春abc ", max_size=7), max_size=4),
)
def test_an_exact_picture_contains_its_text_whatever_the_reader_knows(targets, texts):
    judgement = judged(targets, texts, alphabet="福春abc")
    assert sorted(judgement.beyond) == sorted(c for target in targets for c in target if c in "𠮷㐂")
    if judgement.errors == 0:
        assert all(region.contained for region in judgement.regions)


def test_a_prompt_without_lettering_has_a_score_for_extra_alone():
    for wanted in (prompt(), prompt("", "")):
        judgement = judge(wanted, reading("福到", "x"), STANDARD)
        assert not judgement.has_target
        assert [region.region for region in judgement.regions] == [-1]
        scores = {name: metric.score(judgement) for name, metric in METRICS.items()}
        assert scores.pop("extra").value == 3
        assert set(scores.values()) == {Missing("no target")}


def test_a_target_that_the_profile_empties_is_no_target():
    judgement = judged(["！！！"], ["福"], profile=PROFILES["letters"])
    assert (judgement.has_target, judgement.extra) == (False, 1)


def test_a_region_without_lettering_keeps_its_number():
    wanted = Prompt("one", "", "zh", "one", Size(512, 512), (Region(caption="a cat"), Region("福")))
    assert [region.region for region in judge(wanted, reading("福"), STANDARD).regions] == [1]


@pytest.mark.parametrize(
    ("language", "name", "expected"),
    [("en", "standard", (1, 2)), ("en", "letters", (None, None)), ("zh", "standard", (None, None))],
)
def test_words_are_counted_in_english_and_with_white_space_alone(language, name, expected):
    judgement = judged(["good morning"], ["good evening"], profile=PROFILES[name], language=language)
    assert (judgement.word_errors, judgement.words) == expected


def test_words_run_on_cost_words_but_one_character():
    judgement = judged(["good morning"], ["goodmorning"], language="en")
    assert (judgement.errors, judgement.word_errors, judgement.words) == (1, 2, 2)
