from dataclasses import replace

import pytest

from prompts.lengths import LENGTH_LABELS, count_characters, length_bin
from prompts.loading import find_suite
from prompts.summary import summarise


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("", 0),
        ("福", 1),
        ("I NEED YOU", 8),
        ("𠮷野家", 3),
        ("cafe\u0301", 4),
        ("👩‍🚀！", 2),
        (" \u3000\n", 0),
    ],
)
def test_characters_are_counted_as_seen(text, characters):
    assert count_characters(text) == characters


@pytest.mark.parametrize(
    ("characters", "label"),
    [
        (0, "none"),
        (1, "1"),
        (2, "2"),
        (3, "3–4"),
        (4, "3–4"),
        (5, "5–8"),
        (16, "9–16"),
        (64, "33–64"),
        (65, "65–128"),
        (300, "257+"),
    ],
)
def test_each_length_has_its_bin(characters, label):
    assert length_bin(characters) == label


def test_the_smoke_suite_in_figures():
    suite = find_suite("smoke")
    summary = summarise(suite)
    assert list(summary.languages.items()) == [("en", 4), ("zh", 4)]
    assert list(summary.lengths.items()) == [
        ("none", 1),
        ("1", 1),
        ("3–4", 2),
        ("5–8", 1),
        ("9–16", 1),
        ("17–32", 1),
        ("33–64", 1),
    ]
    assert list(summary.regions.items()) == [(0, 1), (1, 5), (2, 2)]
    assert list(summary.places.items()) == [
        ("top-centre", 1),
        ("middle-left", 1),
        ("middle-right", 1),
        ("bottom-centre", 1),
        ("open", 5),
    ]
    assert summary.relations == {"left-of": 1, "above": 1}
    assert next(iter(summary.tags.items())) == ("punctuation", 3)
    assert summary.examples == (suite.prompts[0], suite.prompts[4], suite.prompts[7])


def test_every_prompt_is_counted_once_in_each_table():
    summary = summarise(find_suite("launch"))
    for table in (summary.languages, summary.lengths, summary.regions):
        assert sum(table.values()) == 9
    assert list(summary.lengths) == [label for label in LENGTH_LABELS if label in summary.lengths]


@pytest.mark.parametrize("prompts", [0, 1, 2, 3])
def test_small_suites_have_no_example_twice(prompts):
    suite = find_suite("smoke")
    examples = summarise(replace(suite, prompts=suite.prompts[:prompts])).examples
    assert examples == suite.prompts[:prompts]
