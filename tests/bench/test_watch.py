"""Watching a training run: each checkpoint once, whatever happens to the trainer, the checkpoint or the watcher."""

import csv
import json
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.gating.policy import Policy
from bench.watching.attempts import Attempts
from bench.watching.checkpoints import find_checkpoints, step_of
from bench.watching.completeness import Rule, unfinished
from bench.watching.evaluation import Evaluation
from bench.watching.history import Entry, History
from bench.watching.judging import Judge
from bench.watching.template import Template
from bench.watching.watcher import Watch, Watcher
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from tests.bench.written_runs import texts_with, written_run

save_file = pytest.importorskip("safetensors.numpy", reason='the extra "cogview" is not installed').save_file

AT_ONCE = Rule(settle_s=0)


# What a checkpoint is


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("checkpoint-500", 500),
        ("cogview4-step-1200", 1200),
        ("epoch=3-step=1200.safetensors", 1200),
        ("step_000100-ema2", 100),
        ("ckpt-70-bf16", 70),
        ("qwen2.5-ckpt-100", 100),
        ("0042", 42),
        ("latest", None),
    ],
)
def test_the_number_in_a_name_orders_it(name, step):
    assert step_of(name) == step


def test_checkpoints_are_folders_and_whole_files_of_weights_by_number(tmp_path):
    for name in ("checkpoint-1000", "checkpoint-200", "logs", "tmp-checkpoint-300", ".hidden-1", "checkpoint-400.part"):
        (tmp_path / name).mkdir()
    for name in ("step-50.safetensors", "model-00001-of-00002.safetensors", "step-60.txt", "step-70.ckpt"):
        (tmp_path / name).touch()
    assert [c.name for c in find_checkpoints(tmp_path)] == ["step-50.safetensors", "checkpoint-200", "checkpoint-1000"]
    assert [c.name for c in find_checkpoints(tmp_path, "checkpoint-2*")] == ["checkpoint-200"]
    with pytest.raises(GlyphbenchError, match="there is no folder"):
        find_checkpoints(tmp_path / "nowhere")


# When it is complete


@pytest.fixture
def checkpoint(tmp_path):
    folder = tmp_path / "checkpoint-1"
    folder.mkdir()
    save_file({"a": np.zeros(100, np.float32), "b": np.ones(3, np.float16)}, folder / "model.safetensors")
    return folder


def test_a_whole_checkpoint_is_complete_once_it_is_settled(checkpoint):
    assert unfinished(checkpoint, AT_ONCE) is None
    assert "changed less than 60 s ago" in unfinished(checkpoint, Rule(60))
    # A copy that keeps the times of the original is new all the same.
    os.utime(checkpoint / "model.safetensors", (1, 1))
    os.utime(checkpoint, (1, 1))
    assert "changed less than" in unfinished(checkpoint, Rule(60))


def test_every_cut_of_the_weights_is_half_written(checkpoint):
    file = checkpoint / "model.safetensors"
    whole = file.read_bytes()
    for length in (*range(9), 20, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        assert unfinished(checkpoint, AT_ONCE), length
    file.write_bytes(whole + b"\0")
    assert "bytes" in unfinished(checkpoint, AT_ONCE)
    file.write_bytes(whole)
    assert unfinished(checkpoint, AT_ONCE) is None


@pytest.mark.parametrize(
    "header", [b"[]", b'{"a": 1}', b"\xff", b'{"a": {"data_offsets": []}}', b'{"a": {"data_offsets": ["x", "y"]}}']
)
def test_a_damaged_header_is_no_reason_to_crash(checkpoint, header):
    (checkpoint / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    assert "header" in unfinished(checkpoint, AT_ONCE)


def test_an_index_wants_its_shards(checkpoint):
    index = checkpoint / "model.safetensors.index.json"
    index.write_text('{"weight_map": {"a": "model.safetensors", "b": "other.safetensors"}}')
    assert unfinished(checkpoint, AT_ONCE) == "model.safetensors.index.json: other.safetensors is not there yet"
    index.write_text('{"weight_map": {"a": "model')
    assert "no whole index" in unfinished(checkpoint, AT_ONCE)


def test_a_distributed_checkpoint_wants_its_metadata(tmp_path):
    (tmp_path / "__0_0.distcp").touch()
    assert ".metadata" in unfinished(tmp_path, AT_ONCE)
    (tmp_path / ".metadata").touch()
    assert unfinished(tmp_path, AT_ONCE) is None


def test_an_empty_folder_and_a_part_are_unfinished(checkpoint, tmp_path):
    (tmp_path / "empty").mkdir()
    assert unfinished(tmp_path / "empty", AT_ONCE) == "is empty"
    (checkpoint / "optimizer.tmp").touch()
    assert "optimizer.tmp" in unfinished(checkpoint, AT_ONCE)
    assert unfinished(tmp_path / "gone", AT_ONCE)


def test_a_marker_takes_the_place_of_waiting(checkpoint, tmp_path):
    rule = Rule(3600, "DONE")
    assert unfinished(checkpoint, rule) == "waits for DONE"
    (checkpoint / "DONE").touch()
    assert unfinished(checkpoint, rule) is None
    file = tmp_path / "step-1.safetensors"
    (checkpoint / "model.safetensors").rename(file)
    assert unfinished(file, Rule(3600, ".done")) == "waits for step-1.safetensors.done"
    (tmp_path / "step-1.safetensors.done").touch()
    assert unfinished(file, Rule(3600, ".done")) is None


# The spec


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_path_comes_through_the_options(name):
    path = Path("runs") / name
    spec = Spec.parse(Template("cogview4?steps=3&transformer={checkpoint}/part&lora={checkpoint}@0.5").filled(path))
    assert spec.options == {"steps": "3", "transformer": f"{path}/part", "lora": f"{path}@0.5"}


def test_a_name_that_is_no_text_is_written_down_all_the_same(trainer, tmp_path):
    odd = os.fsdecode(b"step-1-\xff")
    trainer.save(odd)
    watcher = watcher_of(trainer, tmp_path)
    trainer.behaviour[odd] = lambda: Evaluation(2, (), "no such folder")
    looked(watcher)
    looked(watcher)
    assert [(row["checkpoint"], row["state"]) for row in rows(tmp_path)] == [("step-1-\\udcff", "failed")]
    assert "%FF" in Template("x?a={checkpoint}").filled(Path(odd))


def test_a_path_before_the_options_stands_as_it_is():
    spec = Spec.parse(Template("diffusers:{checkpoint}?steps=3").filled(Path("a & b/%41+c")))
    assert (spec.kind, spec.target, spec.options) == ("diffusers", "a & b/%41+c", {"steps": "3"})
    with pytest.raises(GlyphbenchError, match="rename it"):
        Template("diffusers:{checkpoint}").filled(Path("a?b"))
    with pytest.raises(GlyphbenchError, match=r"write \{checkpoint\} where"):
        Template("cogview4")


# The watcher, its evaluations played by runs that are written at once


class Trainer:
    """Puts checkpoints into a folder, and knows how well each will write."""

    def __init__(self, folder):
        self.folder = folder
        self.errors = {}
        self.evaluated = []
        self.behaviour = {}
        folder.mkdir()

    def save(self, name, errors=0.02, draw=0):
        place = self.folder / name
        place.mkdir(exist_ok=True)
        save_file({"a": np.full(3, errors)}, place / "model.safetensors")
        self.errors[name] = (errors, draw)

    def evaluate(self, arguments, log):
        path = Path(Spec.parse(arguments[arguments.index("--model") + 1]).target)
        self.evaluated.append(path.name)
        if behaviour := self.behaviour.get(path.name):
            return behaviour()
        errors, draw = self.errors[path.name]
        place = self.folder.parent / "runs" / f"{path.name}-{len(self.evaluated)}"
        run = written_run(place, texts_with(errors, draw), name=path.name)
        return Evaluation(0, ({"folder": str(place), **run.summary},))


@pytest.fixture
def trainer(tmp_path):
    return Trainer(tmp_path / "training")


POLICY = Policy.model_validate({"metric": [{"name": "accuracy", "margin": 0.02, "reason": "for the test"}]})


def watcher_of(trainer, tmp_path, told=None, **changes):
    judge = Judge(changes.pop("policy", POLICY), changes.pop("bases", {}), tmp_path / "calibrations")
    watch = Watch(
        trainer.folder,
        Template("folder:{checkpoint}"),
        ("signs-zh",),
        (),
        judge,
        tmp_path / "history",
        rule=AT_ONCE,
        **changes,
    )
    return Watcher(watch, trainer.evaluate, (told if told is not None else []).append)


def looked(watcher):
    with watcher.lock():
        return [entry for entries in watcher.look() for entry in entries]


def rows(tmp_path):
    with (tmp_path / "history" / "history.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_checkpoint_is_evaluated_once_in_the_order_of_its_steps(trainer, tmp_path):
    trainer.save("checkpoint-1000", draw=1)
    trainer.save("checkpoint-200")
    first = watcher_of(trainer, tmp_path)
    assert [(entry.checkpoint, entry.verdict) for entry in looked(first)] == [
        ("checkpoint-200", "base"), ("checkpoint-1000", "pass"),
    ]  # fmt: skip
    assert not looked(first)
    trainer.save("checkpoint-1500", errors=0.2)
    restarted = watcher_of(trainer, tmp_path)
    (entry,) = looked(restarted)
    assert (entry.checkpoint, entry.verdict) == ("checkpoint-1500", "regressed")
    assert not looked(watcher_of(trainer, tmp_path))
    assert trainer.evaluated == ["checkpoint-200", "checkpoint-1000", "checkpoint-1500"]
    assert [row["checkpoint"] for row in rows(tmp_path)] == trainer.evaluated


def test_the_history_has_values_gain_and_margin(trainer, tmp_path):
    trainer.save("checkpoint-1")
    trainer.save("checkpoint-2", errors=0.2)
    looked(watcher_of(trainer, tmp_path))
    base, worse = rows(tmp_path)
    assert float(worse["accuracy_margin"]) == 0.02
    assert worse["accuracy_base"] == base["accuracy"]
    assert float(worse["accuracy_gain"]) == pytest.approx(float(worse["accuracy"]) - float(base["accuracy"]))
    assert (
        float(worse["accuracy_gain_low"]) < float(worse["accuracy_gain"]) < float(worse["accuracy_gain_high"]) < -0.02
    )
    assert (base["accuracy_margin"], worse["base"]) == ("", base["run"])
    assert History(tmp_path / "history" / "history.csv").entries[1].numbers["accuracy"] == float(worse["accuracy"])


def test_a_given_base_judges_the_first_checkpoint_too(trainer, tmp_path):
    written_run(tmp_path / "good", texts_with(0.0), name="good")
    trainer.save("checkpoint-1", errors=0.2)
    judge = Judge.of(POLICY, [tmp_path / "good"], ["signs-zh"], tmp_path)
    (entry,) = looked(watcher_of(trainer, tmp_path, bases=judge.bases))
    assert (entry.verdict, entry.base) == ("regressed", str(tmp_path / "good"))
    with pytest.raises(GlyphbenchError, match="suite signs-zh, which is not evaluated"):
        Judge.of(POLICY, [tmp_path / "good"], ["zh_text"], tmp_path)


def test_half_written_checkpoints_wait_and_are_told_once(trainer, tmp_path):
    trainer.save("checkpoint-1")
    file = trainer.folder / "checkpoint-1" / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    told = []
    watcher = watcher_of(trainer, tmp_path, told)
    assert not looked(watcher)
    assert not looked(watcher)
    assert told == [f"checkpoint-1: model.safetensors: has {len(whole) - 1} of {len(whole)} bytes"]
    file.write_bytes(whole)
    assert [entry.checkpoint for entry in looked(watcher)] == ["checkpoint-1"]


def test_a_failing_checkpoint_is_recorded_and_not_retried_for_ever(trainer, tmp_path):
    trainer.save("checkpoint-1")
    trainer.save("checkpoint-2")
    trainer.behaviour["checkpoint-1"] = lambda: Evaluation(2, (), "a weight is missing")
    told = []
    watcher = watcher_of(trainer, tmp_path, told)
    assert [entry.checkpoint for entry in looked(watcher)] == ["checkpoint-2"]
    assert any("attempt 1 of 2: a weight is missing" in text for text in told)
    (failed,) = looked(watcher)
    assert (failed.state, failed.reason) == ("failed", "a weight is missing")
    assert not looked(watcher_of(trainer, tmp_path))
    assert trainer.evaluated.count("checkpoint-1") == 2
    # Written anew, it is another one.
    del trainer.behaviour["checkpoint-1"]
    trainer.save("checkpoint-1", errors=0.021)
    assert [(entry.checkpoint, entry.state) for entry in looked(watcher)] == [("checkpoint-1", "evaluated")]
    assert [row["state"] for row in rows(tmp_path)] == ["evaluated", "failed", "evaluated"]


def test_again_evaluates_once_more_and_a_change_is_told(trainer, tmp_path):
    trainer.save("checkpoint-1")
    looked(watcher_of(trainer, tmp_path))
    trainer.save("checkpoint-1", errors=0.03)
    told = []
    assert not looked(watcher_of(trainer, tmp_path, told))
    assert told == ["checkpoint-1: has changed since it was evaluated; --again checkpoint-1 evaluates it anew"]
    again = watcher_of(trainer, tmp_path, again=frozenset({"checkpoint-1"}))
    assert len(looked(again)) == 1
    assert not looked(again)
    assert len(again.history.current()) == 1


def test_an_interruption_says_nothing_of_the_checkpoint(trainer, tmp_path):
    def interrupt():
        raise KeyboardInterrupt

    trainer.save("checkpoint-1")
    trainer.behaviour["checkpoint-1"] = interrupt
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            looked(watcher_of(trainer, tmp_path))
    assert Attempts(tmp_path / "history" / "attempts.json").of("checkpoint-1") == 0
    del trainer.behaviour["checkpoint-1"]
    assert len(looked(watcher_of(trainer, tmp_path))) == 1


def test_a_checkpoint_that_takes_the_watcher_down_is_given_up(trainer, tmp_path):
    trainer.save("checkpoint-1")
    watcher_of(trainer, tmp_path)
    for _ in range(2):
        Attempts(tmp_path / "history" / "attempts.json").begin("checkpoint-1")
    (entry,) = looked(watcher_of(trainer, tmp_path))
    assert (entry.state, entry.reason) == ("failed", "its evaluation took the watcher down 2 times")
    assert not trainer.evaluated


def test_a_checkpoint_removed_meanwhile_is_no_reason_to_crash(trainer, tmp_path):
    trainer.save("checkpoint-1")
    trainer.save("checkpoint-2")

    def remove():
        for file in (trainer.folder / "checkpoint-2").iterdir():
            file.unlink()
        (trainer.folder / "checkpoint-2").rmdir()
        return Evaluation(4, (), "memory")

    trainer.behaviour["checkpoint-1"] = remove
    assert not looked(watcher_of(trainer, tmp_path))
    assert trainer.evaluated == ["checkpoint-1"]


def test_a_second_watcher_is_refused(trainer, tmp_path):
    with watcher_of(trainer, tmp_path).lock(), pytest.raises(GlyphbenchError, match="another watcher is at work"):
        looked(watcher_of(trainer, tmp_path))


def test_its_own_folders_are_no_checkpoints(trainer, tmp_path):
    (trainer.folder / "runs-7").mkdir()
    (trainer.folder / "runs-7" / "file").touch()
    assert not looked(watcher_of(trainer, tmp_path, ignored=(trainer.folder / "runs-7",)))


def test_a_damaged_history_is_refused(tmp_path):
    path = tmp_path / "history.csv"
    History(path).append([Entry("a\n1", 1, "s", "evaluated", reason='say "x", y', numbers={"accuracy": 0.1})])
    assert History(path).entries[0].reason == 'say "x", y'
    path.write_text(path.read_text().replace("evaluated", "elevated"))
    with pytest.raises(GlyphbenchError, match="not a history"):
        History(path)


def test_tensorboard_has_each_checkpoint_once_after_a_restart(trainer, tmp_path):
    pytest.importorskip("tensorboard", reason='the extra "tensorboard" is not installed')
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from bench.watching.scalars import Scalars

    trainer.save("checkpoint-10")
    trainer.save("checkpoint-20", draw=1)
    for _ in range(2):
        watcher = watcher_of(trainer, tmp_path)
        scalars = Scalars(tmp_path / "tensorboard", watcher.history.current())
        for entry in looked(watcher):
            scalars.add([entry])
    events = EventAccumulator(str(tmp_path / "tensorboard"), size_guidance={"tensors": 0})
    events.Reload()
    assert [event.step for event in events.Tensors("signs-zh/accuracy")] == [10, 20]
    assert [event.step for event in events.Tensors("signs-zh/accuracy_gain")] == [20]


# The command


def pictures(folder, name, prompts):
    from PIL import Image

    for prompt in prompts:
        place = folder / name / prompt.id
        place.mkdir(parents=True)
        Image.new("RGB", (prompt.size.width, prompt.size.height), "white").save(place / "0.png")


WATCH = ("--suite", "smoke", "--model", "folder:{checkpoint}", "--workers", "1", "--settle", "0", "--once")


def test_the_command_evaluates_in_processes_of_its_own(bench_command, tmp_path):
    from prompts.loading import find_suite

    prompts = find_suite("smoke").prompts
    pictures(tmp_path / "samples", "step-1", prompts)
    pictures(tmp_path / "samples", "step-2", prompts[:3])
    done = bench_command("watch", "samples", *WATCH, "--attempts", "1", "--json", cwd=tmp_path)
    assert done.returncode == 4, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["verdict"], first["state"]) == ("base", "evaluated")
    assert second["state"] == "failed"
    assert prompts[3].id in second["reason"]
    (place,) = (tmp_path / "runs").glob("watch-samples-*")
    assert {"history.csv", "curve-smoke.png", "curve-smoke.svg", "step-1.log"} <= {
        path.name for path in place.iterdir()
    }
    again = bench_command("watch", "samples", *WATCH, cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "")


def test_what_the_user_can_mend_is_told_before_any_checkpoint(bench_command, tmp_path):
    (tmp_path / "samples" / "step-1").mkdir(parents=True)
    for arguments, message in [
        (("--suite", "smok", "--model", "folder:{checkpoint}"), "unknown suite 'smok'"),
        (("--suite", "smoke", "--model", "folder:x"), "write {checkpoint} where"),
        (("--suite", "smoke", "--model", "folder:{checkpoint}", "--policy", "none.toml"), "none.toml"),
    ]:
        done = bench_command("watch", "samples", "--once", *arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def _watching(tmp_path):
    """Start a watcher for ever on a checkpoint whose evaluation never ends; return it once that has begun."""
    (tmp_path / "ck" / "step-1").mkdir(parents=True)
    (tmp_path / "ck" / "step-1" / "file").touch()
    (tmp_path / "slow.py").write_text(
        "import os, sys\nopen('begun', 'w').write(str(os.getppid()))\nsys.stdin.read()\nsys.stdin.read()\n"
    )
    command = f"command:{sys.executable} slow.py {{checkpoint}}"
    arguments = ["watch", "ck", "--suite", "smoke", "--model", command, "--settle", "0", "--workers", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", *arguments],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for _ in range(600):
        if (tmp_path / "begun").exists() and (tmp_path / "begun").read_text():
            return process, int((tmp_path / "begun").read_text())
        time.sleep(0.1)
    raise AssertionError(process.communicate()[1])


def _is_gone(pid):
    for _ in range(300):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_no_evaluation_outlives_its_watcher(tmp_path, number, code):
    process, child = _watching(tmp_path)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    told = process.communicate(timeout=60)[1]
    assert process.returncode == code, told
    assert _is_gone(child)
    assert "Traceback" not in told
