from itertools import combinations, pairwise, permutations, product
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metrics.alignment import distance
from metrics.assignment import EXACT_LINES, Piece, assign
from metrics.order import reading_orders
from metrics.profiles import PROFILES
from metrics.reading import Line, Reading
from prompts.suite import CELLS, Box

STANDARD = PROFILES["standard"]
NOWHERE = [None] * 9

# Characters that targets and readings share, and some that only one of them has; spaces make English separators.
TARGETS = st.lists(
    st.text("福春ab c", min_size=1, max_size=4).map(STANDARD.graphemes).filter(bool), min_size=2, max_size=3
)
PLACES = st.lists(st.sampled_from([None, *CELLS.values()]), min_size=3, max_size=3)


def line(text, x=0, y=0, height=20):
    width = 10 * max(1, len(text))
    return Line(text, 1.0, ((x, y), (x + width, y), (x + width, y + height), (x, y + height)))


def read(*lines):
    """A reading of 900 × 900 pixels; plain texts stand below each other."""
    placed = [item if isinstance(item, Line) else line(item, y=40 * i) for i, item in enumerate(lines)]
    return Reading(900, 900, tuple(placed))


def readings(alphabet, most_lines, most_characters):
    """Readings with lines at different places."""
    spots = [(x, y) for x in (0, 300, 600) for y in (0, 300, 600, 800)]
    texts = st.lists(st.text(alphabet, min_size=1, max_size=most_characters), max_size=most_lines)
    return st.tuples(texts, st.permutations(spots)).map(
        lambda drawn: read(*[line(text, *spot) for text, spot in zip(drawn[0], drawn[1], strict=False)])
    )


def assigned(targets, reading, places=NOWHERE, profile=STANDARD):
    graphemes = [profile.graphemes(target) if isinstance(target, str) else target for target in targets]
    return assign(graphemes, places[: len(targets)], reading, profile)


def texts(*arguments, **options):
    return ["".join(got.text) for got in assigned(*arguments, **options)]


def total(targets, found):
    return sum(distance(target, got.text) for target, got in zip(targets, found, strict=True))


def best_by_force(targets, reading, cutting):
    """The least total distance over all ways to deal out the lines, each whole or in consecutive pieces."""
    lines = [STANDARD.graphemes(item.text) for item in reading.lines]
    orders = reading_orders(reading.lines) if lines else [()]

    def ways(size):
        owners = range(len(targets))
        for count in range(1, (max(1, min(len(targets), size)) if cutting else 1) + 1):
            for cuts, who in product(combinations(range(1, size), count - 1), permutations(owners, count)):
                edges = (0, *cuts, size)
                yield dict(zip(who, pairwise(edges), strict=True))

    def cost(r, dealt):
        joined = [STANDARD.join(lines[i][slice(*dealt[i][r])] for i in order if r in dealt[i]) for order in orders]
        return min(distance(targets[r], text) for text in joined)

    dealings = product(*[list(ways(len(item))) for item in lines])
    return min(sum(cost(r, dealt) for r in range(len(targets))) for dealt in dealings)


@given(TARGETS, readings("福春abd ", 3, 4))
def test_never_worse_than_the_best_of_whole_lines_nor_better_than_the_best_of_all(targets, reading):
    ours = total(targets, assigned(targets, reading))
    assert best_by_force(targets, reading, cutting=True) <= ours <= best_by_force(targets, reading, cutting=False)


@given(TARGETS, readings("福春abcd ", 6, 8), PLACES)
def test_every_visible_character_goes_to_one_region(targets, reading, places):
    found = assigned(targets, reading, places)
    lines = [STANDARD.graphemes(item.text) for item in reading.lines]
    dealt = [[] for _ in lines]
    for got in found:
        assert len({piece.line for piece in got.pieces}) == len(got.pieces)
        for piece in got.pieces:
            dealt[piece.line] += lines[piece.line][piece.start : piece.stop]
        assert got.text == STANDARD.join(lines[i][start:stop] for i, start, stop in got.pieces)
    for whole, pieces in zip(lines, dealt, strict=True):
        assert sorted(pieces) == sorted(whole)


@given(TARGETS, readings("福春abcd ", 6, 8), PLACES, st.randoms(use_true_random=False))
@example(
    [tuple("文字"), tuple("文"), tuple("中")],
    read(line("文字", 150, 200), line("文字中字字", 100, 150), line("字中字中中", 350, 300)),
    [None, None, None],
    Random(4),
)
def test_no_listing_order_of_regions_or_lines_changes_anything(targets, reading, places, random):
    found = assigned(targets, reading, places)
    regions, lines = list(range(len(targets))), list(range(len(reading.lines)))
    random.shuffle(regions)
    random.shuffle(lines)
    again = assigned(
        [targets[r] for r in regions], read(*[reading.lines[i] for i in lines]), [places[r] for r in regions]
    )
    assert total([targets[r] for r in regions], again) == total(targets, found)
    texts_of = {(targets[r], places[r], got.text) for r, got in enumerate(found)}
    assert {(targets[r], places[r], got.text) for r, got in zip(regions, again, strict=True)} == texts_of


@given(
    st.lists(st.text("福春夏秋", min_size=1, max_size=6).map(tuple), min_size=1, max_size=4),
    readings("福春冬书", 10, 8),
)
def test_without_white_space_the_distance_is_at_most_the_longer_of_target_and_reading(targets, reading):
    longer = max(sum(map(len, targets)), sum(len(item.text) for item in reading.lines))
    assert total(targets, assigned(targets, reading)) <= longer


@given(TARGETS, readings("abd ", 10, 8))
def test_white_space_can_lengthen_the_distance_by_little(targets, reading):
    """At most one character for each cut between regions and each join of lines; see `metrics.table`."""
    found = assigned(targets, reading)
    longer = max(sum(map(len, targets)), sum(len(got.text) for got in found))
    assert total(targets, found) <= longer + len(targets) + len(reading.lines)


def test_one_region_takes_all_lines_in_reading_order():
    (got,) = assigned(["GOOD MORNING"], read("Good", "Morning"))
    assert "".join(got.text) == "good morning"
    assert got.pieces == (Piece(0, 0, 4), Piece(1, 0, 7))


def test_a_region_spread_over_lines_between_those_of_another():
    reading = read("grand", "half price", "opening", "today")
    assert texts(["GRAND OPENING", "HALF PRICE TODAY"], reading) == ["grand opening", "half price today"]


@pytest.mark.parametrize("drawn", ["open daily", "opendaily", "daily open", "dailyopen"])
def test_two_regions_may_share_a_line_in_either_order(drawn):
    assert texts(["DAILY", "OPEN"], read(drawn)) == ["daily", "open"]


def test_three_regions_may_share_a_line():
    assert texts(["福", "春到", "人间好"], read("人间好春到福")) == ["福", "春到", "人间好"]


def test_a_region_may_end_in_a_line_that_it_shares():
    assert texts(["欢迎光临", "今日特价"], read("欢迎", "光临今日", "特价")) == ["欢迎光临", "今日特价"]


@pytest.mark.parametrize("filler", [0, EXACT_LINES])
def test_equal_targets_go_to_the_lines_nearest_to_their_places(filler):
    places = [CELLS["bottom-right"], CELLS["top-left"], CELLS["top-right"], None]
    lines = [line("sale", 40, 60), line("sale", 700, 800), line("sale", 700, 60)]
    others = [line(text, 400, 40 * i) for i, text in enumerate("甲乙丙丁戊己庚辛"[:filler])]
    found = assigned(["SALE", "SALE", "SALE", "甲乙丙丁戊己庚辛"[:filler] or "x"], read(*others, *lines), places)
    assert [[piece.line - filler for piece in got.pieces] for got in found[:3]] == [[1], [0], [2]]


def test_position_never_outweighs_a_character():
    places = [CELLS["top-left"], CELLS["bottom-right"]]
    reading = read(line("福到", 700, 800), line("春来", 40, 40))
    assert texts(["福到", "春来"], reading, places=places) == ["福到", "春来"]


def test_a_free_box_serves_as_a_place():
    places = [Box(0.8, 0.0, 1.0, 0.1), Box(0.0, 0.0, 0.2, 0.1)]
    found = assigned(["福", "福"], read(line("福", 10, 10), line("福", 850, 10)), places)
    assert [got.pieces[0].line for got in found] == [1, 0]


def test_extra_lines_cost_their_length():
    targets = ["福到", "春来"]
    assert total([tuple(t) for t in targets], assigned(targets, read("福到", "春来", "秋夏冬"))) == 3


def test_a_target_drawn_once_is_not_found_twice():
    assert sorted(texts(["SALE", "SALE"], read("sale"))) == ["", "sale"]


def test_no_lines_and_no_targets():
    assert texts(["福", "春"], read()) == ["", ""]
    (got,) = assigned([], read("福", "春"))
    assert "".join(got.text) == "福春"
    assert texts([], read()) == [""]


def test_an_empty_target_takes_only_what_no_other_wants():
    assert texts(["", "福"], read("福")) == ["", "福"]


@pytest.mark.parametrize(("regions", "each"), [(2, 6), (4, 3), (9, 1)])
@pytest.mark.parametrize(("joint", "alphabet"), [("", "天地玄黄宇宙洪荒日月"), (" ", "abcdefghij")])
@settings(max_examples=10)
@given(data=st.data())
def test_right_lines_find_their_regions_beyond_the_exact_search(regions, each, joint, alphabet, data):
    # Every line has a character of its own, so that there is one right answer.
    lines = [
        data.draw(st.text(alphabet, min_size=2, max_size=6)) + mark
        for mark in "鼠牛虎兔龙蛇马羊猴鸡狗猪"[: regions * each]
    ]
    targets = [joint.join(lines[i : i + each]) for i in range(0, len(lines), each)]
    assert len(lines) > EXACT_LINES
    found = assigned(targets, read(*lines))
    assert total([STANDARD.graphemes(target) for target in targets], found) == 0
