"""The transformer at work: noise and embeddings in, latents out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from bench.generators.diffusion.options import DiffusersOptions
from bench.generators.diffusion.rope import CachedRope
from prompts.errors import GlyphbenchError
from prompts.suite import Size

TAYLORSEER_LAYERS = r"transformer_blocks\.\d+"
"""The layers that TaylorSeer extrapolates. diffusers' own pattern ends in `attn` and matches none of CogView4's."""


class Painter:
    """Draws latents with CogView4's own loop, whose text encoder and autoencoder are elsewhere."""

    def __init__(
        self,
        pipeline_class: type[Any],
        transformer: Any,  # noqa: ANN401 - untyped
        scheduler: Any,  # noqa: ANN401 - untyped
        scale: int,
        options: DiffusersOptions,
    ) -> None:
        transformer.rope = CachedRope(transformer.rope)
        apply_techniques(transformer, options)
        self._pipeline = pipeline_class(
            tokenizer=None, text_encoder=None, vae=None, transformer=transformer, scheduler=scheduler
        )
        self._pipeline.vae_scale_factor = scale
        self._pipeline.set_progress_bar_config(disable=True)
        self._guided = options.guidance_until
        self.transformer = transformer

    def draw(
        self,
        embeddings: Sequence[Any],
        negative: Any,  # noqa: ANN401 - a tensor or None
        seeds: Sequence[int],
        size: Size,
        arguments: Mapping[str, float],
    ) -> Any:  # noqa: ANN401 - a tensor
        """Return the latents (pictures × channels × height × width, float32) of one batch.

        Args:
            embeddings: Of each picture's text, all of one length.
            negative: Embedding of the empty text; None without guidance.
            seeds: Each the seed of a generator on the CPU, so that it means the same on every device.
            size: Of the pictures, in pixels.
            arguments: Steps and guidance.
        """
        device = self._pipeline._execution_device
        return self._pipeline(
            prompt_embeds=torch.cat([embedding.to(device) for embedding in embeddings]),
            negative_prompt_embeds=None if negative is None else torch.cat([negative.to(device)] * len(seeds)),
            height=size.height,
            width=size.width,
            output_type="latent",
            generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
            callback_on_step_end=self._without_guidance if self._guided else None,
            **arguments,
        ).images

    def _without_guidance(self, pipeline: Any, step: int, _sigma: float, _tensors: object) -> dict[str, object]:  # noqa: ANN401
        """Switch guidance off for the steps after the guided share; diffusers asks for the scale at every step."""
        assert self._guided is not None
        if step + 1 >= self._guided * pipeline.num_timesteps:
            pipeline._guidance_scale = 1.0
        return {}


def apply_techniques(transformer: Any, options: DiffusersOptions) -> None:  # noqa: ANN401 - untyped
    """Put the techniques that were asked for into a transformer; raise `GlyphbenchError` where one finds no hold."""
    from diffusers import FirstBlockCacheConfig, TaylorSeerCacheConfig

    if options.storage is not None:
        dtype = transformer.dtype
        transformer.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=dtype)
    if options.first_block_cache is not None:
        if len(transformer.transformer_blocks) < 2:
            raise GlyphbenchError("first_block_cache needs a transformer of two blocks or more")
        transformer.enable_cache(FirstBlockCacheConfig(threshold=options.first_block_cache))
    if options.taylorseer is not None:
        transformer.enable_cache(
            TaylorSeerCacheConfig(cache_interval=options.taylorseer, cache_identifiers=[TAYLORSEER_LAYERS])
        )
    if options.compile:
        block = type(transformer.transformer_blocks[0]).__name__
        transformer._repeated_blocks = [block]
        transformer.compile_repeated_blocks(fullgraph=True)
