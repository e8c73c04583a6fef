"""How pictures fit their prompts on the page: a line, and the matrix of crops against captions."""

from __future__ import annotations

import json

import pytest

from reports.page import write_page
from tests.reports.conftest import Case, synthetic_run
from tests.reports.test_page_browser import Visit, browser  # noqa: F401 - a fixture

HOSTILE = "<img src=x onerror=alert(1)>"
MATRIX = [[0.31, 0.12, 0.05], [0.11, 0.08, 0.2], [0.02, 0.1, 0.4]]
PICTURES = [
    {
        "prompt": "scenes",
        "seed": 0,
        "pieces": 3,
        "rank": 2.0,
        "others": 19,
        "scores": {
            "clip": {"numerator": 0.25, "denominator": 1},
            "clip_lift": {"numerator": 0.95, "denominator": 1},
            "region_clip": {"numerator": 2, "denominator": 3},
        },
        "region_fit": {
            "regions": [0, 1, 3],
            "captions": ["春天的桥", HOSTILE, "雪"],
            "matrix": MATRIX,
            "found": [True, False, True],
        },
    },
    {
        "prompt": "alone",
        "seed": 0,
        "pieces": 1,
        "scores": {"clip": {"numerator": 0.5, "denominator": 1}, "clip_lift": {"missing": "no other prompt"}},
    },
    {"prompt": "unmade", "seed": 0, "pieces": 1, "scores": {"clip": {"missing": "not made"}}},
]


@pytest.fixture(scope="module")
def fitted_page(tmp_path_factory):
    cases = [Case(name, ("出口",), (("出口",),)) for name in ("scenes", "alone", "unmade")]
    run = synthetic_run(tmp_path_factory.mktemp("runs") / "fitted", cases, (0,))
    run.__dict__["alignment"] = {"tower": "a tower", "estimates": {}, "pictures": PICTURES}
    return write_page(run)


def test_records_have_what_the_tower_said(fitted_page):
    data = json.loads((fitted_page.parent / "data.json").read_text("utf-8"))
    fits = {sample["prompt"]: sample["fit"] for sample in data["runs"][0]["samples"]}
    assert fits["unmade"] is None
    assert (fits["alone"]["clip"], fits["alone"]["lift"], fits["alone"]["regions"]) == (0.5, None, None)
    assert (fits["scenes"]["rank"], fits["scenes"]["lift"], fits["scenes"]["regions"]["numbers"]) == (
        2,
        0.95,
        [1, 2, 4],
    )


def test_the_matrix_is_a_table_of_numbers_with_own_pairs_marked(browser, fitted_page):  # noqa: F811
    visit = Visit(browser, fitted_page, "#scenes/0")
    told = visit.page.locator(".fit")
    told.wait_for()
    assert "number 2 of 20" in told.inner_text()
    assert "3 pieces" in told.inner_text()
    rows = told.locator("tbody tr").all()
    cells = [[cell.inner_text() for cell in row.locator("td").all()] for row in rows]
    assert cells == [["✓ 0.310", "0.110", "0.020"], ["0.120", "✗ 0.080", "0.100"], ["0.050", "0.200", "✓ 0.400"]]
    assert HOSTILE in rows[1].locator("th").inner_text()
    heat = told.locator("td").evaluate_all("cells => cells.map((c) => parseFloat(c.style.getPropertyValue('--heat')))")
    assert heat.index(max(heat)) == 8
    assert min(heat) == heat[2] == 0
    colours = told.locator("td").evaluate_all("cells => cells.map((c) => getComputedStyle(c).backgroundColor)")
    assert colours[8] != colours[2]
    assert visit.said == []


def test_a_picture_without_captioned_places_has_a_line_alone(browser, fitted_page):  # noqa: F811
    visit = Visit(browser, fitted_page, "#alone/0")
    visit.page.locator(".fit").wait_for()
    assert visit.page.locator(".fit").inner_text().strip() == "clip 0.500"
    assert visit.page.locator(".heat").count() == 0
