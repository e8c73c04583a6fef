import pytest

from prompts.positions import Positions

TEXT = """\
name = "x"  # line 1
description = '''
[[prompt]]
id = "decoy"
'''
"title" = "a [[prompt]] b"

[[prompt]]
id = "a"
tags = [
  "one",  # id = "decoy"
  "two",
]
  [[ prompt . region ]]
  text = "a"
[[prompt.region]]
text = "b"

[["prompt"]]
id = "b"
[["prompt".region]]
caption = \"\"\"c
text = "decoy"\"\"\"

[other]
id = "o"
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("name",), 1),
        (("title",), 6),
        (("prompt", 0), 8),
        (("prompt", 0, "id"), 9),
        (("prompt", 0, "tags", 1), 10),
        (("prompt", 0, "region", 0), 14),
        (("prompt", 0, "region", 0, "text"), 15),
        (("prompt", 0, "region", 1, "text"), 17),
        (("prompt", 1, "id"), 20),
        (("prompt", 1, "region", 0, "caption"), 22),
        (("other", "id"), 26),
    ],
)
def test_keys_are_found(location, line):
    assert Positions(TEXT).line(location) == line


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("version",), 1),
        ((), 1),
        (("prompt", 0, "text"), 8),
        (("prompt", 1, "region", 0, "text"), 21),
        (("prompt", 7, "id"), 1),
    ],
)
def test_a_missing_key_is_placed_at_what_should_hold_it(location, line):
    assert Positions(TEXT).line(location) == line


def test_inline_tables_fall_back_to_the_line_of_their_list():
    assert Positions('name = "x"\nprompt = [{id = "a"}, {id = "a"}]').line(("prompt", 1, "id")) == 2
