"""The GitHub action, the examples for CI servers and the worked example: parsed, and run as far as a test can."""

import json
import os
import re
import runpy
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bench.gating.policy import read_policy
from bench.generators import Job
from bench.generators.table import open_generator
from bench.watching.checkpoints import find_checkpoints
from bench.watching.completeness import Rule, unfinished
from bench.watching.template import Template
from prompts.lint import lint
from prompts.loading import find_suite
from prompts.suite import Size
from tests.bench.written_runs import texts_with, written_run

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "ci"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
HOSTILE = "\"; echo INJECTED >&2; $(touch injected) `touch injected` '"


def load(name):
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


# The action


def test_every_input_and_output_is_described_and_used():
    text = json.dumps(ACTION["runs"])
    for name, entry in ACTION["inputs"].items():
        assert entry["description"], name
        assert entry.get("required") or "default" in entry, name
        assert f"inputs.{name}" in text
    for entry in ACTION["outputs"].values():
        assert entry["description"]
        step, output = re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}", entry["value"]).groups()
        assert any(each.get("id") == step and f"{output}=" in each["run"] for each in STEPS.values())


def test_no_expression_is_written_into_a_script():
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")
        used = set(re.findall(r"\bGB_[A-Z]+", step.get("run", "")))
        assert used <= set(step.get("env", {}))
    for job in load("github.yml")["jobs"].values():
        assert not any("${{" in step.get("run", "") for step in job["steps"])


def run_step(name, tmp_path, **environment):
    """Run a step's script as GitHub does, in a folder of its own; return how it ended, its outputs and its summary."""
    files = {each: tmp_path / each.lower() for each in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.touch()
    script = tmp_path / "script.sh"
    script.write_text(STEPS[name]["run"], encoding="utf-8")
    (tmp_path / "temp" / "glyphbench").mkdir(parents=True, exist_ok=True)
    given = {key: environment.get(key, "") for key in STEPS[name]["env"]}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
        cwd=tmp_path,
        env={**os.environ, **files, "RUNNER_TEMP": str(tmp_path / "temp"), "GB_PYTHON": sys.executable, **given}
        | {"GB_PYTHON": environment.get("GB_PYTHON", sys.executable)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
    outputs = dict(line.split("=", 1) for line in lines)
    return done, outputs, files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")


STUB = """#!/usr/bin/env bash
printf '%s\\n' "$@" > arguments
"""


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        ({"GB_INSTALL": "none"}, ["-m", "bench", "--version"]),
        ({"GB_ACTION": "/a b"}, ["-m", "pip", "install", "--quiet", "--", "/a b"]),
        ({"GB_ACTION": "/a", "GB_EXTRAS": "cogview"}, ["-m", "pip", "install", "--quiet", "--", "/a[cogview]"]),
        ({"GB_INSTALL": HOSTILE}, ["-m", "pip", "install", "--quiet", "--", HOSTILE]),
    ],
)
def test_the_action_installs_what_it_is_told(tmp_path, given, arguments):
    stub = tmp_path / "python"
    stub.write_text(STUB)
    stub.chmod(0o755)
    done, _, _ = run_step("Install", tmp_path, GB_PYTHON=str(stub), **given)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "arguments").read_text().splitlines() == arguments
    assert not (tmp_path / "injected").exists()


def test_the_action_runs_and_says_where(tmp_path):
    shorten(tmp_path / "few.toml", 2, 512)
    done, outputs, _ = run_step(
        "Run", tmp_path, GB_SUITE="few.toml", GB_MODEL="typeset", GB_SEEDS="1", GB_READER="ppocr", GB_OUT="my runs"
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / outputs["run"] / "summary.json").exists()
    assert outputs["run"].startswith("my runs/signs-typeset-")


@pytest.mark.parametrize("name", ["GB_SUITE", "GB_MODEL", "GB_SEEDS", "GB_READER"])
def test_a_hostile_input_is_a_word_and_nothing_more(tmp_path, name):
    given = {"GB_SUITE": "smoke", "GB_MODEL": "typeset", "GB_OUT": "runs", name: HOSTILE}
    done, outputs, _ = run_step("Run", tmp_path, **given)
    assert done.returncode == 2
    assert "INJECTED" not in done.stderr.splitlines()
    assert not outputs
    assert not (tmp_path / "injected").exists()


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    written_run(folder / "good", texts_with(0.02), name="good")
    written_run(folder / "bad", texts_with(0.2), name="bad")
    written_run(folder / "part", texts_with(0.02), name="good", limit=8)
    return folder


@pytest.mark.parametrize(
    ("candidate", "code", "verdict"), [("good", 0, "pass"), ("bad", 1, "regressed"), ("part", 3, "no verdict")]
)
def test_the_action_ends_as_the_gate_does(tmp_path, runs, candidate, code, verdict):
    done, outputs, summary = run_step(
        "Gate", tmp_path, GB_BASE=str(runs / "good"), GB_RUN=str(runs / candidate), GB_ANNOTATIONS="true"
    )
    assert done.returncode == code, done.stderr
    assert (outputs["verdict"], outputs["exit-code"]) == (verdict, str(code))
    assert ET.parse(outputs["junit"]).getroot().get("name") == "glyphbench gate"
    assert summary.startswith("## ")
    annotated = [line for line in done.stderr.splitlines() if line.startswith("::")]
    assert bool(annotated) == bool(code)


def test_a_gate_that_cannot_begin_has_no_verdict_and_no_old_file(tmp_path):
    (tmp_path / "temp" / "glyphbench").mkdir(parents=True)
    junit = tmp_path / "temp" / "glyphbench" / "junit.xml"
    junit.write_text("<testsuites/>")
    done, outputs, summary = run_step("Gate", tmp_path, GB_BASE=HOSTILE, GB_RUN="nowhere")
    assert done.returncode == 2
    assert outputs == {"exit-code": "2"}
    assert not summary
    assert not junit.exists()
    assert not (tmp_path / "injected").exists()


# The examples for CI servers


def test_the_workflow_gives_the_action_inputs_that_it_has():
    (job,) = load("github.yml")["jobs"].values()
    (step,) = [step for step in job["steps"] if step.get("id") == "lettering"]
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert {name for name, entry in ACTION["inputs"].items() if entry.get("required")} <= set(step["with"])
    # PyYAML reads the key `on` as true.
    assert "pull_request_target" not in str(load("github.yml"))


def test_the_gitlab_job_runs_as_it_stands(tmp_path, runs):
    job = load("gitlab-ci.yml")["lettering"]
    assert job["stage"] in load("gitlab-ci.yml")["stages"]
    shorten(tmp_path / "few.toml", 2, 512)
    (tmp_path / "gate.toml").write_text((EXAMPLES / "gate.toml").read_text(encoding="utf-8"), encoding="utf-8")
    given = {"SUITE": "few.toml", "MODEL": "typeset", "BASE": str(runs / "good"), "PYTHON": sys.executable}
    assert set(given) < set(job["variables"])
    script = "\n".join(["set -eo pipefail", *job["script"]])
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={**os.environ, **given}, capture_output=True, text=True, timeout=300
    )  # fmt: skip
    # Two prompts of another suite are nothing to judge by: the job's last command is the gate, and it says so.
    assert done.returncode == 3, done.stderr
    reported = tmp_path / job["artifacts"]["reports"]["junit"]
    assert ET.parse(reported).getroot().get("errors") != "0"
    assert (tmp_path / "verdict.md").read_text(encoding="utf-8").startswith("## ⛔")


# The worked example


def shorten(path, count, size):
    """Write the first prompts of the example's suite, in small pictures."""
    parts = (EXAMPLES / "signs.toml").read_text(encoding="utf-8").split("[[prompt]]")
    text = "[[prompt]]".join(parts[: count + 1]).replace("size = [512, 512]", f"size = [{size}, {size}]")
    path.write_text(text.replace("seeds = 2", "seeds = 1"), encoding="utf-8")


def test_the_suite_and_the_policy_of_the_example_are_sound():
    suite = find_suite(str(EXAMPLES / "signs.toml"))
    assert not list(lint(suite))
    policy = read_policy(EXAMPLES / "gate.toml")
    assert (policy.suite, policy.min_prompts <= len(suite.prompts)) == (suite.name, True)


def test_a_small_version_of_the_worked_example_ends_as_it_should(tmp_path):
    shorten(tmp_path / "few.toml", 20, 192)
    policy = (EXAMPLES / "gate.toml").read_text(encoding="utf-8")
    policy = policy.replace("min_prompts = 50", "min_prompts = 20").replace("margin = 0.06", "margin = 0.1")
    (tmp_path / "gate.toml").write_text(policy, encoding="utf-8")
    given = {"SUITE": "few.toml", "POLICY": "gate.toml", "PYTHON": sys.executable, "BENCH_WORKERS": "1", "PARTS": "12"}
    done = subprocess.run(
        ["bash", EXAMPLES / "run.sh", "out"],
        cwd=tmp_path,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"exit code (\d)", done.stdout) == ["0", "0", "1", "3", "1"]
    for name, is_red in (("improved", False), ("unchanged", False), ("worse", True), ("worse-than-baseline", True)):
        root = ET.parse(tmp_path / "out" / "ci" / f"{name}.xml").getroot()
        assert (root.get("failures") != "0") == is_red


def test_the_tiny_training_run_leaves_checkpoints_that_load_and_differ(tmp_path):
    pytest.importorskip("diffusers", reason='the extra "cogview" is not installed')
    runpy.run_path(str(EXAMPLES / "tiny_training.py"))["main"](tmp_path)
    template = Template(f"diffusers:{tmp_path / 'pipeline'}?steps=1&size_rule=none&transformer={{checkpoint}}")
    prompt = replace(find_suite(str(EXAMPLES / "signs.toml")).prompts[0], size=Size(64, 64))
    drawn = set()
    for checkpoint in find_checkpoints(tmp_path / "checkpoints"):
        assert unfinished(checkpoint.path, Rule(settle_s=0)) is None
        (outcome,) = open_generator(template.filled(checkpoint.path)).generate([Job(prompt, 0)])
        drawn.add(outcome.image.tobytes())
    assert len(drawn) == 2
