from __future__ import annotations

import pytest

from reports.formats import format_count, format_estimate, format_percent


def estimate(value, low, high, method="t(59) over prompt groups"):
    return {"value": value, "low": low, "high": high, "prompts": 60, "samples": 120, "method": method, "level": 0.95}


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ((0.9937, 0.98921, 0.99819), "0.994 [0.989, 0.998]"),  # half-width 0.00449: one digit
        ((0.9937, 0.99041, 0.99699), "0.9937 [0.9904, 0.9970]"),  # 0.00329: two digits
        ((0.5, 0.404, 0.596), "0.50 [0.40, 0.60]"),  # 0.096 becomes 0.10
        ((1.0, 0.940, 1.0), "1.000 [0.940, 1.000]"),
        ((0.0, 0.0, 0.05), "0.000 [0.000, 0.050]"),
        ((7.31, 4.91, 9.71), "7.3 [4.9, 9.7]"),
        ((731.2, 600.0, 862.0), "731 [600, 862]"),
    ],
)
def test_the_interval_sets_the_decimals(interval, expected):
    assert format_estimate("cer", estimate(*interval)) == expected


def test_counts_carry_their_unit():
    assert format_estimate("extra", estimate(1.31, 0.91, 1.71)) == "1.3 [0.9, 1.7] characters per picture"


def test_without_an_interval_the_reason_stands_in_its_place():
    lonely = estimate(0.5, None, None, "none: one prompt group")
    assert format_estimate("accuracy", lonely) == "0.500 (no interval: one prompt group)"
    assert format_percent(lonely) == "50.0% (no interval: one prompt group)"


def test_missing_is_said_in_words():
    assert format_estimate("wer", {"missing": "fewer than 4 seeds"}) == "— (fewer than 4 seeds)"


def test_percent():
    assert format_percent(estimate(0.9937, 0.98921, 0.99819)) == "99.4% [98.9%, 99.8%]"


def test_plurals():
    assert [format_count(n, "picture") for n in (0, 1, 1200)] == ["0 pictures", "1 picture", "1,200 pictures"]
