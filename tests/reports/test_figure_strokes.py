"""Characters by their strokes."""

import pytest

from prompts.errors import GlyphbenchError
from prompts.levels import hanzi_strokes
from reports.figures.figure import Request
from reports.figures.strokes import LABELS, strokes_bin
from reports.figures.style import STYLES
from reports.figures.table import draw
from tests.bench.written_runs import written_run
from tests.reports.figure_runs import prompt, suite, wrong_from


def test_every_character_of_the_list_is_in_one_bin_and_others_in_none():
    assert [strokes_bin(c) for c in "一三木是书阳春齉"] == ["1–3", "1–3", "4–6", "9–10", "4–6", "4–6", "9–10", "16+"]
    assert {strokes_bin(character) for character in hanzi_strokes()} == set(LABELS)
    assert [strokes_bin(character) for character in ("書", "a", "。", "")] == ["", "", "", ""]


@pytest.mark.parametrize("style", STYLES)
def test_shares_are_over_all_characters_of_so_many_strokes(tmp_path, style):
    prompts = [prompt(f"p{n:02}", "三人 a書" if n < 6 else "春") for n in range(12)]
    read = {"三人 a書": "三错 a書", "春": "错"}
    run = written_run(
        tmp_path / "run",
        lambda asked, seed: [read[asked.targets[0]] if asked.id < "p09" else asked.targets[0]],
        suite(*prompts),
    )
    drawing = draw("strokes", Request((run,), STYLES[style]))
    found = {row["strokes"]: row for row in drawing.data.to_dict("records")}
    assert list(found) == ["1–3", "9–10"]
    assert [found[label]["value"] for label in found] == [0.5, 0.5]
    assert [found[label]["n (characters in all pictures)"] for label in found] == [24, 12]
    assert [found[label]["prompts"] for label in found] == [6, 6]
    (axes,) = drawing.figure.axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1–3\nn 24", "9–10\nn 12"]


def test_a_run_without_chinese_is_refused(tmp_path):
    run = written_run(tmp_path / "run", wrong_from(0), suite(prompt("tea", "Tea", language="en"), language="en"))
    with pytest.raises(GlyphbenchError, match="no Chinese characters"):
        draw("strokes", Request((run,)))
