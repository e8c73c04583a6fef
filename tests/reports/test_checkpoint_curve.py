"""The curve of checkpoints: what is drawn is what the history says, in data rather than pixels."""

from dataclasses import replace

import pytest

from bench.watching.history import Entry
from reports.checkpoint_curve import draw_curve, write_curves
from reports.checkpoint_lines import entry_line


def entry(step, value, verdict="pass", gain=0.0, **changes):
    numbers = {"accuracy": value, "accuracy_low": value - 0.1, "accuracy_high": value + 0.1}
    if verdict != "base":
        numbers |= {"accuracy_base": 0.8, "accuracy_margin": 0.02, "accuracy_gain": gain}
        numbers |= {"accuracy_gain_low": gain - 0.01, "accuracy_gain_high": gain + 0.01}
    found = Entry(f"checkpoint-{step}", step, "zh_text", "evaluated", verdict, numbers=numbers)
    return replace(found, **changes)


HISTORY = [
    entry(100, 0.8, "base"),
    entry(200, 0.81, "pass", 0.01),
    entry(300, 0.785, "inconclusive", -0.015),
    Entry("checkpoint-400", 400, "zh_text", "failed", reason="a weight is missing"),
    entry(500, 0.7, "regressed", -0.1),
]


def marks(axes):
    """Marker, x and y of everything drawn as a single point."""
    lines = [line for line in axes.get_lines() if line.get_marker() not in ("None", None, "")]
    return {(line.get_marker(), float(x), float(y)) for line in lines for x, y in zip(*line.get_data(), strict=True)}


def test_each_checkpoint_is_drawn_by_its_verdict():
    (axes,) = draw_curve(HISTORY).axes
    assert {("D", 100, 0.8), ("o", 200, 0.81), ("o", 300, 0.785), ("x", 400, 0.03), ("v", 500, 0.7)} == marks(axes)
    faces = {line.get_xdata()[0]: line.get_markerfacecolor() for line in axes.get_lines() if line.get_marker() == "o"}
    assert faces[300] == "white"
    assert faces[200] != "white"


def test_bars_are_the_bounds_of_the_paired_difference_beside_the_band():
    (axes,) = draw_curve(HISTORY).axes
    bars = {tuple(line.get_xdata()): tuple(line.get_ydata()) for line in axes.get_lines() if len(line.get_xdata()) == 2}
    assert bars[(500, 500)] == pytest.approx((0.69, 0.71))
    assert (100, 100) not in bars
    (band,) = axes.patches
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((0.78, 0.8))


def test_where_lower_is_better_the_band_lies_above_and_bars_are_turned():
    numbers = {"cer": 0.3, "cer_base": 0.2, "cer_margin": 0.05, "cer_gain": -0.1}
    numbers |= {"cer_gain_low": -0.12, "cer_gain_high": -0.08}
    (axes,) = draw_curve([replace(HISTORY[1], numbers=numbers)]).axes
    (band,) = axes.patches
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((0.2, 0.25))
    bars = [tuple(line.get_ydata()) for line in axes.get_lines() if tuple(line.get_xdata()) == (200, 200)]
    assert sorted(bars[0]) == pytest.approx([0.28, 0.32])


def test_without_judged_checkpoints_there_is_no_band():
    (axes,) = draw_curve(HISTORY[:1]).axes
    assert not axes.patches
    assert (0.7, 0.9) in [
        pytest.approx(tuple(line.get_ydata())) for line in axes.get_lines() if len(line.get_ydata()) == 2
    ]
    (axes,) = draw_curve([HISTORY[3]]).axes
    assert marks(axes) == {("x", 400, 0.03)}


def test_the_same_history_gives_the_same_files(tmp_path):
    other = [replace(each, suite="标牌 <x>") for each in HISTORY]
    first = {path.name: path.read_bytes() for path in write_curves([*HISTORY, *other], tmp_path)}
    assert set(first) == {f"curve-{name}.{kind}" for name in ("zh_text", "标牌 <x>") for kind in ("png", "svg")}
    assert {path.name: path.read_bytes() for path in write_curves([*HISTORY, *other], tmp_path)} == first
    assert {path.name for path in tmp_path.iterdir()} == set(first)


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        (0, ("checkpoint-100  zh_text", "accuracy 0.800 [0.700, 0.900]", "base")),
        (2, ("gain −0.015 (at least −0.025, margin 0.02)", "INCONCLUSIVE")),
        (3, ("FAILED: a weight is missing",)),
        (4, ("REGRESSED",)),
    ],
)
def test_a_line_for_people_has_verdict_and_numbers(place, parts):
    line = entry_line(HISTORY[place])
    assert all(part in line for part in parts)


def test_a_line_is_one_line():
    assert "\n" not in entry_line(replace(HISTORY[3], checkpoint="a\nb 1", reason="one\n  two"))
