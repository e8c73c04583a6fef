import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.judgement import judge
from metrics.profiles import PROFILES
from metrics.reading import Line, Reading
from metrics.score import Missing, Score
from metrics.table import HEADLINE, LAYOUT_METRICS, METRICS, find_metric
from prompts.errors import UnknownNameError
from prompts.suite import Prompt, Region, Size

STANDARD = PROFILES["standard"]


def judged(targets, texts, language="en"):
    prompt = Prompt("one", "", language, "one", Size(512, 512), tuple(Region(target) for target in targets))
    lines = [
        Line(text, 1.0, ((0, 40 * i), (9, 40 * i), (9, 40 * i + 20), (0, 40 * i + 20))) for i, text in enumerate(texts)
    ]
    return judge(prompt, Reading(512, 512, tuple(lines)), STANDARD)


def values(judgement):
    scores = {name: metric.score(judgement) for name, metric in METRICS.items()}
    return {name: score.value for name, score in scores.items() if isinstance(score, Score)}


# Which metrics each fault in a picture must make worse; it leaves all the others as they are.
DAMAGE = {
    "wrong": {"accuracy", "cer", "wer", "precision", "recall", "f1", "ned", "exact", "contains", "pick@k"},
    "missing": {"accuracy", "cer", "wer", "recall", "f1", "ned", "exact", "contains", "pick@k", "missing"},
    "extra": {"accuracy", "cer", "wer", "precision", "f1", "ned", "exact", "pick@k", "extra"},
}


def damaged(words, kind, count):
    """The text with `count` of its words (in the end, for `extra`: behind it) gone wrong."""
    right = words[: len(words) - count]
    return " ".join({"wrong": [*right, *["z" * len(word) for word in words[len(right) :]]], "missing": right,
                     "extra": [*words, *["z"] * count]}[kind])  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
@given(words=st.lists(st.text("abcd", min_size=1, max_size=5), min_size=3, max_size=6), data=st.data())
def test_each_metric_turns_the_way_it_says_when_faults_are_added(kind, words, data):
    more = data.draw(st.integers(1, len(words) - 1))
    less = data.draw(st.integers(0, more - 1))
    better, worse = (values(judged([" ".join(words)], [damaged(words, kind, count)])) for count in (less, more))
    # These need evidence, or places: see test_evidence.py and test_layout.py.
    assert METRICS.keys() - better.keys() == {"legibility", "malformed", *LAYOUT_METRICS}
    for name in better:
        metric = METRICS[name]
        change = (worse[name] - better[name]) * (1 if metric.better == "higher" else -1)
        only_first_counts = name in {"exact", "pick@k", "contains"} and less > 0
        if name in DAMAGE[kind] and not only_first_counts:
            assert change < 0, name
        else:
            assert change == 0, name


@given(
    st.lists(st.text("ab福 c", max_size=5), max_size=4),
    st.lists(st.text("ab福 d", max_size=8), max_size=9),
    st.sampled_from(["en", "zh"]),
)
def test_every_value_lies_within_the_bounds_of_its_metric(targets, texts, language):
    judgement = judged(targets, texts, language)
    for name, value in values(judgement).items():
        metric = METRICS[name]
        assert metric.low <= value, name
        assert metric.high is None or value <= metric.high, name


@given(st.lists(st.text("ab福 c", max_size=5), max_size=4), st.lists(st.text("ab福 d", max_size=8), max_size=6))
def test_the_metrics_agree_with_each_other(targets, texts):
    judgement = judged(targets, texts)
    if not judgement.has_target:
        return
    v = values(judgement)
    assert v["accuracy"] == pytest.approx(1 - v["ned"])
    assert v["exact"] == v["pick@k"] == (v["cer"] == 0) == (v["accuracy"] == 1)
    assert v["exact"] <= v["contains"] <= v["recall"]
    assert v["cer"] >= v["ned"]
    assert (v["wer"] == 0) >= v["exact"]
    assert v["recall"] + v["missing"] <= 1 + 1e-12
    if "precision" in v and v["f1"] > 0:
        assert v["f1"] == pytest.approx(2 / (1 / v["precision"] + 1 / v["recall"]))


@pytest.mark.parametrize("swapped", [False, True])
def test_white_space_between_regions_cannot_push_accuracy_below_zero(swapped):
    """No way to deal these lines out costs less than 8, with 7 characters on either side."""
    texts = ["b", "c a", "c d"]
    judgement = judged(["vv", "zwu", "wy"], texts[::-1] if swapped else texts)
    assert judgement.errors > max(judgement.target, judgement.read)
    assert (values(judgement)["accuracy"], values(judgement)["ned"]) == (0, 1)


def test_words_without_white_space_have_no_rate():
    assert METRICS["wer"].score(judged(["福到"], ["福"], "zh")) == Missing(
        "no words: not English, or a profile without white space"
    )


def test_each_metric_says_all_about_itself():
    for name, metric in METRICS.items():
        assert metric.name == name
        assert metric.signature == f"{name}.{metric.version}"
        assert metric.version >= 1
        assert metric.meaning
        assert metric.unit
        assert metric.low == (-1 if name == "order" else 0)
        assert (metric.unit == "share") == ((metric.low, metric.high) == (0, 1))
    assert METRICS[HEADLINE].better == "higher"


def test_an_unknown_metric_names_the_nearest():
    assert find_metric("cer") is METRICS["cer"]
    with pytest.raises(UnknownNameError, match="did you mean 'accuracy'"):
        find_metric("acuracy")
