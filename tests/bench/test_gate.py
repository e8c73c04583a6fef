"""The gate: its verdicts, what it refuses, its guards, and that it never says more than was found."""

import dataclasses
import json
import math
import shutil

import numpy as np
import pytest

from bench.comparison.alignment import Aligned
from bench.comparison.conditions import Conditions
from bench.comparison.contender import Contender
from bench.comparison.sheet import PromptFacts, ScoreSheet, sheet_of
from bench.gating.baseline import bless, open_sheet
from bench.gating.baseline_file import read_baseline
from bench.gating.guards import judge_guard
from bench.gating.halves import check_against_itself
from bench.gating.judge import judge_gate
from bench.gating.policy import DEFAULT_POLICY, GuardEntry, Policy, read_policy
from bench.reader_record import ReaderRecord
from bench.run import Run
from metrics.paired import Scores
from prompts.errors import GlyphbenchError
from reports.verdict import self_check_lines, verdict_lines
from tests.bench.written_runs import READER, suite_of, texts_with, written_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of sixty prompts and four seeds: few errors, the same drawn otherwise, many errors, eight prompts."""
    folder = tmp_path_factory.mktemp("runs")
    written_run(folder / "good", texts_with(0.02), name="good")
    written_run(folder / "same", texts_with(0.02, draw=1), name="same")
    written_run(folder / "bad", texts_with(0.06), name="bad")
    written_run(folder / "part", texts_with(0.02), name="good", limit=8)
    return folder


def sheet(values, exact=None, groups=None, name="model", empty=None, **conditions):
    """A sheet of accuracies, [prompts, seeds]; exact where they are 1 unless told."""
    values = np.asarray(values, float)
    exact = (values == 1).astype(float) if exact is None else np.asarray(exact, float)
    count, seeds = values.shape
    facts = tuple(PromptFacts(f"p{n:03}", groups[n] if groups else f"p{n:03}", "zh", "1", ()) for n in range(count))
    metrics = {"accuracy": "accuracy.1", "exact": "exact.1"}
    found = Conditions(
        "s", "1", "00", count, count, tuple(range(seeds)), "r", "11", {"engine": "r"}, "standard.1", metrics
    )
    return ScoreSheet(
        Contender(name, f"signature of {name}", name),
        name,
        dataclasses.replace(found, **conditions),
        facts,
        {"accuracy": _scores(values), "exact": _scores(exact)},
        np.zeros(values.shape, bool) if empty is None else empty,
        {},
        {"tier": "exact"},
    )


def _scores(table):
    return Scores(table, np.where(np.isnan(table), np.nan, 1.0))


def policy(margin=0.03, **other):
    return Policy.model_validate({"metric": [{"name": "accuracy", "margin": margin}], **other})


def pair(loss, prompts=200, noise=0.05, seed=3):
    """Two sheets of which the second is worse by about `loss`."""
    rng = np.random.default_rng(seed)
    base = rng.uniform(0.3, 0.7, (prompts, 1)) + rng.normal(0, noise, (prompts, 4))
    apart = rng.normal(0, noise, (prompts, 4))
    return sheet(base, name="base"), sheet(base - loss + apart - apart.mean(), name="candidate")


@pytest.mark.parametrize(
    ("loss", "verdict", "note"),
    [
        (0.0, "pass", ""),
        (-0.05, "pass", "better"),
        (0.02, "pass", "worse, within the margin"),
        (0.06, "regressed", "worse, beyond the margin"),
    ],
)
def test_the_verdict_follows_margin_and_interval(loss, verdict, note):
    result = judge_gate(*pair(loss), policy())
    (metric,) = result.metrics
    assert (result.verdict, metric.verdict, metric.note) == (verdict, verdict, note)
    assert metric.difference.value == pytest.approx(-loss)
    assert metric.gain_low < -loss < metric.gain_high
    assert result.exit_code == (verdict == "regressed")
    assert judge_gate(*pair(loss), policy()) == result


def test_where_lower_is_better_a_rise_is_a_loss():
    base, candidate = pair(0.06)
    errors = [
        dataclasses.replace(s, scores={"cer": Scores(1 - s.scores["accuracy"].numerators, np.ones((200, 4)))})
        for s in (base, candidate)
    ]
    demanded = Policy.model_validate({"metric": [{"name": "cer", "margin": 0.03}]})
    result = judge_gate(*errors, demanded)
    assert result.verdict == "regressed"
    assert result.metrics[0].difference.value == pytest.approx(0.06)
    assert judge_gate(*reversed(errors), demanded).verdict == "pass"


@pytest.mark.parametrize(("on_inconclusive", "code"), [("warn", 0), ("fail", 3)])
def test_what_cannot_be_told_is_inconclusive_and_never_called_a_pass(on_inconclusive, code):
    base, candidate = pair(0.03, prompts=60, noise=0.08)
    result = judge_gate(base, candidate, policy(on_inconclusive=on_inconclusive))
    assert (result.verdict, result.exit_code) == ("inconclusive", code)
    text = "\n".join(verdict_lines(result))
    assert "INCONCLUSIVE" in text
    assert "pass" not in text.lower()
    assert f"{result.metrics[0].needed_prompts:,} prompts" in text


def test_a_policy_that_an_unchanged_model_would_rarely_pass_is_refused_unless_told_otherwise():
    base, candidate = pair(0.0, prompts=60, noise=0.3)
    result = judge_gate(base, candidate, policy())
    assert result.metrics[0].passes_if_unchanged < 0.5
    assert (result.verdict, result.exit_code) == ("no verdict", 3)
    assert "too narrow for this suite" in result.reasons[0]
    assert judge_gate(base, candidate, policy(accept_weak=True)).verdict == "inconclusive"


def test_a_regression_is_told_even_where_the_policy_is_weak():
    base, candidate = pair(0.5, prompts=60, noise=0.3)
    result = judge_gate(base, candidate, policy())
    assert result.metrics[0].passes_if_unchanged < 0.5
    assert (result.verdict, result.reasons) == ("regressed", ())


def test_identical_runs_pass_by_any_margin():
    base, _ = pair(0)
    result = judge_gate(base, base, policy(margin=1e-9))
    (metric,) = result.metrics
    assert (result.verdict, metric.note, metric.difference.p, metric.passes_if_unchanged) == ("pass", "identical", 1, 1)
    assert metric.needed_prompts is None


def test_several_metrics_pass_together_and_fail_one_by_one():
    base, candidate = pair(0.0)
    both = Policy.model_validate({"metric": [{"name": n, "margin": 0.03} for n in ("accuracy", "exact")]})
    worse = dataclasses.replace(candidate, scores={**candidate.scores, "exact": base.scores["exact"]})
    assert judge_gate(base, worse, both).verdict == "pass"
    good, bad = sheet(np.full((60, 2), 1.0)), sheet(np.where(np.arange(120).reshape(60, 2) % 7 == 0, 0.99, 1.0))
    result = judge_gate(good, bad, both)
    assert [metric.verdict for metric in result.metrics] == ["pass", "regressed"]
    assert result.verdict == "regressed"
    assert result.metrics[1].p_holm == pytest.approx(2 * result.metrics[1].p_worse)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"suite_digest": "99"}, "the suites differ"),
        ({"reader": "other"}, "python -m bench read base --reader r"),
        ({"reader_signature": {"engine": "other"}}, "engine r and other"),
        ({"reader_signature": {"engine": "r", "numpy": "3"}}, "ran with other libraries: numpy none and 3"),
        ({"profile": "standard.2"}, "profiles differ"),
        ({"metrics": {"accuracy": "accuracy.2"}}, "metrics count otherwise: accuracy.1 and accuracy.2"),
        ({"seeds": (4, 5, 6, 7)}, "the seeds differ: 0..3 and 4..7"),
        ({"whole": 300}, "is a partial run"),
    ],
)
def test_what_is_not_comparable_gets_no_verdict(change, words):
    base, candidate = pair(0.0)
    changed = dataclasses.replace(candidate, conditions=dataclasses.replace(candidate.conditions, **change))
    result = judge_gate(base, changed, policy())
    assert (result.verdict, result.exit_code, result.metrics) == ("no verdict", 3, ())
    assert words in "\n".join(result.reasons)


def test_what_a_policy_allows_to_differ_is_judged_and_told():
    base, candidate = pair(0.0)
    changed = dataclasses.replace(
        candidate, conditions=dataclasses.replace(candidate.conditions, reader_signature={"engine": "r", "numpy": "3"})
    )
    result = judge_gate(base, changed, policy(allow=["libraries"]))
    assert result.verdict == "pass"
    assert result.remarks == ("allowed: the reader r ran with other libraries: numpy none and 3",)


def test_what_is_missing_gets_no_verdict():
    base, candidate = pair(0.0)

    def verdict(changed, demanded=None):
        result = judge_gate(base, changed, demanded or policy())
        assert (result.verdict, result.exit_code) == ("no verdict", 3)
        return "\n".join(result.reasons)

    unfinished = dataclasses.replace(candidate, unfinished={"infra: out of memory": 2})
    assert "candidate is not complete: 2 × infra: out of memory" in verdict(unfinished)
    holed = candidate.scores["accuracy"].numerators.copy()
    holed[0, 0] = math.nan
    assert "1 pictures have a score in one run only" in verdict(
        dataclasses.replace(candidate, scores={"accuracy": _scores(holed)})
    )
    assert "candidate has no score of it" in verdict(dataclasses.replace(candidate, scores={}))
    assert "200 prompts were compared; the policy demands 500" in verdict(candidate, policy(min_prompts=500))
    assert "the policy is about other" in verdict(candidate, policy(suite="other"))
    assert "the policy is about digest deadbeef" in verdict(candidate, policy(digest="deadbeef"))
    few = [f"g{n % 19}" for n in range(200)]
    base = sheet(base.scores["accuracy"].numerators, groups=few)
    assert "19 prompt groups are too few" in verdict(sheet(candidate.scores["accuracy"].numerators, groups=few))
    nothing = sheet(np.empty((0, 4)))
    base = nothing
    assert "0 prompts were compared" in verdict(nothing, policy(min_prompts=1))


def test_a_fixed_anchor_sees_what_small_steps_hide():
    first, previous = pair(0.025)
    _, candidate = pair(0.05)
    assert judge_gate(previous, candidate, policy()).verdict == "pass"
    result = judge_gate(previous, candidate, policy(), anchor=first)
    assert (result.verdict, result.exit_code) == ("regressed", 1)
    assert result.anchor.verdict == "regressed"
    assert "regressed against the fixed anchor base" in result.reasons
    assert judge_gate(first, first, policy(), anchor=first).verdict == "pass"


def test_guards_count_blank_pictures_and_lost_prompts():
    values = np.full((60, 4), 0.9)
    values[:, 0] = 1.0
    values[:10] = 1.0
    base = sheet(values)
    empty = np.zeros((60, 4), bool)
    empty[0, :3] = True
    after = values.copy()
    after[:4] = 0.5
    candidate = sheet(after, empty=empty)
    aligned = Aligned(base, candidate, base.prompts, base.seeds, ())
    blank = judge_guard(GuardEntry.model_validate({"name": "blank", "max_increase": 0.01}), aligned)
    assert (blank.base, blank.candidate, blank.of, blank.allowed, blank.tripped) == (0, 3, 240, 2, True)
    lost = judge_guard(GuardEntry.model_validate({"name": "lost"}), aligned)
    # Binomial (60, 4⁻⁴): more than two are lost in less than one gate of a hundred.
    assert (lost.candidate, lost.of, lost.allowed, lost.tripped) == (4, 60, 2, True)
    assert lost.prompts == ("p000", "p001", "p002", "p003")
    lenient = judge_guard(GuardEntry.model_validate({"name": "lost", "max_count": 4}), aligned)
    assert not lenient.tripped

    demanded = policy(margin=0.5, guard=[{"name": "blank", "max_increase": 0.01}])
    result = judge_gate(base, candidate, demanded)
    assert [metric.verdict for metric in result.metrics] == ["pass"]
    assert (result.verdict, result.exit_code) == ("regressed", 1)
    assert result.reasons == ("3 of 240 pictures blank or refused, 0 in the base; 2 are allowed",)


def test_a_run_against_itself_passes_and_sizes_the_suite():
    rng = np.random.default_rng(8)
    values = rng.uniform(0.3, 0.7, (120, 1)) + rng.normal(0, 0.1, (120, 4))
    check = check_against_itself(sheet(values), policy())
    assert check.result.verdict == "pass"
    (sizing,) = check.sizing
    # Two runs of four seeds that share no noise: √(2·0.1²/4).
    assert sizing.deviation == pytest.approx(0.0707, rel=0.15)
    assert sizing.prompts == pytest.approx((2.926 * sizing.deviation / 0.03) ** 2, abs=4)
    assert "A/A" in "\n".join(self_check_lines(check))
    with pytest.raises(GlyphbenchError, match="one seed"):
        check_against_itself(sheet(values[:, :1]), policy())
    odd = check_against_itself(sheet(values[:, :3]), policy())
    assert "left out: seed 2, which has no partner" in odd.result.remarks
    noisy = sheet(rng.uniform(0.0, 1.0, (60, 2)))
    assert check_against_itself(noisy, policy(on_inconclusive="warn")).result.exit_code == 3


def test_a_policy_is_read_whole_with_all_its_faults_at_once(tmp_path):
    path = tmp_path / "gate.toml"
    path.write_text(
        'min_promts = 50\nallow = ["reeder"]\n[[metric]]\nname = "acuracy"\nmargin = -1\n'
        '[[guard]]\nname = "blank"\n[[guard]]\nname = "blonk"\n'
    )
    with pytest.raises(GlyphbenchError) as caught:
        read_policy(path)
    text = str(caught.value)
    for words in (
        "min_promts: unknown key; did you mean 'min_prompts'",
        "did you mean 'reader'",
        "did you mean 'accuracy'",
        "metric.0.margin",
        "the guard blank needs max_increase",
        "guard.1.name",
    ):
        assert words in text
    path.write_text('anchor = "fixed.json"\n[[metric]]\nname = "exact"\nmargin = 0.05\nreason = "seen by raters"\n')
    found = read_policy(path)
    assert found.anchor == tmp_path / "fixed.json"
    assert (found.content["source"], found.metric[0].reason) == (str(path), "seen by raters")
    for content in ("[[metric]]\n", "metric = 3\n", "not toml", '[[metric]]\nname="exact"\nmargin=nan\n', ""):
        path.write_text(content)
        with pytest.raises(GlyphbenchError, match=r"gate\.toml"):
            read_policy(path)
    with pytest.raises(GlyphbenchError, match="no file"):
        read_policy(tmp_path / "none.toml")


def test_known_errors_get_the_verdicts_that_they_deserve(runs, bench_command):
    """Two per cent of errors against six, against two drawn otherwise, and against a part of a run."""

    def gate(candidate, *flags):
        return bench_command("gate", "good", candidate, *flags, cwd=runs)

    worse = gate("bad")
    assert worse.returncode == 1, worse.stdout + worse.stderr
    assert worse.stdout.endswith("REGRESSED: bad against good\n")
    as_good = gate("same", "--json")
    assert as_good.returncode == 0, as_good.stderr
    assert json.loads(as_good.stdout)["verdict"] == "pass"
    assert as_good.stderr.endswith("PASS: same against good\n")
    assert gate("same", "--json").stdout == as_good.stdout
    part = gate("part")
    assert part.returncode == 3
    assert "partial run (8 of 60 prompts)" in part.stdout
    assert "NO VERDICT" in part.stdout


def test_an_inconclusive_gate_warns_on_the_command_line_and_never_says_pass(runs, bench_command):
    (runs / "gate.toml").write_text('[[metric]]\nname = "accuracy"\nmargin = 0.036\n')
    done = bench_command("gate", "same", "bad", "--policy", "gate.toml", cwd=runs)
    strict = (runs / "gate.toml").read_text()
    (runs / "gate.toml").write_text(f'on_inconclusive = "fail"\n{strict}')
    failed = bench_command("gate", "same", "bad", "--policy", "gate.toml", cwd=runs)
    assert (done.returncode, failed.returncode) == (0, 3), done.stdout
    for text in (done.stdout, failed.stdout):
        assert "INCONCLUSIVE" in text
        assert "pass" not in text.lower()


def test_a_baseline_gates_elsewhere_without_its_images(runs, tmp_path, bench_command):
    done = bench_command(
        "bless", "good", "--reason", "the first release", "--by", "A. Person", "--out", "b.json", cwd=runs
    )
    assert done.returncode == 0, done.stderr
    again = bench_command("bless", "good", "--reason", "another", "--out", "b.json", cwd=runs)
    assert (again.returncode, "--replace" in again.stderr) == (2, True)
    shutil.move(runs / "b.json", tmp_path / "b.json")
    shutil.copytree(runs / "bad", tmp_path / "bad", ignore=shutil.ignore_patterns("images"))
    gated = bench_command("gate", "b.json", "bad", "--json", cwd=tmp_path)
    assert gated.returncode == 1, gated.stderr
    from_baseline = json.loads(gated.stdout)
    from_folder = json.loads(bench_command("gate", "good", "bad", "--json", cwd=runs).stdout)
    for side in ("base", "candidate"):
        from_baseline[side].pop("source")
        from_folder[side].pop("source")
    assert from_baseline == from_folder
    baseline = read_baseline(tmp_path / "b.json")
    assert (baseline.reason, baseline.by, baseline.run) == ("the first release", "A. Person", "good")
    assert (tmp_path / "b.json").stat().st_size < 40_000


def test_what_is_not_whole_is_not_blessed(runs, tmp_path):
    with pytest.raises(GlyphbenchError, match=r"partial run \(8 of 60 prompts\)"):
        bless(Run.open(runs / "part"), "why not", tmp_path / "b.json")
    with pytest.raises(GlyphbenchError, match="--reason is empty"):
        bless(Run.open(runs / "good"), "  ", tmp_path / "b.json")
    failed = written_run(
        tmp_path / "failed", lambda prompt, seed: "infra" if seed == 1 else list(prompt.targets), suite_of(3)
    )
    with pytest.raises(GlyphbenchError, match="3 × infra: for the test"):
        bless(failed, "why not", tmp_path / "b.json")
    assert not (tmp_path / "b.json").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.update(format=99), "newer than format"),
        (lambda c: c.update(verdict="pass"), "verdict: unknown key"),
        (lambda c: c["prompts"].pop(), "59 prompts instead of 60"),
        (lambda c: c["prompts"].append(c["prompts"][0]), "stands there twice"),
        (lambda c: c["prompts"][0]["scores"]["accuracy"].pop(), "4 seeds"),
        (lambda c: c["prompts"][0]["scores"].pop("cer"), "not the same metrics"),
        (lambda c: c["prompts"][0]["scores"]["exact"].__setitem__(0, [2, 1]), "exact out of bounds"),
        (lambda c: c["prompts"][0]["scores"]["exact"].__setitem__(0, [1, 0]), "denominator above 0"),
        (lambda c: c["prompts"][0]["scores"]["exact"].__setitem__(0, [math.nan, 1]), "finite"),
        (lambda c: c.pop("conditions"), "conditions"),
    ],
)
def test_a_damaged_baseline_is_refused(runs, tmp_path, change, words):
    path = tmp_path / "b.json"
    bless(Run.open(runs / "good"), "to be damaged", path)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(GlyphbenchError, match=words):
        open_sheet(path)


def test_a_baseline_keeps_the_very_scores_of_its_run(tmp_path):
    def read(prompt, seed):
        return "blank" if (prompt.id, seed) == ("zh-001", 2) else texts_with(0.2)(prompt, seed)

    run = written_run(tmp_path / "run", read, suite_of(20))
    bless(run, "to be compared", tmp_path / "b.json", metrics=["f1"])
    kept, own = open_sheet(tmp_path / "b.json"), sheet_of(run)
    assert kept.prompts == own.prompts
    assert set(kept.scores) == {"accuracy", "exact", "cer", "f1"}
    for name, scores in kept.scores.items():
        np.testing.assert_array_equal(scores.numerators, own.scores[name].numerators)
        np.testing.assert_array_equal(scores.denominators, own.scores[name].denominators)
    np.testing.assert_array_equal(kept.empty, own.empty)
    assert kept.empty.sum() == 1
    assert kept.conditions.reader_signature == own.conditions.reader_signature
    assert judge_gate(kept, own, DEFAULT_POLICY.model_copy(update={"min_prompts": 20})).verdict == "pass"


def test_a_run_that_another_reader_read_is_not_gated(runs, tmp_path):
    other = ReaderRecord("faultless", {**READER.signature, "numpy": "2.1"}, None)
    run = written_run(tmp_path / "run", texts_with(0.02), reader=other)
    result = judge_gate(sheet_of(Run.open(runs / "good")), sheet_of(run), DEFAULT_POLICY)
    assert result.verdict == "no verdict"
    assert "numpy 2.0 and 2.1" in "\n".join(result.reasons)
