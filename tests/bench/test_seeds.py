import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.seeds import format_seeds, parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("4", (0, 1, 2, 3)),
        ("7,", (7,)),
        ("7,8,1", (7, 8, 1)),
        ("100..103", (100, 101, 102, 103)),
        ("1, 5..6", (1, 5, 6)),
    ],
)
def test_seeds_as_people_write_them(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "1,1", "3..1", "a", "1.5", "2147483648,", "0..99999999999", "99999999999"]
)
def test_what_is_not_seeds_is_refused(text):
    with pytest.raises(ValueError, match="seeds must be"):
        parse_seeds(text)


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=20, unique=True))
def test_what_is_printed_can_be_typed(seeds):
    assert parse_seeds(format_seeds(seeds)) == tuple(seeds)
