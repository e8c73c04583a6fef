"""The parts of a CogView4 model, each on the device for as long as its layout has it there."""

from __future__ import annotations

import gc
from typing import Any

import torch
from diffusers.image_processor import VaeImageProcessor

from bench.generators.diffusion.checkpoint import Checkpoint
from bench.generators.diffusion.decoding import Decoder
from bench.generators.diffusion.finetune import FineTune
from bench.generators.diffusion.loading import load_model, load_plain_part, part_config, pipeline_class
from bench.generators.diffusion.memory import Layout
from bench.generators.diffusion.options import DiffusersOptions
from bench.generators.diffusion.painter import Painter
from prompts.errors import GlyphbenchError


class Parts:
    """Loads a part when it is first asked for, and drops it when its phase is over."""

    def __init__(
        self, checkpoint: Checkpoint, dtype: str, device: str, options: DiffusersOptions, tuning: FineTune
    ) -> None:
        self._checkpoint, self._dtype, self._device = checkpoint, dtype, device
        self._options, self._tuning = options, tuning
        self._held: dict[str, Any] = {}

    def encoder(self, layout: Layout) -> tuple[Any, Any]:
        """Return tokenizer and text encoder."""
        if "encoder" not in self._held:
            encoder = self._load("text_encoder", stream=layout.encoder == "streamed")
            self._held["encoder"] = (load_plain_part(self._checkpoint, "tokenizer"), encoder)
        found: tuple[Any, Any] = self._held["encoder"]
        return found

    def painter(self, layout: Layout) -> Painter:
        """Return the transformer with its sampling loop."""
        if "painter" not in self._held:
            stream = layout.transformer == "streamed"
            if stream and self._options.compile:
                raise GlyphbenchError("compile=true needs the whole transformer on the device; give it more memory")
            self._held["painter"] = Painter(
                pipeline_class(self._checkpoint),
                self._load("transformer", stream=stream),
                load_plain_part(self._checkpoint, "scheduler"),
                self._scale,
                self._options,
            )
        found: Painter = self._held["painter"]
        return found

    def decoder(self) -> Decoder:
        """Return the autoencoder's half that makes pictures."""
        if "decoder" not in self._held:
            vae = self._load("vae", stream=False)
            if self._options.tiling:
                vae.enable_tiling()
            self._held["decoder"] = Decoder(vae, VaeImageProcessor(vae_scale_factor=self._scale), self._device)
        found: Decoder = self._held["decoder"]
        return found

    def release(self, *names: str) -> None:
        """Drop parts, by the names of the methods that return them, and give back the memory that they took."""
        # In main memory they go by themselves: nothing in them refers to itself, and a collection takes a second.
        if [self._held.pop(name) for name in names if name in self._held] and self._device != "cpu":
            self.clear()

    def clear(self) -> None:
        """Give back memory that nothing uses any more."""
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _load(self, part: str, *, stream: bool) -> Any:  # noqa: ANN401 - untyped
        """Return a part with its weights: on the device, or in main memory and streamed through it block by block."""
        model = load_model(self._checkpoint, part, self._dtype, self._tuning)
        if not stream:
            return model.to(self._device)
        from diffusers.hooks import apply_group_offloading

        apply_group_offloading(
            model,
            onload_device=torch.device(self._device),
            offload_device=torch.device("cpu"),
            offload_type="block_level",
            num_blocks_per_group=1,
            use_stream=torch.device(self._device).type == "cuda",
        )
        return model

    @property
    def _scale(self) -> int:
        """Pixels along one side of a latent (CogView4Pipeline.__init__)."""
        if "scale" not in self._held:
            config = part_config(self._checkpoint, "vae")
            self._held["scale"] = 2 ** (len(config["block_out_channels"]) - 1)
        scale: int = self._held["scale"]
        return scale
