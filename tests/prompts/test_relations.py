import pytest

from prompts.relations import relation_faults
from prompts.suite import Box, Prompt, Region, Relation, Size


def faults(*relations, places=(None, None, None)):
    regions = tuple(Region(str(number), place) for number, place in enumerate(places))
    return list(relation_faults(Prompt("a", "t", "zh", "a", Size(512, 512), regions, (), relations)))


LEFT, RIGHT, BELOW = "top-left", "top-right", "bottom-left"
LARGE, SMALL = Box(0.1, 0.1, 0.9, 0.9), Box(0.4, 0.4, 0.6, 0.6)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("left-of", LEFT, RIGHT),
        ("right-of", RIGHT, BELOW),
        ("above", LEFT, BELOW),
        ("below", BELOW, RIGHT),
        ("same-row", RIGHT, LEFT),
        ("inside", SMALL, LARGE),
    ],
)
def test_places_that_keep_a_relation_and_those_that_cannot(kind, one, other):
    relation = Relation(0, kind, 1)
    assert faults(relation, places=(one, other)) == []
    wrong = (one, BELOW) if kind == "same-row" else (other, one)
    assert faults(relation, places=wrong) == [
        f"relation '1 {kind} 2' contradicts the places of the two regions; change one or the other"
    ]


def test_places_one_above_the_other_are_not_side_by_side():
    assert len(faults(Relation(0, "left-of", 1), places=(LEFT, BELOW))) == 1


def test_thirds_written_with_four_digits_are_thirds():
    strip = Box(0.0, 0.0, 1.0, 0.3333)
    assert faults(Relation(0, "inside", 1), places=("top-left", strip)) == []


@pytest.mark.parametrize("kind", ["left-of", "above", "inside", "larger-than", "same-row"])
def test_open_places_contradict_nothing(kind):
    assert faults(Relation(0, kind, 1), places=(None, RIGHT)) == []


def test_sizes_are_free():
    assert faults(Relation(0, "larger-than", 1), places=(SMALL, RIGHT)) == []


@pytest.mark.parametrize(
    ("relations", "kind"),
    [
        ((Relation(0, "larger-than", 1), Relation(1, "larger-than", 2), Relation(2, "larger-than", 0)), "larger-than"),
        ((Relation(0, "above", 1), Relation(0, "below", 1)), "above"),
        ((Relation(0, "left-of", 1), Relation(2, "right-of", 1), Relation(2, "left-of", 0)), "left-of"),
        ((Relation(0, "inside", 1), Relation(1, "inside", 0)), "inside"),
    ],
)
def test_relations_that_go_round_in_a_circle(relations, kind):
    (found,) = faults(*relations)
    assert found.startswith(f"the relations '{kind}' between regions ")
    assert found.endswith("go round in a circle; take one away")


def test_what_goes_round_by_different_relations_is_no_circle():
    assert faults(Relation(0, "left-of", 1), Relation(1, "above", 0), Relation(1, "same-row", 0)) == []


def test_relations_to_absent_regions_are_left_to_another_rule():
    assert faults(Relation(0, "left-of", 5), Relation(0, "left-of", 0)) == []
