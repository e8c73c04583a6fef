from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from bench.generators import Failure, Job, Picture
from bench.generators.typeset import VERSION, TypesetGenerator
from bench.generators.typeset.colours import contrast, toned_down
from bench.generators.typeset.design import draw_design
from bench.generators.typeset.distribution import HARD, PLAIN, STRENGTHS
from bench.generators.typeset.faces import FACES, font, missing_characters
from bench.generators.typeset.layout import Rect, divide
from bench.generators.typeset.linebreaks import Wrapping, break_lines, clusters, units, with_long_ones_split
from bench.generators.typeset.mistakes import Writing
from bench.generators.typeset.painting import paint
from bench.generators.typeset.palette import SCHEMES
from bench.generators.typeset.publication import with_tables
from bench.generators.typeset.setting import Style, set_lines
from prompts.errors import GlyphbenchError
from prompts.names import name_fault
from prompts.spec import Spec
from prompts.suite import CELLS, Box, Prompt, Region, Size

ROOT = Path(__file__).resolve().parents[2]
SQUARE = Size(512, 512)
LONG_ZH = "人生若只如初见，何事秋风悲画扇。等闲变却故人心，却道“故人心”易变！骊山语罢清宵半，泪雨零铃终不怨。" * 4
LONG_EN = "It was the best of times, it was the worst of times, it was the age of wisdom and (so) of foolishness. " * 6


def prompt_of(*regions, size=SQUARE, name="sign", language="zh"):
    regions = tuple(Region(region) if isinstance(region, str) else region for region in regions)
    return Prompt(name, f"a picture called {name}", language, name, size, regions)


def vertical(text, where=None):
    return Region(text, where, orientation="vertical")


PROMPTS = {
    "title": prompt_of("春风书店", name="title"),
    "words": prompt_of("Fresh Bread Daily, $3.50!", name="words", language="en"),
    "stack": prompt_of("一等奖", "李小明同学", "Oxford, 12 May", name="stack"),
    "cells": prompt_of(
        *(Region(text, cell) for text, cell in zip("一二三四五六七八九", CELLS, strict=True)), name="cells"
    ),
    "menu": prompt_of(
        Region("菜单", "top-centre"),
        Region("红烧肉 38元", "middle-left"),
        Region("清蒸鱼 58元", "middle-right"),
        Region("欢迎再来"),
        name="menu",
    ),
    "overlapping": prompt_of(
        Region("OUTER", Box(0.05, 0.05, 0.95, 0.95)),
        Region("INNER", Box(0.3, 0.4, 0.7, 0.7)),
        Region("twice", "top-left"),
        Region("again", "top-left"),
        name="overlapping",
    ),
    "couplet": prompt_of(
        vertical("天增岁月人增寿", "middle-right"),
        vertical("春满乾坤福满门", "middle-left"),
        Region("福", "middle-centre"),
        name="couplet",
    ),
    "shop": prompt_of(vertical("老字号茶庄"), "Since 1890", name="shop"),
    "wide": prompt_of("西湖音乐节", "West Lake Music Festival", size=Size(1024, 256), name="wide"),
}


def generator(strength="plain"):
    return TypesetGenerator(Spec.parse("typeset" if strength == "plain" else f"typeset?strength={strength}"))


def draw(prompt, seed=0, strength="plain"):
    (outcome,) = generator(strength).generate([Job(prompt, seed)])
    assert isinstance(outcome, Picture), outcome
    return outcome


def failure(prompt, strength="plain"):
    (outcome,) = generator(strength).generate([Job(prompt, 0)])
    assert isinstance(outcome, Failure)
    assert outcome.status == "infra"
    return outcome.reason


def fingerprint(picture):
    record = json.dumps(picture.details, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(picture.image.tobytes() + record.encode()).hexdigest()


def drawn_lines(picture, region=0):
    return [line["text"] for line in picture.details["regions"][region]["lines"]]


# One picture is one function of prompt, seed and strength.


def test_pictures_do_not_depend_on_process_order_or_hash_seed():
    jobs = [(name, seed, strength) for name in ("menu", "shop") for seed in (1, 2) for strength in STRENGTHS]
    here = {job: fingerprint(draw(PROMPTS[job[0]], job[1], job[2])) for job in jobs}
    assert len(set(here.values())) == len(jobs)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_typeset import *\n"
        f"print(*(fingerprint(draw(PROMPTS[n], s, k)) for n, s, k in {jobs[::-1]!r}))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    there = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
    assert there == [here[job] for job in jobs[::-1]]


def test_the_text_asked_for_changes_the_design_but_another_text_drawn_does_not():
    prompt = PROMPTS["title"]
    asked = draw_design(prompt, [Writing("春风书店", "春风书店")], 3, PLAIN, VERSION)
    assert draw_design(prompt, [Writing("春风书后", "春风书后")], 3, PLAIN, VERSION).scene == asked.scene
    other = replace(prompt, regions=(Region("春风书后"),))
    assert draw_design(other, [Writing("春风书后", "春风书后")], 3, PLAIN, VERSION).scene != asked.scene


@pytest.mark.parametrize("size", [Size(512, 512), Size(1024, 256), Size(320, 1024), Size(1000, 608)])
def test_pictures_have_the_size_asked_for(size):
    image = draw(prompt_of("深夜食堂", size=size)).image
    assert (image.size, image.mode) == (size, "RGB")


# Where lettering stands, and that the record of it is true.


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("name", PROMPTS)
@pytest.mark.parametrize("seed", range(2))
def test_the_record_says_exactly_which_pixels_the_lettering_changed(name, seed, strength):
    prompt = PROMPTS[name]
    texts = [Writing(region.text, region.text) for region in prompt.regions]
    design = draw_design(prompt, texts, seed, STRENGTHS[strength], VERSION)
    with_letters = np.asarray(paint(design)[0], int)
    for index, lettering in enumerate(design.letterings):
        others = design.letterings[:index] + design.letterings[index + 1 :]
        without = np.asarray(paint(replace(design, letterings=others))[0], int)
        rows, columns = np.nonzero((with_letters != without).any(axis=2))
        found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        recorded = draw(prompt, seed, strength).details["regions"][index]
        assert recorded["region"] == lettering.block.item.region
        box = [share * prompt.size[side % 2] for side, share in enumerate(recorded["box"])]
        assert box == pytest.approx([round(edge) for edge in box], abs=1e-3)
        left, top, right, bottom = (round(edge) for edge in box)
        assert left <= found[0]
        assert top <= found[1]
        assert found[2] <= right
        assert found[3] <= bottom
        # The faintest edge pixels may round to the ground's own level: with texture and noise, more of them.
        assert np.abs(np.subtract(found, (left, top, right, bottom))).max() <= (2 if strength == "plain" else 8)


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("name", PROMPTS)
@pytest.mark.parametrize("seed", range(4))
def test_every_region_stands_in_its_place_and_touches_no_other(name, seed, strength):
    prompt = PROMPTS[name]
    recorded = draw(prompt, seed, strength).details["regions"]
    assert [region["text"] for region in recorded] == list(prompt.targets)
    for region in recorded:
        place = prompt.regions[region["region"]].box or Box(0, 0, 1, 1)
        left, top, right, bottom = region["box"]
        assert place.left <= left < right <= place.right
        assert place.top <= top < bottom <= place.bottom
    for one, other in combinations([region["box"] for region in recorded], 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart


@pytest.mark.parametrize("seed", range(4))
def test_regions_without_a_place_follow_each_other_downwards(seed):
    tops = [region["box"][1] for region in draw(PROMPTS["stack"], seed).details["regions"]]
    assert tops == sorted(tops)


def test_overlapping_places_are_shared_out():
    places = [(0, Box(0, 0, 1, 1)), (1, Box(0.5, 0.5, 1, 1)), (2, Box(0.4, 0, 0.6, 0.6)), (3, None), (4, None)]
    areas = divide(places, SQUARE, Rect(0, 0, *SQUARE))
    assert sorted(region for area in areas for region in area.regions) == [0, 1, 2, 3, 4]
    assert {area.regions for area in areas if not area.is_asked} == {(3, 4)}
    assert not any(one.rect.overlaps(other.rect) for one, other in combinations(areas, 2))
    assert all(area.rect.area > 0 for area in areas)


@pytest.mark.parametrize("seed", range(8))
def test_lines_are_recorded_where_they_stand(seed):
    for strength in STRENGTHS:
        region = draw(prompt_of("第一行\n\n第三行更长"), seed, strength).details["regions"][0]
        assert [line["text"] for line in region["lines"]] == ["第一行", "", "第三行更长"]
        first, blank, last = (line["corners"] for line in region["lines"])
        assert blank is None
        assert first[0][1] < last[0][1]
        xs, ys = zip(*first, *last, strict=True)
        extent = [min(xs), min(ys), max(xs), max(ys)]
        # Outline, shadow and blur are not in the lines; plain lettering has none.
        assert extent == pytest.approx(region["box"], abs=1e-6 if strength == "plain" else 0.02)


# The lettering itself.


@pytest.mark.parametrize("seed", range(12))
def test_plain_lettering_is_large_upright_and_stands_out(seed):
    for name in ("title", "words", "stack"):
        for region in draw(PROMPTS[name], seed).details["regions"]:
            assert region["least_contrast"] >= PLAIN.least_contrast
            assert region["em"] >= 0.055 * SQUARE.height
            assert (region["angle"], region["keystone"]) == (0.0, [0.0, 0.0])


def test_hard_lettering_is_smaller_fainter_and_varied():
    plain, hard = (
        [draw(PROMPTS["title"], seed, strength).details for seed in range(40)] for strength in ("plain", "hard")
    )
    for key in ("em", "contrast"):
        assert np.mean([d["regions"][0][key] for d in hard]) < 0.6 * np.mean([d["regions"][0][key] for d in plain])
    for key in ("angle", "outline", "shadow", "blur"):
        assert not any(d["regions"][0][key] for d in plain)
        assert any(d["regions"][0][key] for d in hard)
    assert {d["surface"]["kind"] for d in hard} == set(HARD.surfaces.table)
    assert {d["layout"] for d in plain} == set(PLAIN.layouts.table)
    assert generator("hard").name == "typeset-hard"


def test_long_chinese_text_wraps_between_characters_but_not_around_marks():
    lines = drawn_lines(draw(prompt_of(LONG_ZH)))
    assert "".join(lines) == LONG_ZH
    assert len(lines) > 4
    assert not any(line[0] in "，。！”" or line[-1] == "“" for line in lines)


def test_long_english_text_wraps_between_words():
    lines = drawn_lines(draw(prompt_of(LONG_EN, language="en")))
    assert " ".join(lines) == LONG_EN.strip()
    assert len(lines) > 4


def test_a_word_is_broken_only_where_it_cannot_stand_alone():
    word = "Donaudampfschifffahrt"
    assert drawn_lines(draw(prompt_of(Region(f"to {word}", "top-left"), size=Size(1024, 1024))))[-1] == word
    lines = drawn_lines(draw(prompt_of(Region(f"steam {word * 3} voyage", "top-left"))))
    assert "".join(lines).replace(" ", "") == f"steam{word * 3}voyage"
    assert lines[0].startswith("steam ")
    assert lines[-1].endswith(" voyage")


def test_text_that_does_not_fit_fails_and_is_not_cut():
    reason = failure(prompt_of(Region(LONG_ZH, "top-left")))
    assert "16 pixels to the em" in reason
    assert "make the picture or the place larger" in reason


def test_characters_without_a_glyph_fail_by_name():
    jobs = [Job(prompt_of("茶🍵馆\U00010400"), 0), Job(prompt_of("茶馆"), 0)]
    first, second = generator().generate(jobs)
    assert isinstance(first, Failure)
    assert first.status == "infra"
    assert "🍵 (U+1F375)" in first.reason
    assert "U+10400" in first.reason
    assert "茶" not in first.reason.partition("lacks")[2]
    assert isinstance(second, Picture)


@pytest.mark.parametrize(
    "text", ["𠮷野家", "臺灣", "①号楼 25℃", "￥38.00", "Cafe\u0301 Ångström", "ﾊﾝｶｸ ＡＢＣ", "한국"]
)
def test_rare_traditional_and_other_characters_are_drawn(text):
    picture = draw(prompt_of(text))
    assert picture.details["regions"][0]["text"] == text
    chosen = next(face for face in FACES.values() if face.name == picture.details["regions"][0]["face"])
    assert missing_characters(chosen, text) == []


@pytest.mark.parametrize("regions", [(), (Region(caption="a cat on a wall"),)])
@pytest.mark.parametrize("strength", STRENGTHS)
def test_without_target_lettering_there_is_a_ground_and_no_text(regions, strength):
    picture = draw(prompt_of(*regions), strength=strength)
    assert picture.details["regions"] == []
    assert picture.image.size == SQUARE


def test_a_region_with_a_caption_alone_gets_no_lettering():
    picture = draw(prompt_of(Region(caption="a cat", where="top-left"), Region("猫", "bottom-right")))
    assert [region["region"] for region in picture.details["regions"]] == [1]


# Columns.


def test_columns_run_downwards_and_from_the_right():
    picture = draw(prompt_of(vertical("床前明月光，疑是地上霜。\n举头望明月，低头思故乡。")))
    region = picture.details["regions"][0]
    assert region["orientation"] == "vertical"
    lines = region["lines"]
    assert "".join(line["text"] for line in lines) == "床前明月光，疑是地上霜。举头望明月，低头思故乡。"
    lefts = [line["corners"][0][0] for line in lines]
    assert lefts == sorted(lefts, reverse=True)
    for (left, top), (right, _), (_, bottom), _ in (line["corners"] for line in lines):
        assert bottom - top > 2 * (right - left)


def test_marks_take_their_vertical_form_in_columns():
    style = Style(FACES["sans-500"], 0.0, 1.5, "centre", "vertical")
    setting = set_lines(["（他说：“好。”）——《书》…"], style, 40)
    shown = [(glyph.cluster, glyph.turned) for glyph in setting.glyphs]
    assert [cluster for cluster, turned in shown if not turned] == list("︵他说︓好︒︶︱︱︽书︾︙")
    assert [cluster for cluster, turned in shown if turned] == ["“", "”"]
    assert all(a.y < b.y for a, b in zip(setting.glyphs, setting.glyphs[2:], strict=False))
    latin = set_lines(["Lo x"], replace(style, face=FACES["latin-sans"]), 40)
    assert [glyph.cluster for glyph in latin.glyphs] == ["L", "o", "x"]


# Line breaking.


def lines_of(text, limit, wrapping=Wrapping.WORDS):
    return break_lines(units(text, wrapping), limit, len)


@pytest.mark.parametrize(
    ("text", "limit", "lines"),
    [
        ("不忘初心，方得始终", 7, ["不忘初心，", "方得始终"]),
        ("他说：“好”", 4, ["他说：", "“好”"]),
        ("全场8折起", 4, ["全场", "8折起"]),
        ("10月25日开业", 5, ["10月", "25日开业"]),
        ("too good to be true", 11, ["too good", "to be true"]),
        ("don’t stop—now", 10, ["don’t", "stop—now"]),
        ("用Python写", 7, ["用", "Python写"]),
        ("一二三四五六", 4, ["一二三", "四五六"]),
        ("", 4, [""]),
    ],
)
def test_lines_break_where_people_break_them(text, limit, lines):
    assert lines_of(text, limit) == lines


def test_whole_words_do_not_fit_short_lines():
    assert lines_of("absolutely", 4) is None
    pieces = with_long_ones_split(units("so absolutely fine", Wrapping.LONG_WORDS), 6, len)
    assert break_lines(pieces, 6, len) == ["so abs", "olutel", "y fine"]
    assert lines_of("one two", 7, Wrapping.NONE) == ["one two"]
    assert lines_of("one two", 6, Wrapping.NONE) is None


def test_clusters_are_whole_and_composed():
    assert clusters("e\u0301x\u0323o") == ["\u00e9", "x\u0323", "o"]


# Faces and colours.


def test_only_free_faces_are_used_and_each_one_loads():
    assert not any("simhei" in face.file.lower() for face in FACES.values())
    for strength in STRENGTHS.values():
        assert set(strength.faces.table) <= set(FACES)
    for face in FACES.values():
        assert missing_characters(face, "Sale 50%") == []
        assert font(face, 40).getbbox("S")[2] > 0
    assert missing_characters(FACES["latin-sans"], "A茶 茶") == ["茶"]


def test_the_variable_face_has_its_weights():
    inked = [np.asarray(font(FACES[f"sans-{w}"], 64).getmask("永")).sum() for w in (100, 200, 300, 400, 500, 700, 900)]
    assert inked == sorted(inked)
    assert inked[-1] > 2 * inked[0]


@pytest.mark.parametrize("name", SCHEMES)
def test_colours_leave_room_above_the_least_contrast(name):
    scheme = SCHEMES[name]
    assert min(contrast(scheme.ink, scheme.ground), contrast(scheme.accent, scheme.ground)) > 5
    assert contrast(toned_down(scheme.ink, scheme.ground, 2.0), scheme.ground) == pytest.approx(2, abs=0.1)


def test_contrast_is_that_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    # Examples from WebAIM's contrast checker, https://webaim.org/resources/contrastchecker/
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.005)
    assert contrast((0, 0, 255), (255, 255, 255)) == pytest.approx(8.59, abs=0.005)


# Options.


def draw_with(options, prompt, seed=0):
    (outcome,) = TypesetGenerator(Spec.parse(f"typeset?{options}")).generate([Job(prompt, seed)])
    return outcome


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("seed", range(3))
def test_options_take_the_place_of_draws_and_leave_the_rest_alone(strength, seed):
    options = f"strength={strength}&face=serif&em=18..24&angle=7&slant=0.1..0.3"
    details = draw_with(options, PROMPTS["stack"], seed).details
    assert {region["face"] for region in details["regions"]} == {"Noto Serif CJK SC"}
    assert all(18 <= region["em"] <= 24 for region in details["regions"])
    assert {region["angle"] for region in details["regions"]} == {7}
    assert all(0.1 <= slant <= 0.3 for region in details["regions"] for slant in region["keystone"])
    without = draw(PROMPTS["stack"], seed, strength).details
    assert {key: details[key] for key in ("scheme", "surface")} == {key: without[key] for key in ("scheme", "surface")}


def test_a_size_is_kept_or_the_picture_fails():
    sizes = {draw_with("em=10..13", PROMPTS["title"], seed).details["regions"][0]["em"] for seed in range(40)}
    assert sizes == {10, 11, 12, 13}
    outcome = draw_with("em=200", PROMPTS["title"])
    assert isinstance(outcome, Failure)
    assert "at 200 pixels to the em" in outcome.reason


def test_an_orientation_holds_for_every_region():
    assert draw_with("orientation=vertical", PROMPTS["title"]).details["regions"][0]["orientation"] == "vertical"
    regions = draw_with("orientation=horizontal", PROMPTS["couplet"]).details["regions"]
    assert {region["orientation"] for region in regions} == {"horizontal"}


def test_a_face_that_lacks_a_character_fails_by_its_name():
    outcome = draw_with("face=latin-book", PROMPTS["stack"])
    assert isinstance(outcome, Failure)
    assert "the face 'latin-book' cannot draw '一等奖'; it lacks 一 (U+4E00)" in outcome.reason


# What the generator says of itself.


def test_the_published_tables_are_those_of_the_code():
    page = (ROOT / "docs" / "typesetter.md").read_text(encoding="utf-8")
    assert page == with_tables(page), "run: python -m bench.generators.typeset.publication docs/typesetter.md"


def test_the_identity_names_all_that_decides_the_pixels():
    typeset = generator("hard")
    typeset.check([])
    identity = typeset.identity
    assert identity["options"] == {"strength": "hard"}
    assert {"kind", "version", "pillow", "freetype"} < set(identity)
    assert set(identity["fonts"]) == {FACES[name].path.name for name in HARD.faces.table}
    assert all(len(digest) == 64 for digest in identity["fonts"].values())
    assert json.loads(json.dumps(identity)) == identity
    assert identity != generator().identity
    chosen = TypesetGenerator(Spec.parse("typeset?em=12&face=serif&curve=arc-up"))
    assert chosen.identity["options"] == {"strength": "plain", "em": [12, 12], "face": "serif", "curve": "arc-up"}
    assert list(chosen.identity["fonts"]) == ["NotoSerifCJKsc-Regular.otf"]
    assert json.loads(json.dumps(chosen.identity)) == chosen.identity
    assert chosen.name == "typeset-face-serif-em-12-curve-arc-up"
    assert (typeset.is_model, typeset.seeds([]), generator().name) == (False, None, "typeset")


def test_names_are_short_and_safe_in_a_file_name():
    names = {
        TypesetGenerator(Spec.parse(f"typeset?strength=hard&{options}")).name
        for options in (
            "em=12..20&angle=-45.5..45",
            "face=latin-sans-oblique&em=10..20&angle=-45..45&slant=-0.5..0.5&curve=arc-down&finish=gradient&errors=0.1",
            "face=latin-sans-oblique&em=10..20&angle=-45..45&slant=-0.5..0.5&curve=arc-down&finish=gradient&errors=0.2",
        )
    }
    assert "typeset-hard-em-12to20-angle--45.5to45" in names
    assert len(names) == 3
    assert not any(map(name_fault, names))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("typeset?strength=harder", "strength: Input should be 'plain' or 'hard'"),
        ("typeset?strenght=hard", "did you mean 'strength'"),
        ("typeset:somewhere", "takes no target"),
        ("typeset?face=kaiti", "no face is called 'kaiti'; there are sans-100"),
        ("typeset?em=tiny", "write a number or LOW..HIGH; got 'tiny'"),
        ("typeset?em=20..10", "the lower number first"),
        ("typeset?em=12.5", "whole pixels"),
        ("typeset?em=2", "within 4..2048"),
        ("typeset?angle=nan", "the lower number first"),
        ("typeset?angle=-200..0", "within -180..180"),
        ("typeset?slant=1", "within -0.8..0.8"),
        ("typeset?curve=spiral", "curve"),
        ("typeset?curve=wave&orientation=vertical", "columns do not run along a curve"),
    ],
)
def test_specs_that_cannot_be_used_say_why(spec, message):
    with pytest.raises(GlyphbenchError, match=message):
        TypesetGenerator(Spec.parse(spec))
