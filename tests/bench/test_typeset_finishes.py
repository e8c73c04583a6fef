"""Grounds and finishes: each is what it is called, stays readable and is recorded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import ImageColor

from bench.generators import Job, Picture
from bench.generators.typeset import VERSION, TypesetGenerator
from bench.generators.typeset.colours import contrast
from bench.generators.typeset.design import draw_design
from bench.generators.typeset.mistakes import Writing
from bench.generators.typeset.options import Options
from bench.generators.typeset.painting import paint
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt, Region, Size

FINISHES = ("plain", "outline", "shadow", "gradient", "texture", "neon")
TEXTS = ("春风书店欢迎您", "Open daily")
PROMPT = Prompt("sign", "a sign", "zh", "sign", Size(384, 384), tuple(Region(text) for text in TEXTS))


def draw(options, seed=0):
    (outcome,) = TypesetGenerator(Spec.parse(f"typeset?{options}")).generate([Job(PROMPT, seed)])
    assert isinstance(outcome, Picture), outcome
    return outcome


def design_of(options, seed=0):
    chosen = Spec.parse(f"typeset?{options}").validated(Options)
    writings = [Writing(text, text) for text in TEXTS]
    return draw_design(PROMPT, writings, seed, chosen.distribution, VERSION, chosen.wishes)


@pytest.mark.parametrize("strength", ["plain", "hard"])
@pytest.mark.parametrize("finish", FINISHES)
def test_a_finish_is_recorded_and_leaves_the_rest_alone(finish, strength):
    details = draw(f"strength={strength}&finish={finish}", 3).details
    for region in details["regions"]:
        assert (region["outline"] is not None) == (finish == "outline")
        assert (region["shadow"] is not None) == (finish == "shadow")
        assert (region["filling"] is not None) == (finish in {"gradient", "texture"})
        assert (region["glow"] is not None) == (finish == "neon")
        if finish == "texture":
            assert region["filling"]["texture"] > 0
    if finish != "neon":
        other = draw(f"strength={strength}", 3).details
        for key in ("scheme", "surface", "layout"):
            assert details[key] == other[key]
        for one, two in zip(details["regions"], other["regions"], strict=True):
            assert {k: one[k] for k in ("ink", "em", "face", "lines")} == {
                k: two[k] for k in ("ink", "em", "face", "lines")
            }


@pytest.mark.parametrize("finish", FINISHES)
@pytest.mark.parametrize("curve", ["", "&curve=arc-down"])
def test_the_box_holds_every_pixel_of_the_lettering_but_its_glow(finish, curve):
    design = design_of(f"finish={finish}{curve}", 1)
    design = replace(design, scene=replace(design.scene, noise=0.0))
    whole, drawn = paint(design)
    for index, place in enumerate(drawn):
        others = design.letterings[:index] + design.letterings[index + 1 :]
        bare, _ = paint(replace(design, letterings=others))
        change = np.abs(np.asarray(whole, int) - np.asarray(bare, int)).max(axis=2)
        block = design.letterings[index].block
        left, top, right, bottom = place.box
        inside = change[top:bottom, left:right]
        if finish != "neon":
            assert change.sum() == inside.sum()
        else:
            assert change.sum() > inside.sum()
            # The light has faded before it comes to the edge of its block.
            width, height = (round(side) for side in block.footprint)
            edges = change[block.y : block.y + height, block.x : block.x + width]
            assert max(edges[0].max(), edges[-1].max(), edges[:, 0].max(), edges[:, -1].max()) <= 3
        assert (inside > 20).any(axis=0).mean() > 0.6


@pytest.mark.parametrize("seed", range(8))
def test_gradients_show_and_keep_the_least_contrast(seed):
    details = draw("finish=gradient", seed).details
    for region in details["regions"]:
        one, other = (ImageColor.getrgb(colour) for colour in region["filling"]["colours"])
        assert np.abs(np.subtract(one, other)).max() > 20
        assert region["least_contrast"] >= 4.5
        for ground in details["surface"]["colours"]:
            assert min(contrast(colour, ImageColor.getrgb(ground)) for colour in (one, other)) > 4.4


@pytest.mark.parametrize("strength", ["plain", "hard"])
def test_grounds_are_lighter_or_darker_than_the_lettering(strength):
    schemes = {}
    for ground in ("light", "dark"):
        for seed in range(12):
            details = draw(f"strength={strength}&ground={ground}", seed).details
            brightness = sum(ImageColor.getrgb(details["surface"]["colours"][0]))
            ink = sum(ImageColor.getrgb(details["regions"][0]["ink"]))
            assert (brightness > ink) == (ground == "light")
            schemes.setdefault(ground, set()).add(details["scheme"])
    assert not schemes["light"] & schemes["dark"]
    assert min(len(names) for names in schemes.values()) > 3


@pytest.mark.parametrize("seed", range(8))
def test_neon_glows_on_a_dark_ground(seed):
    details = draw("finish=neon", seed).details
    ground = ImageColor.getrgb(details["surface"]["colours"][0])
    assert max(ground) < 80
    for region in details["regions"]:
        assert contrast(ImageColor.getrgb(region["ink"]), ground) > 4.5
        assert contrast(ImageColor.getrgb(region["glow"]), ground) > contrast(ImageColor.getrgb(region["ink"]), ground)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("finish=neon&ground=light", "neon glows on a dark ground"),
        ("finish=gold", "finish"),
        ("ground=grey", "ground"),
    ],
)
def test_finishes_that_cannot_be_say_why(options, message):
    with pytest.raises(GlyphbenchError, match=message):
        TypesetGenerator(Spec.parse(f"typeset?{options}"))
