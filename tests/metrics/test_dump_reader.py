import json

import numpy as np
import pytest

from metrics.assignment import assign
from metrics.profiles import PROFILES
from metrics.readers import PictureName, open_reader
from prompts.errors import GlyphbenchError

IMAGE = np.zeros((300, 400, 3), np.uint8)
NAME = PictureName("sign", 7, "images/sign/7.png", "ab" * 32)
BOX = [[10, 10], [200, 12], [200, 50], [10, 48]]


def dumped(tmp_path, *entries):
    path = tmp_path / "readings.jsonl"
    lines = (entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False) for entry in entries)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def opened(tmp_path, *entries):
    return open_reader(f"dump:{dumped(tmp_path, *entries)}")


@pytest.mark.parametrize(
    "name",
    [
        {"prompt": "sign", "seed": 7},
        {"file": "sign/7.png"},
        {"file": "images/sign/7.png"},
        {"sha256": "ab" * 32},
    ],
)
def test_a_picture_is_found_by_either_name(tmp_path, name):
    reader = opened(tmp_path, {**name, "lines": [{"text": "福", "confidence": 0.5, "polygon": BOX}]})
    reading = reader.read_named(IMAGE, NAME)
    assert (reading.width, reading.height) == (400, 300)
    (line,) = reading.lines
    assert (line.text, line.confidence, line.polygon[1]) == ("福", 0.5, (200.0, 12.0))


def test_what_is_not_told_is_the_whole_picture_and_said_in_the_signature(tmp_path):
    reader = opened(tmp_path, {"prompt": "sign", "seed": 7, "lines": [{"text": "一"}]})
    (line,) = reader.read_named(IMAGE, NAME).lines
    assert line.polygon == ((0, 0), (400, 0), (400, 300), (0, 300))
    assert line.confidence == 1
    assert (reader.signature["places"], reader.signature["confidences"]) == (False, False)
    assert reader.characters is None


def test_lines_without_places_keep_their_order(tmp_path):
    texts = ["下面", "中间", "上头"]
    reader = opened(tmp_path, {"prompt": "sign", "seed": 7, "lines": [{"text": text} for text in texts]})
    reading = reader.read_named(IMAGE, NAME)
    assert [line.text for line in reading.lines] == texts
    (assigned,) = assign([tuple("下面中间上头")], [None], reading, PROFILES["standard"])
    assert "".join(assigned.text) == "下面中间上头"


def test_an_empty_reading_must_be_stated(tmp_path):
    reader = opened(tmp_path, {"prompt": "sign", "seed": 7, "lines": []})
    assert reader.read_named(IMAGE, NAME).lines == ()
    other = PictureName("door", 1, "images/door/1.png", "cd" * 32)
    with pytest.raises(GlyphbenchError, match=r"no reading of prompt 'door', seed 1 .images/door/1.png, sha256 cdcd"):
        reader.read_named(IMAGE, other)


def test_a_picture_named_twice_in_two_ways_is_refused(tmp_path):
    reader = opened(tmp_path, {"prompt": "sign", "seed": 7, "lines": []}, {"file": "sign/7.png", "lines": []})
    with pytest.raises(GlyphbenchError, match=r"several readings .* lines 1 and 2"):
        reader.read_named(IMAGE, NAME)


@pytest.mark.parametrize("polygon", [[[0.1, 0.1], [0.9, 0.1], [0.9, 0.2]], [[10, 10], [4000, 10], [4000, 50]]])
def test_places_outside_of_the_picture_or_in_fractions_are_refused(tmp_path, polygon):
    reader = opened(tmp_path, {"prompt": "sign", "seed": 7, "lines": [{"text": "福", "polygon": polygon}]})
    with pytest.raises(GlyphbenchError, match="line 1: the polygon of '福' is not in the picture of 400 × 300"):
        reader.read_named(IMAGE, NAME)


def test_all_faults_are_told_with_their_lines(tmp_path):
    good = {"prompt": "sign", "seed": 7, "lines": []}
    path = dumped(
        tmp_path,
        good,
        "{nonsense",
        {"prompt": "sign", "lines": []},
        {"prompt": "a", "seed": 1, "lines": [{"text": "x", "confidence": 1.5}]},
        "",
        {"prompt": "a", "seed": 2, "lines": [{"txt": "x"}]},
        good,
        {"prompt": "a", "seed": 3, "lines": [{"text": "x", "polygon": [[0, 0], [1, 1]]}]},
        {"prompt": "a", "seed": True, "lines": []},
        {"file": "a/1.png", "sha256": "ab" * 32, "lines": []},
        {"sha256": "short", "lines": []},
    )
    with pytest.raises(GlyphbenchError) as raised:
        open_reader(f"dump:{path}")
    told = str(raised.value)
    for line, fault in {
        2: "no JSON",
        3: "prompt and seed go together",
        4: "lines.0.confidence",
        6: "did you mean 'text'",
        7: "prompt sign/7 is already on line 1",
        8: "lines.0.polygon",
        9: "seed",
        10: "name the picture in one way",
        11: "sha256",
    }.items():
        assert any(f"line {line}: " in row and fault in row for row in told.splitlines()), (line, fault, told)
    assert "line 1: " not in told
    assert "line 5: " not in told


def test_the_file_decides_the_signature(tmp_path):
    first = opened(tmp_path, {"prompt": "sign", "seed": 7, "lines": []}).signature
    second = opened(tmp_path, {"prompt": "sign", "seed": 8, "lines": []}).signature
    assert first != second
    assert first == opened(tmp_path, {"prompt": "sign", "seed": 7, "lines": []}).signature


def test_no_file_an_absent_file_and_an_empty_file_are_refused(tmp_path):
    with pytest.raises(GlyphbenchError, match="name the file"):
        open_reader("dump")
    with pytest.raises(GlyphbenchError, match="No such file"):
        open_reader(f"dump:{tmp_path / 'none.jsonl'}")
    with pytest.raises(GlyphbenchError, match="no readings in it"):
        opened(tmp_path)


def test_pixels_alone_cannot_be_read(tmp_path):
    reader = opened(tmp_path, {"prompt": "sign", "seed": 7, "lines": []})
    with pytest.raises(GlyphbenchError, match="fit only the pictures of a run"):
        reader.read(IMAGE)
