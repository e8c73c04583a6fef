"""What a model's parts weigh, counted on shapes alone: no weight need be loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.generators.diffusion.memory import Anatomy


def measure(parts: Mapping[str, Any], tile: int | None = None) -> Anatomy:
    """Return the anatomy of a CogView4 pipeline.

    Args:
        parts: `text_encoder`, `transformer` and `vae` with their weights' dtypes, on any device, `meta` too.
        tile: Pixels along one side of what is decoded at once; None where pictures are decoded whole.
    """
    encoder, transformer, vae = parts["text_encoder"], parts["transformer"], parts["vae"]
    layers = [weigh(layer) for layer in encoder.layers]
    blocks = [weigh(block) for block in transformer.transformer_blocks]
    channels = vae.config.block_out_channels
    return Anatomy(
        encoder=weigh(encoder),
        encoder_block=max(layers),
        encoder_rest=weigh(encoder) - sum(layers),
        encoder_width=encoder.config.hidden_size,
        encoder_layers=len(layers),
        transformer=weigh(transformer),
        transformer_block=max(blocks),
        transformer_rest=weigh(transformer) - sum(blocks),
        transformer_width=transformer.config.num_attention_heads * transformer.config.attention_head_dim,
        vae=weigh(vae),
        # The last upsampling hands its block maps at full resolution with the channels of the level before.
        vae_channels=channels[min(1, len(channels) - 1)],
        item=next(vae.parameters()).element_size(),
        scale=2 ** (len(channels) - 1) * transformer.config.patch_size,
        tile=tile,
    )


def weigh(part: Any) -> int:  # noqa: ANN401 - a module
    """Return the bytes of a module's weights."""
    return sum(weight.numel() * weight.element_size() for weight in part.parameters())
