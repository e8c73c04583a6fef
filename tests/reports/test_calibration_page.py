"""What the page and the terminal say of the reader's calibration: its numbers, its marks, and its absence."""

from dataclasses import replace

import pytest

from bench.calibration.result import (
    Calibration,
    Ceiling,
    Extent,
    LeftOut,
    ReaderKey,
    Response,
    ResponsePoint,
    SuiteKey,
)
from bench.calibration.tally import CEILING_METRICS, FLOOR_METRICS, metric_signatures
from bench.run import Run
from metrics.score import Missing
from metrics.statistics import Estimate
from reports import terminal
from reports.page import write_page
from reports.response_plots import headline_marks, response_plots
from tests.reports.conftest import IMAGE, SCRIPT, synthetic_run
from tests.reports.test_page import Page, words


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A hand-made run of this module's own: its page is written several times."""
    return synthetic_run(tmp_path_factory.mktemp("runs") / "demo")


def estimated(value, half=0.01):
    return Estimate(value, value - half, value + half, 12, 24, "t(11) over prompt groups")


def followed(slope, offset=0.0):
    points = tuple(ResponsePoint(rate, rate, offset + slope * rate, 8) for rate in (0.0, 0.2, 0.4))
    return Response("cer", "cer of what was drawn", estimated(slope), estimated(offset), points)


@pytest.fixture(scope="module")
def calibration(run):
    """A calibration of the hand-made run's reader, with numbers that stand nowhere else."""
    reader, suite = run.reader, run.suite
    values = {name: estimated(0.913) for name in CEILING_METRICS}
    values["malformed"] = Missing(f"no evidence {IMAGE}")
    none = Missing("fewer than two different true values")
    return Calibration(
        suite=SuiteKey(suite.name, suite.version, suite.digest, suite.profile),
        reader=ReaderKey(reader.name, reader.digest, reader.signature),
        created="2026-03-04T05:06:07+00:00",
        glyphbench="0.1.0",
        metrics=metric_signatures(suite.profile),
        typesetter={"kind": "typeset"},
        extent=Extent(13, 13, (7000,), ("serif",), (0.2, 0.4), 321, is_quick=False),
        ceiling=Ceiling(
            plain=values,
            hard={**values, "accuracy": estimated(0.727)},
            by={"language": {"zh": {**values, "accuracy": estimated(0.875)}, "en": values}},
            by_character={"level 1": estimated(0.951), SCRIPT: estimated(0.5)},
        ),
        floors={
            name: {metric: estimated(0.1 * number) for metric in FLOOR_METRICS}
            for number, name in enumerate(("blank", "shuffled", "wrong prompt", "all texts"))
        },
        response={
            "wrong": followed(0.977),
            "missing": followed(1.021),
            "extra": followed(0.5, 0.1),
            "malformed": Response("malformed", "share of malformed", none, none),
        },
        left_out=(LeftOut(f"it does not fit {IMAGE}", 3),),
        seconds=1.0,
    )


@pytest.fixture(scope="module")
def told(run, calibration, tmp_path_factory):
    """The run with its calibration, and the page."""
    folder = tmp_path_factory.mktemp("calibrations")
    calibration.write(folder)
    calibrated = Run.open(run.folder.path, folder)
    return calibrated, Page(write_page(calibrated).read_text(encoding="utf-8"))


def test_ceiling_chance_and_slope_stand_beside_the_headline(told):
    _, page = told
    lead = words(page.text[".calibrated"])
    assert "the reader's ceiling on this suite: 0.913 [0.903, 0.923] (hard pictures 0.727 [0.717, 0.737])" in lead
    assert "chance: wrong prompt 0.200 [0.190, 0.210], shuffled 0.100 [0.090, 0.110], blank 0.000" in lead
    assert "wrong characters 0.977 [0.967, 0.987]" in lead


def test_ceiling_and_chance_are_drawn_where_they_lie(told):
    run, page = told
    marks = {mark.name: mark.at for mark in headline_marks(run.summary["calibration"])}
    assert marks == {"ceiling": 91.3, "chance": 20.0}
    drawn = [a["x1"] for tag, a in page.elements if tag == "line" and "limit" in a.get("class", "").split()]
    assert {"91.3%", "20.0%"} <= set(drawn)


def test_slices_have_their_own_ceiling(told):
    run, page = told
    from reports.charts import breakdown_charts

    charts = {chart.by: chart for chart in breakdown_charts([run.summary])["accuracy"]}
    rows = {part.label: part.rows[0] for part in charts["language"].slices}
    assert rows["zh"].ceiling == charts["language"].axis.at(0.875)
    assert rows["en"].ceiling == charts["language"].axis.at(0.913)
    assert {part.rows[0].ceiling for part in charts["tag"].slices} == {None}
    assert "The short green line is the reader's ceiling." in words(page.text["#breakdowns"])


def test_the_section_has_all_of_it_and_nothing_harmful(told):
    _, page = told
    section = words(page.text["#calibration"])
    for expected in (
        "321 pictures, 13 of 13 prompts with a target, 1 faces, seeds 7000; measured 2026-03-04",
        "chance: wrong prompt",
        "slope 0.977 [0.967, 0.987]",
        "offset 0.100 [0.090, 0.110]",
        "fewer than two different true values",
        "level 1",
        "0.951 [0.941, 0.961] read right",
        f"Left out: 3 pictures, it does not fit {IMAGE}",
        f"{SCRIPT}",
    ):
        assert expected in section
    assert not [
        attributes for _, attributes in page.elements if "onerror" in attributes or attributes.get("src") == "x"
    ]


def test_responses_are_drawn_to_one_scale(told):
    run, _ = told
    plots = {plot.kind: plot for plot in response_plots(run.summary["calibration"])}
    assert plots["wrong"].ticks[-1] == (100.0, "0.5")
    assert plots["extra"].points == ((0.0, 80.0), (40.0, 60.0), (80.0, 40.0))
    assert plots["extra"].line == ((0.0, 80.0), (80.0, 40.0))
    assert (plots["malformed"].points, plots["malformed"].line) == ((), None)


def test_without_a_calibration_the_page_says_so_and_how_to_make_one(run, parsed_plain):
    assert "Not calibrated: how well this reader reads right lettering of this suite is not known" in words(
        parsed_plain.text[".lead"]
    )
    assert words(parsed_plain.text["#calibrate"]) == "python -m bench calibrate --suite demo --reader by-hand"
    assert ".limit" not in parsed_plain.text


@pytest.fixture(scope="module")
def parsed_plain(run):
    return Page(write_page(run).read_text(encoding="utf-8"))


def test_an_out_of_date_one_is_told_in_the_lead_and_not_used(run, calibration, tmp_path):
    replace(calibration, suite=replace(calibration.suite, digest="0" * 64, version=IMAGE)).write(tmp_path)
    stale = Run.open(run.folder.path, tmp_path)
    page = Page(write_page(stale).read_text(encoding="utf-8"))
    lead = words(page.text[".lead"])
    assert "Calibration out of date. It is not used" in lead
    assert f"suite demo has other content ({IMAGE}, now 1.0.0)" in lead
    assert ".calibrated" not in page.text
    assert not headline_marks(stale.summary["calibration"])


def test_the_terminal_says_the_same(told, capsys, monkeypatch, tmp_path):
    run, _ = told
    monkeypatch.setenv("COLUMNS", "200")
    terminal.print_summary(run, tmp_path)
    printed = capsys.readouterr().err
    assert "calibrated the reader's ceiling on this suite: 0.913 [0.903, 0.923]" in printed
    assert "calibrated chance: wrong prompt 0.200" in printed
