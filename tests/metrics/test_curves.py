"""Curved text: its centre line, its band, whether it stands, and the embedded reader on it."""

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bench.calibration.categories import categories
from bench.generators import Job
from bench.generators.table import open_generator
from metrics.readers import open_reader
from metrics.readers.bands import Band
from metrics.readers.bending import bent
from metrics.readers.centrelines import centre_line, circle, joined, turn
from metrics.readers.curves import CurveSettings, joined_band, ring_band
from metrics.readers.lines import ReadBand
from metrics.readers.recognition import Recognition, Sign
from metrics.readers.views import TextBox
from tests.metrics.test_ppocr import font


def sector(radius, width, begin, end, side=400):
    """1 where a ring of `width` around the picture's middle is between two angles in degrees, clockwise from 3 h."""
    rows, columns = np.mgrid[:side, :side] - side / 2 + 0.5
    angles = np.degrees(np.arctan2(rows, columns) - math.radians(begin)) % 360
    return ((np.abs(np.hypot(rows, columns) - radius) < width / 2) & (angles <= end - begin)).astype(np.uint8)


def ring_points(radius, begin, end, count=60, middle=(200.0, 200.0)):
    angles = np.radians(np.linspace(begin, end, count))
    return (np.array(middle) + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)).astype(np.float32)


def ring_part(radius, begin, end, depth=40.0):
    """A band with its heads outside, clockwise."""
    return Band(ring_points(radius + depth / 2, begin, end), ring_points(radius - depth / 2, begin, end))


def lettered(text, radius, middle=0.0, inside=False, size=44, side=640, spacing=4.0):
    """A picture with a text around its middle, character by character; `middle` is its own, in degrees from 12 h.

    Inside, the text runs anticlockwise with its heads towards the centre.
    """
    picture = Image.new("L", (side, side), 255)
    widths = [font(size).getlength(character) + spacing for character in text]
    way, sign = -sum(widths) / 2, -1 if inside else 1
    for character, width in zip(text, widths, strict=True):
        tile = Image.new("L", (2 * size, 2 * size), 0)
        ImageDraw.Draw(tile).text((size, size * 1.36), character, fill=255, font=font(size), anchor="ms")
        angle = math.radians(middle) + sign * (way + width / 2) / radius
        tile = tile.rotate(-math.degrees(angle) + (180 if inside else 0), Image.Resampling.BICUBIC)
        x, y = side / 2 + radius * math.sin(angle) - size, side / 2 - radius * math.cos(angle) - size
        picture.paste(Image.new("L", tile.size, 20), (round(x), round(y)), tile)
        way += width
    return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize(("begin", "end"), [(200, 340), (20, 160), (150, 390), (-60, 250)])
def test_the_centre_line_of_an_arc_is_the_arc(begin, end):
    line = centre_line(sector(120, 20, begin, end), np.zeros(2, np.float32))
    assert not line.closed
    assert line.width == pytest.approx(20, abs=1.5)
    assert line.length == pytest.approx(math.radians(end - begin) * 120, rel=0.1)
    distances = np.linalg.norm(line.points - 200, axis=1)
    assert np.abs(distances - 120).max() < 3
    assert turn(line.points) == pytest.approx(math.radians(end - begin), rel=0.15)


def test_a_ring_is_closed_and_a_blot_has_no_centre_line():
    ring = centre_line(sector(120, 20, 0, 360), np.array([30, 50], np.float32))
    assert ring.closed
    centre, radius, off = circle(ring.points)
    assert centre == pytest.approx([230, 250], abs=2)
    assert radius == pytest.approx(120, abs=2)
    assert off < 1
    assert centre_line(np.ones((30, 40), np.uint8), np.zeros(2, np.float32)) is None


def test_a_bulge_does_not_draw_the_line_aside():
    region = sector(120, 20, 180, 360) | sector(105, 34, 250, 275)
    line = centre_line(region, np.zeros(2, np.float32))
    assert np.abs(np.linalg.norm(line.points - 200, axis=1) - 120).max() < 5


def test_a_curved_band_is_laid_straight():
    picture = np.full((400, 400, 3), 255, np.uint8)
    angles = np.radians([200, 240, 280, 320])
    for angle in angles:
        x, y = 200 + 120 * math.cos(angle), 200 + 120 * math.sin(angle)
        picture[round(y) - 3 : round(y) + 3, round(x) - 3 : round(x) + 3] = 0
    band = ring_part(120, 180, 340)
    crop = band.cut(picture)
    assert crop.shape[0] == pytest.approx(40, abs=1)
    assert crop.shape[1] == pytest.approx(math.radians(160) * 120, rel=0.01)
    dark = crop[:, :, 0] < 100
    assert np.flatnonzero(dark.any(axis=1)).mean() == pytest.approx(20, abs=2)
    for angle, share in zip((200, 240, 280, 320), (1 / 8, 3 / 8, 5 / 8, 7 / 8), strict=True):
        assert dark[:, round(share * crop.shape[1])].any()
        middle = band.part(share - 0.02, share + 0.02).mean(axis=0)
        assert middle == pytest.approx(ring_points(120, angle, angle, 1)[0], abs=2)


def test_lines_that_follow_each_other_along_a_curve_are_joined():
    first, second = ring_points(120, 200, 250), ring_points(120, 262, 330)
    for a in (first, first[::-1]):
        for b in (second, second[::-1]):
            line = joined(a, b, 40.0, 0.9)
            assert np.abs(np.linalg.norm(line - 200, axis=1) - 120).max() < 2
            assert turn(line) == pytest.approx(math.radians(130), rel=0.1)
    assert joined(first, second, 20.0, 0.9) is None
    assert joined(first, second + 60, 40.0, 0.9) is None


def test_overlapping_lines_are_joined_without_turning_back():
    line = joined(ring_points(120, 200, 270), ring_points(120, 255, 330), 40.0, 0.9)
    assert turn(line) == pytest.approx(math.radians(130), rel=0.1)


def test_straight_lines_are_not_joined_and_waves_are_no_rings():
    settings = CurveSettings()
    left, right = (Band.around(np.array([[x, 0], [x + 90, 0], [x + 90, 30], [x, 30]], np.float32)) for x in (0, 100))
    assert joined_band(left, right, settings) is None
    xs = np.linspace(0, 300, 60)
    wave = np.stack([xs, 100 + 40 * np.sin(xs / 25)], axis=1).astype(np.float32)
    assert ring_band(Band(wave, wave + np.float32(30)), settings) is None


def test_the_ring_of_a_part_runs_its_way_and_begins_opposite():
    for band in (ring_part(120, 200, 340), ring_part(120, 200, 340).reversed):
        ring = ring_band(band, CurveSettings())
        assert ring.closed
        assert ring.depth == pytest.approx(40, abs=1)
        assert np.linalg.norm(ring.top - 200, axis=1).mean() == pytest.approx(
            np.linalg.norm(band.top - 200, axis=1).mean(), abs=1
        )
        assert ring.middle[0] == pytest.approx(ring_points(120, 90, 90, 1)[0], abs=3)


def test_a_ring_begins_where_it_is_told():
    ring = ring_band(ring_part(120, 200, 340), CurveSettings())
    turned = ring.beginning_at(0.25)
    assert turned.middle[0] == pytest.approx(ring_points(120, 180, 180, 1)[0], abs=4)
    assert turned.middle[-1] == pytest.approx(turned.middle[0], abs=0.1)
    assert len(turned.top) == len(ring.top)


def says(text, confidence):
    count = max(len(text), 1)
    signs = (Sign(character, confidence, i / count, (i + 1) / count) for i, character in enumerate(text))
    return Recognition(tuple(signs))


def decided(straight, curve, text, confidence):
    """What stands if `straight` says something and the band `curve` says `text`, upside down nothing."""

    def read(band):
        upright = band.top[0] == pytest.approx(curve.top[0])
        return ReadBand(band, np.zeros((1, 1, 3), np.uint8), says(text if upright else "", confidence))

    reads = bent([curve], lambda _: straight, lambda *_: None, lambda _: None, lambda _: None, read)
    return sorted(one.recognition.text for one in reads)


def straight_read(corners, text, confidence):
    corners = np.array(corners, np.float32)
    read = ReadBand(Band.around(corners), np.zeros((1, 1, 3), np.uint8), says(text, confidence))
    return TextBox(corners, corners, 0.9, 30.0), read


@pytest.mark.parametrize(("confidence", "stands"), [(0.95, "curved text"), (0.55, "CURED TXT")])
def test_the_heavier_reading_of_a_place_stands(confidence, stands):
    arc = ring_part(120, 200, 340)
    around = straight_read([[70, 60], [330, 60], [330, 180], [70, 180]], "CURED TXT", 0.7)
    apart = straight_read([[0, 350], [200, 350], [200, 380], [0, 380]], "straight", 0.9)
    assert decided([around, apart], arc, "curved text", confidence) == sorted([stands, "straight"])


def test_a_curve_does_not_take_the_place_of_surer_words_beside_it():
    arc = ring_part(120, 200, 340)
    corners = [[70, 60], [900, 60], [900, 180], [70, 180]]
    assert decided([straight_read(corners, "a line much longer than it", 0.95)], arc, "arc", 0.9) == [
        "a line much longer than it"
    ]


@pytest.mark.parametrize(("confidence", "spared"), [(0.99, True), (0.9, False)])
def test_what_lies_within_a_surely_read_curve_need_not_be_read(confidence, spared):
    """The longest band is read first; the straight lines are told of it, and shorter bands within are left alone."""
    whole, part = ring_part(120, 200, 340), ring_part(120, 240, 300)
    told, read = [], []

    def straight(sure):
        told.extend(sure)
        return []

    def says_all(band):
        read.append(band)
        return ReadBand(band, np.zeros((1, 1, 3), np.uint8), says("curved text", confidence))

    bent([part, whole], straight, lambda *_: None, lambda _: None, lambda _: None, says_all)
    assert told == ([whole] if spared else [])
    assert (part not in read) == spared


def test_a_sure_curve_that_loses_its_place_leaves_nothing_out():
    """Its boxes are asked for again, and the line that outweighs it stands."""
    arc = ring_part(120, 200, 340)
    words = straight_read([[70, 60], [900, 60], [900, 180], [70, 180]], "a line much longer than it", 0.99)
    asked = []

    def straight(sure):
        asked.append(list(sure))
        return [words]

    def arc_alone(band):
        return ReadBand(band, np.zeros((1, 1, 3), np.uint8), says("arch", 0.99))

    reads = bent([arc], straight, lambda *_: None, lambda _: None, lambda _: None, arc_alone)
    assert asked == [[arc], []]
    assert [one.recognition.text for one in reads] == ["a line much longer than it"]


def test_a_curve_that_holds_a_much_slimmer_one_is_not_read_in_its_place():
    """A blot over two parallel lines may read as one of them, surely."""
    told = []
    slim, blot = ring_part(120, 200, 340, depth=20), ring_part(120, 200, 340, depth=60)
    assert blot.depth > 2 * slim.depth

    def surely(band):
        return ReadBand(band, np.zeros((1, 1, 3), np.uint8), says("curved text", 0.99))

    bent([slim, blot], lambda sure: told.extend(sure) or [], lambda *_: None, lambda _: None, lambda _: None, surely)
    assert told == [slim]


@pytest.fixture(scope="module")
def reader():
    return open_reader("ppocr")


@pytest.mark.parametrize(
    ("text", "radius", "middle", "inside"),
    [
        ("Moonlight Diner & Grill", 220, 0, False),
        ("春风十里扬州路卷上珠帘", 200, 0, False),
        ("Please mind the gap", 220, 180, True),
        ("山中有直树世上无直人", 240, 180, True),
        ("SUMMER FESTIVAL OF LIGHT", 160, 0, False),
    ],
)
def test_arcs_are_read_and_their_characters_lie_on_the_curve(reader, text, radius, middle, inside):
    (line,) = reader.read(lettered(text, radius, middle, inside)).lines
    assert line.text == text
    for character in line.characters:
        x, y = np.mean(character.polygon, axis=0)
        assert math.hypot(x - 320, y - 320) == pytest.approx(radius, abs=14)
    angles = np.unwrap([math.atan2(*np.mean(c.polygon, axis=0)[::-1] - 320) for c in line.characters])
    assert (np.diff(angles) * (-1 if inside else 1) > 0).all()


def test_a_full_circle_is_read_from_its_gap_on(reader):
    lines = reader.read(lettered("The best day to plant a tree is today", 150, size=40, spacing=1.0)).lines
    assert [line.text for line in lines] == ["The best day to plant a tree is today"]


def test_both_arcs_of_a_seal_are_read(reader):
    top, bottom = lettered("江南小镇书画院", 200), lettered("专用印章", 200, 180, inside=True)
    assert {line.text for line in reader.read(np.minimum(top, bottom)).lines} == {"江南小镇书画院", "专用印章"}


def test_a_wave_is_read(reader):
    picture = Image.new("L", (900, 300), 255)
    x = 40.0
    for character in "A long and winding river":
        angle = math.atan(0.35 * math.cos(x / 110))
        tile = Image.new("L", (100, 100), 0)
        ImageDraw.Draw(tile).text((50, 66), character, fill=255, font=font(44), anchor="ms")
        tile = tile.rotate(-math.degrees(angle), Image.Resampling.BICUBIC)
        width = font(44).getlength(character)
        picture.paste(
            Image.new("L", tile.size, 20), (round(x + width / 2 - 50), round(100 + 38 * math.sin(x / 110))), tile
        )
        x += width * math.cos(angle) + 2
    lines = reader.read(np.asarray(picture.convert("RGB"))).lines
    assert [line.text for line in lines] == ["A long and winding river"]


def test_a_curve_across_a_paragraph_is_not_a_line_of_its_own(reader):
    """A detector may bridge the lines of a dense paragraph; what a band across them reads is theirs already."""
    category = categories()["long zh"]
    jobs = [Job(prompt, 9101 + number) for number, prompt in enumerate(category.prompts[1:3])]
    for picture in open_generator(category.spec).generate(jobs):
        reading = reader.read(np.asarray(picture.image))
        assert len(reading.lines) == len(picture.details["regions"][0]["lines"])


def test_a_curve_over_standing_lines_is_refused_and_one_beside_them_stands():
    arc = ring_part(120, 200, 340)
    rows = [straight_read([[20, y], [380, y], [380, y + 24], [20, y + 24]], "abcde", 0.9) for y in (60, 88, 116, 144)]
    assert decided(rows, arc, "curved", 0.99) == ["abcde"] * 4
    below = [straight_read([[20, y], [380, y], [380, y + 24], [20, y + 24]], "abcde", 0.9) for y in (260, 288)]
    assert decided(below, arc, "curved", 0.99) == ["abcde", "abcde", "curved"]
