"""A run as pandas frames."""

import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

import bench
from bench.characters import COLUMNS
from bench.reader_record import ReaderRecord
from bench.records import ReadingRecord
from bench.scoring import score_run
from metrics.evidence import CharacterEvidence
from prompts.levels import hanzi_levels, hanzi_strokes
from prompts.suite import Prompt, Region, Size, Suite
from tests.bench.written_runs import READER, suite_of, texts_with, written_run

ROOT = Path(__file__).parents[2]


def suite(*prompts):
    return Suite("few", "1", "zh", "Few", "For tests", "this project", "Apache-2.0", (0, 1), "standard", prompts)


def prompt(name, *texts, language="zh"):
    return Prompt(name, name, language, name, Size(64, 64), tuple(map(Region, texts)))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    texts = {
        ("two", 0): ["光明", "Tea 龘"],
        ("two", 1): ["光明明", "T"],
        ("blank", 0): "blank",
        ("blank", 1): "infra",
    }
    asked = suite(prompt("two", "光明", "Tea 龘"), prompt("blank", "出口"), prompt("none"))
    path = tmp_path_factory.mktemp("runs") / "few"
    written_run(path, lambda prompt, seed: texts.get((prompt.id, seed), []), asked)
    return bench.load_run(path)


def test_every_target_character_has_one_row_in_the_suites_order(run):
    found = run.characters
    assert list(found.columns) == list(COLUMNS)
    first = found[(found["prompt"] == "two") & (found["seed"] == 0)]
    assert list(first["target"]) == ["光", "明", "t", "e", "a", "龘"]
    assert list(first["region"]) == [0, 0, 1, 1, 1, 1]
    assert list(first["position"]) == [0, 1, 0, 1, 2, 3]
    assert list(first["kind"]) == ["match"] * 6
    assert list(first["read"]) == list(first["target"])
    second = found[(found["prompt"] == "two") & (found["seed"] == 1)]
    assert list(second["kind"]) == ["match", "match", "match", "missing", "missing", "missing"]
    assert list(second["read"]) == ["光", "明", "t", "", "", ""]
    assert set(found["prompt"]) == {"two", "blank"}


def test_pictures_without_a_reading_say_why_and_empty_ones_miss_everything(run):
    blank = run.characters[run.characters["prompt"] == "blank"].set_index("seed")
    assert list(blank.loc[0, "kind"]) == ["missing", "missing"]
    assert blank.loc[0, "missing"].isna().all()
    assert blank.loc[1, "kind"].isna().all()
    assert set(blank.loc[1, "missing"]) == {"infra: for the test"}


def test_characters_of_the_standard_list_have_level_and_strokes(run):
    facts = run.characters.drop_duplicates("target").set_index("target")[["level", "strokes"]]
    assert tuple(facts.loc["光"]) == (1, 6)
    assert tuple(facts.loc["明"]) == (1, 8)
    assert facts.loc[["t", "龘"]].isna().all().all()
    assert (run.characters["level"].dtype, run.characters["seed"].dtype) == ("Int64", "int64")
    assert len(hanzi_strokes()) == len(hanzi_levels()) == 8105
    assert (hanzi_strokes()["一"], hanzi_strokes()["齉"]) == (1, 36)


def test_the_rows_add_up_to_the_scores(tmp_path):
    run = written_run(tmp_path / "many", texts_with(0.1), suite_of(30))
    counts = Counter(run.characters["kind"])
    own = run.scores[(run.scores["profile"] == "standard") & run.scores["missing"].isna()].set_index("metric")
    assert counts["match"] == own.loc["recall", "numerator"].sum()
    assert counts["missing"] == own.loc["missing", "numerator"].sum()
    assert counts.total() == own.loc["recall", "denominator"].sum()
    assert min(counts.values()) > 0


def test_evidence_stands_beside_its_character(tmp_path):
    reader = ReaderRecord("weighs", {"engine": "none", "evidence": 1}, frozenset("光明出"))
    path = tmp_path / "weighed"
    written_run(path, lambda prompt, seed: ["光出"], suite(prompt("a", "光明口")), reader=reader, seeds=(0,))
    run = bench.load_run(path)
    (record,) = run.readings.values()
    evidence = (
        CharacterEvidence(0, 0, "光", 0, "光", 0.75, intact=0.25),
        CharacterEvidence(0, 1, "明", 0, "出", 0.125, intact=0.25, read_intact=0.875),
    )
    run.folder.readings_journal(reader.short).append(
        asdict(ReadingRecord("a", 0, record.sha256, record.reading, evidence))
    )
    found = bench.load_run(path).characters
    assert list(found["kind"]) == ["match", "substitution", "beyond"]
    assert list(found["probability"][:2]) == [0.75, 0.125]
    assert list(found["malformed"][:2]) == [True, False]
    assert pd.isna(found["probability"][2])
    assert pd.isna(found["malformed"][2])


def test_scores_are_tidy(run):
    assert list(run.scores.columns) == [
        "suite", "model", "reader", "prompt", "seed", "group", "language", "profile", "metric",
        "numerator", "denominator", "value", "missing", "beyond",
    ]  # fmt: skip
    assert not run.scores.duplicated(["prompt", "seed", "profile", "metric"]).any()
    assert run.scores["value"].isna().equals(run.scores["missing"].notna())
    pd.testing.assert_frame_equal(run.scores, score_run(run, READER), check_dtype=False)


def test_importing_bench_imports_nothing_heavy():
    code = (
        "import sys, bench; bench.load_run; print(sorted({'pandas', 'numpy', 'scipy', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_documentation_has_every_column(run):
    text = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
    for name in (*run.scores.columns, *COLUMNS):
        assert f"| `{name}` |" in text, name
