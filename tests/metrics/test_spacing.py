"""Widely spaced lettering, in lines and around rings."""

import numpy as np
import pytest

from metrics.readers import open_reader
from metrics.readers.bands import Band
from metrics.readers.curves import CurveSettings
from metrics.readers.lines import ReadBand
from metrics.readers.recognition import Recognition, Sign
from metrics.readers.rings import scattered_ring
from metrics.readers.spacing import is_spaced, squeezed, unread
from tests.metrics.test_curves import lettered
from tests.metrics.test_ppocr import bounds, drawn


def strip(*runs, length=600, depth=50):
    """A white strip with black bars at (start, end), and the band that it was cut from."""
    crop = np.full((depth, length, 3), 255, np.uint8)
    for start, end in runs:
        crop[10:40, start:end] = 0
    corners = np.array([[0, 0], [length, 0], [length, depth], [0, depth]], np.float32)
    return Band.around(corners), crop


@pytest.mark.parametrize(
    ("text", "spaced"),
    [("F L O W E R S", True), ("S A L E", True), ("FL O W E R S", True), ("I am a cat", False), ("A B", False)],
)
def test_lettering_is_spaced_if_most_characters_stand_alone(text, spaced):
    assert is_spaced(text) == spaced


def test_wide_gaps_are_squeezed_and_places_lead_back_to_the_picture():
    bars = [(40, 70), (140, 170), (240, 270), (440, 470), (540, 570)]
    band, crop = strip(*bars)
    narrow = squeezed(band, crop)
    laid = narrow.cut(crop)
    dark = (laid[25, :, 0] < 128).astype(int)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], dark, [0]]))).reshape(-1, 2)
    assert edges[:, 1] - edges[:, 0] == pytest.approx([30] * 5, abs=2)
    assert edges[1:, 0] - edges[:-1, 1] == pytest.approx([6, 6, 20, 6], abs=3), "the widest parts words"
    for (start, end), (left, right) in zip(edges, bars, strict=True):
        quadrilateral = narrow.part(start / len(dark), end / len(dark))
        assert quadrilateral[:, 0].min() == pytest.approx(left, abs=3)
        assert quadrilateral[:, 0].max() == pytest.approx(right, abs=3)


def test_ordinary_gaps_and_single_characters_are_left_alone():
    assert squeezed(*strip((40, 70), (76, 100), (108, 130), (150, 180))) is None
    assert squeezed(*strip((40, 70))) is None


def test_a_ring_whose_gap_no_turn_brings_to_its_ends_is_given_up():
    crop = np.full((50, 600, 3), 255, np.uint8)
    for row, (start, end) in zip((5, 15, 25, 35), [(0, 100), (104, 250), (250, 420), (420, 600)], strict=True):
        crop[row : row + 8, start:end] = 0
    angles = np.linspace(0, 2 * np.pi, 5)
    rim = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    ring = Band(300 + 120 * rim, 300 + 80 * rim, closed=True)
    assert squeezed(ring, crop) is None


def boxes(*middles):
    """Readings of single letters, unsure, in boxes of 40 pixels."""
    square = np.array([[-20, -20], [20, -20], [20, 20], [-20, 20]], np.float32)
    recognition = Recognition((Sign("A", 0.5, 0, 1),))
    crop = np.zeros((1, 1, 3), np.uint8)
    return [ReadBand(Band.around(square + np.array(middle, np.float32)), crop, recognition) for middle in middles]


def around(radii, angles):
    return [
        (300 + r * np.cos(np.radians(a)), 300 + r * np.sin(np.radians(a))) for r, a in zip(radii, angles, strict=True)
    ]


def test_parts_around_a_ring_make_one():
    parts = boxes(*around([150] * 6, (10, 60, 130, 190, 250, 310)))
    ring = scattered_ring(parts, CurveSettings())
    assert ring.closed
    assert np.linalg.norm(ring.middle - 300, axis=1) == pytest.approx(np.full(len(ring.middle), 150), abs=2)
    assert scattered_ring(parts[:2], CurveSettings()) is None


@pytest.mark.parametrize(
    "middles",
    [
        [(x, 100) for x in range(50, 600, 100)],
        around([90, 210, 40, 250, 160], [0, 80, 100, 200, 300]),
        around([150] * 5, [0, 20, 40, 60, 80]),
    ],
    ids=["a row", "anywhere", "a part of a ring"],
)
def test_other_parts_make_no_ring(middles):
    assert scattered_ring(boxes(*middles), CurveSettings()) is None


@pytest.fixture(scope="module")
def reader():
    return open_reader("ppocr")


def test_characters_far_apart_around_a_ring_are_read(reader):
    lines = reader.read(lettered("HARBOUR", 190, size=60, spacing=60.0)).lines
    assert [line.text for line in lines] == ["HARBOUR"]
    assert [character.text for character in lines[0].characters] == list("HARBOUR")
    places = [np.mean(character.polygon, axis=0) - 320 for character in lines[0].characters]
    assert [np.hypot(*place) for place in places] == pytest.approx([190] * 7, abs=20)


def test_letters_far_apart_in_a_line_are_one_word(reader):
    (line,) = reader.read(drawn(*((letter, 60 + 75 * i, 200, 56) for i, letter in enumerate("GARDEN")))[0]).lines
    assert line.text == "GARDEN"
    for i, character in enumerate(line.characters):
        left, _, right, _ = bounds(character.polygon)
        assert (left + right) / 2 == pytest.approx(60 + 75 * i + 19, abs=28)


def test_ink_beside_what_was_read_is_measured_in_heights_of_the_line():
    _, crop = strip((20, 60), (80, 120), (150, 190))
    height, length = crop.shape[:2]
    everything = [(15 / length, 65 / length), (75 / length, 125 / length), (145 / length, 195 / length)]
    assert unread(crop, everything) == 0
    assert unread(crop, everything[:2]) == pytest.approx(40 / height, abs=0.1)
    assert unread(crop, []) == pytest.approx(120 / height, abs=0.2)
    assert unread(np.full_like(crop, 255), []) == 0
