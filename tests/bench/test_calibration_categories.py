"""The categories: what they ask for is drawable, theirs alone, and what their names promise."""

import pytest
import regex

from bench.calibration.categories import categories, find_category
from bench.generators import Job
from bench.generators.table import open_generator
from bench.generators.typeset.faces import FACES, missing_characters
from prompts.errors import UnknownNameError
from prompts.levels import characters_of, hanzi_levels
from prompts.loading import find_suite


def test_ids_are_unique_and_every_picture_is_a_group_of_its_own():
    prompts = [prompt for category in categories().values() for prompt in category.prompts]
    assert len({prompt.id for prompt in prompts}) == len({prompt.group for prompt in prompts}) == len(prompts)


@pytest.mark.parametrize("name", categories())
def test_the_sans_face_has_every_character(name):
    for prompt in find_category(name).prompts:
        for target in prompt.targets:
            assert not missing_characters(FACES["sans-400"], target)


@pytest.mark.parametrize("name", categories())
def test_the_typesetter_knows_its_options(name):
    category = find_category(name)
    open_generator(category.spec).check([Job(prompt, 0) for prompt in category.prompts])


def test_no_text_is_one_of_a_suite():
    asked = {
        target for name in ("zh_text", "en_text", "smoke") for p in find_suite(name).prompts for target in p.targets
    }
    texts = {text for c in categories().values() for texts in c.texts for text in texts}
    assert not texts & asked


def test_names_hold_what_they_promise():
    assert {prompt.language for prompt in find_category("line zh").prompts} == {"zh"}
    assert {prompt.language for prompt in find_category("long en").prompts} == {"en"}
    assert all(len(text) >= 200 for name in ("long zh", "long en") for (text,) in find_category(name).texts)
    assert all(hanzi_levels()[character] == 3 for (text,) in find_category("rare").texts for character in text)
    assert all(regex.search(r"\p{Nd}", text) for (text,) in find_category("digits").texts)
    assert all(regex.search(r"\p{P}", text) for (text,) in find_category("punctuation en").texts)
    assert {len(texts) for texts in find_category("regions").texts} == {3}


def test_an_unknown_category_is_told_the_near_one():
    with pytest.raises(UnknownNameError, match="did you mean 'arc up'"):
        find_category("arcup")


def test_the_standard_list_has_its_three_levels():
    assert [len(characters_of(level)) for level in (1, 2, 3)] == [3500, 3000, 1605]
    assert hanzi_levels()["一"] == 1
