"""The suites that come with the project: whole, clean, and what the documentation says of them."""

import hashlib
import re
import unicodedata
from pathlib import Path

import pytest

from prompts.lengths import count_characters
from prompts.lint import RULES, lint
from prompts.loading import find_suite, load_suite, suite_names
from prompts.schema import PromptEntry, RegionEntry, SuiteFile
from prompts.suite import Relation

LAUNCH_TEXTS = {
    "launch-ragdoll-sign": "24ae4b8c9e086aa0d724de2310f9d8d19478001974a3fa054a709d4133e531d0",
    "launch-minor-snow": "7a2659b850b74c87e59b2d9cdce1d2a67e77ea6f78caced40196425de98f0755",
    "launch-film-poster": "c67a19ee82c74bf68e18c3695f70bb15ccd9759cc734b6327d4014f22ca2d0fe",
    "launch-i-need-you": "374f66f8f78f1b2793a3fb78fbf0e69b580c5a26dd1f4352bdb0930509fa9510",
    "launch-tang-scroll": "a84950772aa2023688be0fbf3e56ca18491aa91c5b2ae6b1c0574fc20c24dd70",
    "launch-history-scroll": "23b2af84a3561f30fe5a8f91304bdd2ade44ad123bd0cfe94473f8ed3881b8dc",
    "launch-soup-dumplings": "906b4aeea5457352240e60ea65d2f08ebfd5d594215c1b5824f5d7bbaf1febf8",
    "launch-river-night-verse": "ad57dab703add16270069fd44da5d54930c40fd36915e83c0061192383b0b418",
    "launch-furry-car": "13ced70fdbfdbdcf3a0ac521f8fdc0426aa9835ffe874866595a23d8cc873206",
}
"""SHA-256 of each prompt as its source prints it."""

TWINS = ("zh_text", "en_text")
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "suites.md"


def test_the_shipped_suites():
    assert suite_names() == ("en_text", "launch", "smoke", "zh_text")
    assert [find_suite(name).name for name in suite_names()] == list(suite_names())


def test_no_shipped_suite_has_a_finding():
    assert lint(*map(find_suite, suite_names())) == []


def test_the_twins_are_sixty_pairs_in_one_order():
    chinese, english = map(find_suite, TWINS)
    assert (chinese.twin, english.twin) == ("en_text", "zh_text")
    assert [prompt.group for prompt in chinese.prompts] == [prompt.group for prompt in english.prompts]
    assert len({prompt.group for prompt in chinese.prompts}) == 60


@pytest.mark.parametrize("name", TWINS)
def test_the_twins_share_their_terms(name):
    suite = find_suite(name)
    assert (suite.seeds, suite.profile, suite.licence) == ((0, 1, 2, 3), "standard", "Apache-2.0")
    assert all(prompt.id == f"{suite.language}-{prompt.group}" for prompt in suite.prompts)
    assert all(prompt.language == suite.language for prompt in suite.prompts)


def test_twins_show_the_same_kind_of_scene():
    for chinese, english in zip(*(find_suite(name).prompts for name in TWINS), strict=True):
        kinds = [set(prompt.tags) - {"digits", "punctuation"} for prompt in (chinese, english)]
        assert kinds[0] == kinds[1] != set(), chinese.group


@pytest.mark.parametrize("name", TWINS)
def test_digits_and_punctuation_are_tagged_where_they_are(name):
    for prompt in find_suite(name).prompts:
        characters = "".join(prompt.targets)
        assert ("digits" in prompt.tags) == any(c.isdigit() for c in characters), prompt.id
        marks = any(unicodedata.category(c)[0] in "PS" for c in characters)
        assert ("punctuation" in prompt.tags) == marks, prompt.id


def test_chinese_targets_spread_over_the_lengths():
    lengths = [sum(map(count_characters, prompt.targets)) for prompt in find_suite("zh_text").prompts]
    assert (min(lengths), max(lengths)) == (1, 24)
    for fewest, most in ((1, 1), (2, 2), (3, 4), (5, 8), (9, 16), (17, 24)):
        assert sum(fewest <= length <= most for length in lengths) >= 6


def test_prompts_are_as_long_as_what_people_type():
    chinese, english = map(find_suite, TWINS)
    assert all(15 <= len(prompt.text) <= 80 for prompt in chinese.prompts)
    assert all(10 <= len(prompt.text.split()) <= 50 for prompt in english.prompts)


def test_the_launch_prompts_are_verbatim():
    suite = find_suite("launch")
    assert {p.id: hashlib.sha256(p.text.encode()).hexdigest() for p in suite.prompts} == LAUNCH_TEXTS
    assert "not under this project's licence" in suite.licence


def test_what_the_launch_prompts_ask_for():
    prompts = {prompt.id: prompt for prompt in find_suite("launch").prompts}
    targets = {name: prompt.targets for name, prompt in prompts.items() if prompt.targets}
    assert targets == {
        "launch-ragdoll-sign": ("起来嗨",),
        "launch-minor-snow": ("小雪",),
        "launch-film-poster": ("重生之我是韦小宝",),
        "launch-i-need-you": ("I NEED YOU",),
        "launch-tang-scroll": ("朱雀门",),
    }
    for name, scenes in (("launch-tang-scroll", 4), ("launch-history-scroll", 6)):
        regions = prompts[name].regions
        assert len(regions) == scenes
        assert all(region.caption in prompts[name].text for region in regions)
        assert [region.box.left for region in regions] == pytest.approx([i / scenes for i in range(scenes)], abs=1e-4)
        assert prompts[name].relations == tuple(Relation(i, "left-of", i + 1) for i in range(scenes - 1))


def test_the_example_in_the_documentation_is_a_clean_suite(tmp_path):
    page = DOCUMENTATION.read_text(encoding="utf-8")
    path = tmp_path / "my_signs.toml"
    path.write_text(re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1], encoding="utf-8")
    suite = load_suite(path)
    assert [len(prompt.regions) for prompt in suite.prompts] == [1, 3, 0]
    assert lint(suite) == []


def test_the_documentation_names_every_key_and_rule():
    page = DOCUMENTATION.read_text(encoding="utf-8")
    keys = {*SuiteFile.model_fields, *PromptEntry.model_fields, *RegionEntry.model_fields} - {"prompt", "region"}
    missing = [word for word in (*sorted(keys), *RULES, "twin") if f"`{word}`" not in page]
    assert missing == []
