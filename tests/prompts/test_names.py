import pytest

from prompts.names import MOST_CHARACTERS, name_fault


@pytest.mark.parametrize(
    "name", ["a", "7", "zh-bakery-sign", "v1.2", "a_b", "con-sign", "com10", "a" * MOST_CHARACTERS]
)
def test_names_that_every_system_takes(name):
    assert name_fault(name) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "no safe file name"),
        ("../a", "no safe file name"),
        ("a/b", "no safe file name"),
        ("a\\b", "no safe file name"),
        ("a b", "no safe file name"),
        ("a ", "no safe file name"),
        ("a\n", "no safe file name"),
        ("Upper", "no safe file name"),
        ("福", "no safe file name"),
        ("-a", "letter or digit first"),
        (".hidden", "letter or digit first"),
        ("a..b", "dot must stand alone"),
        ("a.", "not at the end"),
        ("con", "device on Windows"),
        ("nul.txt", "device on Windows"),
        ("com1", "device on Windows"),
        ("lpt9.tar.gz", "device on Windows"),
        ("a" * (MOST_CHARACTERS + 1), "101 characters"),
    ],
)
def test_names_that_some_system_refuses(name, why):
    assert why in (name_fault(name) or "")
