"""Bands cut out of a picture that is no larger than they need."""

import cv2
import numpy as np
import pytest

from metrics.readers.bands import Band
from metrics.readers.pyramid import Pyramid
from tests.metrics.test_ppocr import drawn


def band(left, top, right, bottom):
    return Band.around(np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32))


@pytest.fixture(scope="module")
def image():
    return drawn(("欢迎", 40, 40, 380), size=(900, 500))[0]


def test_shallow_bands_are_cut_out_of_the_picture_itself(image):
    shallow = band(30, 60, 400, 250)
    assert np.array_equal(Pyramid(image).cut(shallow), shallow.cut(image))


@pytest.mark.parametrize(("bottom", "depth"), [(252, 96), (420, 180), (444, 96)])
def test_deep_bands_come_smaller_and_look_the_same(image, bottom, depth):
    deep = band(30, 60, 830, bottom)
    crop, full = Pyramid(image).cut(deep), deep.cut(image)
    assert crop.shape[0] == depth
    wanted = cv2.resize(full, crop.shape[1::-1], interpolation=cv2.INTER_AREA)
    # Edges are up to half a pixel off: a few in a hundred pixels differ.
    assert np.abs(crop.astype(int) - wanted.astype(int)).mean() < 8
    assert wanted.std() > 40


def test_curves_come_smaller_too_and_keep_the_length_they_are_laid_to(image):
    points = np.linspace([40, 40], [840, 40], 9).astype(np.float32)
    curve = Band(points, points + np.float32([0, 400]), laid=1000.0)
    assert Pyramid(image).cut(curve).shape[:2] == (100, 250)
