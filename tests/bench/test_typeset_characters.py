"""The truth to the character: every character's box holds its ink, and no ink lies outside all boxes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.generators.typeset import VERSION
from bench.generators.typeset.design import draw_design
from bench.generators.typeset.mistakes import Shares, write
from bench.generators.typeset.options import Options
from bench.generators.typeset.painting import paint
from bench.generators.typeset.record import describe
from prompts.spec import Spec
from prompts.suite import Prompt, Region, Size

SIZE = Size(480, 320)

CASES = (
    "strength=plain",
    "orientation=vertical",
    "angle=25&em=30",
    "slant=0.4&em=30",
    "angle=-60&slant=-0.3&em=20",
    "curve=arc-up",
    "curve=arc-down&angle=15&slant=0.2",
    "curve=wave&em=14",
    "curve=circle&face=sans-900",
    "malformed=0.5&em=40",
    "malformed=0.5&curve=circle&angle=20",
    "errors=0.5&orientation=vertical",
    "em=9",
)


def pixels_in(corners, grow):
    """Return which pixels touch a convex box with its corners clockwise, or come within `grow` pixels of it."""
    y, x = np.mgrid[0 : SIZE.height, 0 : SIZE.width] + 0.5
    inside = np.ones((SIZE.height, SIZE.width), bool)
    points = np.multiply(corners, SIZE)
    for (left, top), (right, bottom) in zip(points, np.roll(points, -1, axis=0), strict=True):
        across, down = right - left, bottom - top
        inside &= (across * (y - top) - down * (x - left)) / np.hypot(across, down) >= -0.5 - grow
    return inside


@pytest.mark.parametrize("options", CASES)
def test_ink_lies_in_the_boxes_of_its_characters_and_fills_them(options):
    prompt = Prompt("sign", "a sign", "zh", "sign", SIZE, (Region("一只猫，WiFi：8"), Region("Fresh")))
    chosen = Spec.parse(f"typeset?{options}").validated(Options)
    writings = write(prompt, 3, chosen.shares)
    design = draw_design(prompt, writings, 3, chosen.distribution, VERSION, chosen.wishes)
    picture, drawn = paint(design)
    bare = np.asarray(paint(replace(design, letterings=()))[0], int)
    change = np.abs(np.asarray(picture, int) - bare).max(axis=2)
    strong = change > 0.5 * change.max()
    claimed = np.zeros_like(strong)
    for region in describe(design, drawn, "plain", writings)["regions"]:
        for line in region["lines"]:
            assert "".join(c["text"] for c in line["characters"]) == line["text"]
            whole = pixels_in(line["corners"], 2)
            for character in line["characters"]:
                assert (character["corners"] is None) == character["text"].isspace()
                if character["corners"]:
                    own = pixels_in(character["corners"], 0)
                    assert change[own].max() > 0.25 * change.max(), character
                    assert not (own & ~whole).any()
                    claimed |= pixels_in(character["corners"], 1)
    assert not (strong & ~claimed).any()


def test_boxes_are_no_larger_than_the_ink():
    """Each side of a straight character's box touches ink: a box moved inwards by two pixels would cut it."""
    prompt = Prompt("sign", "a sign", "zh", "sign", SIZE, (Region("福如东海Aj"),))
    chosen = Spec.parse("typeset?finish=plain").validated(Options)
    writings = write(prompt, 1, Shares())
    design = draw_design(prompt, writings, 1, chosen.distribution, VERSION, chosen.wishes)
    picture, drawn = paint(design)
    bare = np.asarray(paint(replace(design, letterings=()))[0], int)
    ink = np.abs(np.asarray(picture, int) - bare).max(axis=2) > 0
    for line in describe(design, drawn, "plain", writings)["regions"][0]["lines"]:
        for character in line["characters"]:
            (left, top), _, (right, bottom), _ = (
                np.rint(np.multiply(p, SIZE)).astype(int) for p in character["corners"]
            )
            box = ink[top:bottom, left:right]
            assert box[0].any()
            assert box[-1].any()
            assert box[:, 0].any()
            assert box[:, -1].any()
