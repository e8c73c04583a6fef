"""Runs go on where they stopped, lose nothing, and end equal to a run that was never interrupted."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

import bench
from bench.config import Settings
from bench.generators import Failure, Picture
from bench.plan import plan_runs
from bench.records import SampleKey
from bench.runner import execute
from prompts.errors import GlyphbenchError

SMOKE = ["-m", "bench", "run", "--suite", "smoke", "--seeds", "0..2", "--workers", "1"]


def records(folder):
    """All that must not depend on interruptions: the last record of each picture, the readings, the scores."""
    run = bench.load_run(folder)
    readings = {key: record for key, record in run.readings.items() if key in run.samples}
    return run.samples, readings, run.scores


def assert_equal_runs(one, other):
    samples, readings, scores = records(one)
    other_samples, other_readings, other_scores = records(other)
    assert samples == other_samples
    assert readings == other_readings
    pd.testing.assert_frame_equal(scores, other_scores)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that was not interrupted, and how many seconds it took."""
    folder = tmp_path_factory.mktemp("whole")
    start = time.monotonic()
    subprocess.run([sys.executable, *SMOKE], cwd=folder, check=True, capture_output=True)
    (run,) = (folder / "runs").iterdir()
    return run, time.monotonic() - start


def test_a_run_killed_at_ten_random_moments_is_equal_to_one_that_was_not(whole, tmp_path):
    run, seconds = whole
    draw = random.Random(20261123)
    for _ in range(10):
        process = subprocess.Popen(
            [sys.executable, *SMOKE], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(draw.uniform(0.3, 0.9) * seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    subprocess.run([sys.executable, *SMOKE], cwd=tmp_path, check=True, capture_output=True)
    (resumed,) = (tmp_path / "runs").iterdir()
    assert resumed.name == run.name
    assert json.loads((resumed / "manifest.json").read_text())["status"] == "complete"
    assert_equal_runs(run, resumed)


def test_a_complete_run_is_shown_and_not_made_again(whole, tmp_path):
    run, _ = whole
    copy = tmp_path / "runs" / run.name
    shutil.copytree(run, copy)
    before = (copy / "samples.jsonl").read_bytes()
    done = subprocess.run([sys.executable, *SMOKE], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "was complete already" in done.stderr
    assert (copy / "samples.jsonl").read_bytes() == before
    subprocess.run([sys.executable, *SMOKE, "--fresh"], cwd=tmp_path, capture_output=True, check=True)
    assert_equal_runs(copy, copy.with_name(f"{copy.name}.2"))


def test_a_lost_image_is_made_again(whole, tmp_path):
    run, _ = whole
    copy = tmp_path / "runs" / run.name
    shutil.copytree(run, copy)
    lost = next(copy.glob("images/*/1.png"))
    content = lost.read_bytes()
    lost.unlink()
    subprocess.run([sys.executable, *SMOKE], cwd=tmp_path, capture_output=True, check=True)
    assert lost.read_bytes() == content
    assert_equal_runs(run, copy)


def test_an_exchanged_image_is_not_scored_as_the_recorded_one(whole, tmp_path):
    run, _ = whole
    copy = tmp_path / "runs" / run.name
    shutil.copytree(run, copy)
    one, other = sorted(copy.glob("images/*/1.png"))[:2]
    one.write_bytes(other.read_bytes())
    (copy / next(copy.glob("readings.*.jsonl")).name).unlink()
    done = subprocess.run([sys.executable, *SMOKE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "its SHA-256 differs" in done.stderr


def test_scores_come_back_from_readings_without_images(whole, tmp_path):
    run, _ = whole
    copy = tmp_path / "elsewhere"
    shutil.copytree(run, copy)
    shutil.rmtree(copy / "images")
    for derived in [*copy.glob("scores.*"), copy / "summary.json"]:
        derived.unlink()
    done = subprocess.run([sys.executable, "-m", "bench", "score", copy], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert_equal_runs(run, copy)
    assert json.loads((copy / "summary.json").read_text()) == json.loads((run / "summary.json").read_text())


def test_a_second_process_on_the_same_run_is_refused(whole, tmp_path):
    run, _ = whole
    copy = tmp_path / "runs" / run.name
    shutil.copytree(run, copy)
    with bench.load_run(copy).folder.lock():
        done = subprocess.run([sys.executable, *SMOKE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "another process is working on this run" in done.stderr


class Flaky:
    """A generator around the typesetter whose first attempt at some pictures fails."""

    name = "flaky"
    is_model = True

    def __init__(self, generator, status, failing):
        self._generator, self._status, self._failing = generator, status, failing
        self.identity = {"kind": "flaky"}

    def seeds(self, prompts):
        return self._generator.seeds(prompts)

    def check(self, jobs):
        self._generator.check(jobs)

    def generate(self, jobs):
        for outcome in self._generator.generate(jobs):
            job = outcome.job
            if SampleKey(job.prompt.id, job.seed) in self._failing:
                yield Failure(job, self._status, "out of memory")
            else:
                yield outcome


def smoke_plan(folder, limit=3):
    (plan,) = plan_runs(Settings(suite=("smoke",), model="typeset", seeds=(0,), limit=limit, out=folder), workers=1)
    return plan


def with_generator(plan, generator):
    from dataclasses import replace

    return replace(plan, generator=generator, spec="flaky")


def test_a_failure_of_ours_is_recorded_retried_and_never_scored_as_zero(tmp_path):
    plan = smoke_plan(tmp_path)
    key = SampleKey(plan.jobs[1].prompt.id, 0)
    failing = with_generator(plan, Flaky(plan.generator, "infra", {key}))
    result = execute(failing)
    assert result.failures == (f"{key.prompt}, seed 0: out of memory",)
    assert result.run.manifest.status == "started"
    rows = result.run.scores[result.run.scores["prompt"] == key.prompt]
    assert set(rows["missing"]) == {"infra: out of memory"}
    assert rows["value"].isna().all()
    assert result.run.summary["headline"]["prompts"] < len(plan.jobs)
    again = execute(with_generator(plan, Flaky(plan.generator, "infra", set())))
    assert not again.failures
    assert again.run.manifest.status == "complete"
    assert again.run.samples[key].status == "ok"


def test_a_refusal_is_the_models_own_doing_and_scored_as_nothing_read(tmp_path):
    plan = smoke_plan(tmp_path)
    key = SampleKey(plan.jobs[0].prompt.id, 0)
    result = execute(with_generator(plan, Flaky(plan.generator, "refused", {key})))
    assert not result.failures
    rows = result.run.scores.query("prompt == @key.prompt and profile == 'standard'").set_index("metric")
    assert rows.loc["accuracy", "value"] == 0
    assert rows.loc["recall", "value"] == 0
    assert rows.loc["precision", "missing"] == "nothing was read"
    assert result.run.summary["counts"]["refused"] == 1


class Painted(Flaky):
    """A generator that gives every job the same picture."""

    def __init__(self, generator, image):
        super().__init__(generator, "infra", set())
        self._image = image

    def generate(self, jobs):
        for job in jobs:
            yield Picture(job, self._image)


def test_a_blank_picture_scores_zero_and_is_counted(tmp_path):
    from PIL import Image

    plan = smoke_plan(tmp_path)
    result = execute(with_generator(plan, Painted(plan.generator, Image.new("RGB", (512, 512), "beige"))))
    counts = result.run.summary["counts"]
    assert counts["blank"] == counts["asked"] == 3
    table = result.run.summary["metrics"]["standard"]
    assert table["accuracy"]["value"] == 0
    assert table["recall"]["value"] == 0
    assert table["cer"]["value"] == 1


def test_a_folder_of_another_run_is_refused_and_left_alone(tmp_path):
    plan = smoke_plan(tmp_path)
    execute(plan)
    path = plan.folder()
    manifest = (path / "manifest.json").read_text()
    (path / "manifest.json").write_text(manifest.replace(plan.model_digest, "0" * 64))
    with pytest.raises(GlyphbenchError, match="holds a run of another model"):
        execute(plan)
    (path / "manifest.json").write_text(manifest.replace(plan.suite.digest, "0" * 64))
    with pytest.raises(GlyphbenchError, match="its content is not that of suite smoke"):
        execute(plan)


def test_a_folder_of_a_newer_format_is_refused(tmp_path):
    plan = smoke_plan(tmp_path)
    execute(plan)
    path = plan.folder() / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(GlyphbenchError, match="format 99 is newer than format 1"):
        execute(plan)


def test_records_say_that_this_is_no_model(tmp_path):
    run = execute(smoke_plan(tmp_path)).run
    assert run.summary["note"] == "instrument check, not a model"
    assert not run.manifest.model.is_model
    assert {sample.details["strength"] for sample in run.samples.values()} == {"plain"}


def test_damaged_scores_are_made_good_from_the_readings(whole, tmp_path):
    run, _ = whole
    copy = tmp_path / "damaged"
    shutil.copytree(run, copy)
    (scores,) = copy.glob("scores.*.parquet")
    scores.write_bytes(b"garbage")
    assert_equal_runs(run, copy)


def test_an_interrupted_run_says_so_and_goes_on(whole, tmp_path):
    run, _ = whole
    process = subprocess.Popen(
        [sys.executable, *SMOKE], cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not list(tmp_path.glob("runs/*/images/*/*.png")):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "the same command goes on" in said
    assert "Traceback" not in said
    subprocess.run([sys.executable, *SMOKE], cwd=tmp_path, check=True, capture_output=True)
    (resumed,) = (tmp_path / "runs").iterdir()
    assert_equal_runs(run, resumed)
