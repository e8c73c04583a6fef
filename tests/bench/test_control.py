"""Control images: where each text is to stand, the same for the same prompt, and a picture that repeats."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image

from bench.generators import Job, Picture
from bench.generators.diffusion.control import Controls, glyph_layout
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt, Region, Size

SIZE = Size(256, 192)


def prompt(*regions, size=SIZE):
    return Prompt("sign", "一块招牌", "zh", "g", size, regions)


def ink(image):
    """Return where there is ink, as a matrix of the picture."""
    return np.asarray(image.convert("L")) < 128


def test_every_text_stands_black_on_white_at_its_place():
    layout = glyph_layout(prompt(Region("晨光咖啡", where="top-left"), Region("OPEN", where="bottom-right")))
    assert layout.size == (256, 192)
    assert layout.mode == "RGB"
    dark = ink(layout)
    third = (slice(0, 64), slice(0, 86))
    last = (slice(128, 192), slice(170, 256))
    assert dark[third].sum() > 100
    assert dark[last].sum() > 100
    assert dark.sum() == dark[third].sum() + dark[last].sum()
    assert np.asarray(layout)[0, 0].tolist() == [255, 255, 255]


def test_texts_without_a_place_share_the_picture_and_blank_regions_leave_it_white():
    assert ink(glyph_layout(prompt(Region("福"), Region("", caption="a tree")))).sum() > 500
    assert not ink(glyph_layout(prompt(Region("", caption="a tree")))).any()


def test_equal_prompts_have_equal_layouts():
    def digest(*regions):
        return hashlib.sha256(glyph_layout(prompt(*regions)).tobytes()).hexdigest()

    assert digest(Region("福")) == digest(Region("福"))
    assert digest(Region("福")) != digest(Region("禄"))


def test_a_text_that_cannot_be_set_is_named_before_work_starts():
    jobs = [Job(prompt(Region("\U0001f600")), 0), Job(prompt(Region("福")), 0)]
    [fault] = Controls("layout").faults(jobs[:1])
    assert fault.startswith("control images that cannot be set: sign: the face 'sans-500' lacks")
    assert Controls("layout").faults(jobs[1:]) == []


def test_files_of_a_folder_are_taken_as_they_are(tmp_path):
    image = Image.effect_noise((256, 192), 90).convert("RGB")
    controls = Controls(str(tmp_path))
    assert controls.faults([Job(prompt(), 0)]) == [f"prompts without a control image <prompt>.png in {tmp_path}: sign"]
    image.save(tmp_path / "sign.png")
    assert controls.faults([Job(prompt(), 0)]) == []
    assert controls.image(prompt()).tobytes() == image.tobytes()
    before = controls.identity
    with pytest.raises(ValueError, match="is 256x192, the prompt 64x64"):
        controls.image(prompt(size=Size(64, 64)))
    Image.new("RGB", (256, 192)).save(tmp_path / "sign.png")
    assert controls.identity != before
    with pytest.raises(GlyphbenchError, match="there is no such folder"):
        Controls(str(tmp_path / "nowhere"))


@pytest.fixture(scope="module")
def tiny_control(tiny_cogview4, tmp_path_factory):
    """A tiny `CogView4ControlPipeline`: the same parts, with a transformer that takes twice the channels."""
    torch = pytest.importorskip("torch", reason='the extra "cogview" is not installed')
    from diffusers import CogView4ControlPipeline, CogView4Pipeline, CogView4Transformer2DModel

    parts = CogView4Pipeline.from_pretrained(tiny_cogview4).components
    config = dict(parts["transformer"].config) | {"in_channels": 8, "out_channels": 4}
    torch.manual_seed(1)
    wide = CogView4Transformer2DModel.from_config(config).eval()
    folder = tmp_path_factory.mktemp("control") / "tiny-control"
    CogView4ControlPipeline(**{**parts, "transformer": wide}).save_pretrained(folder)
    return folder


def drawn(folder, job, options=""):
    from bench.generators.diffusion.generator import DiffusersGenerator

    generator = DiffusersGenerator(Spec.parse(f"diffusers:{folder}?steps=2&size_rule=none&device=cpu{options}"))
    generator.check([job])
    [outcome] = generator.generate([job])
    assert isinstance(outcome, Picture), outcome.reason
    return generator, np.asarray(outcome.image)


def test_a_control_model_draws_to_the_layout_and_repeats_itself(tiny_control, tmp_path):
    one, other = (Job(prompt(Region(text), size=Size(64, 64)), 3) for text in "福寿")
    generator, picture = drawn(tiny_control, one)
    assert np.array_equal(drawn(tiny_control, one)[1], picture)
    assert not np.array_equal(drawn(tiny_control, other)[1], picture)
    assert generator.identity["control"]["face"] == "sans-500"
    glyph_layout(one.prompt).save(tmp_path / "sign.png")
    given, same = drawn(tiny_control, one, f"&control={tmp_path}")
    assert np.array_equal(same, picture)
    assert given.identity["control"].keys() == {"files"}


def test_diffusers_alone_gives_another_picture_on_every_call(tiny_control):
    import torch
    from diffusers import CogView4ControlPipeline

    pipeline = CogView4ControlPipeline.from_pretrained(tiny_control)
    pipeline.set_progress_bar_config(disable=True)
    image = glyph_layout(prompt(Region("福"), size=Size(64, 64)))
    pictures = [
        np.asarray(pipeline("福", control_image=image, width=64, height=64, num_inference_steps=2,
                            generator=torch.Generator("cpu").manual_seed(3)).images[0])
        for _ in range(2)
    ]  # fmt: skip
    assert not np.array_equal(*pictures)


def test_a_control_image_is_refused_by_models_that_take_none(tiny_cogview4):
    from bench.generators.diffusion.generator import DiffusersGenerator

    with pytest.raises(GlyphbenchError, match="control: CogView4Pipeline takes no control image"):
        DiffusersGenerator(Spec.parse(f"diffusers:{tiny_cogview4}?control=layout&device=cpu"))
