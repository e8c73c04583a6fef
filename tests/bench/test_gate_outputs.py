"""What `gate` writes for CI when it is asked to, as a user meets it."""

import json
import xml.etree.ElementTree as ET

import pytest

from tests.bench.written_runs import texts_with, written_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    written_run(folder / "good", texts_with(0.02), name="good\n::error::injected\n<b>|`")
    written_run(folder / "bad", texts_with(0.2), name="bad")
    return folder


def test_all_outputs_at_once_and_data_alone_on_stdout(bench_command, runs, tmp_path, monkeypatch):
    summary = tmp_path / "summary.md"
    summary.write_text("of an earlier command")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    outputs = ("--junit", "ci/junit.xml", "--summary", "--annotations", "--json")
    done = bench_command("gate", runs / "good", runs / "bad", *outputs, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["verdict"] == "regressed"
    assert ET.parse(tmp_path / "ci" / "junit.xml").getroot().get("failures") != "0"
    assert summary.read_text(encoding="utf-8").startswith("of an earlier command\n\n## ❌ REGRESSED")
    commands = [line for line in done.stderr.splitlines() if line.startswith("::")]
    assert commands
    assert all(line.startswith("::error title=Glyphbench%3A ") for line in commands)


def test_a_run_against_itself_writes_them_too(bench_command, runs, tmp_path):
    done = bench_command("gate", runs / "bad", "--aa", "--junit", "aa.xml", "--summary-file", "aa.md", cwd=tmp_path)
    assert ET.parse(tmp_path / "aa.xml").find(".//property[@name='exit code']").get("value") == str(done.returncode)
    assert (tmp_path / "aa.md").read_text(encoding="utf-8").startswith("## ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--summary",), "GITHUB_STEP_SUMMARY is not set"),
        (("--summary", "--summary-file", "x"), "not both"),
        (("--junit", "."), "--junit .: cannot be written"),
        (("--summary-file", "none/x.md"), "cannot write none/x.md"),
    ],
)
def test_an_output_without_a_place_is_told(bench_command, runs, tmp_path, monkeypatch, options, message):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    done = bench_command("gate", runs / "bad", runs / "bad", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
