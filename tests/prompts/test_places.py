import pytest

from prompts.places import directions, place_faults, wording_faults
from prompts.suite import CELLS, Box, Prompt, Region, Relation, Size


def faults(text, *regions):
    return list(place_faults(Prompt("a", text, "zh", "a", Size(512, 512), regions)))


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("top-left", {"top", "left"}),
        ("middle-centre", {"middle"}),
        ("bottom-centre", {"bottom", "middle"}),
        (Box(0.0, 0.0, 1.0, 0.3333), {"top"}),
        (Box(0.5, 0.0, 0.75, 1.0), {"right"}),
        (Box(0.0, 0.6, 0.4, 1.0), {"bottom", "left"}),
        (Box(0.2, 0.2, 0.8, 0.8), set()),
        (None, set()),
    ],
)
def test_what_has_to_be_said_of_a_place(where, wanted):
    assert set(directions(Region("福", where))) == wanted


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_can_be_said_in_both_languages(cell):
    row, column = cell.split("-")
    chinese = {"top": "上", "middle": "中", "bottom": "底", "left": "左", "centre": "中", "right": "右"}
    region = Region("福", cell)
    assert faults(f"{chinese[row]}{chinese[column]}写着“福”。", region) == []
    assert faults(f"The word “福” at the {row} {column}.", region) == []
    assert len(faults("纸上写着“福”。", region)) == 1


def test_a_finding_says_what_is_missing():
    assert faults("左边写着“福”。", Region("福", "top-left")) == [
        "region 1 is to be at top-left, but its sentence does not say 'top'; say in words where it is"
    ]


def test_the_place_stands_in_the_sentence_of_the_text():
    region = Region("Stop! Now.", "top-left")
    assert faults("A wall. The sign “Stop! Now.” hangs at the top left of it.", region) == []
    assert len(faults("A wall with a lamp at the top left. A sign reads “Stop! Now.”.", region)) == 1


def test_lettering_does_not_say_where_it_is():
    assert len(faults("A card “TOP LEFT” on a wall", Region("TOP LEFT", "top-left"))) == 1


def test_a_word_is_not_found_inside_another_one():
    assert len(faults("A bright card with “A”", Region("A", "middle-right"))) == 1


def test_scenes_without_lettering_are_stated_anywhere():
    scenes = (
        Region(caption="城门", where=Box(0.0, 0.0, 0.5, 1.0)),
        Region(caption="集市", where=Box(0.5, 0.0, 1.0, 1.0)),
    )
    assert faults("长卷。从左到右是城门和集市。", *scenes) == []
    assert len(faults("长卷，先是城门，后是集市。", *scenes)) == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("匾上写着“福寿”。", 1),
        ("匾上竖写着“福寿”。", 0),
        ("门柱上自上而下写着“福寿”。", 0),
        ("A post with “福寿” stacked from top to bottom.", 0),
        ("A post with “福寿”.", 1),
        ("写着“竖排福寿”。", 1),
    ],
)
def test_a_column_is_asked_for_in_words(text, found):
    column = Prompt("a", text, "zh", "a", Size(512, 512), (Region("福寿", orientation="vertical"),))
    assert len(list(wording_faults(column))) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("上面“福”，下面“寿”。", 1), ("大字“福”，“寿”。", 0), ("A huge “福”, then “寿”.", 0), ("An “福” and a “寿”.", 1)],
)
def test_a_difference_in_size_is_asked_for_in_words(text, found):
    relations = (Relation(0, "larger-than", 1),)
    sized = Prompt("a", text, "zh", "a", Size(512, 512), (Region("福"), Region("寿")), (), relations)
    assert len(list(wording_faults(sized))) == found
