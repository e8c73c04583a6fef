"""Runs with more than one reader, and runs that are read again."""

import json

import pytest

import bench
from bench.run import Run

SMOKE = ("run", "--suite", "smoke", "--seeds", "1", "--limit", "3", "--workers", "1")


def dump(path, readings):
    """Writes a file for the reader `dump`: the text that it has read in each picture of a run."""
    lines = [
        json.dumps({"prompt": prompt, "seed": seed, "lines": [{"text": text} for text in texts]})
        for (prompt, seed), texts in readings.items()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return f"dump:{path}"


@pytest.fixture(scope="module")
def run_path(tmp_path_factory, bench_command):
    folder = tmp_path_factory.mktemp("read")
    done = bench_command(*SMOKE, "--out", folder, cwd=folder)
    assert done.returncode == 0, done.stderr
    return next(folder.iterdir())


def texts_of(run):
    """What the embedded reader read in each picture."""
    reader = next(reader for reader in run.readers if reader.name == "ppocr")
    return {key: [line.text for line in record.reading.lines] for key, record in run.readings_by(reader).items()}


def test_an_existing_run_is_read_by_another_reader_and_both_are_kept(run_path, bench_command, tmp_path):
    before = Run.open(run_path)
    readings = texts_of(before)
    spoilt = next(iter(readings))
    readings[spoilt] = ["完全不同", *readings[spoilt][1:]]
    spec = dump(tmp_path / "elsewhere.jsonl", readings)
    done = bench_command(
        "read", run_path, "--reader", "ppocr", "--reader", spec, "--workers", "1", "--json", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    run = bench.load_run(run_path)
    assert [reader.name for reader in run.readers] == ["ppocr", spec]
    assert run.readings_by(run.readers[0]) == before.readings
    assert summary["reader"]["name"] == "ppocr"
    assert [other["name"] for other in summary["other_readers"]] == [spec]
    assert summary["other_readers"][0]["headline"]["value"] < summary["headline"]["value"]
    (agreed,) = summary["agreement"]
    assert 0 < agreed["agreement"]["value"] < 1
    assert agreed["contested_in_all"] > 0
    data = json.loads((run_path / "report" / "data.json").read_text(encoding="utf-8"))
    least = min(data["runs"][0]["samples"], key=lambda sample: sample["agreement"])
    assert (least["prompt"], least["seed"]) == spoilt
    assert least["others"][0] == {"reader": spec, "lines": readings[spoilt]}
    assert f"ppocr and {spec} agree" in " ".join(done.stderr.split())


def test_the_readers_named_last_come_first(run_path, bench_command, tmp_path):
    spec = dump(tmp_path / "again.jsonl", texts_of(Run.open(run_path)))
    assert bench_command("read", run_path, "--reader", spec, cwd=tmp_path).returncode == 0
    assert Run.open(run_path).reader.name == spec
    assert Run.open(run_path).summary["metrics"]["standard"]["legibility"] == {"missing": "no prompt has a score"}
    assert bench_command("read", run_path, cwd=tmp_path).returncode == 0
    assert Run.open(run_path).reader.name == "ppocr"


def test_a_picture_that_a_reader_cannot_read_leaves_the_rest(run_path, bench_command, tmp_path):
    readings = texts_of(Run.open(run_path))
    gone = readings.popitem()[0]
    spec = dump(tmp_path / "short.jsonl", readings)
    done = bench_command("read", run_path, "--reader", spec, "--workers", "1", cwd=tmp_path)
    assert done.returncode == 4
    assert f"{gone.prompt}, seed {gone.seed}: not read by {spec}" in " ".join(done.stderr.split())
    run = Run.open(run_path)
    assert run.reader.name != spec  # a reader that failed does not make the headline
    (short,) = (reader for reader in run.readers if reader.name == spec)
    assert set(run.readings_by(short)) == set(readings)
    assert run.summary["left_out"] == []


def test_a_reader_named_twice_is_an_error(run_path, bench_command, tmp_path):
    done = bench_command("read", run_path, "--reader", "ppocr", "--reader", "ppocr", cwd=tmp_path)
    assert done.returncode == 2
    assert "a reader is named twice" in done.stderr


def test_a_run_with_two_readers_goes_on_where_it_stopped(run_path, bench_command, tmp_path):
    source = Run.open(run_path)
    spec = dump(tmp_path / "second.jsonl", texts_of(source))
    arguments = [*SMOKE, "--out", tmp_path / "runs"]
    assert bench_command(*arguments, cwd=tmp_path).returncode == 0
    done = bench_command(*arguments, "--reader", "ppocr", "--reader", spec, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "runs").iterdir()
    run = Run.open(folder)
    assert [reader.name for reader in run.readers] == ["ppocr", spec]
    assert run.readings_by(run.readers[1]).keys() == run.readings.keys()
    assert run.summary["agreement"][0]["agreement"]["samples"] == 3
    evidence = run.readings[next(iter(run.readings))].evidence
    assert evidence
    assert evidence[0].probability > 0.5
