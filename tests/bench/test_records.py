import json
import pickle

import pytest

from bench.run_folder import RunFolder
from prompts.errors import GlyphbenchError, SuiteError, UnknownNameError

LINE = {"text": "起", "confidence": 0.5, "polygon": [[0, 0], [9, 0], [9, 9]], "characters": []}


@pytest.mark.parametrize(
    ("reading", "field"),
    [
        ({"width": 0, "height": 8, "lines": []}, "reading.width"),
        ({"width": 8, "height": -1, "lines": []}, "reading.height"),
        ({"width": 8, "height": 8, "lines": [LINE | {"polygon": []}]}, "reading.lines.0.polygon"),
        ({"width": 8, "height": 8, "lines": [LINE | {"polygon": [[0, 0], [1, 1]]}]}, "reading.lines.0.polygon"),
    ],
)
def test_an_impossible_reading_is_named_with_its_place(tmp_path, reading, field):
    record = {"prompt": "a", "seed": 0, "sha256": "0" * 64, "reading": reading}
    (tmp_path / "readings.12345678.jsonl").write_text(json.dumps(record) + "\n")
    with pytest.raises(GlyphbenchError, match=rf"readings\.12345678\.jsonl:1: .*{field}"):
        RunFolder(tmp_path).readings("12345678")


def test_a_possible_reading_comes_back(tmp_path):
    record = {"prompt": "a", "seed": 0, "sha256": "0" * 64, "reading": {"width": 8, "height": 8, "lines": [LINE]}}
    (tmp_path / "readings.12345678.jsonl").write_text(json.dumps(record) + "\n")
    (found,) = RunFolder(tmp_path).readings("12345678").values()
    assert found.reading.lines[0].polygon == ((0, 0), (9, 0), (9, 9))


@pytest.mark.parametrize("error", [UnknownNameError("suite", "zh", ["zh_text"]), SuiteError("a.toml", ["one", "two"])])
def test_errors_cross_processes_with_their_words(error):
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
