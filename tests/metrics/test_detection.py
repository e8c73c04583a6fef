"""Where the detector looks at its finest scale, with the real model."""

import numpy as np
import pytest

from metrics.readers.detection import TextDetector
from metrics.readers.views import DetectionSettings
from tests.metrics.test_ppocr import drawn


@pytest.fixture(scope="module")
def detector():
    return TextDetector(DetectionSettings())


def detected(detector, image):
    """What is found at all scales."""
    return list(detector.looks(image))[-1]


def bounds(box):
    return np.concatenate([box.corners.min(axis=0), box.corners.max(axis=0)])


def looked_at(view):
    """Left, top, right, bottom of the pixels about which the detector said anything, as shares of the map."""
    rows, columns = np.nonzero(view.probabilities)
    height, width = view.probabilities.shape
    return columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height


def test_the_finest_scale_is_looked_at_around_text_alone(detector):
    image, _ = drawn(("欢迎光临", 700, 820, 40), size=(1024, 1024))
    left, top, right, bottom = looked_at(detected(detector, image)[0])
    assert 0.4 < left < 0.65
    assert 0.55 < top < 0.75
    assert (right, bottom) == (1.0, 1.0)


def test_boxes_there_are_what_a_look_at_everything_finds(detector):
    image, _ = drawn(("欢迎光临", 100, 120, 40), ("Keep left", 120, 300, 32), size=(1024, 1024))
    everything = TextDetector(DetectionSettings(suspicion=0.0))
    assert looked_at(detected(everything, image)[0]) == (0.0, 0.0, 1.0, 1.0)
    assert looked_at(detected(detector, image)[0])[3] < 0.6
    found, wanted = (
        sorted(map(bounds, detected(d, image)[0].boxes), key=lambda b: b[1]) for d in (detector, everything)
    )
    assert len(found) == len(wanted) == 2
    assert np.allclose(found, wanted, atol=6.0)


def test_tiny_lettering_far_from_large_lettering_is_found(detector):
    image, (_, small) = drawn(("大字", 60, 60, 160), ("请勿靠近水边", 860, 960, 12), size=(1024, 1024))
    boxes = [bounds(box) for box in detected(detector, image)[0].boxes]
    assert any(np.allclose(box, small, atol=6.0) for box in boxes)


@pytest.mark.parametrize(
    ("drawings", "looks"),
    [
        ([("大字", 60, 60, 160)], 2),
        ([("大字", 60, 60, 160), ("Large too", 400, 700, 90)], 2),
        ([("大字", 60, 60, 160), ("请勿靠近水边", 860, 960, 12)], 1),
        ([("大字", 60, 60, 160), ("请勿靠近水边", 70, 280, 24)], 1),
        ([("$5", 100, 100, 120), ("99", 250, 110, 50)], 1),
        ([("请勿靠近水边", 60, 60, 30)], 1),
        ([], 1),
    ],
)
def test_lettering_that_is_all_large_is_first_shown_without_the_finest_scale(detector, drawings, looks):
    image, _ = drawn(*drawings, size=(1024, 1024))
    found = list(detector.looks(image))
    assert len(found) == looks
    assert len(found[-1]) == DetectionSettings().scales
    assert all(len(views) == DetectionSettings().scales - 1 for views in found[:-1])


def test_a_picture_without_text_is_looked_at_as_a_whole(detector):
    views = detected(detector, np.full((512, 512, 3), 200, np.uint8))
    assert not any(view.boxes for view in views)
    assert looked_at(views[0]) == (0.0, 0.0, 1.0, 1.0)
