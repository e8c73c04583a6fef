"""The gate fails closed: what could not be counted, or never be exceeded, is told and never a pass."""

import dataclasses
import json

import numpy as np
import pytest
from pydantic import ValidationError

from bench.gating.baseline import bless
from bench.gating.baseline_file import read_baseline
from bench.gating.judge import judge_gate
from bench.gating.policy import Policy
from bench.run import Run
from prompts.errors import GlyphbenchError
from tests.bench.test_gate import pair, policy, sheet
from tests.bench.written_runs import texts_with, written_run

LOST = {"guard": [{"name": "lost", "max_count": 0}]}


def test_a_guard_that_cannot_count_gets_no_verdict():
    base, candidate = pair(0.0)
    without = [
        dataclasses.replace(side, scores={"accuracy": side.scores["accuracy"]}) if side is base else side
        for side in (base, candidate)
    ]
    assert judge_gate(base, candidate, policy(**LOST)).verdict == "pass"
    result = judge_gate(*without, policy(**LOST))
    assert (result.verdict, result.exit_code) == ("no verdict", 3)
    assert "guard lost: exact" in result.reasons[0]


def test_a_guard_that_counts_on_one_side_only_gets_no_verdict():
    values = np.full((60, 4), 0.5)
    exact = np.ones((60, 4))
    gone = exact.copy()
    gone[0] = np.nan
    result = judge_gate(sheet(values, exact, name="base"), sheet(values, gone), policy(**LOST))
    assert result.verdict == "no verdict"
    assert "4 times" in result.reasons[0]


def test_prompts_without_a_score_on_either_side_are_counted():
    base, candidate = pair(0.0)
    for side in (base, candidate):
        for table in (side.scores["accuracy"].numerators, side.scores["accuracy"].denominators):
            table[:7] = np.nan
    result = judge_gate(base, candidate, policy())
    assert result.verdict == "pass"
    assert "accuracy: 7 of 200 prompts have no score in either run" in result.remarks


@pytest.mark.parametrize(("name", "margin"), [("accuracy", 1), ("exact", 2), ("cer", 2)])
def test_a_margin_that_can_never_be_exceeded_is_a_fault(name, margin):
    content = {"metric": [{"name": name, "margin": margin}]}
    if name == "cer":
        assert Policy.model_validate(content).metric[0].margin == margin
        return
    with pytest.raises(ValidationError, match="can never be exceeded"):
        Policy.model_validate(content)


def test_a_run_judged_against_itself_by_mistake_is_told():
    base, candidate = pair(0.0)
    assert any("no worse than itself" in remark for remark in judge_gate(base, base, policy()).remarks)
    assert not any("itself" in remark for remark in judge_gate(base, candidate, policy()).remarks)


def test_a_baseline_whose_metric_has_no_version_is_refused(tmp_path):
    written_run(tmp_path / "run", texts_with(0.02), name="good")
    path = tmp_path / "base.json"
    bless(Run.open(tmp_path / "run"), "first", path)
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["conditions"]["metrics"]["accuracy"]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(GlyphbenchError, match=r"conditions\.metrics"):
        read_baseline(path)
