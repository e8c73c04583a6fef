from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from bench.records import SampleKey
from bench.run import Run
from bench.scoring import judge_sample, reading_of
from metrics.profiles import find_profile
from metrics.score import Missing
from reports.formats import format_estimate, format_percent
from reports.layout import measured_metrics
from reports.page import glance, write_page
from reports.page_template import render
from reports.visible_text import visible_data


class Page(HTMLParser):
    """The elements of a page with their attributes, the text inside, and the tables as rows of cells."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.text, self.rows = [], [], {}, []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "input", "img", "br", "col"}:
            self.open.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        if any("in-zh" in attributes.get("class", "") for _, attributes in self.open):
            return  # the page shows one language at a time
        for tag, attributes in self.open:
            for name in (tag, f"#{attributes.get('id')}", *(f".{c}" for c in attributes.get("class", "").split())):
                self.text[name] = self.text.get(name, "") + data
        if any(tag in {"td", "th"} for tag, _ in self.open):
            self.rows[-1][-1] += data


def words(text):
    return " ".join(text.split())


def part(page, name):
    """Return the data of one of the page's scripts."""
    call = (page.parent / "data" / f"{name}.js").read_text(encoding="utf-8")
    text = re.fullmatch(rf"glyphbench\('{name}','(.*)'\);\n", call)[1]
    assert not re.search(r"(?<!\\)'|</|<!--", text)
    return json.loads(text.replace("\\\\", "\\"))


@pytest.fixture(scope="module")
def html(page):
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parsed(html):
    parsed = Page(html)
    assert not parsed.open
    return parsed


@pytest.fixture(scope="module")
def data(page):
    return json.loads((page.parent / "data.json").read_text(encoding="utf-8"))


def test_data_holds_the_summary(run, data):
    [one] = data["runs"]
    assert one["summary"] == json.loads(json.dumps(run.summary))
    assert one["manifest"] == run.manifest.model_dump(mode="json")


def test_every_sample_is_there_with_the_score_of_the_table(run, data):
    asked = [(prompt.id, seed) for prompt in run.prompts for seed in run.manifest.seeds]
    samples = data["runs"][0]["samples"]
    assert [(sample["prompt"], sample["seed"]) for sample in samples] == asked
    scores = run.scores[(run.scores["metric"] == "accuracy") & (run.scores["profile"] == "standard")]
    for sample, row in zip(samples, scores.itertuples(), strict=True):
        reason = row.missing if isinstance(row.missing, str) else None
        assert sample["missing"] == reason
        assert sample["score"] == (None if reason else row.value)


def test_the_scripts_hold_every_sample_whole_and_worst_first(page, data):
    index, details = part(page, "index-0"), part(page, "details-0")
    shown = []
    for [row], [rest] in zip(index["entries"], details, strict=True):
        prompt = index["prompts"][row["prompt"]]
        shown.append({**prompt, **{name: row[name] for name in row if name != "prompt"}, **rest})
    expected = {(s["prompt"], s["seed"]): s for s in visible_data(data["runs"][0]["samples"])}
    assert len(shown) == len(expected)
    for sample in shown:
        wanted = expected[sample["prompt"], sample["seed"]]
        assert {name: sample.get(name) for name in wanted if name != "group"} == {
            name: value for name, value in wanted.items() if name != "group"
        }
    scores = [sample["score"] for sample in shown if sample["score"] is not None]
    assert scores == sorted(scores)


def test_the_alignment_shown_is_the_one_that_was_scored(run, data):
    profile = find_profile("standard")
    for sample in data["runs"][0]["samples"]:
        key = SampleKey(sample["prompt"], sample["seed"])
        prompt = next(prompt for prompt in run.prompts if prompt.id == key.prompt)
        reading = reading_of(run.samples.get(key), run.readings.get(key))
        if isinstance(reading, Missing):
            assert sample["regions"] == []
            continue
        judgement = judge_sample(prompt, reading, profile, run.reader)
        expected = [
            [["beyond" if s.beyond else s.kind, s.target, s.read] for s in region.steps] for region in judgement.regions
        ]
        assert [region["steps"] for region in sample["regions"]] == expected
        assert [line["text"] for line in sample["lines"]] == [line.text for line in reading.lines]


def test_every_metric_stands_in_the_table_under_each_profile(run, parsed):
    rows = {row[0].split()[0]: [words(cell) for cell in row[1:]] for row in parsed.rows if len(row) == 5}
    for metric in measured_metrics(run.summary):
        label = "pick@2" if metric.name == "pick@k" else metric.name
        estimates = [run.summary["metrics"][profile][metric.name] for profile in ("standard", "strict", "letters")]
        for cell, estimate in zip(rows[label], estimates, strict=False):
            shown = format_estimate(metric.name, estimate).removesuffix(f" {metric.unit}")
            assert cell.startswith(shown.replace("(", "").replace(")", "") if "missing" in estimate else shown)


def test_the_question_is_answered_in_one_sentence(run, parsed):
    name, answer = run.manifest.model.name, format_percent(run.summary["headline"])
    share, interval = answer.split(" ", 1)
    expected = f"{name} writes {share} of the lettering right {interval} in demo (instrument check, not a model)"
    assert words(parsed.text["#answer"]) == expected
    assert parsed.text["#signature"] == run.signature


def test_incompleteness_cannot_be_missed(parsed):
    assert "Instrument check, not a model." in words(parsed.text[".check"])
    fault = words(parsed.text[".fault"])
    assert "Incomplete. The numbers below may change: 2 of 28 pictures are still to come." in fault
    assert "2 × infra: out of memory & <b>lost</b>" in fault


def test_left_out_is_told_with_reasons(parsed):
    told = words(parsed.text["#left-out"])
    for expected in (
        "2 of 28 pictures not scored: infra: out of memory & <b>lost</b>",
        "2 of 28 pictures not scored: no target",
        "2 of 28 pictures blank, the model's own doing: scored as nothing read",
        "2 of 28 pictures refused, the model's own doing: scored as nothing read",
        "U+20BB7 CJK UNIFIED IDEOGRAPH-20BB7, in beyond",
    ):
        assert expected in told


def test_nothing_comes_from_outside_and_nothing_runs_but_our_script(html, parsed):
    types = [attributes.get("type") for tag, attributes in parsed.elements if tag == "script"]
    assert types == ["application/json", None]
    [policy] = [a["content"] for _, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[^']+' 'strict-dynamic';", policy)
    for tag, attributes in parsed.elements:
        assert tag not in {"iframe", "object", "embed", "base", "form"}
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href"):
            assert re.match(r"#|data:,$|data\.json$|thumbs/", attributes.get(name, "#"))
    assert not re.search("[\u0000-\u0008\u202a-\u202e\u2066-\u2069\ufeff]", html)


def test_a_finished_run_of_a_model_has_no_warnings(page_of):
    page = page_of(lambda case: case.id == "right", model="painter")
    parsed = Page(page.read_text(encoding="utf-8"))
    assert ".check" not in parsed.text
    bands = [attributes for _, attributes in parsed.elements if "band" in attributes.get("class", "")]
    assert [attributes for attributes in bands if "hidden" not in attributes] == [
        {"class": "band fault"}  # for a browser without JavaScript
    ]
    assert "Nothing: all 2 pictures asked for were made, read and scored" in words(parsed.text["#left-out"])
    assert words(parsed.text["#answer"]) == (
        "painter writes 100.0% of the lettering right (no interval: one prompt group) in demo"
    )


def test_a_partial_run_says_so(page_of):
    page = page_of(lambda case: case.status == "ok", limit=2)
    told = words(Page(page.read_text(encoding="utf-8")).text[".fault"])
    assert "Partial. Only 2 prompts of demo asked (--limit 2): this is not the score of the suite." in told


def test_without_any_score_the_page_says_why(page_of):
    page = page_of(lambda case: case.status == "infra", model="painter", status="started")
    parsed = Page(page.read_text(encoding="utf-8"))
    assert words(parsed.text["#answer"]) == "painter has no score on demo: no prompt has a score"
    assert {row["status"] for [row] in part(page, "index-0")["entries"]} == {"infra"}


def test_pictures_that_are_gone_are_named_and_the_rest_stays(run, tmp_path):
    shutil.copytree(run.folder.path, tmp_path / "run", ignore=shutil.ignore_patterns("images", "report"))
    (tmp_path / "run" / "images").mkdir()
    page = write_page(Run.open(tmp_path / "run"))
    samples = json.loads((page.parent / "data.json").read_text("utf-8"))["runs"][0]["samples"]
    assert samples[0]["reason"] == "images/right/0.png cannot be shown: it is not there"
    assert samples[0]["image"] is None
    assert samples[0]["score"] == 1


def test_the_page_is_made_from_data_alone_and_always_the_same(run, page, data, html):
    rows = [[{**index_row(page, row), "seed": row["seed"]}] for [row] in part(page, "index-0")["entries"]]
    names = sorted(path.stem for path in (page.parent / "data").iterdir())
    gallery = {"parts": sorted(names, key=lambda name: name[0] == "d"), "pictures": len(rows)}
    assert render(data["runs"], glance(rows), gallery) == html
    assert write_page(Run.open(run.folder.path)).read_text(encoding="utf-8") == html


def index_row(page, row):
    return {**row, "prompt": part(page, "index-0")["prompts"][row["prompt"]]["prompt"]}


def test_data_of_an_earlier_report_go(run, page):
    stale = page.parent / "data" / "details-99.js"
    stale.write_text("old")
    write_page(Run.open(run.folder.path))
    assert not stale.exists()
