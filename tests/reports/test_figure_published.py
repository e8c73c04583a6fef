"""Published scores beside measured ones."""

import tomllib
from pathlib import Path

import pytest

from bench.generators.model_table import models
from prompts.errors import GlyphbenchError
from reports.figures.figure import Request
from reports.figures.style import STYLES
from reports.figures.table import draw
from reports.published import published
from tests.bench.written_runs import written_run
from tests.reports.figure_runs import prompt, suite, wrong_from

FILE = Path(__file__).parents[2] / "reports" / "data" / "published_scores.toml"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    asked = suite(*(prompt(f"p{n:02}", "光明书店") for n in range(12)))
    return written_run(tmp_path_factory.mktemp("runs") / "run", wrong_from(1), asked, name="cogview4")


def test_every_published_score_is_a_share_with_a_source_that_can_be_opened():
    assert {protocol.name for protocol in published()} >= {"CogView4's makers", "OneIG-Bench, text", "CVTG-2K"}
    for protocol in published():
        assert protocol.metric
        assert protocol.how
        assert protocol.caution
        for score in protocol.scores:
            assert 0 <= score.value <= 1
            assert score.source.url.startswith("https://")
        keys = [(score.model, score.language, score.source) for score in protocol.scores]
        assert len(set(keys)) == len(keys)


def test_names_and_sources_of_the_file_are_all_in_use():
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    scores = [score for protocol in published() for score in protocol.scores]
    assert set(content["models"]) <= {score.model for score in scores}
    assert set(content["models"].values()) <= set(models())
    assert {entry["url"] for entry in content["sources"].values()} == {score.source.url for score in scores}


def test_the_makers_f1_is_that_of_their_precision_and_recall():
    """CogView4's README has precision and recall beside it."""
    (makers,) = (protocol for protocol in published() if protocol.name == "CogView4's makers")
    found = {score.model: score.value for score in makers.scores}
    for model, (precision, recall) in {"Kolors": (0.6094, 0.1886), "CogView4-6B": (0.6969, 0.5532)}.items():
        assert found[model] == pytest.approx(2 * precision * recall / (precision + recall), abs=1e-4)


@pytest.mark.parametrize("style", STYLES)
def test_measured_and_published_never_share_a_plot(run, style):
    drawing = draw("published", Request((run,), STYLES[style]))
    legend, measured, *others = drawing.figure.axes
    assert measured.get_title(loc="left") == "Measured here"
    assert not measured.patches
    assert len(others) == len(published())
    for axes in others:
        assert axes.patches
        assert all(bar.get_hatch() for bar in axes.patches)
        assert not axes.containers or not any("Errorbar" in type(each).__name__ for each in axes.containers)
    assert {text.get_text() for text in legend.get_legend().get_texts()} == {
        "measured, Chinese", "published, Chinese", "published, English", "in another report",
    }  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_the_data_have_every_number_that_is_drawn_and_where_it_is_from(run, style):
    drawing = draw("published", Request((run,), STYLES[style]))
    data = drawing.data
    (own,) = data[data["kind"] == "measured"].to_dict("records")
    assert (own["model"], own["value"], own["prompts"]) == ("cogview4", 0.75, 12)
    told = data[data["kind"] == "published"]
    assert len(told) == sum(len(protocol.scores) for protocol in published())
    assert told["url"].notna().all()
    assert told["low"].isna().all()
    for axes, protocol in zip(drawing.figure.axes[2:], published(), strict=True):
        rows = told[(told["protocol"] == protocol.name) & told["drawn"]]
        bars = [bar.get_width() for bar in axes.patches]
        marks = [line.get_xdata()[0] for line in axes.lines]
        firsts = rows.drop_duplicates(["model", "language"])["value"]
        assert sorted(bars) == pytest.approx(sorted(firsts))
        assert set(marks) <= set(rows["value"])
        labels = [tick.get_text() for tick in axes.get_yticklabels()]
        assert len(labels) == rows["model"].nunique()
        known = {score.model for score in protocol.scores if score.known_as == "cogview4"}
        assert {label.removeprefix("▸ ") for label in labels if label.startswith("▸ ")} == known


def test_what_is_no_model_is_said_to_be_none(run, tmp_path):
    entry = {"name": "typeset", "spec": "typeset", "identity": {}, "digest": "c" * 64, "is_model": False}
    check = written_run(tmp_path / "check", wrong_from(0), run.suite, model=entry)
    axes = draw("published", Request((run, check))).figure.axes[1]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["cogview4 (n 12)", "typeset (n 12)*"]
    assert axes.get_title(loc="left") == "Measured here (*: instrument check, not a model)"


def test_reports_that_differ_are_both_shown(run):
    drawing = draw("published", Request((run,)))
    (axes,) = (axes for axes in drawing.figure.axes if axes.get_title(loc="left").startswith("CVTG-2K"))
    assert [line.get_xdata()[0] for line in axes.lines] == [0.8917]


def test_a_run_without_the_metric_is_refused(run):
    with pytest.raises(GlyphbenchError, match="no score of wer"):
        draw("published", Request((run,), metric="wer"))
