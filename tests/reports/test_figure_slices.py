"""Figures over slices of the prompts or of the characters: length, regions, sizes, levels, zh-en."""

from importlib.resources import files
from pathlib import Path

import pytest

from bench.run import Run
from prompts.errors import GlyphbenchError, UnknownNameError
from reports.figures.figure import Request
from reports.figures.table import draw
from tests.bench.written_runs import written_run
from tests.reports.figure_runs import prompt, suite, wrong_from


def numbers(drawing, *columns):
    return list(drawing.data[list(columns)].itertuples(index=False, name=None))


def ticks(axes):
    return [label.get_text() for label in axes.get_xticklabels()]


@pytest.fixture(scope="module")
def signs(tmp_path_factory):
    """Writes a run of these prompts, of which the last character of each text is read as another one."""

    def write(*prompts, name="model", **told):
        path = tmp_path_factory.mktemp("runs") / "signs"
        return written_run(path, wrong_from(1), suite(*prompts), name=name, **told)

    return write


def test_length_has_a_value_for_each_bin_with_n_and_the_thin_ones_marked(signs):
    drawing = draw("length", Request((signs(*(prompt(f"a{n}", "光明书店") for n in range(12)), prompt("b", "光明")),)))
    assert numbers(drawing, "length", "value", "prompts", "samples", "thin") == [
        ("2", 0.5, 1, 2, True),
        ("3–4", 0.75, 12, 24, False),
    ]
    (axes,) = drawing.figure.axes
    assert ticks(axes) == ["2\nn 1", "3–4\nn 12"]
    thin, well_founded = [bar.lines[0] for bar in axes.containers]
    assert thin.get_markerfacecolor() == "white"
    assert well_founded.get_markerfacecolor() != "white"


def test_an_interval_is_drawn_where_there_is_one(signs):
    asked = [prompt(f"a{n}", "光明书店" if n % 2 else "光明书") for n in range(12)]
    drawing = draw("length", Request((signs(*asked),), metric="cer"))
    ((value, low, high),) = numbers(drawing, "value", "low", "high")
    assert value == pytest.approx(12 / 42)
    assert low < value < high
    (segment,) = drawing.figure.axes[0].containers[0].lines[2][0].get_segments()
    assert segment[:, 1].tolist() == pytest.approx([low, high])
    narrow = draw("length", Request((signs(*asked, name="other"),), metric="cer", level=0.5)).data
    assert narrow["low"][0] > low


def test_the_readers_ceiling_is_drawn_from_the_calibration(tmp_path, signs):
    from dataclasses import replace

    from bench.calibration.lookup import find_calibration
    from bench.calibration.result import Calibration, ReaderKey, SuiteKey
    from metrics.statistics import Estimate

    run = signs(prompt("a", "光明书店"))
    shipped = next(Path(str(files("bench.calibration").joinpath("shipped"))).glob("zh_text-*.json"))
    calibration = Calibration.read(shipped)
    limit = Estimate(0.97, 0.9, 1, 20, 40, "t")
    calibration = replace(
        calibration,
        suite=SuiteKey(run.suite.name, run.suite.version, run.suite.digest, run.suite.profile),
        reader=ReaderKey(run.reader.name, run.reader.digest, run.reader.signature),
        ceiling=replace(
            calibration.ceiling, by={"length": {"3–4": {"accuracy": limit}}}, by_character={"level 1": limit}
        ),
    )
    calibration.write(tmp_path)
    run = Run.open(run.folder.path, tmp_path)
    assert find_calibration(run.suite, run.reader, tmp_path).standing == "exact"
    for name in ("length", "levels"):
        drawing = draw(name, Request((run,)))
        assert drawing.data["ceiling"][0] == 0.97
        assert any(list(line.get_ydata()) == [0.97, 0.97] for line in drawing.figure.axes[0].lines)


def test_regions_counts_the_texts(signs):
    run = signs(prompt("one", "光明书店"), prompt("two", "光明", "书店"), prompt("also", "早餐", "特价"), prompt("no"))
    assert numbers(draw("regions", Request((run,))), "regions", "value", "prompts") == [("1", 0.75, 1), ("2", 0.5, 2)]


def test_sizes_are_in_the_order_of_their_areas(signs):
    run = signs(
        *(prompt(f"s{n}", "光明", size=size) for n, size in enumerate([(96, 32), (64, 64), (32, 96), (32, 64)]))
    )
    drawing = draw("sizes", Request((run,)))
    assert list(drawing.data["sizes"]) == ["32×64", "32×96", "96×32", "64×64"]
    assert ticks(drawing.figure.axes[0])[0] == "32\n×64\nn 1"


def test_levels_are_of_single_characters_whatever_text_they_are_in(tmp_path):
    # 光 and 书 are of level 1, 窭 is of level 3, 書 in none; the reading has 書 and every second 光 wrong.
    asked = [prompt(f"a{n}", "光书窭書A") for n in range(2)]
    run = written_run(
        tmp_path / "run", lambda p, seed: ["光书窭店A" if p.id == "a0" else "店书窭店A"], suite(*asked), name="model"
    )
    drawing = draw("levels", Request((run,)))
    assert numbers(drawing, "level_of_list", "value", "n (characters in all pictures)") == [
        ("1", 0.75, 8),
        ("3", 1.0, 4),
        ("none", 0.0, 4),
    ]
    english = written_run(tmp_path / "english", wrong_from(1), suite(prompt("e", "open", language="en")), name="model")
    with pytest.raises(GlyphbenchError, match="no Chinese characters"):
        draw("levels", Request((english,)))


@pytest.fixture(scope="module")
def languages(tmp_path_factory):
    """Chinese has the last of four characters wrong, English the last of ten in half of the groups."""
    path = tmp_path_factory.mktemp("runs")
    zh = [prompt(f"zh-{n}", "光明书店", group=f"g{n}") for n in range(12)]
    en = [prompt(f"en-{n}", "open daily", language="en", group=f"g{n}") for n in range(12)]
    half = lambda p, seed: ["open dailx" if int(p.id[3:]) % 2 else "open daily"]  # noqa: E731
    return (
        written_run(path / "zh", wrong_from(1), suite(*zh, name="zh_signs"), name="模型"),
        written_run(path / "en", half, suite(*en, name="en_signs", language="en"), name="模型"),
        written_run(path / "two", wrong_from(1), suite(*zh[:3], *en[3:], *en[:1], name="both"), name="模型"),
    )


def test_the_gap_is_paired_through_the_groups(languages):
    drawing = draw("zh-en", Request(languages[:2]))
    (row,) = drawing.data.to_dict("records")
    assert row["chinese"] == pytest.approx(0.75)
    assert row["english"] == pytest.approx(0.95)
    assert row["value"] == pytest.approx(0.2)
    # The Chinese values are all alike: the spread of the differences is that of the English ones.
    assert row["low"] == pytest.approx(0.2 - (row["english_high"] - row["english"]))
    assert row["groups"] == 12
    assert [label.get_text() for label in drawing.figure.axes[0].get_yticklabels()] == [
        "模型\nzh_signs / en_signs, n 12"
    ]


def test_each_chinese_run_is_paired_with_the_run_that_shares_most_groups(languages):
    found = draw("zh-en", Request(languages)).data
    assert [(row.chinese_run, row.english_run, row.groups) for row in found.itertuples()] == [
        ("zh", "en", 12),
        ("two", "en", 3),
    ]


def test_what_cannot_be_paired_is_refused(languages, signs):
    with pytest.raises(GlyphbenchError, match="share groups"):
        draw("zh-en", Request((languages[0],)))
    with pytest.raises(GlyphbenchError, match="share groups"):
        draw("zh-en", Request((signs(prompt("zh-0", "光明", group="g0"), name="other"), languages[1])))
    with pytest.raises(UnknownNameError, match="in both languages"):
        draw("zh-en", Request(languages[:2], metric="wer"))
