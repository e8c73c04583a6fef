"""The page in a real browser, opened from disk."""

from __future__ import annotations

import json
import re
import shutil

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("needs Chromium: apt install chromium", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """The page in one window, with all that it said and asked for."""

    def __init__(self, browser, path, fragment="", **options):
        self.context = browser.new_context(
            reduced_motion="reduce", **{"viewport": {"width": 1200, "height": 900}, **options}
        )
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri() + fragment)
        self.page.wait_for_selector("html[data-ready]", state="attached")

    def cards(self):
        """Return which samples the gallery shows, in order: it is walked from top to bottom."""
        keys = {}
        for chunk in self.page.locator(".chunk").all():
            chunk.scroll_into_view_if_needed()
            chunk.locator(".card").first.wait_for()
            wanted = min(12, self.count() - int(chunk.get_attribute("data-start")))
            self.page.wait_for_function("([c, n]) => c.childElementCount === n", arg=[chunk.element_handle(), wanted])
            keys |= dict.fromkeys(chunk.locator(".card").evaluate_all("cards => cards.map((c) => c.dataset.key)"))
        return list(keys)

    def shown(self, count):
        """Wait until so many samples are chosen, then until the first of them is there."""
        self.page.wait_for_function("n => document.getElementById('found').value.startsWith(`${n} `)", arg=count)
        self.page.locator("#pictures").scroll_into_view_if_needed()
        if count:
            self.page.locator(".card").first.wait_for()

    def count(self):
        return int(self.page.locator("#found").inner_text().split(" of ")[0])

    def close(self):
        self.context.close()
        assert self.said == []
        assert [url for url in self.asked if not url.startswith(("file:", "data:,"))] == []


@pytest.fixture
def visit(browser, page):
    visits = []

    def open_page(fragment="", path=page, **options):
        visits.append(Visit(browser, path, fragment, **options))
        return visits[-1]

    yield open_page
    for each in visits:
        each.close()


@pytest.fixture(scope="module")
def samples(page):
    return {
        f"{sample['prompt']}/{sample['seed']}": sample
        for sample in json.loads((page.parent / "data.json").read_text("utf-8"))["runs"][0]["samples"]
    }


def test_worst_first_best_first_and_by_id(visit, samples):
    opened = visit()
    scores = [samples[key]["score"] for key in opened.cards()]
    scored = [score for score in scores if score is not None]
    assert scored == sorted(scored)
    assert scores[len(scored) :] == [None] * (len(samples) - len(scored))  # what has no score comes last
    opened.page.select_option("#sort", "best")
    scores = [samples[key]["score"] for key in opened.cards()]
    assert scores[: len(scored)] == sorted(scored, reverse=True)
    opened.page.select_option("#sort", "id")
    assert opened.cards() == sorted(samples)


def test_filters_and_search(visit, samples):
    opened = visit()
    opened.page.select_option("#language", "en")
    assert set(opened.cards()) == {key for key, sample in samples.items() if sample["language"] == "en"}
    opened.page.select_option("#language", "")
    opened.page.select_option("#tag", "neon")
    assert set(opened.cards()) == {"wrong/0", "wrong/1", "vanished/0", "vanished/1"}
    opened.page.select_option("#kind", "any")
    assert set(opened.cards()) == {"wrong/0", "vanished/0"}
    opened.page.select_option("#tag", "")
    assert set(opened.cards()) == {
        key for key, s in samples.items() if s["status"] != "ok" or s["errors"] or s["score"] is None
    }
    for kind in ("substitution", "missing", "extra"):
        opened.page.select_option("#kind", kind)
        assert set(opened.cards()) == {
            key for key, s in samples.items() if any(step[0] == kind for r in s["regions"] for step in r["steps"])
        }
    opened.page.select_option("#kind", "none")
    assert set(opened.cards()) == {key for key, s in samples.items() if s["score"] == 1 and s["status"] == "ok"}
    opened.page.select_option("#kind", "")
    opened.page.fill("#low", "0.3")
    opened.page.fill("#high", "0.8")
    within = {key for key, s in samples.items() if s["score"] is not None and 0.3 <= s["score"] <= 0.8}
    assert within
    assert set(opened.cards()) == within
    opened.page.click("#reset")
    assert opened.count() == len(samples)
    opened.page.fill("#search", "光明节")  # read, never asked for
    assert opened.cards() == ["wrong/0"]
    opened.page.fill("#search", "TWO-regions/1")
    assert opened.cards() == ["two-regions/1"]
    opened.page.fill("#search", "nowhere to be found")
    assert opened.count() == 0
    assert "No picture" in opened.page.inner_text("#gallery")


def test_columns_show_the_alignment_by_colour_and_by_mark(visit):
    opened = visit()
    opened.page.fill("#search", "wrong/0")
    opened.shown(1)
    columns = opened.page.locator(".card .step")
    assert [re.sub(r"\s", "", text) for text in columns.all_inner_texts()] == ["光=光", "明=明", "书≠节", "店=店"]
    assert columns.nth(2).get_attribute("title") == "书 (U+4E66) was read as 节 (U+8282)"
    backgrounds = [column.evaluate("e => getComputedStyle(e).backgroundColor") for column in columns.all()]
    assert backgrounds[0] == backgrounds[1] == backgrounds[3] != backgrounds[2]
    assert opened.page.locator(".card .alignment").get_attribute("aria-label") == (
        "target 光明书店; read 光明节店; 3 right, 1 wrong"
    )
    opened.page.fill("#search", "beyond/1")
    opened.shown(1)
    opened.page.locator("[data-key='beyond/1']").wait_for()
    texts = opened.page.locator(".card .step").all_inner_texts()
    assert [re.sub(r"\s", "", text) for text in texts] == ["好=好", "\U00020bb7?", "茶=茶"]


def test_keys_walk_search_and_open(visit):
    opened = visit()
    keys = opened.cards()

    def focused(key):
        opened.page.wait_for_function(
            "key => document.activeElement.closest('.card')?.dataset.key === key", arg=key, timeout=5000
        )

    opened.page.keyboard.press("j")
    focused(keys[0])
    for _ in range(25):  # into the third chunk, which is not there until then
        opened.page.keyboard.press("j")
    focused(keys[25])
    opened.page.keyboard.press("k")
    focused(keys[24])
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_selector("#viewer[open]")
    assert opened.page.url.endswith(f"#{keys[24]}")
    opened.page.keyboard.press("j")
    assert opened.page.url.endswith(f"#{keys[25]}")
    opened.page.keyboard.press("Escape")
    opened.page.wait_for_selector("#viewer", state="hidden")
    opened.page.wait_for_function("() => !location.hash")
    focused(keys[25])
    opened.page.keyboard.press("/")
    opened.page.keyboard.type("jok")
    assert opened.page.input_value("#search") == "jok"
    opened.page.keyboard.press("Escape")
    assert opened.page.input_value("#search") == ""
    opened.shown(len(keys))


def test_overlay_has_an_outline_for_each_line_and_goes_and_comes(visit, samples):
    opened = visit("#two-regions/0")
    opened.page.wait_for_selector("#viewer[open]")
    edges = opened.page.locator("#viewer .overlay .line .edge")
    lines = samples["two-regions/0"]["lines"]
    corners = [
        [list(map(float, corner.split(","))) for corner in edge.get_attribute("points").split()] for edge in edges.all()
    ]
    assert corners == [line["polygon"] for line in lines]
    boxes = opened.page.locator("#viewer .overlay .character")
    assert boxes.count() == sum(len(line["characters"]) for line in lines) == 2
    assert edges.first.is_visible()
    opened.page.keyboard.press("o")
    assert not edges.first.is_visible()
    opened.page.click("#viewer .overlay-switch")
    assert edges.first.is_visible()
    image = opened.page.locator("#viewer img")
    assert image.evaluate("e => e.decode().then(() => [e.naturalWidth, e.naturalHeight])") == [480, 200]
    # The drawing covers the picture: a corner of the first line is where the picture has it.
    box = opened.page.locator("#viewer .picture").bounding_box()
    scale = min(box["width"] / 480, box["height"] / 200)
    left = box["x"] + (box["width"] - 480 * scale) / 2 + lines[0]["polygon"][0][0] * scale
    assert edges.first.bounding_box()["x"] == pytest.approx(left, abs=2)


def test_deep_link_opens_that_picture(visit):
    opened = visit("#english/0")
    opened.page.wait_for_selector("#viewer[open]")
    assert opened.page.inner_text("#viewed").split() == ["english", "seed", "0"]
    assert "Fresh cofee," in opened.page.inner_text("#viewer .lines")
    opened.page.click("#close")
    opened.page.wait_for_selector("#viewer", state="hidden")


def test_text_from_outside_does_nothing(visit, samples):
    opened = visit()
    opened.cards()
    for key in samples:
        opened.page.evaluate("hash => { location.hash = hash; }", key)
        opened.page.wait_for_function(
            "key => document.getElementById('viewed').innerText.startsWith(key)", arg=key.split("/")[0]
        )
    assert opened.page.evaluate("window.harmed") is None
    assert opened.page.locator("script").count() == 2
    assert (
        opened.page.locator("img[onerror], [onclick], img:not([src^='thumbs/']):not([src^='../images/'])").count() == 0
    )
    opened.page.evaluate("location.hash = 'hostile-marks/0'")
    opened.page.wait_for_function("document.getElementById('viewed').innerText.startsWith('hostile-marks')")
    shown = opened.page.inner_text("#viewer .reading")
    assert "‹U+202E›" in shown
    assert "\u202e" not in opened.page.content()


def test_an_unknown_address_is_no_error(visit):
    opened = visit("#no-such-prompt/7%E0%A4%A")
    assert not opened.page.locator("#viewer").is_visible()
    assert opened.count() > 0


def test_light_and_dark(visit):
    def colours(opened):
        style = opened.page.evaluate(
            "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
        )
        return [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in style]

    ink, paper = colours(visit(color_scheme="light"))
    assert ink < 200 < 600 < paper
    ink, paper = colours(visit(color_scheme="dark"))
    assert paper < 200 < 600 < ink


@pytest.mark.parametrize("width", [320, 390, 768, 1200, 1800])
def test_no_width_needs_scrolling_sideways(visit, width):
    opened = visit(viewport={"width": width, "height": 800})
    opened.cards()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.page.evaluate("location.hash = 'two-regions/0'")
    opened.page.wait_for_selector("#viewer[open]")
    assert opened.page.evaluate("document.getElementById('viewer').scrollWidth") <= width


def test_breakdowns_change_with_the_metric_chosen(visit):
    opened = visit()
    assert opened.page.locator(".plots[data-metric]:visible").get_attribute("data-metric") == "accuracy"
    for name in ("cer", "exact"):
        opened.page.check(f"input[value={name}]")
        assert opened.page.locator(".plots[data-metric]:visible").get_attribute("data-metric") == name


def test_print_has_the_first_pictures_and_every_fact(visit):
    opened = visit()
    opened.page.wait_for_function("() => !document.querySelector('.card')")  # nothing of the gallery is in sight
    opened.page.emulate_media(media="print", color_scheme="dark")
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.page.locator(".card").count() == 24
    opened.page.wait_for_function("() => [...document.querySelectorAll('.card img')].every((image) => image.complete)")
    assert opened.page.inner_text("#printed") == "The first 24 of 28 pictures are printed."
    assert not opened.page.locator(".toolbar").is_visible()
    assert opened.page.locator(".facts details:not([open]) dd").first.is_visible()
    ink = opened.page.evaluate("getComputedStyle(document.querySelector('.explained')).color")
    assert sum(map(int, re.findall(r"\d+", ink)[:3])) < 400
