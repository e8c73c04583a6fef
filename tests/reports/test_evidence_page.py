"""The page of a run with character evidence and a second reader."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PIL import Image

from bench.reader_record import ReaderRecord
from bench.records import ReadingRecord
from bench.run import Run
from metrics.evidence import CharacterEvidence
from reports.page import write_page
from reports.suspects import PICTURED, write_suspects
from tests.reports.conftest import ALPHABET, CASES, IMAGE, drawn, synthetic_run

WANTED = ("right", "wrong", "two-regions", "blank")


def evidence_for(reading, soundness):
    """Evidence as if each character of the first line were the one asked for, equally sound."""
    return tuple(
        CharacterEvidence(0, i, c.text, 0, c.text, 0.9, "", 0.0, soundness, None, c.polygon)
        for i, c in enumerate(reading.lines[0].characters)
    )


@pytest.fixture(scope="module")
def two_readers(tmp_path_factory):
    """A run whose picture `wrong/0` looks malformed, and that a second reader has read differently there."""
    path = tmp_path_factory.mktemp("runs") / "demo"
    run = synthetic_run(path, tuple(case for case in CASES if case.id in WANTED))
    for key, record in run.readings.items():
        soundness = 0.01 if tuple(key) == ("wrong", 0) else 0.9
        run.folder.append_reading(run.reader.short, replace(record, evidence=evidence_for(record.reading, soundness)))
    other = ReaderRecord(f"other {IMAGE}", {"engine": "another"}, ALPHABET)
    other.write(path)
    for key, record in run.readings.items():
        sample = run.samples[key]
        text = "甲乙" if tuple(key) == ("wrong", 0) else record.reading.lines[0].text
        _, reading = drawn((sample.width, sample.height), (text, *[line.text for line in record.reading.lines[1:]]))
        run.folder.append_reading(other.short, ReadingRecord(*key, sample.sha256, reading))
    readers = {**run.manifest.readers, other.short: {"name": other.name, **other.signature}}
    run.folder.write_manifest(run.manifest.model_copy(update={"readers": readers}))
    return Run.open(path)


@pytest.fixture(scope="module")
def page_path(two_readers):
    return write_page(two_readers)


@pytest.fixture(scope="module")
def samples(page_path):
    data = json.loads((page_path.parent / "data.json").read_text("utf-8"))
    return {f"{sample['prompt']}/{sample['seed']}": sample for sample in data["runs"][0]["samples"]}


def test_malformed_characters_are_listed_with_a_picture_of_their_place(page_path, samples, two_readers):
    suspects = samples["wrong/0"]["suspects"]
    assert [suspect["target"] for suspect in suspects] == list("光明节店")
    assert {key for key, sample in samples.items() if sample["suspects"]} == {"wrong/0"}
    for suspect in suspects:
        with Image.open(page_path.parent / suspect["file"]) as image:
            assert image.size == (96, 96)
            dark = sum(level < 100 for level in image.convert("L").tobytes())
            assert 0.02 < dark / 96**2 < 0.8  # the character is there, and its surroundings
    assert two_readers.summary["malformed"] == {"all": 4, "judged": 21}


def test_pictures_of_malformed_characters_stay_and_stale_ones_go(two_readers, page_path):
    folder = page_path.parent / "suspects"
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    (folder / "stale.webp").write_bytes(b"old")
    write_suspects(two_readers, page_path.parent)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert len(before) <= PICTURED


def test_readers_stand_beside_each_other(page_path, samples, two_readers):
    html = page_path.read_text("utf-8")
    assert "Readers beside each other" in html
    assert "another" in html
    assert IMAGE not in html
    agreed = two_readers.summary["agreement"][0]
    assert agreed["contested"] == [["光", 1], ["明", 1], ["店", 1]]
    assert samples["wrong/0"]["agreement"] == 0
    assert samples["right/0"]["agreement"] == 1
    assert samples["blank/0"]["agreement"] is None
    assert samples["wrong/0"]["others"] == [{"reader": f"other {IMAGE}", "lines": ["甲乙"]}]


def test_in_the_browser_disagreements_come_first_and_suspects_lead_to_their_picture(page_path, samples):
    sync_api = pytest.importorskip("playwright.sync_api")
    from tests.reports.test_page_browser import CHROMIUM, FLAGS, Visit

    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = Visit(browser, page_path)
        assert opened.page.input_value("#sort") == "disagree"
        keys = opened.cards()
        assert keys[0] == "wrong/0"
        agreements = [samples[key]["agreement"] for key in keys]
        known = [value for value in agreements if value is not None]
        assert known == sorted(known)
        assert agreements[len(known) :] == [None] * (len(agreements) - len(known))
        cards = opened.page.locator(".suspect")
        assert cards.count() == 4
        cards.first.scroll_into_view_if_needed()  # it is loaded when it is seen
        assert cards.first.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 96
        cards.first.click()
        opened.page.wait_for_selector("#viewer[open]")  # the address changes first, the viewer answers to that
        assert opened.page.locator("#viewer .malformed .edge").count() == 4
        assert "甲乙" in opened.page.inner_text("#viewer .reading")
        opened.close()
        browser.close()
