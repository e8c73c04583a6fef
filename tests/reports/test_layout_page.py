"""Layout on the terminal and on the page: both counts, the places and boxes of each picture, nothing where none is."""

from __future__ import annotations

import json
import shutil

import pytest

from reports.layout import layout_lines, measured_metrics
from reports.page import write_page
from reports.response_plots import response_plots
from reports.terminal import print_summary
from tests.reports.conftest import Case, synthetic_run
from tests.reports.test_page import Page, words

TEXTS = ("光明书店", "营业中")
UPPER = {"places": ("top-left", "middle-left"), "relations": ("1 above 2",)}
APART = {"places": ("top-left", "bottom-right"), "relations": ("1 above 2",)}
CASES = (
    # Lines are drawn one below the other at the left: the first in the upper third, the second in the middle one.
    Case("in-place", TEXTS, (TEXTS,), **UPPER),
    Case("swapped", TEXTS, (TEXTS[::-1],), **UPPER),
    Case("vanished", TEXTS, (TEXTS[:1],), **APART),
    Case("placeless", ("出口",), (("出口",),)),
)


@pytest.fixture(scope="module")
def placed(tmp_path_factory):
    return synthetic_run(tmp_path_factory.mktemp("runs") / "placed", CASES, (0,))


@pytest.fixture(scope="module")
def placed_page(placed):
    return write_page(placed)


@pytest.fixture(scope="module")
def records(placed_page):
    data = json.loads((placed_page.parent / "data.json").read_text("utf-8"))
    return {sample["prompt"]: sample["layout"] for sample in data["runs"][0]["samples"]}


def test_both_numbers_are_counted(placed):
    assert placed.summary["layout"] == {
        "placed": 6,
        "placed_found": 5,
        "in_place": 3,
        "relations": 3,
        "relations_kept": 1,
    }
    assert layout_lines(placed.summary["layout"]) == [
        "3 of 6 texts with a place are legible and stand in it: 50.0% of all, 60.0% of those found; 1 was not found",
        "1 of 3 relations between texts holds",
    ]


def test_the_metrics_of_the_summary_are_those_of_the_counts(placed):
    values = placed.summary["metrics"]["standard"]
    assert values["layout"]["value"] == pytest.approx(3 / 6)
    assert values["relations"]["value"] == pytest.approx(1 / 3)
    assert values["regions_found"]["value"] == pytest.approx(5 / 6)
    assert values["layout"]["prompts"] == 3
    rows = placed.scores[placed.scores["prompt"] == "placeless"]
    assert "layout" not in set(rows["metric"])


def test_a_record_has_places_and_boxes_in_pixels(records):
    first, second = records["in-place"]["regions"]
    assert first["place"] == [0, 0, pytest.approx(320 / 3, abs=0.1), 80]
    assert (first["number"], first["where"], first["found"], first["in_place"]) == (1, "top-left", True, True)
    assert first["box"][0] == pytest.approx(12, abs=3)
    assert records["in-place"]["relations"] == [["1 above 2", "kept"]]
    assert (records["in-place"]["order"], records["in-place"]["in_place"], records["in-place"]["placed"]) == (1, 2, 2)
    assert second["distance"] < 0.2


def test_a_swapped_pair_stands_in_each_others_place(records):
    found = records["swapped"]
    assert [region["in_place"] for region in found["regions"]] == [False, False]
    assert [region["leaks_into"] for region in found["regions"]] == [2, 1]
    assert found["regions"][0]["direction"][1] > 0.1 > -0.1 > found["regions"][1]["direction"][1]
    assert (found["order"], found["relations"]) == (-1, [["1 above 2", "broken"]])


def test_what_was_not_found_has_a_place_and_no_box(records):
    found = records["vanished"]
    gone = found["regions"][1]
    assert (gone["found"], gone["in_place"], gone["box"], gone["distance"]) == (False, False, None, None)
    assert gone["place"][:2] == [pytest.approx(640 / 3, abs=0.1), 160]
    assert (found["relations"], found["order"]) == ([["1 above 2", "not found"]], None)


def test_prompts_without_places_have_no_layout(records):
    assert records["placeless"] is None


def test_the_page_says_both_numbers(placed_page):
    page = Page(placed_page.read_text("utf-8"))
    assert "50.0% of all, 60.0% of those found" in words(page.text["#scores"])
    assert "layout" in [words(row[0]).partition(" ")[0] for row in page.rows if row]
    assert "place asked for" in page.text[".legend"]


def test_the_terminal_says_both_numbers(placed, placed_page, capsys):
    print_summary(placed, placed_page)
    said = capsys.readouterr().err
    assert "layout     3 of 6 texts with a place" in said
    assert "regions_found" in said
    assert "Kendall's" in said


def test_runs_without_places_have_no_row_of_layout(run, page, capsys):
    assert run.summary["layout"] is None
    assert layout_lines(None) == []
    names = {metric.name for metric in measured_metrics(run.summary)}
    assert {"accuracy", "malformed"} <= names
    assert not names & {"layout", "placement", "relations", "order", "regions_found"}
    html = Page(page.read_text("utf-8"))
    assert not [row for row in html.rows if row and words(row[0]).startswith(("layout", "placement", "regions_found"))]
    assert "place asked for" not in html.text[".legend"]
    print_summary(run, page)
    assert "layout" not in capsys.readouterr().err


def response(metric, slope, *points):
    estimated = {"value": slope, "low": slope - 0.01, "high": slope + 0.01, "method": "t"}
    found = [{"rate": true, "true": true, "measured": measured, "pictures": 9} for true, measured in points]
    return {
        "metric": metric,
        "true_value": "…",
        "slope": estimated,
        "offset": {**estimated, "value": 0.0},
        "points": found,
    }


def test_the_response_to_displacement_has_a_scale_of_its_own():
    responses = {
        "wrong": response("cer", 1.0, (0.0, 0.0), (0.2, 0.2)),
        "displaced": response("placement", 0.5, (0.0, 0.0), (0.4, 0.2)),
        "displaced, in place": response("layout", 1.0, (1.0, 1.0), (0.1, 0.1)),
    }
    plots = {plot.kind: plot for plot in response_plots({"response": responses})}
    assert [plots[kind].ticks[-1][1] for kind in responses] == ["0.2", "0.4", "1.0"]
    assert plots["displaced"].points == ((0, 100), (100, 50))
    assert plots["displaced, in place"].points == ((100, 0), (10, 90))


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def window(placed_page):
    """The page in a browser; it must not complain."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 1200, "height": 900})
        said = []
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.goto(placed_page.as_uri())
        yield opened
        browser.close()
        assert said == []


def opened_viewer(window, prompt):
    window.evaluate("hash => { location.hash = hash; }", f"#{prompt}/0")
    window.wait_for_function("id => document.getElementById('viewed').textContent.startsWith(id)", arg=prompt)
    return window.locator("#viewer")


def test_places_and_boxes_lie_on_the_same_picture(window, records):
    viewer = opened_viewer(window, "swapped")
    for kind, key in ((".place", "place"), (".stands", "box")):
        shown = viewer.locator(f".overlay {kind} .edge").evaluate_all(
            "all => all.map((e) => ['x', 'y', 'width', 'height'].map((name) => Number(e.getAttribute(name))))"
        )
        wanted = [region[key] for region in records["swapped"]["regions"]]
        assert shown == [pytest.approx([left, top, right - left, bottom - top]) for left, top, right, bottom in wanted]
    assert viewer.locator(".overlay .place .edge").first.evaluate("e => getComputedStyle(e).strokeDasharray") != "none"
    assert viewer.locator(".overlay .stands .edge").first.evaluate("e => getComputedStyle(e).strokeDasharray") == "none"
    assert viewer.locator(".overlay .place-label").all_text_contents() == ["1", "2", "1", "2"]
    assert viewer.locator(".overlay .way").count() == 2


def test_the_viewer_has_a_row_for_each_text(window, records):
    viewer = opened_viewer(window, "vanished")
    rows = [" ".join(text.split()) for text in viewer.locator(".lines.layout tbody tr").all_inner_texts()]
    assert len(rows) == 2
    assert rows[0].startswith("1 光明书店 top-left in place")
    assert f"{records['vanished']['regions'][0]['distance']:.3f}" in rows[0]
    assert "not found" in rows[1]
    assert "1 above 2: not found" in viewer.inner_text()
    assert opened_viewer(window, "placeless").locator(".lines.layout").count() == 0


def test_the_card_counts_what_is_in_place_and_a_filter_keeps_what_is_astray(window):
    window.evaluate("location.hash = ''")
    window.evaluate("document.getElementById('viewer').close()")
    window.select_option("#kind", "astray")
    window.wait_for_function("() => document.querySelectorAll('.card').length === 2")
    cards = window.eval_on_selector_all(".card", "cards => cards.map((card) => [card.dataset.key, card.innerText])")
    assert {key for key, _ in cards} == {"swapped/0", "vanished/0"}
    assert "0 of 2 in place" in dict(cards)["swapped/0"]
