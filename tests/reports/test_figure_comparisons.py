"""Figures that set runs beside each other, beside their seeds, and beside the reader's calibration."""

import math
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from bench.calibration.result import Calibration, ReaderKey, SuiteKey
from bench.comparison.comparing import compare
from bench.comparison.sheet import sheet_of
from bench.run import Run
from prompts.errors import GlyphbenchError
from reports.figures.figure import Request
from reports.figures.table import draw
from tests.bench.written_runs import suite_of, texts_with, written_run
from tests.reports.figure_runs import prompt, suite, wrong_from


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoints")
    shares = {400: 0.4, 800: 0.2, 1200: 0.3}
    signs = suite_of(20, seeds=(0, 1))
    return tuple(
        written_run(path / f"{step}", texts_with(share), signs, name=f"模型-{step}") for step, share in shares.items()
    )


def calibrated(run, folder, **changes):
    """Return the run with a calibration of its own suite and reader: a shipped one under their names."""
    shipped = Path(str(files("bench.calibration").joinpath("shipped")))
    found = Calibration.read(next(shipped.glob("zh_text-*.json")))
    key = SuiteKey(run.suite.name, run.suite.version, run.suite.digest, run.suite.profile)
    reader = ReaderKey(run.reader.name, run.reader.digest, run.reader.signature)
    found = replace(found, suite=key, reader=reader, **changes)
    found.write(folder)
    return Run.open(run.folder.path, folder), found


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_seeds_stand_beside_all_of_them(tmp_path):
    asked = suite(*(prompt(f"a{n:02}", "光明书店") for n in range(12)), seeds=(0, 7))
    run = written_run(
        tmp_path / "run", lambda p, seed: ["光明书错"] if seed or p.id < "a03" else ["光明书店"], asked, name="模型"
    )
    drawing = draw("seeds", Request((run,)))
    found = {row["seed"]: row for row in drawing.data.to_dict("records")}
    assert {seed: row["value"] for seed, row in found.items()} == pytest.approx(
        {"all": 0.84375, "0": 0.9375, "7": 0.75}
    )
    # In nine of twelve prompts the seeds are 1 and 0.75: a variance of 0.25² / 2.
    assert found["all"]["sd_within_prompts"] == pytest.approx(math.sqrt(9 / 12 * 0.25**2 / 2))
    assert found["0"]["low"] < 0.9375 < found["0"]["high"]
    (axes,) = drawing.figure.axes
    assert [float(bar.lines[0].get_ydata()[0]) for bar in axes.containers] == pytest.approx([0.84375, 0.9375, 0.75])
    assert labels(axes.xaxis) == ["模型\nn 12 × 2\nSD 0.15"]
    one = written_run(tmp_path / "one", wrong_from(1), asked, seeds=(0,))
    with pytest.raises(GlyphbenchError, match="two seeds"):
        draw("seeds", Request((one,)))


def test_confusions_are_the_commonest_pairs_with_their_shares(tmp_path):
    read = {"a": "光明书店", "b": "光朋书店", "c": "光朋书", "d": "先明书店"}
    run = written_run(
        tmp_path / "run", lambda p, seed: [read[p.id]], suite(*(prompt(name, "光明书店") for name in read)), name="模型"
    )
    drawing = draw("confusions", Request((run,)))
    rows = drawing.data[["asked_for", "read_as", "count", "n", "share"]].itertuples(index=False, name=None)
    assert list(rows) == [("明", "朋", 4, 8, 0.5), ("光", "先", 2, 8, 0.25)]
    # Wilson's interval for 4 of 8.
    assert list(drawing.data.loc[0, ["low", "high"]]) == pytest.approx([0.2152, 0.7848], abs=1e-4)
    axes = drawing.figure.axes[0]
    assert labels(axes.yaxis) == ["明  n 8", "光  n 8"]
    assert labels(axes.xaxis) == ["朋", "先"]
    assert axes.images[0].get_array().tolist() == [[0.5, 0], [0, 0.25]]
    right = written_run(tmp_path / "right", wrong_from(0), run.suite)
    with pytest.raises(GlyphbenchError, match="no character is read as another"):
        draw("confusions", Request((right,)))


def test_checkpoints_have_their_values_and_their_paired_differences(checkpoints):
    drawing = draw("checkpoints", Request(checkpoints, margin=0.05))
    data = drawing.data
    assert list(data["model"]) == ["模型-400", "模型-800", "模型-1200"]
    assert list(data["value"]) == pytest.approx([run.summary["headline"]["value"] for run in checkpoints])
    assert math.isnan(data["difference"][0])
    for place, run in enumerate(checkpoints[1:], 1):
        found = compare(sheet_of(checkpoints[0]), sheet_of(run)).metrics[0].difference
        told = data.loc[place, ["difference", "difference_low", "difference_high", "p"]]
        assert list(told) == pytest.approx([found.value, found.low, found.high, found.p])
    _, gains = drawing.figure.axes
    assert labels(gains.xaxis) == ["400", "800", "1200"]
    assert gains.get_xlabel() == "checkpoint, 模型-…"
    assert sorted(gains.patches[0].get_extents().transformed(gains.transData.inverted()).intervaly) == pytest.approx(
        [-0.05, 0]
    )
    lower = draw("checkpoints", Request(checkpoints, metric="cer", margin=0.05)).figure.axes[1]
    assert sorted(lower.patches[0].get_extents().transformed(lower.transData.inverted()).intervaly) == pytest.approx(
        [0, 0.05]
    )


def test_checkpoints_of_other_suites_make_no_curve(checkpoints, tmp_path):
    other = written_run(tmp_path / "other", wrong_from(1), suite(prompt("a", "光明书店")))
    with pytest.raises(GlyphbenchError, match="two runs of one suite"):
        draw("checkpoints", Request((checkpoints[0], other)))


def test_forest_has_each_slice_and_draws_those_that_can_be_told(checkpoints):
    drawing = draw("forest", Request(checkpoints[:2], margin=0.05))
    expected = compare(sheet_of(checkpoints[0]), sheet_of(checkpoints[1]))
    slices = [each for each in expected.slices if each.metric == "accuracy"]
    data = drawing.data
    assert list(zip(data["by"], data["slice"], strict=True)) == [
        ("all", "all prompts"),
        *((each.by, each.label) for each in slices),
    ]
    assert list(data["value"][1:]) == pytest.approx([each.difference.value for each in slices])
    assert list(data["drawn"]) == [True, *(each.difference.clusters >= 6 for each in slices)]
    assert not data["drawn"].all()
    shown = labels(drawing.figure.axes[0].yaxis)
    assert len(shown) == data["drawn"].sum()
    assert shown[0] == "all prompts, n 20"
    assert len(draw("forest", Request(checkpoints)).data) == 2 * len(data)
    with pytest.raises(GlyphbenchError, match="two runs or more"):
        draw("forest", Request(checkpoints[:1]))


def test_the_score_stands_between_chance_and_ceiling(checkpoints, tmp_path):
    run, calibration = calibrated(checkpoints[0], tmp_path)
    drawing = draw("ceiling", Request((run,)))
    (row,) = drawing.data.to_dict("records")
    assert row["value"] == pytest.approx(run.summary["headline"]["value"])
    assert row["ceiling"] == calibration.ceiling.plain["accuracy"].value
    assert row["chance"] == calibration.floors["wrong prompt"]["accuracy"].value
    drawn = [float(bar.lines[0].get_xdata()[0]) for bar in drawing.figure.axes[0].containers]
    assert drawn == pytest.approx([row["chance"], row["ceiling"], row["value"]])


def test_calibration_shows_each_kind_of_error_with_its_slope(checkpoints, tmp_path):
    run, calibration = calibrated(checkpoints[0], tmp_path)
    drawing = draw("calibration", Request((run,)))
    kinds = list(calibration.response)
    assert list(dict.fromkeys(drawing.data["kind"])) == kinds
    axes = drawing.figure.axes[kinds.index("malformed")]
    points = calibration.response["malformed"].points
    assert list(axes.lines[1].get_xdata()) == [point.true for point in points]
    assert list(axes.lines[1].get_ydata()) == [point.measured for point in points]
    slope = calibration.response["malformed"].slope
    assert slope.low is not None
    assert axes.texts[0].get_text() == f"{slope.value:.2f} [{slope.low:.2f}, {slope.high:.2f}]"


@pytest.mark.parametrize("name", ["ceiling", "calibration"])
def test_without_a_calibration_the_command_is_named(name, checkpoints):
    with pytest.raises(GlyphbenchError, match="python -m bench calibrate --suite signs-zh"):
        draw(name, Request(checkpoints[:1]))
