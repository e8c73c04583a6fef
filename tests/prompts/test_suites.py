"""The suites that come with the project: whole, clean, and what the documentation says of them."""

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from prompts.lengths import count_characters
from prompts.lint import RULES, lint
from prompts.loading import find_suite, load_suite, suite_names
from prompts.places import place_faults
from prompts.schema import PromptEntry, RegionEntry, SuiteFile
from prompts.suite import CELLS, Relation, RelationKind

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
SIZES = {
    "zh_text": 60,
    "en_text": 60,
    "mixed_text": 60,
    "regions": 160,
    "long_text": 80,
    "scroll": 30,
    "typography": 60,
    "resolution": 120,
    "launch": 9,
    "smoke": 8,
}
PAIRED = ("regions", "long_text", "scroll", "typography", "resolution")
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "suites.md"


def test_the_shipped_suites():
    assert suite_names() == tuple(sorted(SIZES))
    assert {name: (find_suite(name).name, len(find_suite(name).prompts)) for name in suite_names()} == {
        name: (name, prompts) for name, prompts in SIZES.items()
    }


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


@pytest.mark.parametrize("name", PAIRED)
def test_paired_suites_hold_each_prompt_in_both_languages(name):
    prompts = find_suite(name).prompts
    languages = [prompt.language for prompt in prompts]
    assert languages.count("zh") == languages.count("en") == len(prompts) / 2
    for chinese, english in zip(prompts[::2], prompts[1::2], strict=True):
        assert chinese.id.removeprefix("zh-") == english.id.removeprefix("en-")
        assert (chinese.group, chinese.tags, chinese.size) == (english.group, english.tags, english.size)
        assert chinese.id.startswith(f"zh-{chinese.group}")


def test_chinese_is_asked_for_in_chinese_and_english_in_english():
    for name in PAIRED:
        for prompt in find_suite(name).prompts:
            has_han = any("\u4e00" <= character <= "\u9fff" for character in prompt.text)
            assert has_han == (prompt.language == "zh"), prompt.id


def test_targets_are_asked_for_in_one_suite_only():
    """Two suites that share a target would not be two measurements of it."""
    uses: dict[str, set[str]] = {}
    for name in (*TWINS, *PAIRED):
        for prompt in find_suite(name).prompts:
            for target in prompt.targets:
                uses.setdefault(target.casefold(), set()).add(name)
    assert {target: names for target, names in uses.items() if len(names) > 1} == {}


def test_regions_use_every_cell_and_every_relation():
    prompts = [prompt for prompt in find_suite("regions").prompts if prompt.language == "zh"]
    places = Counter(region.where for prompt in prompts for region in prompt.regions)
    assert all(20 <= places[cell] <= 35 for cell in CELLS)
    kinds = Counter(relation.kind for prompt in prompts for relation in prompt.relations)
    assert set(kinds) == set(get_args(RelationKind))
    assert {len(prompt.targets) for prompt in prompts} == {2, 3, 4, 5}
    assert all(region.text and region.where for prompt in prompts for region in prompt.regions)
    assert sum(prompt.size == (1024, 1024) for prompt in prompts) > len(prompts) / 2


def test_regions_state_each_cell_beside_its_text():
    """Closer than the lint looks: between the texts before and after it."""
    for prompt in find_suite("regions").prompts:
        for region in (region for region in prompt.regions if isinstance(region.where, str)):
            before, _, after = prompt.text.partition(f"“{region.text}”")
            beside = f"{before.rpartition('”')[2]}“{region.text}”{after.partition('“')[0]}"
            assert list(place_faults(replace(prompt, text=beside, regions=(region,)))) == [], prompt.id


def test_texts_fit_a_cell():
    for prompt in find_suite("regions").prompts:
        for region in prompt.regions:
            if isinstance(region.where, str):
                assert count_characters(region.text) <= 8 if prompt.language == "zh" else len(region.text.split()) <= 4


def test_scrolls_are_wide_scenes_in_order():
    prompts = find_suite("scroll").prompts
    for prompt in prompts:
        scenes = len(prompt.regions)
        assert 3 <= scenes <= 6
        assert prompt.size.width in range(1536, 2049)
        assert prompt.size.height in range(512, 1025)
        assert [region.box.left for region in prompt.regions] == pytest.approx(
            [i / scenes for i in range(scenes)], abs=1e-4
        )
        assert {Relation(i, "left-of", i + 1) for i in range(scenes - 1)} <= set(prompt.relations)
        stated = prompt.text.casefold()
        positions = [stated.find(region.caption.casefold()) for region in prompt.regions]
        assert positions == sorted(positions), prompt.id
        assert min(positions) >= 0, prompt.id
        assert ("lettering" in prompt.tags) == bool(prompt.targets)
    assert 10 <= sum(not prompt.targets for prompt in prompts) <= 20


def test_long_texts_are_long():
    prompts = find_suite("long_text").prompts
    assert all(30 <= count_characters(prompt.targets[0]) <= 300 for prompt in prompts if prompt.language == "zh")
    assert all(20 <= len(prompt.targets[0].split()) <= 120 for prompt in prompts if prompt.language == "en")


def test_mixed_prompts_ask_for_both_scripts():
    prompts = find_suite("mixed_text").prompts
    for prompt in prompts:
        asked = "".join(prompt.targets)
        assert re.search("[a-zA-Z]", asked), prompt.id
        assert re.search("[\u4e00-\u9fff]", asked), prompt.id
        assert ("one-line" in prompt.tags) == (len(prompt.targets) == 1) != ("two-scripts" in prompt.tags)
    assert sum("asked-in-zh" in prompt.tags for prompt in prompts) == len(prompts) / 2


def test_resolutions_change_the_size_alone():
    prompts = find_suite("resolution").prompts
    sizes = {prompt.size for prompt in prompts}
    assert len(sizes) == 10
    assert {(512, 512), (2048, 1024), (1024, 2048)} <= sizes
    groups = Counter((prompt.group, prompt.language, prompt.text, prompt.regions) for prompt in prompts)
    assert list(groups.values()) == 12 * [10]


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
