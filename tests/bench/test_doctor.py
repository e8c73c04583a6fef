import json

import pytest

from bench.doctor import WRONG_AT_MOST, examine
from bench.known_lines import draw_known_lines
from metrics.reading import Line, Reading, whole_picture


class Parrot:
    """Reads what it is told to, whatever the picture."""

    characters = None

    def __init__(self, answers):
        self.signature = {"engine": "parrot"}
        self.answers = iter(answers)

    def read(self, image):
        height, width = image.shape[:2]
        return Reading(width, height, (Line(next(self.answers), 1.0, whole_picture(width, height)),))


@pytest.fixture(scope="module")
def lines():
    return list(draw_known_lines())


def examined(monkeypatch, answers):
    monkeypatch.setattr("bench.doctor.open_reader", lambda spec: Parrot(answers))
    return {finding.check: finding for finding in examine(["parrot"])}


def test_the_lines_are_ten_of_either_script_and_the_same_every_time(lines):
    assert [line.prompt.language for line in lines] == ["zh"] * 10 + ["en"] * 10
    assert sum(line.prompt.regions[0].orientation == "vertical" for line in lines) == 2
    for before, now in zip(lines, draw_known_lines(), strict=True):
        assert (before.image == now.image).all()


def test_the_embedded_reader_is_well_here(bench_command, tmp_path):
    done = bench_command("doctor", "--reader", "ppocr", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    findings = {finding["check"]: finding for finding in json.loads(done.stdout)}
    assert findings["packages: core"]["state"] == "ok"
    assert {"packages: api", "packages: paddle", "machine", "GPU", "OpenCV"} <= findings.keys()
    found = findings["reader ppocr"]
    assert found["state"] == "ok"
    assert max(found["details"]["errors"].values()) <= WRONG_AT_MOST
    assert "zh 0.0% of characters wrong" in found["says"]
    assert found["details"]["signature"]["recogniser"]


def test_a_right_reading_has_no_errors(monkeypatch, lines):
    found = examined(monkeypatch, [line.prompt.text for line in lines])["reader parrot"]
    assert found.state == "ok"
    assert found.details["errors"] == {"zh": 0, "en": 0}
    assert found.details["wrong"] == []


def test_one_script_that_is_read_wrong_is_a_fault_with_its_lines(monkeypatch, lines):
    answers = ["" if line.prompt.language == "zh" else line.prompt.text for line in lines]
    found = examined(monkeypatch, answers)["reader parrot"]
    assert found.state == "fault"
    assert found.details["errors"] == {"zh": 1, "en": 0}
    assert "zh-1: '' for '欢迎光临'" in found.says


def test_a_reader_that_cannot_be_opened_is_a_fault_and_ends_with_4(bench_command, tmp_path):
    done = bench_command("doctor", "--reader", "ppoc", cwd=tmp_path)
    assert done.returncode == 4
    assert "did you mean 'ppocr'" in done.stdout


def test_readings_made_elsewhere_are_not_tried(tmp_path):
    path = tmp_path / "readings.jsonl"
    path.write_text('{"prompt": "a", "seed": 1, "lines": []}\n')
    *_, found = examine([f"dump:{path}"])
    assert (found.state, "not tried" in found.says) == ("absent", True)


def test_a_missing_extra_is_no_fault_but_named_with_its_command(monkeypatch, lines):
    monkeypatch.setattr("bench.doctor._version", lambda name: None if name in {"httpx", "scipy"} else "1")
    findings = examined(monkeypatch, [line.prompt.text for line in lines])
    assert findings["packages: api"].state == "absent"
    assert "pip install 'glyphbench[api]'" in findings["packages: api"].says
    assert findings["packages: paddle"].state == "ok"
    assert findings["packages: core"].state == "fault"
