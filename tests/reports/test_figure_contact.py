"""The contact sheet."""

import numpy as np
import pytest

from prompts.errors import GlyphbenchError
from reports.figures.figure import Request
from reports.figures.style import STYLES
from reports.figures.table import draw
from tests.reports.conftest import CASES, synthetic_run

SHOWN = [case for case in CASES if case.id in {"right", "wrong", "missing", "vanished", "blank", "refused", "english"}]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    turned = [case if case.status != "ok" else _swapped(case) for case in SHOWN]
    return (
        synthetic_run(folder / "one", tuple(SHOWN), model="模型一"),
        synthetic_run(folder / "other", tuple(turned), model="$x$_2"),
    )


def _swapped(case):
    from dataclasses import replace

    return replace(case, readings=case.readings[::-1])


@pytest.mark.parametrize("style", STYLES)
def test_each_picture_stands_under_its_target_with_its_own_score(runs, style):
    drawing = draw("contact", Request(runs, STYLES[style]))
    rows = drawing.data.to_dict("records")
    assert len(rows) == len(drawing.figure.axes) == 12
    for row, axes in zip(rows, drawing.figure.axes, strict=True):
        told = axes.get_title().split("\n")
        (run,) = (run for run in runs if run.folder.path.name == row["run"])
        scores = run.scores.query("profile == 'standard' and metric == 'accuracy' and seed == 0").set_index("prompt")
        assert row["score"] == scores.loc[row["prompt"], "value"]
        assert told[-1] == f"{row['score']:.2f}"
        if run is runs[0]:
            assert "".join(told[:-1]).replace(" ", "") == row["target"].replace(" ", "")
    assert [drawing.figure.axes[at].get_ylabel() for at in (0, 6)] == ["模型一", "$x$_2"]


def test_prompts_go_from_the_best_mean_to_the_worst(runs):
    data = draw("contact", Request(runs)).data
    means = data.groupby("prompt", sort=False)["score"].mean()
    assert len(means) == 6
    assert list(means) == sorted(means, reverse=True)
    scores = [run.scores.query("profile == 'standard' and metric == 'accuracy' and seed == 0") for run in runs]
    every = sum(rows.set_index("prompt")["value"] for rows in scores) / len(runs)
    assert (means.iloc[0], means.iloc[-1]) == (every.max(), every.min())


def test_what_is_shown_is_the_run_s_own_picture_or_why_there_is_none(runs):
    drawing = draw("contact", Request(runs[:1]))
    for row, axes in zip(drawing.data.to_dict("records"), drawing.figure.axes, strict=True):
        if row["status"] == "refused":
            assert [text.get_text() for text in axes.texts] == ["refused"]
            assert not axes.images
        else:
            (shown,) = axes.images
            assert np.asarray(shown.get_array()).shape[:2] == (240, 320)


def test_a_file_outside_the_run_is_not_shown(tmp_path):
    from bench.records import Sample

    run = synthetic_run(tmp_path / "run", tuple(SHOWN[:1]), model="m")
    outside = tmp_path / "outside.png"
    (run.folder.path / run.samples["right", 0].file).rename(outside)
    sample = run.samples["right", 0]
    run.folder.append_sample(Sample("right", 0, "ok", "../outside.png", sample.sha256, 320, 240))
    from bench.run import Run

    drawing = draw("contact", Request((Run.open(run.folder.path),)))
    assert not drawing.figure.axes[0].images
    assert drawing.figure.axes[0].texts[0].get_text() == "lies outside the run"


def test_runs_that_have_nothing_in_common_are_refused(runs, tmp_path):
    other = synthetic_run(tmp_path / "run", tuple(SHOWN), seeds=(7, 8), model="m")
    with pytest.raises(GlyphbenchError, match="no seed in common"):
        draw("contact", Request((runs[0], other)))
    with pytest.raises(GlyphbenchError, match="do not fit"):
        draw("contact", Request((runs[0],) * 8))
