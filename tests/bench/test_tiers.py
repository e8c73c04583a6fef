"""The table of speed-ups is what it says: each technique in its tier, and what does nothing is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

from bench.generators import Job
from bench.generators.diffusion.generator import DiffusersGenerator
from bench.generators.diffusion.options import read_options
from bench.generators.diffusion.tiers import INEFFECTIVE, TECHNIQUES, tier_label, tier_of
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt, Size

torch = pytest.importorskip("torch", reason='the extra "cogview" is not installed')
pytest.importorskip("diffusers", reason='the extra "cogview" is not installed')

JOB = Job(Prompt("cafe", "写着“晨光”", "zh", "cafe", Size(64, 64)), 5)


def opened(folder, options="", steps=8):
    return DiffusersGenerator(Spec.parse(f"diffusers:{folder}?steps={steps}&size_rule=none&device=cpu{options}"))


def drawn(folder, options="", job=JOB):
    [outcome] = opened(folder, options).generate([job])
    return np.asarray(outcome.image).astype(int)


def transformer(folder):
    from diffusers import CogView4Transformer2DModel

    return CogView4Transformer2DModel.from_pretrained(folder / "transformer")


def options(text):
    return read_options(Spec.parse(f"diffusers:x?{text}"))


@pytest.fixture(scope="module")
def exact(tiny_cogview4):
    return drawn(tiny_cogview4)


# Exact: held by test_engine, bit for bit. Equivalent: held there within one of 255. Lossy:

LOSSY = {
    "first_block_cache": "first_block_cache=0.9",
    "taylorseer": "taylorseer=3",
    "storage": "storage=fp8",
    "guidance_until": "guidance_until=0.5",
}


@pytest.mark.parametrize("option", LOSSY.values())
def test_what_is_called_lossy_really_changes_the_picture_and_the_same_every_time(tiny_cogview4, exact, option):
    one = drawn(tiny_cogview4, f"&{option}")
    assert (one != exact).any()
    generator = opened(tiny_cogview4, f"&{option}")
    twice = [np.asarray(o.image).astype(int) for o in generator.generate([JOB, JOB])]
    assert np.array_equal(twice[0], one)
    assert np.array_equal(twice[1], one)


def test_guidance_is_skipped_in_the_last_steps_alone(tiny_cogview4):
    from bench.generators.diffusion.memory import LAYOUTS

    painter = opened(tiny_cogview4, "&guidance_until=0.5").driver.parts.painter(LAYOUTS[1])
    calls = []
    painter.transformer.register_forward_hook(lambda *_: calls.append(1))
    text = torch.zeros(1, 16, 32)
    painter.draw([text], text, [0], Size(64, 64), {"num_inference_steps": 8, "guidance_scale": 3.5})
    assert len(calls) == 4 * 2 + 4


def test_tiling_changes_pictures_larger_than_a_tile_and_is_refused_for_others(tiny_cogview4, tmp_path):
    import json
    import shutil

    folder = shutil.copytree(tiny_cogview4, tmp_path / "tiled")
    config = json.loads((folder / "vae" / "config.json").read_text())
    (folder / "vae" / "config.json").write_text(json.dumps(config | {"sample_size": 64}))
    large = Job(Prompt("large", JOB.prompt.text, "zh", "g", Size(96, 96)), 5)
    with pytest.raises(GlyphbenchError, match="pictures up to 64x64 are never tiled, and all of these are"):
        opened(folder, "&tiling=true").check([JOB])
    opened(folder, "&tiling=true").check([JOB, large])
    assert np.array_equal(drawn(folder, "&tiling=true"), drawn(folder))
    assert np.abs(drawn(folder, "&tiling=true", large) - drawn(folder, "", large)).max() > 1


def test_every_option_of_the_table_is_an_option_and_has_its_tier():
    given = {
        "batch": "2", "compile": "true", "first_block_cache": "0.1", "taylorseer": "3", "storage": "fp8",
        "tiling": "true", "guidance_until": "0.5",
    }  # fmt: skip
    tiers = {technique.option: technique.tier for technique in TECHNIQUES.values() if technique.option}
    assert tiers.keys() == given.keys()
    assert tiers.keys() - LOSSY.keys() == {"batch", "compile", "tiling"}
    for name, value in given.items():
        used = options(f"{name}={value}").used
        assert used.keys() == {name}
        assert tier_of(used) == tiers[name]
        assert tier_label(used).startswith(tiers[name])
    assert {technique.tier for technique in TECHNIQUES.values() if technique.option is None} == {"exact"}


def test_the_label_has_every_flag():
    assert tier_label(options("").used) == "exact"
    assert tier_label(options("tier=exact&batch=1").used) == "exact"
    assert tier_label(options("tier=equivalent").used) == "equivalent(batch=4)"
    assert tier_label(options("tier=equivalent&batch=1&compile=true").used) == "equivalent(compile)"
    assert tier_label(options("batch=8&storage=fp8").used) == "lossy(batch=8,storage=fp8)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tier=exact&batch=2", "tier=exact rules out batch, which makes the tier equivalent"),
        ("tier=equivalent&storage=fp8", "tier=equivalent rules out .*storage, which makes the tier lossy"),
        ("tier=lossy", "tier=lossy alone changes nothing; name what may be lost: first_block_cache"),
        ("batch=2&first_block_cache=0.1", "a picture would depend on its batch"),
        ("taylorseer=3&first_block_cache=0.1", "replace the same steps"),
        ("compile=true&storage=fp8", "compile is not combined with"),
        *((f"{name}=x", re.escape(f"{name}: {why}")) for name, why in INEFFECTIVE.items()),
    ],
)
def test_what_contradicts_itself_or_does_nothing_is_an_error(text, expected):
    with pytest.raises(GlyphbenchError, match=expected):
        options(text)


# Why some options are refused, or worded as they are: what diffusers does with this model.


def test_attention_backends_are_ignored_by_this_model(tiny_cogview4):
    model = transformer(tiny_cogview4)
    model.set_attention_backend("native")
    processors = [block.attn1.processor for block in model.transformer_blocks]
    assert not any(hasattr(processor, "_attention_backend") for processor in processors)
    assert not hasattr(model, "fuse_qkv_projections")


def test_taylorseers_own_pattern_finds_nothing_and_ours_every_block(tiny_cogview4):
    from diffusers import TaylorSeerCacheConfig

    from bench.generators.diffusion.painter import apply_techniques

    def hooked(model):
        return [name for name, module in model.named_modules() if name and hasattr(module, "_diffusers_hook")]

    defaults = transformer(tiny_cogview4)
    defaults.enable_cache(TaylorSeerCacheConfig())
    assert hooked(defaults) == []
    ours = transformer(tiny_cogview4)
    apply_techniques(ours, options("taylorseer=3"))
    assert hooked(ours) == ["transformer_blocks.0", "transformer_blocks.1"]


def test_blocks_are_compiled_though_the_model_names_none(tiny_cogview4):
    from bench.generators.diffusion.painter import apply_techniques

    model = transformer(tiny_cogview4)
    with pytest.raises(ValueError, match="_repeated_blocks"):
        model.compile_repeated_blocks()
    apply_techniques(model, options("compile=true"))
    assert all(block._compiled_call_impl is not None for block in model.transformer_blocks)
