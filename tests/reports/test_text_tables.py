from metrics.paired import Difference
from reports.differences import format_difference, format_p, format_signed
from reports.text_tables import TextTable, columns_of, escape_markdown


def found(value, error, low=None, high=None, method="t"):
    return Difference(value, low, high, 0.5, error, 9, 9, 9, 1, 1, 1, method)


def test_two_digits_of_the_error_set_the_decimals():
    assert format_difference(found(0.0091, 0.0076, -0.0062, 0.0243)) == "+0.0091 [−0.0062, +0.0243]"
    assert format_difference(found(-0.1234, 0.031, -0.19, -0.06)) == "−0.123 [−0.190, −0.060]"
    assert format_difference(found(12.34, 2.5, 7.1, 17.5)) == "+12.3 [+7.1, +17.5]"
    assert format_difference(found(0.25, None, method="none: one prompt group")) == "+0.250 (one prompt group)"


def test_nothing_has_no_sign_and_small_probabilities_are_not_zero():
    assert [format_signed(v, 2) for v in (0.0, -0.001, 0.004, -0.006)] == ["0.00", "0.00", "0.00", "−0.01"]
    assert [format_p(p) for p in (0.0001, 0.0123, 0.24, 1.0)] == ["< 0.001", "0.012", "0.24", "1.00"]


def test_columns_line_up_though_chinese_characters_are_wide():
    table = TextTable("", ("name", "n"), (("茶馆", "1"), ("tea", "12")))
    assert [columns_of(line) for line in table.lines()] == [8, 8, 8]
    assert table.lines()[1] == "茶馆   1"


def test_text_from_outside_stays_in_its_cell_and_is_no_markup():
    harm = "a|b\n<img src=x> [link](x) `c` \u202eevil"
    table = TextTable("", ("x", "y"), ((harm, "1"),))
    row = table.markdown().splitlines()[2]
    assert row.count("|") - row.count("\\|") == 3
    assert "\\<img src=x\\>" in row
    assert "\\[link\\]" in row
    assert "‹U+202E›" in row
    assert escape_markdown("*b*_i_") == "\\*b\\*\\_i\\_"
