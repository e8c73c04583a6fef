import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.order import reading_orders
from metrics.reading import Line


def box(x, y, width, height):
    return Line("", 1.0, ((x, y), (x + width, y), (x + width, y + height), (x, y + height)))


def turned(line, degrees, centre=(250, 250)):
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cx, cy = centre
    corners = [((x - cx) * cos - (y - cy) * sin + cx, (x - cx) * sin + (y - cy) * cos + cy) for x, y in line.polygon]
    return Line("", 1.0, tuple(corners))


boxes = st.builds(box, *[st.integers(0, 400)] * 2, *[st.integers(1, 200)] * 2)


def test_rows_run_from_the_top_and_within_a_row_from_the_left():
    lines = [box(300, 12, 90, 20), box(10, 60, 90, 20), box(10, 10, 90, 20), box(200, 62, 90, 20)]
    assert reading_orders(lines)[0] == (2, 0, 1, 3)


def test_blocks_side_by_side_may_be_read_one_after_the_other():
    left, right = [box(0, y, 90, 20) for y in (0, 40)], [box(200, y, 90, 20) for y in (0, 40)]
    assert reading_orders(left + right) == ((0, 2, 1, 3), (0, 1, 2, 3))


def test_a_heading_over_two_columns_comes_first():
    lines = [box(0, 0, 300, 30), box(0, 50, 140, 20), box(160, 50, 140, 20), box(0, 80, 140, 20), box(160, 80, 140, 20)]
    assert (0, 1, 3, 2, 4) in reading_orders(lines)


def test_upright_columns_may_be_read_from_the_right():
    lines = [box(0, 0, 30, 200), box(50, 0, 30, 200), box(100, 0, 30, 100), box(100, 110, 30, 100)]
    assert (2, 3, 1, 0) in reading_orders(lines)


def test_columns_of_rows_are_never_read_from_the_right():
    lines = [box(0, 0, 100, 20), box(200, 0, 100, 20)]
    assert reading_orders(lines) == ((0, 1),)


@pytest.mark.parametrize("degrees", [-40, -20, -5, 5, 20, 40])
def test_a_tilted_paragraph_keeps_its_order(degrees):
    rows = [box(x, y, 190, 25) for y in (100, 140, 180, 220) for x in (50, 260)]
    tilted = [turned(row, degrees) for row in rows]
    assert reading_orders(tilted) == reading_orders(rows)
    assert reading_orders(tilted)[0] == tuple(range(8))


@pytest.mark.parametrize("degrees", [-30, 30])
def test_tilted_upright_columns_are_still_read_from_the_right(degrees):
    columns = [turned(box(x, 100, 30, 200), degrees) for x in (100, 160, 220)]
    assert (2, 1, 0) in reading_orders(columns)


def test_nothing_and_one_line():
    assert reading_orders([]) == ((),)
    assert reading_orders([box(0, 0, 10, 10)]) == ((0,),)


def test_an_outline_without_extent_is_no_obstacle():
    assert reading_orders([box(50, 50, 0, 0), box(0, 0, 100, 10)]) == ((1, 0),)


@given(st.lists(boxes, max_size=7))
def test_each_order_is_a_permutation_without_repeats(lines):
    orders = reading_orders(lines)
    assert len(set(orders)) == len(orders) <= 3
    for order in orders:
        assert sorted(order) == list(range(len(lines)))


@given(
    # Where lines begin at one place, nothing but the listing orders them.
    st.lists(boxes, max_size=7, unique_by=(lambda line: line.polygon[0][0], lambda line: line.polygon[0][1])),
    st.randoms(use_true_random=False),
)
def test_the_orders_do_not_depend_on_how_lines_are_listed(lines, random):
    listed = lines.copy()
    random.shuffle(listed)
    original = [[lines[i].polygon for i in order] for order in reading_orders(lines)]
    assert [[listed[i].polygon for i in order] for order in reading_orders(listed)] == original
