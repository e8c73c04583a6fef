from itertools import pairwise

from prompts.levels import characters_of, hanzi_levels, hanzi_strokes


def test_the_list_has_its_three_levels():
    assert [len(characters_of(level)) for level in (1, 2, 3)] == [3500, 3000, 1605]
    assert len(hanzi_levels()) == len(hanzi_strokes()) == 8105


def test_each_level_goes_by_strokes_as_the_list_does():
    strokes = hanzi_strokes()
    for level in (1, 2, 3):
        assert all(strokes[one] <= strokes[other] for one, other in pairwise(characters_of(level)))


def test_strokes_are_those_of_the_characters_themselves():
    strokes = hanzi_strokes()
    assert [strokes[character] for character in "一十木永龙䜣䴙齉"] == [1, 2, 4, 5, 5, 6, 18, 36]
    assert "書" not in strokes
