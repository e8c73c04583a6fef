"""A calibration from the command to the report, with the real reader; the file; finding the right one."""

import json
from dataclasses import replace

import pytest

from bench.calibration.lookup import find_calibration
from bench.calibration.result import Calibration, as_json
from bench.reader_record import ReaderRecord
from bench.run import Run
from metrics.readers import open_reader
from metrics.score import Missing
from prompts.errors import GlyphbenchError
from prompts.loading import load_suite
from reports.calibration import calibration_lines

SUITE = """
name = "trial"
version = "1"
language = "mixed"
title = "Trial"
description = "For tests."
source = "tests"
licence = "Apache-2.0"
seeds = 1
size = [384, 256]
profile = "standard"

[[prompt]]
id = "one"
language = "zh"
text = "a"
[[prompt.region]]
text = "今日特价早餐"

[[prompt]]
id = "two"
language = "en"
text = "b"
[[prompt.region]]
text = "Open daily"
"""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibrate")
    (folder / "trial.toml").write_text(SUITE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def calibrated(bench_command, workplace):
    """What the command printed, and the calibration that it wrote."""
    done = bench_command("calibrate", "--suite", "trial.toml", "--quick", "--workers", "1", "--json", cwd=workplace)
    assert done.returncode == 0, done.stderr
    (path,) = (workplace / "calibrations").iterdir()
    return done, Calibration.read(path)


@pytest.fixture(scope="module")
def calibration(calibrated):
    return calibrated[1]


@pytest.fixture(scope="module")
def suite(workplace):
    return load_suite(workplace / "trial.toml")


@pytest.fixture(scope="module")
def reader():
    return ReaderRecord.of("ppocr", open_reader("ppocr"))


def test_the_command_writes_what_it_prints(calibrated, calibration, suite, reader):
    done, _ = calibrated
    assert json.loads(done.stdout) == [json.loads(json.dumps(as_json(calibration)))]
    assert calibration.file_name == f"trial-{suite.digest[:8]}.{reader.short}.json"
    assert calibration.file_name in done.stderr
    assert calibration.reader.signature == reader.signature
    assert calibration.extent.is_quick
    assert not calibration.left_out


def test_large_clean_lettering_is_read_and_nothing_else_is(calibration):
    assert calibration.ceiling.plain["accuracy"].value > 0.95
    assert calibration.ceiling.by["language"].keys() == {"en", "zh"}
    assert calibration.floors["blank"]["accuracy"].value == 0
    assert calibration.floors["wrong prompt"]["accuracy"].value < 0.2
    assert calibration.floors["shuffled"]["accuracy"].value < calibration.ceiling.plain["accuracy"].value


@pytest.mark.parametrize("kind", ["wrong", "missing", "extra"])
def test_the_measured_error_follows_the_true_one(calibration, kind):
    assert calibration.response[kind].slope.value == pytest.approx(1, abs=0.15)
    assert calibration.response[kind].points[0].true == 0
    assert calibration.response[kind].points[-1].true > 0.2


@pytest.fixture(scope="module")
def run_folder(bench_command, workplace, calibration):
    """A run in the folder that has the calibration, and what was printed."""
    options = ("--suite", "trial.toml", "--limit", "1", "--model", "typeset", "--workers", "1")
    done = bench_command("run", *options, cwd=workplace)
    assert done.returncode == 0, done.stderr
    (folder,) = (workplace / "runs").iterdir()
    return folder, done


def test_a_run_finds_its_calibration(run_folder, calibration):
    folder, done = run_folder
    told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["calibration"]
    assert told["standing"] == "exact"
    assert told["ceiling"]["plain"]["accuracy"] == as_json(calibration.ceiling.plain["accuracy"])
    assert "calibrated the reader's ceiling on this suite" in done.stderr
    assert "calibrated with --quick" in done.stderr


def test_an_out_of_date_calibration_is_told_and_not_used(run_folder, calibration, tmp_path):
    stored(tmp_path, calibration, suite=replace(calibration.suite, digest="0" * 64, version="0"))
    told = Run.open(run_folder[0], tmp_path).summary["calibration"]
    assert told["standing"] == "stale"
    assert "ceiling" not in told
    assert calibration_lines(told) == [
        f"out of date: {told['missing']}",
        "to measure it: python -m bench calibrate --suite trial --reader ppocr",
    ]
    assert "suite trial has other content (0, now 1)" in told["missing"]


def test_a_run_without_a_calibration_says_how_to_make_one(run_folder, tmp_path):
    told = Run.open(run_folder[0], tmp_path).summary["calibration"]
    assert told == {
        "missing": "ppocr is not calibrated on trial",
        "standing": "none",
        "note": "ppocr is not calibrated on trial",
        "command": "python -m bench calibrate --suite trial --reader ppocr",
    }


def stored(folder, calibration, **changes):
    return replace(calibration, **changes).write(folder)


def test_the_very_suite_and_reader_are_found(tmp_path, calibration, suite, reader):
    stored(tmp_path, calibration)
    found = find_calibration(suite, reader, tmp_path)
    assert (found.standing, found.note) == ("exact", "")
    assert found.calibration == calibration


def test_other_library_versions_are_the_same_instrument_and_told(tmp_path, calibration, suite, reader):
    stored(tmp_path, calibration)
    newer = ReaderRecord(reader.name, {**reader.signature, "numpy": "99.0"}, None)
    found = find_calibration(suite, newer, tmp_path)
    assert found.standing == "same instrument"
    assert found.calibration == calibration
    assert found.note == f"calibrated with other versions: numpy {reader.signature['numpy']} (now 99.0)"


def test_the_very_reader_goes_before_the_same_instrument(tmp_path, calibration, suite, reader):
    newer = ReaderRecord(reader.name, {**reader.signature, "numpy": "99.0"}, None)
    stored(tmp_path, calibration)
    key = replace(calibration.reader, digest=newer.digest, signature=newer.signature)
    exact = stored(tmp_path, calibration, reader=key, seconds=1.0)
    assert find_calibration(suite, newer, tmp_path).path == exact


def test_another_driver_suite_or_metric_is_stale(tmp_path, calibration, suite, reader):
    path = stored(tmp_path, calibration)
    newer = ReaderRecord(reader.name, {**reader.signature, "driver": "next"}, None)
    found = find_calibration(suite, newer, tmp_path)
    assert (found.standing, found.calibration) == ("stale", None)
    assert "the reader's driver was" in found.note
    assert found.path == path
    tuned = ReaderRecord(reader.name, {**reader.signature, **{f"new.{i}": 1 for i in range(5)}}, None)
    told = find_calibration(suite, tuned, tmp_path).note
    assert "new.2 was not there, is 1; 2 more of its settings have changed" in told
    assert "new.3" not in told
    edited = replace(suite, version="2")
    assert "suite trial has other content (1, now 2)" in find_calibration(edited, reader, tmp_path).note
    stored(tmp_path, calibration, metrics=("accuracy.0", *calibration.metrics[1:]))
    assert "measured with accuracy.0" in find_calibration(suite, reader, tmp_path).note


def test_another_reader_or_suite_has_none(tmp_path, calibration, suite, reader):
    stored(tmp_path, calibration)
    other = ReaderRecord("paddleocr", reader.signature, None)
    assert find_calibration(suite, other, tmp_path).standing == "none"
    assert find_calibration(replace(suite, name="trial-2"), reader, tmp_path).standing == "none"


def test_a_damaged_file_is_named_and_not_used(tmp_path, calibration, suite, reader):
    path = stored(tmp_path, calibration)
    path.write_text(path.read_text(encoding="utf-8")[:1000], encoding="utf-8")
    found = find_calibration(suite, reader, tmp_path)
    assert found.standing == "stale"
    assert f"{path}: cannot be read" in found.note


def test_missing_values_survive_the_file(tmp_path, calibration):
    ceiling = replace(calibration.ceiling, hard={"accuracy": Missing("nothing was drawn")})
    path = stored(tmp_path, calibration, ceiling=ceiling)
    assert Calibration.read(path).ceiling == ceiling


@pytest.mark.parametrize(("content", "message"), [({"format": 99}, "format 99 is newer"), ({}, "not a calibration")])
def test_files_that_cannot_be_used(tmp_path, content, message):
    (tmp_path / "x.json").write_text(json.dumps(content))
    with pytest.raises(GlyphbenchError, match=message):
        Calibration.read(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--suite", "smoke", "--truth", "gone.jsonl"), "cannot read the transcription gone.jsonl"),
        (("--model", "folder:x"), "--model and --run say where the pictures of --truth are"),
    ],
)
def test_what_the_user_can_mend_is_told_before_any_work(bench_command, tmp_path, arguments, message):
    done = bench_command("calibrate", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert not any(tmp_path.iterdir())
