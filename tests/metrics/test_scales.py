"""Which boxes stand when several scales found different ones; readings are given, no model runs."""

import numpy as np
import pytest

from metrics.readers.recognition import Recognition, Sign
from metrics.readers.scales import ScaleSettings, settle
from metrics.readers.views import TextBox


def box(left, top, right, bottom, seen_height=30.0):
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return TextBox(corners, corners, 0.9, seen_height)


def reads(readings):
    """A function that reads each box as (text, confidence) says."""

    def read(wanted):
        for candidate, (text, confidence) in readings:
            if (candidate.corners == wanted.corners).all():
                return Recognition(tuple(Sign(character, confidence, 0, 1) for character in text))
        raise AssertionError(f"nobody should read {wanted.corners.tolist()}")

    return read


def settled(scales, readings=()):
    return [list(map(int, [*b.corners[0], *b.corners[2]])) for b in settle(scales, reads(readings), ScaleSettings())]


def test_boxes_apart_from_each_other_all_stand():
    assert settled([[box(0, 0, 90, 30)], [box(0, 100, 200, 180)]]) == [[0, 0, 90, 30], [0, 100, 200, 180]]


def test_coarse_boxes_that_were_seen_small_do_not_count():
    assert settled([[], [box(0, 0, 90, 30, seen_height=20.0)]]) == []


@pytest.mark.parametrize(("strokes", "stands"), [(0.4, "whole"), (0.995, "pieces")])
def test_pieces_of_a_character_give_way_to_what_is_read_more_surely(strokes, stands):
    whole, left, right = box(0, 0, 200, 200), box(10, 10, 80, 190), box(110, 60, 190, 120)
    found = settled([[left, right], [whole]], [(whole, ("所", 0.99)), (left, ("1", strokes)), (right, ("一", strokes))])
    assert found == ([[0, 0, 200, 200]] if stands == "whole" else [[10, 10, 80, 190], [110, 60, 190, 120]])


def test_a_blot_over_two_lines_does_not_take_their_place():
    blot, small, large = box(0, 0, 600, 200), box(450, 20, 580, 55), box(10, 60, 590, 180)
    readings = [(blot, ("票价50元", 1.0)), (small, ("晨跑俱乐部", 1.0)), (large, ("票价50元", 1.0))]
    assert settled([[small, large], [blot]], readings) == [[450, 20, 580, 55], [10, 60, 590, 180]]


def test_the_longer_box_of_a_line_stands_if_it_says_more():
    short, long = box(0, 0, 400, 60), box(0, -5, 460, 65)
    assert settled([[short], [long]], [(short, ("买一送", 1.0)), (long, ("买一送一", 0.98))]) == [[0, -5, 460, 65]]
    assert settled([[short], [long]], [(short, ("买一送", 1.0)), (long, ("买一送J", 0.87))]) == [[0, 0, 400, 60]]


def test_a_line_found_alike_at_two_scales_is_not_read():
    assert settled([[box(0, 0, 400, 60)], [box(-4, -4, 405, 66)]]) == [[0, 0, 400, 60]]


def test_a_character_found_twice_is_read_whole_if_that_is_surer():
    fine, coarse, both = box(0, 0, 90, 70), box(-5, 10, 85, 100), box(-5, 0, 90, 100)
    readings = [(fine, ("日", 0.9)), (coarse, ("旦", 0.8)), (both, ("旦", 0.99))]
    assert settled([[fine], [coarse]], readings) == [[-5, 0, 90, 100]]


def test_a_coarse_box_inside_a_fine_one_does_not_stand():
    assert settled([[box(0, 0, 400, 100)], [box(100, 10, 180, 90)]]) == [[0, 0, 400, 100]]


def test_a_line_at_the_border_is_not_kept_twice():
    fine, coarse = box(0, 462, 544, 774), box(0, 436, 554, 788)
    assert settled([[fine], [coarse]]) == [[0, 462, 544, 774]]


def test_small_marks_read_unsurely_do_not_break_a_line():
    whole, left, right, mark = box(0, 0, 540, 120), box(40, 5, 250, 115), box(325, 5, 535, 115), box(233, 20, 277, 60)
    readings = [(whole, ("“诚信”为本", 0.99)), (left, ("“诚信”", 0.99)), (right, ("为本", 0.99)), (mark, (" 99", 0.54))]
    assert settled([[left, right, mark], [whole]], readings) == [[0, 0, 540, 120]]


def test_a_coarse_box_that_was_seen_small_can_make_its_line_longer_but_replace_nothing():
    short, long = box(0, 0, 400, 60), box(0, -5, 460, 65, seen_height=20.0)
    assert settled([[short], [long]], [(short, ("买一送-", 0.9)), (long, ("买一送一", 0.98))]) == [[0, -5, 460, 65]]
    left, right = box(0, 0, 180, 60), box(220, 0, 400, 60)
    assert settled([[left, right], [long]]) == [[0, 0, 180, 60], [220, 0, 400, 60]]
