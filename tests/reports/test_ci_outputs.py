"""What a gate writes for CI: parsed by other people's parsers, and harmless whatever a name contains."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bench.comparison.contender import Contender
from bench.gating.policy import DEFAULT_POLICY
from bench.gating.result import GatedMetric, GateResult, GuardResult
from metrics.paired import Difference
from reports.ci.annotations import MOST, annotation_lines
from reports.ci.cases import cases
from reports.ci.github_summary import LIMIT, github_summary
from reports.ci.junit import junit

HOSTILE = [
    "a|b|c",
    "<script>alert(1)</script>",
    "`code` **bold** _it_ [x](http://x) ![i](http://x/y.png)",
    "two\nlines\n\n# heading\n- item",
    "::error::x\r\n::stop-commands::y",
    "]]></failure><x>&amp;",
    "\x00\x1b[31m\ufffe\uffff\ud800\u202e",
    "100%, a:b",
    "$x^2$ @someone www.example.org https://example.org",
    "\\",
    "福 " * 3,
]


def metric(name="accuracy", verdict="pass", note="", reason=""):
    found = Difference(-0.04, -0.06, -0.02, 0.001, 0.01, 60, 240, 60, 5, 30, 25, "t(59) over prompt groups, paired")
    return GatedMetric(
        name, "higher", "share", 0.9, 0.86, found, -0.0567, -0.0233, 0.02, reason, verdict, note, 0.01, 0.02, 0.63, 120
    )  # fmt: skip


def guard(name="blank", tripped=False, prompts=()):
    return GuardResult(name, 1, 9 if tripped else 1, 240, 3, tripped, f"{name}: a count", prompts)


VERDICTS = {"pass": 0, "regressed": 1, "inconclusive": 0, "no verdict": 3}


def gate(verdict="pass", name="model", reasons=(), remarks=(), prompts=(), strict=False, source="runs/a"):
    policy = DEFAULT_POLICY.model_copy(update={"on_inconclusive": "fail" if strict else "warn"})
    code = 3 if strict and verdict == "inconclusive" else VERDICTS[verdict]
    judged = verdict != "no verdict"
    metrics = (metric(verdict=verdict), metric("exact")) if judged else ()
    guards = (guard(), guard("lost", prompts=prompts)) if judged else ()
    base, candidate = Contender(name, "signature|of:base", source), Contender(name, "signature|of:candidate", "runs/b")
    return GateResult(
        verdict, code, metrics, guards, tuple(reasons), tuple(remarks), base, candidate, policy.content, 60, 4
    )  # fmt: skip


def parsed(result):
    return ET.fromstring(junit(result))


def outcomes(root):
    found = {}
    for case in root.iter("testcase"):
        children = [child for child in case if child.tag != "system-out"]
        key = f"{case.get('classname').rpartition('.')[2]}/{case.get('name')}"
        found[key] = children[0].tag if children else "passed"
    return found


@pytest.mark.parametrize(
    ("verdict", "strict", "judged", "accuracy"),
    [
        ("pass", False, "passed", "passed"),
        ("regressed", False, "passed", "failure"),
        ("inconclusive", False, "passed", "skipped"),
        ("inconclusive", True, "passed", "error"),
        ("no verdict", False, "error", "error"),
    ],
)
def test_junit_has_one_case_for_each_metric_and_guard_of_the_policy(verdict, strict, judged, accuracy):
    root = parsed(gate(verdict, strict=strict, reasons=["8 prompts were compared; the policy demands 50"]))
    found = outcomes(root)
    assert list(found) == ["base/judged", "base/accuracy", "base/exact", "base/guard blank", "base/guard lost"]
    assert (found["base/judged"], found["base/accuracy"]) == (judged, accuracy)
    suite = root.find("testsuite")
    for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(suite.get(attribute)) == list(found.values()).count(tag)
    assert int(suite.get("tests")) == len(found)


def test_junit_has_its_message_in_the_text_of_the_element():
    root = parsed(gate("regressed"))
    (failure,) = root.iter("failure")
    for part in ("accuracy REGRESSED", "0.900 → 0.860", "−0.040 [−0.060, −0.020]", "margin 0.02", "5/30/25"):
        assert part in failure.text
    root = parsed(gate("no verdict", reasons=["runs/b is not complete"]))
    assert all("runs/b is not complete" in error.text for error in root.iter("error"))


def test_no_output_says_pass_of_what_is_inconclusive():
    result = gate("inconclusive")
    skipped = parsed(result).find(".//skipped")
    said = [skipped.text, skipped.get("message"), github_summary(result), *annotation_lines(result)]
    assert not [text for text in said if re.search(r"\bpass", text, re.IGNORECASE)]
    assert "INCONCLUSIVE" in github_summary(result)
    assert [line.partition(" ")[0] for line in annotation_lines(result)] == ["::warning"]


def test_the_same_result_gives_the_same_bytes():
    assert junit(gate("regressed")) == junit(gate("regressed"))


def test_the_anchor_has_cases_of_its_own():
    result = replace(gate("pass"), verdict="regressed", exit_code=1, anchor=gate("regressed"))
    assert outcomes(parsed(result))["anchor/accuracy"] == "failure"
    assert "fixed anchor: REGRESSED" in github_summary(result)
    assert "(anchor)" in annotation_lines(result)[0]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_does_no_harm(name):
    result = gate("no verdict", name=name, source=name, reasons=[name], remarks=[name])
    assert len(outcomes(parsed(result))) == 5
    assert_harmless(github_summary(result))
    for line in annotation_lines(result):
        assert re.fullmatch(r"::(error|warning) title=[^:,\r\n]*::[^\r\n]*", line)


@given(st.text())
def test_no_text_at_all_does_harm(name):
    result = gate("regressed", name=name, source=name, reasons=[name], prompts=(name,))
    assert outcomes(parsed(result))["base/accuracy"] == "failure"
    assert_harmless(github_summary(result))
    assert all("\n" not in line and "\r" not in line for line in annotation_lines(result))


def assert_harmless(markdown):
    """Hold that names are text: no HTML, links, pictures or code, one heading, and whole rows of tables."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)
    kinds = [token.type for token in tokens]
    inner = {child.type for token in tokens for child in token.children or []}
    assert not {"html_block", "fence", "code_block", "hr", "blockquote_open", "ordered_list_open"} & set(kinds)
    assert inner <= {"text", "text_special", "softbreak", "strong_open", "strong_close"}
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h2"]


def test_the_summary_shows_names_as_they_are():
    tokens = MarkdownIt("commonmark").enable("table").parse(github_summary(gate(name="a|b <i> `c` &amp;")))
    assert "a|b <i> `c` &amp; against" in "".join(child.content for child in tokens[1].children)
    cells = [token for token in tokens if token.type == "td_open"]
    assert len(cells) == 2 * 8 + 2 * 6


def test_the_summary_stays_below_what_github_takes_and_says_what_is_left_out():
    result = gate(
        "regressed", reasons=["r" * 2000], remarks=["福" * 900] * 1, prompts=tuple("p" * 900 for _ in range(9))
    )
    many = replace(result, remarks=tuple(f"{n} {'福' * 990}" for n in range(1000)))
    text = github_summary(many)
    assert len(text.encode()) <= LIMIT
    assert "left out here" in text
    assert "REGRESSED" in text
    assert "1000 characters more" in text
    assert "left out here" not in github_summary(result)
    assert len(github_summary(many, 5000).encode()) <= 5000


def test_there_are_at_most_ten_annotations_and_the_last_counts_the_rest():
    metrics = [f"metric-{n}" for n in range(14)]
    result = gate("regressed")
    policy = {**result.policy, "metric": [{"name": name} for name in metrics], "guard": []}
    result = replace(result, policy=policy, guards=(), metrics=tuple(metric(name, "regressed") for name in metrics))
    lines = annotation_lines(result)
    assert len(lines) == MOST
    assert "5 more" in lines[-1]
    assert not annotation_lines(gate("pass"))
    assert len(annotation_lines(gate("no verdict", reasons=["said once"]))) == 1


def test_annotations_are_escaped_as_the_runner_reads_them():
    (first, *_) = annotation_lines(gate("no verdict", reasons=["50% of a:b, c\r\nnext"]))
    command = re.fullmatch(r"::error title=(.*?)::(.*)", first)
    assert command[1] == "Glyphbench%3A judged"
    assert command[2] == "no verdict%0A50%25 of a:b, c‹U+000D›%0Anext"


def test_every_case_has_its_headline_on_one_line():
    assert all("\n" not in case.headline for case in cases(gate("no verdict", reasons=["one\ntwo"])))
