"""Memory plans, computed for the full-size model on shapes alone."""

from __future__ import annotations

import pytest

from bench.generators.diffusion.memory import GB, LAYOUTS, Demand, choose, layout_table, peak, remedies, smaller_plan
from prompts.errors import GlyphbenchError
from prompts.suite import Size

torch = pytest.importorskip("torch", reason='the extra "cogview" is not installed')
pytest.importorskip("diffusers", reason='the extra "cogview" is not installed')

SQUARE, WIDE = Demand(Size(1024, 1024)), Demand(Size(2048, 1024))


def outlines():
    """Return the parts of CogView4-6B on the device `meta` (as diffusers' converter configures them)."""
    from diffusers import AutoencoderKL, CogView4Transformer2DModel
    from transformers import GlmConfig, GlmModel

    with torch.device("meta"):
        encoder = GlmModel(
            GlmConfig(
                vocab_size=151552, hidden_size=4096, intermediate_size=13696, num_hidden_layers=40,
                num_attention_heads=32, num_key_value_heads=2, head_dim=128, attention_bias=True,
            )
        )  # fmt: skip
        transformer = CogView4Transformer2DModel(
            num_layers=28, num_attention_heads=32, attention_head_dim=128, text_embed_dim=4096, time_embed_dim=512
        )
        vae = AutoencoderKL(
            block_out_channels=(128, 512, 1024, 1024), latent_channels=16, layers_per_block=3, sample_size=1024,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
            use_quant_conv=False, use_post_quant_conv=False, mid_block_add_attention=False,
        )  # fmt: skip
    return {"text_encoder": encoder.bfloat16(), "transformer": transformer.bfloat16(), "vae": vae.bfloat16()}


@pytest.fixture(scope="module")
def parts():
    return outlines()


@pytest.fixture(scope="module")
def anatomy(parts):
    from bench.generators.diffusion.anatomy import measure

    return measure(parts)


def test_the_parts_weigh_what_the_published_ones_do(anatomy):
    assert round(anatomy.transformer / GB, 2) == 12.74
    assert round(anatomy.encoder / GB, 2) == 17.56
    assert round(anatomy.vae / GB, 2) == 0.81
    assert round(anatomy.transformer_block / 1e6) == 453
    assert anatomy.scale == 16


def test_float8_storage_halves_the_transformer(parts, anatomy):
    from bench.generators.diffusion.anatomy import measure

    parts = outlines()
    parts["transformer"].enable_layerwise_casting(torch.float8_e4m3fn, torch.bfloat16)
    assert round(measure(parts).transformer / GB, 2) == 7.10
    assert measure(parts).encoder == anatomy.encoder


@pytest.mark.parametrize(
    ("memory", "demand", "layout"),
    [
        (80, SQUARE, "resident"),
        (80, WIDE, "resident"),
        (40, SQUARE, "resident"),
        (40, WIDE, "phases"),
        (24, SQUARE, "phases"),
        (24, WIDE, "turns"),
        (16, SQUARE, "streamed-encoder"),
        (16, WIDE, "streamed-encoder"),
        (12, SQUARE, "streamed"),
        (12, WIDE, "streamed"),
    ],
)
def test_the_fastest_layout_that_fits(anatomy, memory, demand, layout):
    found = choose(memory * GB, anatomy, demand)
    assert found.name == layout
    assert peak(found, anatomy, demand) <= memory * GB
    earlier = LAYOUTS[: LAYOUTS.index(found)]
    assert all(peak(other, anatomy, demand) > memory * GB for other in earlier)


def test_what_fits_nowhere_is_refused_with_what_would_fit(anatomy):
    with pytest.raises(GlyphbenchError) as caught:
        choose(4 * GB, anatomy, Demand(Size(2048, 1024), batch=4))
    message = str(caught.value)
    assert message.startswith(
        "memory=4.0GB does not hold the model at 2048x1024 in batches of 4 in any layout. It needs"
    )
    assert "memory=11GB" in message
    assert "with batch=1" in message
    assert "at 512x512" in message
    assert "lossy, as another model: tiling=true" in message
    assert "tiling" not in remedies(anatomy, SQUARE)


def test_a_plan_after_memory_ran_out_names_smaller_layouts_only(anatomy):
    told = smaller_plan(LAYOUTS[1], anatomy, SQUARE)
    assert "the layout phases takes about 19.7 GB at this size" in told
    assert "memory=19GB (turns), memory=15GB (streamed-encoder), memory=6GB (streamed)" in told
    last = smaller_plan(LAYOUTS[-1], anatomy, SQUARE)
    assert "no exact layout takes less. It needs" in last


def test_larger_pictures_batches_and_texts_take_more(anatomy):
    for layout in LAYOUTS:
        least = peak(layout, anatomy, Demand(Size(512, 512), 1, 16))
        assert (
            least
            <= peak(layout, anatomy, Demand(Size(1024, 1024), 1, 16))
            < peak(layout, anatomy, Demand(Size(2048, 1024), 16))
        )
        assert peak(layout, anatomy, SQUARE) <= peak(layout, anatomy, Demand(Size(1024, 1024), 4))
    table = layout_table(anatomy, [SQUARE, WIDE])
    assert [row["layout"] for row in table] == [layout.name for layout in LAYOUTS]
    assert set(table[0]) == {"layout", "1024x1024", "2048x1024"}


def test_the_tiny_checkpoint_is_measured_without_its_weights(tiny_cogview4, monkeypatch):
    from bench.generators.diffusion import parts as loaded
    from bench.generators.diffusion.generator import DiffusersGenerator
    from prompts.spec import Spec

    monkeypatch.setattr(loaded, "load_model", None)
    anatomy = DiffusersGenerator(Spec.parse(f"diffusers:{tiny_cogview4}?device=cpu")).driver.anatomy
    for part, weight in {"transformer": anatomy.transformer, "vae": anatomy.vae}.items():
        file = tiny_cogview4 / part / "diffusion_pytorch_model.safetensors"
        assert 0.8 < weight / file.stat().st_size <= 1
