from __future__ import annotations

import json

from reports.visible_text import describe_characters, script_json, visible, visible_data


def test_what_cannot_be_seen_is_spelt_out():
    assert visible("a\u202eb\u0000\u2066\ufeff\u2028") == "a‹U+202E›b‹U+0000›‹U+2066›‹U+FEFF›‹U+2028›"


def test_what_can_be_seen_stays():
    text = "书\n\t𠮷 é é שלום 👩\u200d🚀 ‹U+202E›"
    assert visible(text) == text


def test_keys_and_values_at_any_depth():
    assert visible_data({"\u202e": ["\u0007", {"a": ("\u200b", 1, None)}]}) == {
        "‹U+202E›": ["‹U+0007›", {"a": ["‹U+200B›", 1, None]}]
    }


def test_script_json_cannot_end_its_element():
    hostile = {"</script><!--": "<script>&\u2028\u202e\U000e0041"}
    text = script_json(hostile)
    assert json.loads(text) == hostile
    assert not set(text) & set("<>&\u2028\u202e\U000e0041")


def test_code_points():
    assert describe_characters("书\u202e") == "U+4E66 CJK UNIFIED IDEOGRAPH-4E66, U+202E RIGHT-TO-LEFT OVERRIDE"
