"""Lettering along curves: where each character stands, and that none touches another."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bench.generators import Failure, Job, Picture
from bench.generators.typeset import TypesetGenerator
from bench.generators.typeset.bending import BentSetting, bend_lines
from bench.generators.typeset.bends import draw_bend
from bench.generators.typeset.faces import FACES
from bench.generators.typeset.rectangle import tightest_rectangle
from bench.generators.typeset.setting import Style
from prompts.spec import Spec
from prompts.suite import Prompt, Region, Size

CURVES = ("arc-up", "arc-down", "wave", "circle")
TEXTS = {"zh": "春风书店，一年四季欢迎您", "en": "West Lake Music Festival, May 12", "short": "龙门"}


def draw(spec, *texts, seed=0, size=512):
    regions = tuple(Region(text) if isinstance(text, str) else text for text in texts)
    prompt = Prompt("sign", "a sign", "zh", "sign", Size(size, size), regions)
    (outcome,) = TypesetGenerator(Spec.parse(spec)).generate([Job(prompt, seed)])
    return outcome


def bent(curve, text, size=40, seed=0, face="sans-700", lines=1):
    style = Style(FACES[face], 0.05, 1.4, "centre", "horizontal")
    return bend_lines((text,) * lines, style, size, draw_bend(np.random.default_rng(seed), curve))


def mask_of(setting: BentSetting, margin=4):
    mask = Image.new("L", (setting.width + 2 * margin, setting.height + 2 * margin))
    setting.draw_on(mask, margin, margin)
    return np.asarray(mask, int)


def alone(setting: BentSetting, index):
    return BentSetting(
        setting.style, setting.size, (setting.glyphs[index],), (), setting.width, setting.height, setting.drop
    )


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("size", "seed"), [(12, 1), (40, 2)])
def test_each_character_is_inside_its_box_and_fills_it(curve, text, size, seed):
    setting = bent(curve, TEXTS[text], size, seed)
    characters = [c for line in setting.lines for c in line.characters if c.corners]
    assert len(characters) == len(setting.glyphs)
    assert "".join(c.text for c in setting.lines[0].characters) == TEXTS[text]
    for index, character in enumerate(characters):
        ink = mask_of(alone(setting, index))
        assert ink.sum() > 0
        box = Image.new("L", (4 * ink.shape[1], 4 * ink.shape[0]))
        ImageDraw.Draw(box).polygon([(4 * (x + 4), 4 * (y + 4)) for x, y in character.corners], fill=255)
        inside = np.asarray(box.reduce(4).point(lambda level: 255 if level else 0), bool)
        grown = np.pad(inside, 1)
        near = grown[:-2, 1:-1] | grown[2:, 1:-1] | grown[1:-1, :-2] | grown[1:-1, 2:] | inside
        assert ink[~near].sum() <= 0.01 * ink.sum()
        # The box is tight: ink comes near each of its four sides.
        for one, other in zip(character.corners, (*character.corners[1:], character.corners[0]), strict=True):
            rows, columns = np.nonzero(ink > 60)
            side = np.subtract(other, one) / np.hypot(*np.subtract(other, one))
            depth = (columns + 0.5 - 4 - one[0]) * -side[1] + (rows + 0.5 - 4 - one[1]) * side[0]
            assert depth.min() < 2


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("seed", range(2))
def test_no_character_touches_another_and_none_is_cut_off(curve, text, seed):
    setting = bent(curve, TEXTS[text], 24, seed, face="sans-900" if seed % 2 else "serif")
    masks = [mask_of(alone(setting, index)) > 100 for index in range(len(setting.glyphs))]
    for one, other in combinations(masks, 2):
        assert not (one & other).any()
    whole = mask_of(setting)
    border = np.concatenate([whole[:3].ravel(), whole[-3:].ravel(), whole[:, :3].ravel(), whole[:, -3:].ravel()])
    assert border.max() == 0


@pytest.mark.parametrize("curve", CURVES)
def test_lines_follow_each_other_without_touching(curve):
    setting = bent(curve, "一年四季", 24, 3, lines=3)
    masks = [mask_of(alone(setting, index)) > 100 for index in range(len(setting.glyphs))]
    assert not any((one & other).any() for one, other in combinations(masks, 2))


def test_curves_have_the_form_that_they_are_called_by():
    for seed in range(6):
        up, down, ring = (
            bent(curve, TEXTS["zh"], seed=seed).lines[0].path for curve in ("arc-up", "arc-down", "circle")
        )
        assert up[16][1] < min(up[0][1], up[-1][1])
        assert down[16][1] > max(down[0][1], down[-1][1])
        assert up[0][0] < up[16][0] < up[-1][0]
        assert down[0][0] < down[16][0] < down[-1][0]
        middle = np.mean([(min(p[k] for p in ring), max(p[k] for p in ring)) for k in (0, 1)], axis=1)
        turns = np.unwrap([np.arctan2(y - middle[1], x - middle[0]) for x, y in ring])
        assert np.all(np.diff(turns) > 0)  # Clockwise, as y points down.
        assert turns[-1] - turns[0] > np.radians(270)
    waves = [bent("wave", TEXTS["zh"], seed=seed).lines[0].path for seed in range(6)]
    assert all(x < y for wave in waves for (x, _), (y, _) in pairwise(wave))


def test_glyphs_stand_upright_on_the_curve():
    setting = bent("circle", TEXTS["zh"], 60)
    path = np.array(setting.lines[0].path)
    middle = (path.max(axis=0) + path.min(axis=0)) / 2
    for glyph in setting.glyphs:
        outwards = np.degrees(np.arctan2(glyph.x - middle[0], -(glyph.y - middle[1])))
        assert (glyph.angle - outwards + 180) % 360 - 180 == pytest.approx(0, abs=4)


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("strength", ["plain", "hard"])
def test_the_record_of_a_curved_picture_is_true(curve, strength):
    for seed in range(3):
        picture = draw(f"typeset?curve={curve}&strength={strength}", TEXTS["zh"], "Open", seed=seed)
        assert isinstance(picture, Picture)
        for region in picture.details["regions"]:
            assert region["curve"]["kind"] == curve
            left, top, right, bottom = region["box"]
            assert min(left, top) > 0
            assert max(right, bottom) < 1
            for line in region["lines"]:
                assert "".join(c["text"] for c in line["characters"]) == line["text"]
                assert len(line["path"]) > 8
                points = [p for c in line["characters"] for p in c["corners"] or ()]
                # A turned box has corners without ink.
                spare = 0.4 * region["em"] / 512
                assert all(left - spare <= x <= right + spare for x, _ in points)
                assert all(top - spare <= y <= bottom + spare for _, y in points)
                corners = np.array(line["corners"])
                for side in range(4):
                    along = corners[(side + 1) % 4] - corners[side]
                    offsets = np.array(points) - corners[side]
                    # Clockwise: everything lies on the right of every side.
                    assert (along[0] * offsets[:, 1] - along[1] * offsets[:, 0]).min() > -1e-5


def test_the_tightest_rectangle_is_found_and_begins_where_reading_does():
    turn = np.radians(20)
    points = [
        (x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)) for x in (0, 9) for y in (0, 2)
    ]
    for towards, first in [((1, 0), (0, 0)), ((-1, 0), points[3])]:
        corners = tightest_rectangle([*points, (3, 2)], towards)
        assert corners[0] == pytest.approx(first, abs=1e-6)
        assert np.hypot(*np.subtract(corners[1], corners[0])) == pytest.approx(9)
        assert np.hypot(*np.subtract(corners[2], corners[1])) == pytest.approx(2)


def test_columns_become_rows_on_a_curve_and_what_does_not_fit_fails():
    picture = draw("typeset?curve=wave", Region("老字号茶庄", orientation="vertical"))
    assert picture.details["regions"][0]["orientation"] == "horizontal"
    outcome = draw("typeset?curve=circle&em=40", TEXTS["zh"] * 6)
    assert isinstance(outcome, Failure)
    assert "at 40 pixels to the em" in outcome.reason
