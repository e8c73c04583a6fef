"""Runs beside each other: what is compared, what is refused, and how it is told."""

import json
import re
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from bench.comparison.comparing import compare
from bench.comparison.illustration import illustrate
from bench.comparison.languages import CeilingOf, compare_languages
from bench.comparison.leaderboard import letters_of, rank
from bench.comparison.sheet import sheet_of
from bench.gating.baseline import bless
from metrics.statistics import Estimate
from metrics.table import METRICS
from prompts.errors import GlyphbenchError
from reports.comparison import (
    comparison_lines,
    comparison_markdown,
    leaderboard_lines,
    leaderboard_markdown,
)
from reports.comparison_page import write_comparison_page
from reports.language_gap import language_lines, language_sentences
from tests.bench.written_runs import READER, suite_of, texts_with, written_run

HARM = '<script>alert("x")</script>| *b* \u202e'


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return {
        "good": written_run(folder / "good", texts_with(0.02), name="good"),
        "same": written_run(folder / "same", texts_with(0.02, draw=1), name="same"),
        "bad": written_run(folder / "bad", texts_with(0.08), name=f"bad {HARM}"),
        "part": written_run(folder / "part", texts_with(0.02), name="good", limit=8),
        "longer": written_run(folder / "longer", texts_with(0.02), name="good", seeds=(2, 3, 4, 5)),
        "others": written_run(folder / "others", texts_with(0.02), name="good", seeds=(8, 9)),
    }


@pytest.fixture(scope="module")
def sheets(runs):
    return {name: sheet_of(run) for name, run in runs.items()}


def test_every_metric_has_its_values_and_the_difference_between_them(runs, sheets):
    found = compare(sheets["good"], sheets["bad"])
    assert (found.prompts, found.seeds, found.paired_seeds) == (60, 4, True)
    assert [metric.name for metric in found.metrics] == list(METRICS)
    summaries = [run.summary["metrics"]["standard"] for run in (runs["good"], runs["bad"])]
    compared = [metric for metric in found.metrics if metric.difference is not None]
    assert {"accuracy", "cer", "exact", "pick@k", "extra"} <= {metric.name for metric in compared}
    for metric in compared:
        if metric.one_sided == 0:
            base, candidate = (summary[metric.name]["value"] for summary in summaries)
            assert (metric.base, metric.candidate) == pytest.approx((base, candidate))
        assert metric.difference.value == pytest.approx(metric.candidate - metric.base)
        assert metric.difference.low <= metric.difference.value <= metric.difference.high
    (accuracy,) = (metric for metric in found.metrics if metric.name == "accuracy")
    assert accuracy.difference.high < 0
    assert accuracy.difference.p < 0.001
    (wer,) = (metric for metric in found.metrics if metric.name == "wer")
    assert (wer.difference, wer.missing) == (None, "the base and the candidate have no score")


def test_the_summary_of_a_run_and_its_sheet_agree_with_a_baseline(runs, sheets, tmp_path):
    from bench.gating.baseline import open_sheet

    bless(runs["good"], "to be compared", tmp_path / "b.json")
    direct, kept = compare(sheets["good"], sheets["bad"]), compare(open_sheet(tmp_path / "b.json"), sheets["bad"])
    for name in ("accuracy", "exact", "cer"):
        (own,), (other,) = ([m for m in each.metrics if m.name == name] for each in (direct, kept))
        assert own == other
    (recall,) = (metric for metric in kept.metrics if metric.name == "recall")
    assert recall.missing == "the base has no score"


def test_slices_hold_their_own_prompts_and_q_is_over_those_that_are_tested(sheets):
    found = compare(sheets["good"], sheets["bad"])
    tags = {each.label: each for each in found.slices if (each.by, each.metric) == ("tag", "accuracy")}
    assert {label: each.difference.prompts for label, each in tags.items()} == {"t0": 20, "t1": 20, "t2": 20}
    values = sheets["good"].scores["accuracy"]
    rows = [n for n, prompt in enumerate(sheets["good"].prompts) if "t1" in prompt.tags]
    assert tags["t1"].base == pytest.approx((values.numerators / values.denominators)[rows].mean())
    assert all((each.q is None) == (each.difference.clusters < 6) for each in found.slices)
    assert all(each.q >= each.difference.p - 1e-12 for each in found.slices if each.q is not None)
    assert not [each for each in found.slices if each.by == "language"]


def test_the_prompts_that_changed_most_come_first_with_the_pictures_that_show_it(runs, sheets):
    found = illustrate(compare(sheets["good"], sheets["bad"]), runs["good"], runs["bad"], READER.name)
    changes = [each.candidate - each.base for each in found.losses]
    assert changes == sorted(changes)
    assert changes[0] < 0
    first = found.losses[0]
    pair = first.pictures[0]
    assert first.target == "".join(runs["good"].suite.prompts[int(first.prompt[-3:])].targets)
    assert pair.candidate - pair.base == min(p.candidate - p.base for p in first.pictures)
    assert (pair.base_file, pair.candidate_file) == (None, None)
    assert pair.candidate_read != first.target
    assert all(p.base != p.candidate for p in first.pictures)


def test_swapped_runs_turn_everything_round(sheets):
    there, back = compare(sheets["good"], sheets["bad"]), compare(sheets["bad"], sheets["good"])
    for one, other in zip(there.metrics, back.metrics, strict=True):
        if one.difference is not None:
            assert other.difference.value == pytest.approx(-one.difference.value)
            assert other.difference.p == pytest.approx(one.difference.p)
    assert [p.prompt for p in there.losses] == [p.prompt for p in back.gains]


@pytest.mark.parametrize(
    ("other", "words", "keys"),
    [
        ("part", "all 60 and the first 8 of 60", ["prompts"]),
        ("longer", "the seeds differ: 0..3 and 2..5", ["seeds"]),
        ("others", "the seeds differ: 0..3 and 8..9", ["seeds"]),
    ],
)
def test_what_differs_is_named_and_compared_only_when_allowed(sheets, other, words, keys):
    with pytest.raises(GlyphbenchError) as caught:
        compare(sheets["good"], sheets[other])
    assert words in str(caught.value)
    assert " ".join(f"--allow {key}" for key in keys) in str(caught.value)
    found = compare(sheets["good"], sheets[other], allow=keys)
    assert any(remark.startswith("allowed: ") and words in remark for remark in found.remarks)
    extent = {"part": (8, 4, True), "longer": (60, 2, True), "others": (60, 2, False)}[other]
    assert (found.prompts, found.seeds, found.paired_seeds) == extent
    if other != "others":
        # What both have was written alike.
        assert next(m for m in found.metrics if m.name == "accuracy").difference.p == 1
    assert [remark for remark in found.remarks if remark.startswith("left out: ")]


def test_an_unknown_condition_is_an_error_with_the_near_one(sheets):
    with pytest.raises(GlyphbenchError, match="did you mean 'seeds'"):
        compare(sheets["good"], sheets["longer"], allow=["seed"])


def test_where_only_the_reader_differs_the_command_that_reads_both_again_is_named(sheets, tmp_path):
    from bench.reader_record import ReaderRecord

    other = ReaderRecord("sharper", {"engine": "sharper"}, None)
    sheet = sheet_of(written_run(tmp_path / "run", texts_with(0.02), suite_of(), reader=other))
    with pytest.raises(GlyphbenchError) as caught:
        compare(sheets["good"], sheet)
    sources = sheets["good"].contender.source, sheet.contender.source
    for source in sources:
        assert f"python -m bench read {source} --reader faultless" in str(caught.value)


def test_another_suite_is_refused_and_two_languages_are_pointed_to_their_own_comparison(sheets, tmp_path):
    english = sheet_of(written_run(tmp_path / "en", texts_with(0.02), suite_of(language="en")))
    with pytest.raises(GlyphbenchError, match="the suites differ") as caught:
        compare(sheets["good"], english)
    assert "--by group" in str(caught.value)


def told(lines):
    return "\n".join(lines)


def test_what_is_told_shows_text_from_outside_as_text(runs, sheets):
    found = compare(sheets["good"], sheets["bad"])
    text, markdown = told(comparison_lines(found)), comparison_markdown(found)
    assert "\u202e" not in text + markdown
    assert "‹U+202E›" in text
    assert "<script>" not in markdown
    assert "\\<script\\>" in markdown
    assert "method     interval:t@0.95|test:sign-flip:10000#" in text
    row = re.search(
        r"^accuracy +higher +0\.\d+ +0\.\d+ +−0\.\d+ \[−0\.\d+, −0\.\d+\] +< 0\.001 +\d+/\d+/\d+$", text, re.M
    )
    assert row, text
    lines = [line for line in markdown.splitlines() if line.startswith("| ")]
    tables = [
        lines[lines.index(line) : lines.index(line) + 3] for line in lines if line.startswith(("| metric", "| slice"))
    ]
    assert len(tables) == 2
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1


def test_the_page_has_both_pictures_and_no_script(sheets, tmp_path):
    made = {}
    for name, errors, colour in (("one", 0.02, "#335577"), ("two", 0.3, "#773355")):
        made[name] = written_run(tmp_path / name, texts_with(errors), suite_of(24), name=f"{name} {HARM}")
        for prompt in made[name].prompts:
            for seed in made[name].manifest.seeds:
                path = tmp_path / name / "images" / prompt.id / f"{seed}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (64, 64), colour).save(path)
    found = compare(*map(sheet_of, made.values()))
    found = illustrate(found, made["one"], made["two"], READER.name)
    page = write_comparison_page(found, tmp_path / "page")
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;" in html
    thumbs, originals = re.findall(r'<img src="([^"]+)"', html), re.findall(r'<a href="(\.\.[^"]+)"', html)
    shown = sum(2 * len(prompt.pictures) for prompt in (*found.losses, *found.gains))
    assert len(thumbs) == len(originals) == shown > 20
    for link in (*thumbs, *originals):
        with Image.open(page.parent / link) as image:
            assert image.size == (64, 64)


def test_pictures_outside_the_run_folder_are_not_shown(sheets, tmp_path):
    run = written_run(tmp_path / "run", texts_with(0.3), suite_of(12), name="other")
    base = written_run(tmp_path / "base", texts_with(0.0), suite_of(12), name="base")
    Image.new("RGB", (64, 64)).save(tmp_path / "secret.png")
    journal = tmp_path / "run" / "samples.jsonl"
    journal.write_text(re.sub(r'"images/[^"]+"', '"../secret.png"', journal.read_text()))
    found = illustrate(compare(sheet_of(base), sheet_of(run)), base, run, READER.name)
    assert found.losses
    assert all(pair.candidate_file is None for prompt in found.losses for pair in prompt.pictures)


def test_a_leaderboard_orders_runs_and_groups_those_that_cannot_be_told_apart(sheets):
    board = rank([sheets["bad"], sheets["good"], sheets["same"]])
    names = [place.contender.name[:4] for place in board.places]
    assert sorted(names[:2]) == ["good", "same"]
    assert [place.letters for place in board.places] == ["a", "a", "b"]
    values = [place.estimate.value for place in board.places]
    assert values == sorted(values, reverse=True)
    last = board.places[-1]
    assert last.to_first is None
    assert board.places[0].to_first.value == pytest.approx(values[0] - values[2])
    errors = rank([sheets["bad"], sheets["good"]], metric="cer")
    assert [place.estimate.value for place in errors.places] == sorted(p.estimate.value for p in errors.places)
    assert "cannot be told apart" in told(leaderboard_lines(board))
    assert "\\<script" in leaderboard_markdown(board)
    shorter = rank([sheets["good"], sheets["longer"], sheets["part"]], allow=["seeds", "prompts"])
    assert (shorter.prompts, shorter.seeds) == (8, 2)
    assert {place.letters for place in shorter.places} == {"a"}
    with pytest.raises(GlyphbenchError, match="has no score of wer"):
        rank([sheets["good"], sheets["bad"]], metric="wer")


@pytest.mark.parametrize("seed", range(20))
def test_runs_share_a_letter_if_and_only_if_they_are_not_told_apart(seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(6).tolist()
    apart = {pair for pair in combinations(range(6), 2) if rng.random() < 0.4}
    letters = letters_of(order, apart)
    assert "a" in letters[order[0]]
    for one, other in combinations(range(6), 2):
        assert bool(set(letters[one]) & set(letters[other])) != ((one, other) in apart)


def languages(tmp_path, errors):
    made = []
    for language, share in errors.items():
        suite = suite_of(60, language=language, groups=30)
        made.append(sheet_of(written_run(tmp_path / language, texts_with(share), suite, name="model")))
    return made


def ceilings(zh, en):
    def ceiling(suite, value):
        return CeilingOf(suite, {"accuracy": Estimate(value, None, None, 9, 9, "by hand")}, "")

    return ceiling("signs-zh", zh), ceiling("signs-en", en)


def test_two_languages_are_paired_through_their_groups_with_the_readers_part_beside(tmp_path):
    zh, en = languages(tmp_path, {"zh": 0.25, "en": 0.01})
    found = compare_languages(zh, en, ceilings(0.98, 0.995))
    assert (found.groups, found.seeds, found.languages) == (30, 4, ("Chinese", "English"))
    gap = found.gaps[0]
    sides = [sheet.scores["accuracy"].numerators / sheet.scores["accuracy"].denominators for sheet in (zh, en)]
    means = [np.array([side[g::30].mean() for g in range(30)]) for side in sides]
    assert (gap.base, gap.candidate) == pytest.approx(tuple(mean.mean() for mean in means))
    apart = means[1] - means[0]
    assert gap.difference.error == pytest.approx(apart.std(ddof=1) / np.sqrt(30))
    assert gap.difference.prompts == gap.difference.clusters == 30
    assert gap.reader == pytest.approx(0.015)
    (sentence,) = language_sentences(found)
    assert re.fullmatch(
        r"Chinese is behind by 0\.\d+ \[0\.\d+, 0\.\d+\] in accuracy, of which the reader accounts for 0\.01\d*",
        sentence,
    )
    back = compare_languages(en, zh, ceilings(0.995, 0.98))
    assert next(language_sentences(back)) == sentence
    hidden = compare_languages(zh, en, ceilings(0.995, 0.96))
    assert re.search(r"the reader reads this language better by 0\.0(35|4)", next(language_sentences(hidden)))
    unknown = compare_languages(zh, en, (CeilingOf("signs-zh", {}, "not calibrated"), ceilings(1, 1)[1]))
    assert "not known" in next(language_sentences(unknown))
    assert "note: ceiling of signs-zh: not calibrated" in told(language_lines(unknown))


def test_languages_of_two_models_or_without_shared_groups_are_refused(tmp_path, sheets):
    zh, en = languages(tmp_path, {"zh": 0.02, "en": 0.02})
    with pytest.raises(GlyphbenchError, match="the models differ: good and model"):
        compare_languages(sheets["good"], en, ceilings(1, 1))
    assert compare_languages(sheets["good"], en, ceilings(1, 1), allow=["model"]).groups == 30
    (sentence, doubt) = language_sentences(compare_languages(zh, en, ceilings(1, 1)))
    assert "behind by 0" in sentence
    assert "cannot tell" in doubt
    import dataclasses

    alone = dataclasses.replace(en, prompts=tuple(dataclasses.replace(p, group=f"x{p.id}") for p in en.prompts))
    with pytest.raises(GlyphbenchError, match="share no prompt group"):
        compare_languages(zh, alone, ceilings(1, 1))


def test_the_command_prints_one_thing_in_three_ways(runs, bench_command, tmp_path):
    good, bad, same = (str(runs[name].folder.path) for name in ("good", "bad", "same"))
    page = tmp_path / "page"
    as_json = bench_command("compare", good, bad, "--json", "--html", page, cwd=tmp_path)
    assert as_json.returncode == 0, as_json.stderr
    content = json.loads(as_json.stdout)
    assert content["metrics"][0]["name"] == "accuracy"
    assert (page / "index.html").exists()
    markdown = bench_command("compare", good, bad, "--md", "--interval", "bootstrap", cwd=tmp_path)
    assert "| accuracy | higher |" in markdown.stdout
    assert "bootstrap.2000" in markdown.stdout
    board = bench_command("compare", good, same, bad, cwd=tmp_path)
    assert "group" in board.stdout
    refused = bench_command("compare", good, runs["part"].folder.path, cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--allow prompts" in refused.stderr
    single = bench_command("compare", good, cwd=tmp_path)
    assert single.returncode == 2
    assert "two runs or more" in single.stderr
