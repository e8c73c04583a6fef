"""The embedded reader against typeset pictures with known mistakes, transcribed from what the typesetter recorded."""

import json
from concurrent.futures import Executor, Future

import pytest

from bench.calibration.reader_error import measure_reader_error
from bench.calibration.transcribed_pictures import find_pictures
from bench.generators import Job
from bench.generators.table import open_generator
from bench.plan import open_records
from prompts.loading import find_suite

PROMPTS = [prompt for prompt in find_suite("smoke").prompts if prompt.targets]


class ThisProcess(Executor):
    """Works at once and here."""

    def __init__(self, *_, **__):
        pass

    def submit(self, function, /, *arguments):
        future = Future()
        future.set_result(function(*arguments))
        return future


def transcribed(region):
    """Return what a careful person writes down: what is drawn, malformed characters by number."""
    malformed = [error["position"] + 1 for error in region["errors"] if error["kind"] == "malformed"]
    return {"text": region["drawn"], "malformed": malformed}


@pytest.fixture(scope="module")
def painted(tmp_path_factory):
    """A folder with a picture for each prompt and the transcription of all of them."""
    folder = tmp_path_factory.mktemp("painted")
    lines = []
    for picture in open_generator("typeset?wrong=0.15&malformed=0.15").generate([Job(p, 3) for p in PROMPTS]):
        prompt = picture.job.prompt
        (folder / "images" / prompt.id).mkdir(parents=True)
        picture.image.save(folder / "images" / prompt.id / "3.png")
        drawn = [transcribed(region) for region in picture.details["regions"]]
        lines.append(json.dumps({"prompt": prompt.id, "seed": 3, "drawn": drawn}))
    (folder / "truth.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_the_reader_is_nearly_right_and_hardly_biased(painted, monkeypatch):
    monkeypatch.setattr("bench.reading_pool.ProcessPoolExecutor", ThisProcess)
    pictures = find_pictures(painted / "truth.jsonl", ["smoke"], f"folder:{painted / 'images'}", None)
    error = measure_reader_error(pictures, painted / "truth.jsonl", *open_records(["ppocr"]), workers=1)
    assert error.pictures == len(PROMPTS)
    assert not error.left_out
    assert error.detection.malformed > 3
    assert error.cer.value < 0.05
    assert error.cer_by_language.keys() == {"en", "zh"}
    # Right readings of wrong characters count as wrong on either side; malformed ones may be read as what they are not.
    assert abs(error.bias["cer"].value) < 0.1
    assert error.bias_strict["cer"].value <= error.bias["cer"].value
    assert error.detection.auc_as_read.value >= 0.5
