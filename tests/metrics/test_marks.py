"""Marks that a detector sees apart from their line; readings are given, no model runs."""

import numpy as np
import pytest

from metrics.readers.marks import MarkSettings, with_marks
from metrics.readers.views import TextBox
from tests.metrics.test_scales import box, reads


def found(boxes, readings):
    return [list(map(int, [*b.corners[0], *b.corners[2]])) for b in with_marks(boxes, reads(readings), MarkSettings())]


@pytest.mark.parametrize(
    ("mark", "joined"),
    [
        (box(410, 5, 430, 25), box(0, 0, 430, 60)),
        (box(455, 5, 480, 25), box(0, 0, 480, 60)),
        (box(-45, 5, -20, 25), box(-45, 0, 400, 60)),
    ],
)
def test_a_quotation_mark_beside_the_end_of_a_line_is_read_with_it(mark, joined):
    line = box(0, 0, 400, 60)
    readings = [(line, ("再慢一点。", 1.0)), (joined, ("再慢一点。”", 0.97))]
    corners = [list(map(int, [*joined.corners[0], *joined.corners[2]]))]
    assert found([line, mark], readings) == found([mark, line], readings) == corners


def test_a_box_that_adds_letters_or_digits_is_text_of_its_own():
    line, figure, joined = box(0, 0, 400, 60), box(410, 5, 460, 35), box(0, 0, 460, 60)
    assert len(found([line, figure], [(line, ("¥5", 1.0)), (joined, ("¥599", 1.0))])) == 2


def test_a_line_that_says_no_more_with_the_mark_stays_apart_from_it():
    line, mark, joined = box(0, 0, 400, 60), box(410, 5, 430, 25), box(0, 0, 430, 60)
    assert found([line, mark], [(line, ("再慢一点", 1.0)), (joined, ("再慢一点", 1.0))]) == [
        [0, 0, 400, 60],
        [410, 5, 430, 25],
    ]


@pytest.mark.parametrize(
    "other",
    [
        box(470, 5, 490, 25),  # further away than the line is high
        box(410, 5, 490, 25),  # a caption rather than a mark
        box(410, 0, 440, 50),  # as high as the line
        box(410, 65, 430, 80),  # below the line
        box(200, 5, 220, 25),  # in the midst of it
    ],
)
def test_boxes_that_are_no_marks_are_left_alone_unread(other):
    assert found([box(0, 0, 400, 60), other], []) == [[0, 0, 400, 60], found([other], [])[0]]


def test_a_mark_beside_a_tilted_line_makes_it_longer_as_it_runs():
    tilt = np.deg2rad(20)
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    line, mark, joined = (
        TextBox((b.corners @ turn).astype(np.float32), b.contour, 0.9, 30.0)
        for b in (box(0, 0, 400, 60), box(410, 5, 430, 25), box(0, 0, 430, 60))
    )
    told = []

    def read(wanted):
        told.append(wanted.corners)
        return reads([(wanted, ("点。”" if len(told) == 1 else "点。", 1.0))])(wanted)

    (both,) = with_marks([line, mark], read, MarkSettings())
    assert np.allclose(both.corners, joined.corners, atol=0.01)
