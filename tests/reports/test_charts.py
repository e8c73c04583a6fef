from __future__ import annotations

import pytest

from metrics.table import find_metric
from reports.charts import breakdown_charts, fitting_axis


def estimate(value, low=None, high=None, prompts=60):
    return {"value": value, "low": low, "high": high, "prompts": prompts, "samples": prompts, "method": "none: few"}


@pytest.mark.parametrize(
    ("metric", "estimates", "low", "high"),
    [
        ("accuracy", [estimate(0.97, 0.953, 0.987)], 0.95, 1.0),  # the best value is always in sight
        ("accuracy", [estimate(0.4, 0.13, 0.71)], 0.0, 1.0),
        ("accuracy", [estimate(1.0)], 0.0, 1.0),
        ("cer", [estimate(0.02, 0.0, 0.043)], 0.0, 0.05),
        ("cer", [estimate(3.2, 1.0, 6.1)], 0.0, 8.0),
        ("cer", [estimate(0.0)], 0.0, 1.0),
        ("cer", [{"missing": "no prompt has a score"}], 0.0, 1.0),
    ],
)
def test_axes_hold_what_is_drawn(metric, estimates, low, high):
    axis = fitting_axis(find_metric(metric), estimates)
    assert (axis.low, axis.high) == pytest.approx((low, high))
    assert axis.at(axis.low) == 0
    assert axis.at(axis.high) == 100
    assert 2 <= len(axis.ticks) <= 7


def test_tick_labels_are_where_they_say():
    axis = fitting_axis(find_metric("accuracy"), [estimate(0.97, 0.953, 0.987)])
    assert axis.ticks == [(0, "0.95"), (20, "0.96"), (40, "0.97"), (60, "0.98"), (80, "0.99"), (100, "1.00")]


def test_rows_of_a_run(run):
    summary = run.summary
    charts = breakdown_charts([summary])
    assert set(charts) == {"accuracy", "cer", "exact"}
    for name, group in charts.items():
        assert [chart.by for chart in group] == ["language", "length", "regions", "size", "tag"]
        for chart in group:
            for part in chart.slices:
                [row] = part.rows
                entry = summary["breakdowns"][chart.by][part.label][name]
                assert row.estimate == entry
                assert row.thin == (entry.get("prompts", 0) < 10)
                if "value" in entry:
                    span = chart.axis.high - chart.axis.low
                    assert chart.axis.low + row.dot / 100 * span == pytest.approx(entry["value"], abs=1e-4)
                    assert (row.whisker is None) == (entry["low"] is None)


def test_a_slice_that_one_run_lacks_has_no_row_there(run):
    other = {**run.summary, "breakdowns": {**run.summary["breakdowns"], "tag": {}}}
    [chart] = [chart for chart in breakdown_charts([run.summary, other])["accuracy"] if chart.by == "tag"]
    assert all(one is not None and two is None for one, two in (part.rows for part in chart.slices))


def test_a_breakdown_with_one_slice_is_not_drawn(run):
    summary = {**run.summary, "breakdowns": {"language": {"zh": run.summary["breakdowns"]["language"]["zh"]}}}
    assert breakdown_charts([summary]) == {}
