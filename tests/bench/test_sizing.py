"""`plan --margin`: how many prompts and seeds would decide."""

import json
import math

import numpy as np
import pytest

from bench.config import Settings
from bench.gating.sizing import plan_margin
from bench.plan import plan_runs
from metrics.margin import pass_probability
from metrics.power import ASSUMED
from prompts.errors import GlyphbenchError
from reports.margin_plan import margin_lines
from tests.bench.written_runs import texts_with, written_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name, share in (("one", 0.05), ("two", 0.1)):
        written_run(folder / name, texts_with(share, draw=name == "two"), name=name)
    written_run(folder / "single", texts_with(0.05), seeds=(0,))
    return folder


def planned(margin=0.02, like=(), out="nowhere"):
    (plan,) = plan_runs(Settings(suite=("zh_text",), model="typeset", out=out), 1, check=False)
    return plan_margin(plan, margin, like)


def test_sizes_are_those_of_the_formula_and_fall_with_seeds():
    found = planned(0.03)
    assert (found.spread, found.seeds) == (ASSUMED, 4)
    sizes = {size.seeds: size for size in found.sizes}
    # ((1.645 + 1.282)·s/m)², and one or two more for Student's t.
    for size in found.sizes:
        assert size.groups == pytest.approx((2.926 * size.deviation / 0.03) ** 2, abs=3)
        assert size.passes == pytest.approx(
            pass_probability(0.03, size.deviation / math.sqrt(found.groups), found.groups)
        )
    assert sizes[1].groups > sizes[2].groups > sizes[4].groups > sizes[8].groups
    assert sizes[1].pictures < sizes[8].pictures
    text = "\n".join(margin_lines(found))
    assert "as planned" in text
    assert f"{sizes[4].groups:,}" in text


def test_one_run_gives_the_spread_over_seeds_and_two_that_between_them(runs):
    values = {}
    for name in ("one", "two"):
        from bench.comparison.sheet import sheet_of
        from bench.run import Run

        scores = sheet_of(Run.open(runs / name)).scores["accuracy"]
        values[name] = scores.numerators / scores.denominators
    alone = planned(like=[runs / "one"])
    assert alone.spread.seeds == pytest.approx(math.sqrt(2 * values["one"].var(axis=1, ddof=1).mean()))
    assert alone.spread.prompts == ASSUMED.prompts
    both = planned(like=[runs / "one", runs / "two"])
    apart = values["two"] - values["one"]
    assert both.spread.seeds == pytest.approx(math.sqrt(apart.var(axis=1, ddof=1).mean()))
    least = both.spread.seeds**2 / 4
    assert both.spread.of_means(4) == pytest.approx(math.sqrt(max(least, apart.mean(1).var(ddof=1))))
    assert np.isfinite(both.sizes[0].deviation)


@pytest.mark.parametrize("margin", [0, -0.1, math.nan, math.inf])
def test_a_margin_is_above_nothing(margin):
    with pytest.raises(GlyphbenchError, match="above 0"):
        planned(margin)


def test_what_has_no_spread_is_refused(runs):
    with pytest.raises(GlyphbenchError, match="one seed"):
        planned(like=[runs / "single"])
    with pytest.raises(GlyphbenchError, match="takes one run, or two"):
        planned(like=[runs / "one"] * 3)


def test_the_command_tells_the_sizes_and_writes_nothing(bench_command, tmp_path):
    done = bench_command("plan", "--suite", "zh_text", "--model", "typeset", "--margin", "0.02", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (forecast,) = json.loads(done.stdout)
    assert [size["seeds"] for size in forecast["margin"]["sizes"]] == [1, 2, 4, 8]
    assert bench_command("plan", "--like", "runs/x", cwd=tmp_path).returncode == 2
    assert not list(tmp_path.iterdir())
