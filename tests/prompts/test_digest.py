from dataclasses import replace

import pytest

from prompts.loading import load_suite
from prompts.suite import Box, Prompt, Region, Relation, Size, Suite

PROMPT = Prompt(
    id="a",
    text="写着“福”和“寿”",
    language="zh",
    group="g",
    size=Size(512, 512),
    regions=(Region("福", "top-left", "title", "vertical", "c"), Region("寿", Box(0.0, 0.5, 1.0, 1.0))),
    tags=("sign",),
    relations=(Relation(0, "above", 1),),
)
SUITE = Suite("s", "1", "zh", "t", "d", "src", "l", (0, 1), "standard", (PROMPT,))


def changed(**prompt):
    return replace(SUITE, prompts=(replace(PROMPT, **prompt),))


def test_the_digest_is_the_same_for_ever():
    assert SUITE.digest == "7c5197550f09f5d8aafbe65acddac0b94b9f5939c2b5cd2cc807c6b886aa75f7"


@pytest.mark.parametrize(
    "other",
    [
        replace(SUITE, name="t"),
        replace(SUITE, version="2"),
        replace(SUITE, seeds=(0,)),
        replace(SUITE, seeds=(1, 0)),
        replace(SUITE, profile="strict"),
        replace(SUITE, prompts=(PROMPT, replace(PROMPT, id="b"))),
        changed(id="b"),
        changed(text="写着“福”和“寿” "),
        changed(language="en"),
        changed(group="h"),
        changed(size=Size(512, 544)),
        changed(tags=()),
        changed(relations=()),
        changed(regions=(PROMPT.regions[0],)),
        changed(regions=PROMPT.regions[::-1]),
        *(
            changed(regions=(replace(PROMPT.regions[0], **{key: None}), PROMPT.regions[1]))
            for key in ("where", "role", "orientation", "caption")
        ),
        changed(regions=(replace(PROMPT.regions[0], text="祸"), PROMPT.regions[1])),
    ],
)
def test_all_that_can_change_a_score_changes_the_digest(other):
    assert other.digest != SUITE.digest


@pytest.mark.parametrize(
    "same",
    [
        replace(SUITE, title="x", description="x", source="x", licence="x"),
        replace(SUITE, quoting="curly", length=(1, 2), twin="x"),
    ],
)
def test_what_is_only_for_people_and_the_lint_does_not(same):
    assert same.digest == SUITE.digest


def test_how_the_file_is_written_does_not_matter(tmp_path):
    plain, other = tmp_path / "plain.toml", tmp_path / "other.toml"
    plain.write_text(
        'name = "s"\nversion = "1"\nlanguage = "zh"\nseeds = 2\n[[prompt]]\nid = "a"\ntext = "福"\n'
        '[[prompt.region]]\ntext = "福"\nwhere = [0, 0, 1, 0.5]\n',
        encoding="utf-8",
    )
    other.write_text(
        "# the same\nseeds = [0, 1]\nsize = [1024, 1024]\nlanguage = 'zh'\nversion = '1'\nname = 's'\ntitle = 'x'\n"
        'prompt = [{ text = "\\u798f", id = "a", region = [{ where = [0.0, 0.0, 1.0, 0.5], text = "福" }] }]\n',
        encoding="utf-8",
    )
    assert load_suite(plain).digest == load_suite(other).digest
