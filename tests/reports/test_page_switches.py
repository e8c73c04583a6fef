"""The page's languages and colours, its accessibility, several runs side by side, and the single file: in a browser."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from prompts.errors import GlyphbenchError
from reports.page import write_page
from reports.words import words
from tests.reports.conftest import CASES, synthetic_run
from tests.reports.test_page_browser import Visit, browser, visit  # noqa: F401 - fixtures

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

WITHOUT_POLICY = {"bypass_csp": True}
"""axe-core is put into the page as a script, which the page's own policy forbids."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("joint")
    worse = tuple(replace(case, readings=(("光",), ("光明书店",))) if case.id == "right" else case for case in CASES)
    return [
        synthetic_run(folder / "one", CASES, model="painter"),
        synthetic_run(folder / "two", worse[:-1], model="<b>other</b>"),
    ]


@pytest.fixture(scope="module")
def joint(runs):
    return write_page(*runs)


@pytest.fixture(scope="module")
def single(runs):
    return write_page(runs[0], whole=True)


def faults(opened):
    found = axe.Axe().run(opened.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    return [
        (rule["id"], node["html"][:200], node["failureSummary"][:300])
        for rule in found.response["violations"]
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "en"), ("light", "zh")])
def test_nothing_serious_for_axe(visit, joint, page, scheme, language):  # noqa: F811
    for path in (page, joint):
        opened = visit(path=path, color_scheme=scheme, **WITHOUT_POLICY)
        if language == "zh":
            opened.page.click("#language-switch")
        opened.page.locator("#pictures").scroll_into_view_if_needed()
        opened.page.locator(".card").first.wait_for()
        assert faults(opened) == []


def test_nothing_serious_for_axe_in_the_viewer(visit):  # noqa: F811
    opened = visit("#two-regions/0", **WITHOUT_POLICY)
    opened.page.wait_for_selector("#viewer[open]")
    assert faults(opened) == []


def test_the_language_is_switched_everywhere_and_remembered(visit):  # noqa: F811
    opened = visit()
    assert opened.page.evaluate("document.documentElement.lang") == "en"
    opened.page.click("#language-switch")
    assert opened.page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert opened.page.inner_text("#scores-title") == "分数"
    assert opened.page.get_attribute("#search", "placeholder") == "编号、提示词、目标、读出文字"
    assert opened.page.locator(".in-en:visible").count() == 0
    assert "no prompt has a score" not in opened.page.locator("#scores").inner_text()
    opened.page.fill("#search", "wrong/0")
    opened.shown(1)
    assert "错字 1" in opened.page.get_attribute("[data-key='wrong/0'] .alignment", "aria-label")
    opened.page.reload()
    opened.page.wait_for_selector("html[data-ready]", state="attached")
    assert opened.page.inner_text("#language-switch") == "English"


def test_the_colours_are_switched_and_remembered(visit):  # noqa: F811
    opened = visit(color_scheme="light")

    def paper():
        shown = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", shown)[:3]))

    assert paper() > 600
    opened.page.click("#theme-switch")
    opened.page.click("#theme-switch")
    assert paper() < 200
    opened.page.reload()
    assert paper() < 200


def test_every_word_is_there_in_both_languages():
    for key, both in words().items():
        assert set(both) == {"en", "zh"}, key
        names = [set(re.findall(r"\{(\w+)", text)) for text in both.values()]
        assert names[0] == names[1] or key == "lead.aside", key


def test_two_runs_stand_side_by_side_most_changed_first(visit, joint):  # noqa: F811
    opened = visit(path=joint)
    assert opened.page.input_value("#sort") == "changed"
    assert opened.cards()[0] == "right/0"
    opened.page.fill("#search", "right/0")
    opened.shown(1)
    first = opened.page.locator("[data-key='right/0']")
    assert first.locator(".side").count() == 2
    assert "−0.750" in first.locator(".side").nth(1).inner_text()
    assert "<b>other</b>" in first.inner_text()
    opened.page.fill("#search", "hostile-marks/0")
    opened.shown(1)
    assert opened.page.locator("[data-key='hostile-marks/0'] .side.absent").count() == 1
    opened.page.evaluate("location.hash = 'right/0'")
    opened.page.wait_for_selector("#viewer[open]")
    images = opened.page.locator("#viewer .stage img")
    assert images.count() == 2
    for image in images.all():
        assert image.evaluate("e => e.decode().then(() => e.naturalWidth)") == 320


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """The page of a run in Chinese beside its English twin: same groups, other prompts."""
    folder = tmp_path_factory.mktemp("twins")
    chinese = [case for case in CASES if case.id in {"right", "wrong"}]
    english = [
        replace(case, targets=("Bright Books",), readings=(("Bright Boks",),) * 2, language="en") for case in chinese
    ]
    return write_page(*(synthetic_run(folder / name, cases) for name, cases in (("zh", chinese), ("en", english))))


def test_twins_show_both_prompts_and_every_slice_its_name(visit, twins):  # noqa: F811
    opened = visit(path=twins)
    opened.page.fill("#search", "right/0")
    opened.shown(1)
    asked = opened.page.locator("[data-key='right/0'] .asked").all_inner_texts()
    assert ["光明书店" in text for text in asked] == [True, False]
    assert "Bright Books" in asked[1]
    shown = opened.page.locator("[data-metric='accuracy'] .plot").first.locator("tbody th bdi:visible")
    assert shown.all_inner_texts() == ["zh", "en"]


def test_more_than_three_runs_have_no_room(runs):
    with pytest.raises(GlyphbenchError, match="room for 3 runs"):
        write_page(*runs, *runs)


def test_the_single_file_asks_for_nothing_and_says_what_it_has(browser, single):  # noqa: F811
    assert single.stat().st_size < 10_000_000
    opened = Visit(browser, single, viewport={"width": 1200, "height": 900})
    assert opened.count() == 28
    assert "28 of 28 pictures" in opened.page.inner_text("#single")
    opened.page.evaluate("location.hash = 'wrong/0'")
    opened.page.wait_for_selector("#viewer[open]")
    assert opened.page.locator("#viewer img").evaluate("e => e.decode().then(() => e.naturalWidth)") == 320
    assert opened.page.evaluate("window.harmed") is None
    assert {url.split(":")[0] for url in opened.asked} <= {"file", "data"}
    assert len([url for url in opened.asked if url.startswith("file:")]) == 1
    opened.close()
