"""A reader's error against what people say is drawn: readers that are wrong on purpose, by known amounts."""

import json
import sys
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest

from bench.calibration.reader_error import measure_reader_error
from bench.calibration.transcribed_pictures import find_pictures
from bench.calibration.transcription import WILDCARD, read_transcriptions
from bench.calibration.well_formed import count_errors
from bench.plan import open_records
from metrics.alignment import align
from metrics.score import Missing
from prompts.errors import GlyphbenchError
from tests.bench.scripted_reader import scripted_picture

PROMPTS = {
    "one": ("zh", ["今日特价早餐"]),
    "two": ("zh", ["营业中", "欢迎光临"]),
    "three": ("en", ["Open daily"]),
    "four": ("en", ["No parking"]),
}
SUITE = """
name = "tried"
version = "1"
language = "mixed"
title = "T"
description = "For tests."
source = "tests"
licence = "Apache-2.0"
seeds = 1
size = [512, 512]
profile = "standard"
"""


@pytest.fixture(scope="module")
def readers_outside(tmp_path_factory):
    """A package outside ours that announces the scripted readers, for this process and those it starts."""
    folder = tmp_path_factory.mktemp("packages")
    source = Path(__file__).with_name("scripted_reader.py").read_text(encoding="utf-8")
    (folder / "scripted_outside.py").write_text(source, encoding="utf-8")
    info = folder / "scripted_outside-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: scripted-outside\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[glyphbench.readers]\nscripted = scripted_outside:ScriptedReader\nweighing = scripted_outside:WeighingReader\n"
    )
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))


class ThisProcess(Executor):
    """Works at once and here: a process of its own takes a second to start."""

    def __init__(self, *_, **__):
        pass

    def submit(self, function, /, *arguments):
        future = Future()
        future.set_result(function(*arguments))
        return future


@pytest.fixture
def measured(readers_outside, tmp_path, monkeypatch):
    """Returns the error of a reader on pictures: for each prompt what is drawn, what is read, and the evidence."""
    monkeypatch.setattr("bench.reading_pool.ProcessPoolExecutor", ThisProcess)

    def measure(cases, reader="scripted"):
        entries = [
            f'[[prompt]]\nid = "{name}"\nlanguage = "{language}"\ntext = "x"\n'
            + "".join(f'[[prompt.region]]\ntext = "{target}"\n' for target in targets)
            for name, (language, targets) in PROMPTS.items()
        ]
        (tmp_path / "tried.toml").write_text(SUITE + "\n".join(entries), encoding="utf-8")
        lines = []
        for name, (drawn, read, *intact) in cases.items():
            (tmp_path / "images" / name).mkdir(parents=True)
            scripted_picture(read, *intact).save(tmp_path / "images" / name / "0.png")
            lines.append(json.dumps({"prompt": name, "seed": 0, "drawn": drawn}))
        truth = tmp_path / "truth.jsonl"
        truth.write_text("\n".join(lines), encoding="utf-8")
        pictures = find_pictures(truth, [str(tmp_path / "tried.toml")], f"folder:{tmp_path / 'images'}", None)
        return measure_reader_error(pictures, truth, *open_records([reader]), workers=1)

    return measure


def test_a_right_reading_has_no_error_whatever_was_asked_for(measured):
    error = measured(
        {
            "one": (["今日特价早歺"], ["今日特价早歺"]),
            "two": (["营业", "欢迎光临"], ["欢迎光临", "营业"]),
            "three": ([], []),
        }
    )
    assert error.cer.value == 0
    assert {name: value.value for name, value in error.bias.items()} == {"accuracy": 0, "cer": 0, "exact": 0}
    assert error.pictures == 3


def test_the_error_rate_is_that_of_the_reader_by_language(measured):
    error = measured(
        {
            "one": (["今日特价早餐"], ["今日特介早餐"]),
            "two": (["营业中", "欢迎光临"], ["营业中", "欢迎光"]),
            "three": (["Open daily"], ["Open daily!"]),
            "four": (["No parking"], ["No parking"]),
        }
    )
    assert error.cer.value == pytest.approx(3 / 33)
    assert error.cer.low < 3 / 33 < error.cer.high
    assert error.cer_by_language["zh"].value == pytest.approx(2 / 13)
    assert error.cer_by_language["en"].value == pytest.approx(1 / 20)


def test_a_reader_that_corrects_has_a_bias_upwards(measured):
    """Drawn is 今日特价早歺, asked 今日特价早餐, read what was asked: the score is too good by one character of six."""
    error = measured({"one": (["今日特价早歺"], ["今日特价早餐"]), "four": (["No parking"], ["No parking"])})
    assert error.bias["accuracy"].value == pytest.approx((1 / 6) / 2)
    assert error.bias["cer"].value == pytest.approx(-1 / 16)
    assert error.bias["exact"].value == pytest.approx(1 / 2)


def test_malformed_characters_are_in_no_count_of_the_error_rate(measured):
    error = measured({"one": (["今日{特}价早餐"], ["今日牛寺价早餐"]), "four": (["No park{i}ng"], ["No parklng"])})
    assert error.cer.value == 0
    assert error.cer.samples == 2


def test_malformed_characters_count_as_meant_or_as_wrong(measured):
    error = measured({"one": (["今日{特}价早餐"], ["今日特价早餐"]), "four": (["No parking"], ["No parking"])})
    assert error.bias["accuracy"].value == 0
    assert error.bias_strict["accuracy"].value == pytest.approx((1 / 6) / 2)


def test_the_evidence_is_judged_by_what_people_marked(measured):
    cases = {
        "one": (["今日{特}价早餐"], ["今日特价早餐"], {"特": 0.2, "价": 0.4}),
        "two": (["营业{中}", "欢迎光临"], ["营业中", "欢迎光临"], {"中": 0.3}),
        "four": (["No pa{r}king"], ["No parking"], {"r": 0.95}),
    }
    error = measured(cases, reader="weighing")
    assert (error.detection.malformed, error.detection.well_formed) == (3, 19)
    # 特 and 中 are below all 19; r is above all of them.
    assert error.detection.auc.value == pytest.approx(2 / 3)
    assert error.detection.auc.low < 2 / 3 < error.detection.auc.high
    assert error.detection.auc_as_read.value == 0.5
    assert error.detection.found.value == pytest.approx(2 / 3)
    assert error.detection.false_alarms.value == pytest.approx(1 / 19)


def test_malformed_characters_without_evidence_are_counted_apart(measured):
    cases = {"one": (["今{日}{特}价早餐"], ["今日特价早餐"], {"特": None, "日": 0.2})}
    error = measured(cases, reader="weighing")
    assert (error.detection.malformed, error.detection.malformed_unjudged, error.detection.well_formed) == (1, 1, 4)


def test_characters_that_are_wrong_or_not_drawn_are_neither_malformed_nor_well_formed(measured):
    error = measured({"one": (["今日牛价{早}"], ["今日牛价早"])}, reader="weighing")
    assert (error.detection.malformed, error.detection.well_formed) == (1, 3)


def test_without_evidence_plain_reading_is_still_judged(measured):
    error = measured({"one": (["今日{特}价早餐"], ["今日牛价早餐"]), "two": (["营业{中}"], ["营业中"])})
    assert error.detection.auc == Missing("character evidence is not given by this reader")
    assert error.detection.auc_as_read.value == pytest.approx(0.75)


def test_files_need_no_prompt_and_are_read_in_processes_of_their_own(readers_outside, tmp_path):
    scripted_picture(["营业牛"], {"中": 0.1}).save(tmp_path / "a.png")
    truth = tmp_path / "t.jsonl"
    truth.write_text('{"file": "a.png", "drawn": "营业{中}"}\n', encoding="utf-8")
    pictures = find_pictures(truth, ["smoke"], None, None)
    error = measure_reader_error(pictures, truth, *open_records(["weighing"]), workers=1)
    assert (error.cer.value, error.detection.auc.value) == (0, 1)
    assert error.bias["accuracy"] == Missing("no picture has a prompt, so nothing was asked for")
    kept = error.write(tmp_path, truth)
    assert json.loads(kept.read_text(encoding="utf-8"))["bias"]["cer"]["missing"].startswith("no picture")


def test_all_faults_of_a_transcription_are_told_at_once(tmp_path):
    lines = [
        '{"prompt": "oen", "drawn": ["福"]}',
        '{"prompt": "one", "darwn": [], "drawn": ["{}", 3]}',
        "nope",
        '{"file": "x", "drawn": [{"text": "ab", "malformed": [3]}, {"text": "ab", "malformed": ["c"]}, "a}b"]}',
        '{"drawn": "x"}',
        '{"prompt": "one", "drawn": "x"}',
        '{"prompt": "one", "seed": 0, "drawn": "x"}',
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(GlyphbenchError) as told:
        read_transcriptions(tmp_path / "t.jsonl", list(PROMPTS))
    for expected in (
        "10 faults",
        "line 1: prompt: no prompt is called 'oen'; did you mean 'one'?",
        "line 2: darwn: unknown key; did you mean 'drawn'?",
        "line 2: drawn.0: nothing stands in the braces of '{}'",
        "line 2: drawn.1: write a text",
        "line 3: not JSON",
        "line 4: drawn.0: malformed: there is no character 3 in 'ab'",
        "line 4: drawn.1: malformed: 'c' is no character of 'ab'",
        "line 4: drawn.2: a brace of 'a}b' has no partner",
        "line 5: which picture? Give prompt and seed, or file",
        "line 7: one/0 stands in line 6 as well",
    ):
        assert expected in str(told.value)


def test_braces_and_lists_mark_the_same(tmp_path):
    entries = ('"老王{面}馆"', '{"text": "老王面馆", "malformed": [3]}', '{"text": "老王面馆", "malformed": ["面"]}')
    for entry in entries:
        (tmp_path / "t.jsonl").write_text(f'{{"prompt": "a", "drawn": [{entry}]}}\n', encoding="utf-8")
        (transcription,) = read_transcriptions(tmp_path / "t.jsonl")
        assert transcription.drawn[0].masked == f"老王{WILDCARD}馆"
    (tmp_path / "t.jsonl").write_text('{"prompt": "a", "drawn": "{{x}} {yz}"}\n', encoding="utf-8")
    (transcription,) = read_transcriptions(tmp_path / "t.jsonl")
    assert (transcription.drawn[0].text, transcription.drawn[0].malformed) == ("{x} yz", {4, 5})


def test_pictures_that_are_not_there_are_named(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"file": "a.png", "drawn": "x"}\n{"file": "b.png", "drawn": "x"}\n')
    with pytest.raises(GlyphbenchError, match=r"line 1: .*a.png is not a file\n.*line 2: .*b.png is not a file"):
        find_pictures(tmp_path / "t.jsonl", ["smoke"], None, None).check()
    (tmp_path / "t.jsonl").write_text('{"prompt": "smoke-en-door", "drawn": "x"}\n')
    with pytest.raises(GlyphbenchError, match="--model folder:DIR or --run RUN"):
        find_pictures(tmp_path / "t.jsonl", ["smoke"], None, None).check()


@pytest.mark.parametrize(
    ("target", "read", "errors"),
    [("a*c", "abc", 0), ("a*c", "axyc", 0), ("a*c", "ac", 0), ("a*c", "abcd", 1), ("a*c", "abx", 1), ("**", "", 0)],
)
def test_what_is_read_next_to_a_malformed_character_is_not_blamed(target, read, errors):
    steps = align(tuple(target.replace("*", WILDCARD)), tuple(read), frozenset({WILDCARD}))
    assert count_errors(steps) == errors


def test_the_example_of_the_documentation_is_one(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "calibration.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith('{"')]
    (tmp_path / "t.jsonl").write_text("\n".join(lines), encoding="utf-8")
    transcriptions = read_transcriptions(tmp_path / "t.jsonl")
    assert [t.name for t in transcriptions][3] == "photos/menu.png"
    assert [text.masked for t in transcriptions for text in t.drawn] == [
        f"老王{WILDCARD}馆", "营业中", "老王面馆", f"今日特价 {WILDCARD}9元", f"P{WILDCARD}SH"
    ]  # fmt: skip
