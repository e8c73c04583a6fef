"""Every preset draws: on a tiny pipeline of its own class, through the generator, with the arguments that it states."""

import inspect
import logging
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from bench.generators import Failure, Job, Picture
from bench.generators.model_table import models
from bench.generators.table import open_generator
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt, Size

pytest.importorskip("diffusers", reason='the extra "cogview" is not installed')
pytestmark = [
    # diffusers hands torch's tensors to NumPy 2 in the old way.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    # diffusers' ChatGLM uses it when it is imported.
    pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:FutureWarning"),
]

NAMES = list(models())
ONE_OF_EACH_CLASS = list(
    {
        model.preset.pipeline: name
        for name, model in reversed(models().items())
        if model.preset.guidance_argument and not model.preset.control
    }.values()
)
OPTIONS = "size_rule=none&device=cpu"
SMALL = Size(64, 64)

CHANGES_THE_PROMPT_OR_THE_SIZE = re.compile(r"rewrit|enhanc|upsampl|binning|clean|instruction|reprompt|^use_pe$")
OFF = {
    "enable_prompt_rewrite": False,
    "use_pe": False,
    "use_resolution_binning": False,
    "clean_caption": False,
    "caption_upsample_temperature": None,
}
KEPT = {"complex_human_instruction"}
"""What Sana's text encoder reads in front of every prompt, in training too: a template, which rewrites nothing."""


def tiny_module():
    spec = spec_from_file_location("tiny_pipelines", Path(__file__).with_name("tiny_pipelines.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Returns the folder of a tiny checkpoint for a preset; built when first asked for."""
    import diffusers
    import transformers

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    module, place, built = tiny_module(), tmp_path_factory.mktemp("tiny"), set()

    def folder(name):
        if name not in built:
            module.build(models()[name].preset).save_pretrained(place / name)
            built.add(name)
        return place / name

    return folder


def job(text="一家咖啡馆的招牌，上面写着“晨光”", size=SMALL, seed=1):
    return Job(Prompt("cafe", text, "zh", "cafe", size), seed)


def opened(name, folder, options=OPTIONS):
    return open_generator(f"{name}:{folder}?{options}")


def pipeline_class(preset):
    import diffusers

    return getattr(diffusers, preset.pipeline)


def controlled(name, folder):
    """Draw with a control image, which the generator cannot yet be given."""
    from diffusers import DiffusionPipeline
    from PIL import Image

    from bench.generators.diffusion.arguments import call_arguments
    from bench.generators.diffusion.drawing import draw

    preset = models()[name].preset
    pipeline = DiffusionPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    arguments = call_arguments(type(pipeline), preset, 2, None)
    return draw(pipeline, job().prompt, 1, {**arguments, preset.control: Image.new("RGB", SMALL)})


@pytest.mark.parametrize("name", NAMES)
def test_the_call_states_every_argument_and_nothing_rewrites_prompts_or_sizes(name):
    from bench.generators.diffusion.arguments import call_arguments

    preset = models()[name].preset
    accepted = inspect.signature(pipeline_class(preset).__call__).parameters
    arguments = call_arguments(pipeline_class(preset), preset, None, None)
    assert arguments.keys() <= accepted.keys()
    assert preset.arguments.keys() <= arguments.keys()
    assert arguments["num_inference_steps"] == preset.steps
    if preset.guidance_argument:
        assert arguments[preset.guidance_argument] == preset.guidance
    assert preset.control is None or preset.control in accepted
    suspicious = {key for key in accepted if CHANGES_THE_PROMPT_OR_THE_SIZE.search(key)} - KEPT
    assert suspicious <= OFF.keys()
    assert {key: arguments.get(key) for key in suspicious} == {key: OFF[key] for key in suspicious}
    if "negative_prompt" in accepted and "true_cfg_scale" in accepted and arguments["true_cfg_scale"] > 1:
        assert arguments["negative_prompt"], "without one the pipeline leaves guidance out, silently"


@pytest.mark.parametrize("name", NAMES)
def test_a_tiny_checkpoint_is_drawn_with_the_presets_arguments(name, tiny):
    if models()[name].preset.control:
        picture = controlled(name, tiny(name))
    else:
        generator = opened(name, tiny(name), f"{OPTIONS}&steps=2")
        generator.check([job()])
        [outcome] = generator.generate([job()])
        assert isinstance(outcome, Picture), outcome.reason
        picture = outcome.image
    assert picture.size == SMALL
    assert np.asarray(picture).std() > 1


@pytest.mark.parametrize("name", [name for name in ONE_OF_EACH_CLASS if models()[name].preset.guidance_argument])
def test_the_strength_of_the_guidance_changes_the_picture(name, tiny):
    steps = 8 if name == "lumina2" else 1  # it is guided in the first quarter of its steps alone
    pictures = []
    for strength in (1.5, 6):
        [outcome] = opened(name, tiny(name), f"{OPTIONS}&steps={steps}&guidance={strength}").generate([job()])
        pictures.append(np.asarray(outcome.image))
    assert not np.array_equal(*pictures)


@pytest.mark.parametrize("name", [name for name in NAMES if not models()[name].preset.guidance_argument])
def test_guidance_that_would_do_nothing_is_an_error(name, tiny):
    with pytest.raises(GlyphbenchError, match=f"{name} has no guidance to set"):
        opened(name, tiny(name), f"{OPTIONS}&guidance=3")


# Lengths


class Cut(Exception):
    pass


class Spy:
    """Stands in for a tokenizer; at its first call that may cut, says whether it does."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def __getattr__(self, name):
        return getattr(self.tokenizer, name)

    def __call__(self, text, **options):
        if not options.pop("truncation", False):
            return self.tokenizer(text, **options)
        return self._tell(self.tokenizer(text, add_special_tokens=options.get("add_special_tokens", True)), options)

    def apply_chat_template(self, messages, **options):
        if not options.pop("truncation", False):
            return self.tokenizer.apply_chat_template(messages, **options)
        return self._tell(self.tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True), options)

    def _tell(self, tokens, options):
        ids = tokens["input_ids"]
        length = len(ids[0]) if isinstance(ids[0], list) else len(ids)
        raise Cut(length > options.get("max_length", self.tokenizer.model_max_length))


def cuts(pipeline, limit, arguments, text):
    """Tell whether a pipeline cuts off a prompt where one of its tokenizers reads it."""
    tokenizer = getattr(pipeline, limit.tokenizer)
    object.__setattr__(pipeline, limit.tokenizer, Spy(tokenizer))
    try:
        with pytest.raises(Cut) as caught:
            pipeline(prompt=text, width=64, height=64, output_type="np", **arguments)
    finally:
        object.__setattr__(pipeline, limit.tokenizer, tokenizer)
    return caught.value.args[0]


def just(count, most, quoted):
    """Return the longest prompt of one-byte characters with at most `most` tokens, and one that is longer by one."""
    frame = "“{}”" if quoted else "{}"
    room = most - count(frame.format("a")) + 1
    return [frame.format("a" * length) for length in (room, room + 1)]


LIMITS = [
    pytest.param(name, limit, id=f"{name}-{limit.tokenizer}")
    for name in ONE_OF_EACH_CLASS
    for limit in models()[name].preset.limits
    if limit.counting != "longcat"
]


@pytest.mark.parametrize(("name", "limit"), LIMITS)
def test_prompts_are_counted_as_the_pipeline_cuts_them(name, limit, tiny):
    from bench.generators.diffusion.arguments import call_arguments
    from bench.generators.diffusion.lengths import token_counter

    preset = models()[name].preset
    pipeline = opened(name, tiny(name)).pipeline
    tokenizer = getattr(pipeline, limit.tokenizer)
    count = token_counter(limit, tokenizer, type(pipeline))
    most = limit.tokens or tokenizer.model_max_length
    fits, long = just(count, most, limit.counting.endswith("quotes"))
    assert (count(fits), count(long)) == (most, most + 1)
    arguments = call_arguments(type(pipeline), preset, 1, None)
    assert not cuts(pipeline, limit, arguments, fits)
    assert cuts(pipeline, limit, arguments, long)


def test_longcat_prompts_are_counted_as_the_pipeline_cuts_them(tiny):
    import torch

    from bench.generators.diffusion.lengths import token_counter

    pipeline = opened("longcat-image", tiny("longcat-image")).pipeline
    [limit] = models()["longcat-image"].preset.limits
    count = token_counter(limit, pipeline.tokenizer, type(pipeline))
    assert count("don't “晨光” 'ab'") == len("don't ") + 2 * 3 + 2 * 3 + len(" 'ab'")
    fits, long = just(count, limit.tokens, quoted=False)

    def same(text):
        with torch.inference_mode():
            one, other = (pipeline.encode_prompt([text[:-1] + end])[0] for end in "ab")
        return torch.equal(one, other)

    assert not same(fits)
    assert same(long)


def test_prompts_that_would_be_cut_are_named_and_those_that_only_clip_cuts_are_not(tiny, caplog):
    generator = opened("flux-schnell", tiny("flux-schnell"), "device=cpu&size_rule=none")
    fine, long = job("a" * 200), job("a" * 256)
    with caplog.at_level(logging.INFO):
        generator.check([fine])
    assert "tokenizer sees only the first 77 tokens of 1 prompts" in caplog.text
    with pytest.raises(GlyphbenchError, match=r"more than 256 tokens, which would be cut off: cafe \(257\)"):
        generator.check([long])


def test_a_quotation_longer_than_the_glyph_encoder_reads_is_named(tiny):
    generator = opened("hunyuan-image", tiny("hunyuan-image"), "device=cpu&size_rule=none")
    generator.check([job("海报，写着“" + "福" * 39 + "”")])
    with pytest.raises(GlyphbenchError, match=r"more than 128 tokens, which would be cut off: cafe \(130\)"):
        generator.check([job("海报，写着“" + "福" * 40 + "”")])


# Which preset a checkpoint gets


def test_a_named_model_is_called_in_its_own_way_whatever_the_folder(tiny, caplog):
    folder = tiny("flux-schnell")
    with caplog.at_level(logging.WARNING):
        schnell, dev = (
            opened(name, folder, "device=cpu").identity["arguments"] for name in ("flux-schnell", "flux-dev")
        )
    assert caplog.text == ""
    assert (schnell["num_inference_steps"], schnell["guidance_scale"], schnell["max_sequence_length"]) == (4, 0.0, 256)
    assert (dev["num_inference_steps"], dev["guidance_scale"], dev["max_sequence_length"]) == (50, 3.5, 512)


def test_a_bare_folder_of_a_shared_class_gets_the_first_model_and_a_warning(tiny, caplog):
    folder = tiny("flux-schnell")
    with caplog.at_level(logging.WARNING):
        bare = opened("diffusers", folder, "device=cpu").identity
    assert f"{folder} is a FluxPipeline, as flux-dev and flux-schnell are: it is called like flux-dev" in caplog.text
    assert f"--model flux-schnell:{folder}" in caplog.text
    assert bare == opened("flux-dev", folder, "device=cpu").identity


def test_a_bare_folder_of_a_class_of_one_model_gets_it_silently(tiny, caplog):
    with caplog.at_level(logging.WARNING):
        bare = opened("diffusers", tiny("ovis-image"), "device=cpu").identity
    assert caplog.text == ""
    assert bare == opened("ovis-image", tiny("ovis-image"), "device=cpu").identity


def test_a_model_named_for_a_checkpoint_of_another_class_is_an_error(tiny):
    with pytest.raises(
        GlyphbenchError, match=r"z-image is a ZImagePipeline, and .* is a FluxPipeline; with diffusers:"
    ):
        opened("z-image", tiny("flux-schnell"))


def test_a_preset_that_another_version_of_diffusers_cannot_follow_is_an_error(tiny, monkeypatch):
    import diffusers

    def __call__(self, prompt, width, height, generator, output_type, num_inference_steps, guidance_scale):
        raise NotImplementedError

    monkeypatch.setattr(diffusers.OvisImagePipeline, "__call__", __call__)
    with pytest.raises(GlyphbenchError, match="takes no negative_prompt or max_sequence_length, which the preset ovis"):
        opened("ovis-image", tiny("ovis-image"))


def test_a_picture_of_another_size_than_asked_for_is_a_fault(tiny):
    [outcome] = opened("hunyuan-dit", tiny("hunyuan-dit"), f"{OPTIONS}&steps=2").generate([job(size=Size(72, 72))])
    assert isinstance(outcome, Failure)
    assert outcome.reason == "asked for 72x72, the pipeline drew 64x64"


def test_a_control_model_without_a_control_image_is_an_error(tiny):
    with pytest.raises(GlyphbenchError, match="draws nothing without a control image"):
        opened("cogview4-control", tiny("cogview4-control"))
