import pytest

from prompts.strict_json import parse_json


def test_json_is_read():
    assert parse_json('{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "the key 'c' stands twice"),
        ("{", "Expecting"),
    ],
)
def test_what_is_no_json_is_one_kind_of_fault(text, fault):
    with pytest.raises(ValueError, match=fault):
        parse_json(text)
