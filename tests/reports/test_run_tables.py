"""One table of several runs, as LaTeX, Markdown and CSV."""

import csv
import io
import re

import pytest

from prompts.errors import GlyphbenchError, UnknownNameError
from reports.latex import escape_latex
from reports.run_table_formats import latex, markdown, spreadsheet
from reports.run_tables import run_table
from tests.bench.written_runs import suite_of, texts_with, written_run

HARM = "\\input{x}%$&#_^~<|>[*--\n\\end{tabular}"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    english = suite_of(24, language="en", seeds=(0, 1))
    return {
        "good": written_run(folder / "good", texts_with(0.01), name="good"),
        "same": written_run(folder / "same", texts_with(0.01, draw=1), name="same"),
        "bad": written_run(folder / "bad", texts_with(0.15), name=HARM),
        "en": written_run(folder / "en", texts_with(0.01), english, name="good"),
        "few": written_run(folder / "few", texts_with(0.01), name="good", limit=8),
    }


def bold(table):
    return {
        (group.suite, row.run, name)
        for group in table.groups
        for row in group.rows
        for name, cell in zip(table.metrics, row.cells, strict=True)
        if cell.is_best
    }


def test_suites_are_groups_and_values_are_those_of_the_runs_own_summaries(runs):
    table = run_table([runs["good"], runs["en"], runs["bad"]])
    assert [(group.suite, [row.run for row in group.rows]) for group in table.groups] == [
        ("signs-zh", ["good", "bad"]),
        ("signs-en", ["en"]),
    ]
    for group in table.groups:
        for row in group.rows:
            for name, cell in zip(table.metrics, row.cells, strict=True):
                own = runs[row.run].summary["metrics"]["standard"][name]
                assert (cell.found.value, cell.found.low) == pytest.approx((own["value"], own["low"])), name
                assert cell.found.prompts == own["prompts"]


def test_only_what_is_told_apart_from_every_other_is_bold(runs):
    two = run_table([runs["bad"], runs["good"]], ["accuracy", "cer"])
    assert bold(two) == {("signs-zh", "good", "accuracy"), ("signs-zh", "good", "cer")}
    three = run_table([runs["good"], runs["same"], runs["bad"]], ["accuracy", "cer"])
    assert bold(three) == set()
    alone = run_table([runs["good"], runs["en"]], ["accuracy"])
    assert bold(alone) == set()
    assert not any("Bold" in note for note in alone.notes)


def test_runs_that_do_not_compare_are_refused_unless_allowed(runs):
    with pytest.raises(GlyphbenchError, match="--allow prompts"):
        run_table([runs["good"], runs["few"]])
    table = run_table([runs["good"], runs["few"]], ["accuracy"], allow=["prompts"])
    (group,) = table.groups
    assert (group.prompts, group.seeds) == (8, 4)
    assert [row.name for row in group.rows] == ["good (good)", "good (few)"]
    assert any("the first 8 of 60 prompts" in note for note in table.notes)
    with pytest.raises(UnknownNameError, match="accuracy"):
        run_table([runs["good"]], ["acuracy"])


def test_an_instrument_check_is_never_taken_for_a_model(runs, tmp_path):
    entry = {"name": "typeset", "spec": "typeset", "identity": {}, "digest": "c" * 64, "is_model": False}
    check = written_run(tmp_path / "check", texts_with(0.0), model=entry)
    assert "typeset, instrument check &" in latex(run_table([check, runs["good"]], ["accuracy"]))


def test_a_metric_without_scores_has_its_reason(runs):
    table = run_table([runs["good"], runs["bad"]], ["accuracy", "wer"])
    assert re.search(r"^\| good .*\| — \| 60 × 4 \|$", markdown(table), re.MULTILINE)
    assert " & --- & 60" in latex(table)
    line = next(csv.DictReader(io.StringIO(spreadsheet(table))))
    assert (line["wer"], line["wer_low"]) == ("", "")
    assert line["wer_note"] == "no picture has a score of wer"


def test_names_cannot_break_out_of_latex(runs):
    text = latex(run_table([runs["good"], runs["bad"], runs["en"]], ["accuracy", "exact"]))
    lines = text.splitlines()
    code = [line for line in lines if not line.startswith("%")]
    assert code[0] == r"\begin{tabular}{lrrr}"
    assert code[-1] == r"\end{tabular}"
    assert (sum("tabular" in line for line in code), code.count(r"\midrule")) == (3, 2)
    (row,) = (line for line in code if "input" in line)
    assert row.startswith(r"\textbackslash{}input\{x\}\%\$\&\#\_\textasciicircum{}\textasciitilde{}")
    rows = [line for line in code if r"$\times$ 4 \\" in line or r"$\times$ 2 \\" in line]
    assert [len(re.findall(r"(?<!\\)&", line)) for line in rows] == [3, 3, 3]
    assert sum(r"\textbf{" in line for line in rows) == 1
    for line in rows:
        assert re.sub(r"\\[{}]", "", line).count("{") == re.sub(r"\\[{}]", "", line).count("}")


def test_latex_shows_text_as_it_is():
    assert escape_latex("a_b & 5%") == r"a\_b \& 5\%"
    assert escape_latex("---") == "-{}-{}-"
    assert escape_latex("[x]*") == "{[}x]{*}"
    assert escape_latex("a\u202eb\nc") == r"a\textless{}U+202E\textgreater{}b c"


def test_markdown_keeps_bold_apart_from_what_names_hold(runs):
    text = markdown(run_table([runs["good"], runs["bad"]], ["accuracy"]))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [4, 4, 4, 4]
    assert re.match(r"\| good \| \*\*0\.\d+ \\\[0\.\d+, \d\.\d+\\\]\*\* \| 60 × 4 \|$", rows[2])
    assert "\\\\input\\{x\\}" in rows[3]


def test_csv_has_every_digit(runs):
    (line, _) = csv.DictReader(io.StringIO(spreadsheet(run_table([runs["good"], runs["bad"]]))))
    own = runs["good"].summary["metrics"]["standard"]
    for name in ("accuracy", "exact", "pick@k", "cer"):
        ends = [float(line[f"{name}{end}"]) for end in ("", "_low", "_high")]
        assert ends == pytest.approx([own[name][end] for end in ("value", "low", "high")], abs=1e-15)
    assert (line["accuracy_best"], line["accuracy_note"]) == ("True", "")
    assert line["signature"] == runs["good"].signature


def test_the_command_prints_the_table_on_stdout(runs, bench_command, tmp_path):
    paths = [runs[name].folder.path for name in ("good", "bad")]
    done = bench_command("report", *paths, "--table", "csv", "--metrics", "cer, exact", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [line["run"] for line in lines] == ["good", "bad"]
    assert "accuracy" not in lines[0]
    refused = bench_command("report", paths[0], "--metrics", "cer", cwd=tmp_path)
    assert refused.returncode == 2
    assert "--table" in refused.stderr
    refused = bench_command("report", paths[0], "--table", "csv", "--single-file", cwd=tmp_path)
    assert refused.returncode == 2
    assert "--single-file" in refused.stderr
