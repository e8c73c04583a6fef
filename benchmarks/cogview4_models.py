"""CogView4 models with random weights, of any width, built in place: real classes, nothing downloaded."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, CogView4Transformer2DModel, FlowMatchEulerDiscreteScheduler
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import GlmConfig, GlmModel, PreTrainedTokenizerFast


@dataclass(frozen=True)
class Shape:
    """The widths and depths of a model."""

    encoder_width: int
    encoder_inner: int
    encoder_layers: int
    encoder_heads: int
    encoder_groups: int
    heads: int
    head_width: int
    blocks: int
    time_width: int
    condition_width: int
    latents: int
    vae_channels: tuple[int, ...]
    vae_layers: int
    vocabulary: int


TINY = Shape(64, 128, 2, 4, 2, 4, 16, 2, 32, 16, 16, (16, 16, 32, 32), 1, 512)
FULL = Shape(4096, 13696, 40, 32, 2, 32, 128, 28, 512, 256, 16, (128, 512, 1024, 1024), 3, 151552)
"""As diffusers' converter configures CogView4-6B and GLM-4-9B."""

GIGABYTES = 33
"""That the full model takes on disk, in bfloat16, with room to spare."""


def encoder(shape: Shape) -> Any:  # noqa: ANN401 - untyped
    """Return a text encoder."""
    return GlmModel(
        GlmConfig(
            vocab_size=shape.vocabulary,
            hidden_size=shape.encoder_width,
            intermediate_size=shape.encoder_inner,
            num_hidden_layers=shape.encoder_layers,
            num_attention_heads=shape.encoder_heads,
            num_key_value_heads=shape.encoder_groups,
            head_dim=shape.encoder_width // shape.encoder_heads,
            max_position_embeddings=8192,
            attention_bias=True,
            pad_token_id=0,
            eos_token_id=0,
        )
    )


def transformer(shape: Shape) -> Any:  # noqa: ANN401 - untyped
    """Return a transformer."""
    return CogView4Transformer2DModel(
        in_channels=shape.latents,
        out_channels=shape.latents,
        num_layers=shape.blocks,
        num_attention_heads=shape.heads,
        attention_head_dim=shape.head_width,
        text_embed_dim=shape.encoder_width,
        time_embed_dim=shape.time_width,
        condition_dim=shape.condition_width,
        sample_size=128,
    )


def autoencoder(shape: Shape) -> Any:  # noqa: ANN401 - untyped
    """Return an autoencoder."""
    levels = len(shape.vae_channels)
    return AutoencoderKL(
        latent_channels=shape.latents,
        block_out_channels=shape.vae_channels,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        layers_per_block=shape.vae_layers,
        norm_num_groups=min(32, shape.vae_channels[0] // 2),
        sample_size=1024,
        scaling_factor=1.0,
        use_quant_conv=False,
        use_post_quant_conv=False,
        mid_block_add_attention=False,
    )


PARTS: dict[str, Callable[[Shape], Any]] = {
    "text_encoder": encoder,
    "transformer": transformer,
    "vae": autoencoder,
}


def tokenizer() -> Any:  # noqa: ANN401 - untyped
    """Return a tokenizer that makes bytes of a text, with GLM-4's two tokens in front and padding on the left."""
    letters = {letter: number + 1 for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    made = Tokenizer(models.BPE(vocab={"<|endoftext|>": 0, **letters}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.add_special_tokens(["<|endoftext|>", "[gMASK]", "<sop>"])
    front = [(token, made.token_to_id(token)) for token in ("[gMASK]", "<sop>")]
    made.post_processor = processors.TemplateProcessing(single="[gMASK] <sop> $A", special_tokens=front)
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<|endoftext|>", eos_token="<|endoftext|>", padding_side="left"
    )


def outlines(shape: Shape, dtype: torch.dtype) -> dict[str, Any]:
    """Return the parts without weights, on the device `meta`."""
    with torch.device("meta"):
        return {name: torch.nn.Module.to(build(shape), dtype) for name, build in PARTS.items()}


def save_model(shape: Shape, folder: Path, dtype: torch.dtype, device: str) -> None:
    """Write a checkpoint of random weights, part by part: no more than one is in memory at a time.

    Raises:
        SystemExit: The disk has no room for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if shape is FULL and free < GIGABYTES * 10**9:
        raise SystemExit(f"{folder}: the full model takes {GIGABYTES} GB, {free / 1e9:.0f} GB are free; give --folder")
    generator = torch.Generator(device).manual_seed(20261125)
    for name, build in PARTS.items():
        with torch.device("meta"):
            part = torch.nn.Module.to(build(shape), dtype)
        part = part.to_empty(device=device)
        with torch.no_grad():
            for key, weight in part.named_parameters():
                # Norms keep their scale, so that numbers stay finite however deep the model is.
                if weight.ndim == 1:
                    weight.fill_(1.0 if key.endswith("weight") else 0.0)
                else:
                    weight.normal_(0, 0.02, generator=generator)
        part.save_pretrained(folder / name)
        del part
        gc.collect()
    tokenizer().save_pretrained(folder / "tokenizer")
    FlowMatchEulerDiscreteScheduler(
        base_shift=0.25, max_shift=0.75, base_image_seq_len=256, use_dynamic_shifting=True, time_shift_type="linear"
    ).save_pretrained(folder / "scheduler")
    (folder / "model_index.json").write_text(_INDEX)


_INDEX = """{
  "_class_name": "CogView4Pipeline",
  "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
  "text_encoder": ["transformers", "GlmModel"],
  "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
  "transformer": ["diffusers", "CogView4Transformer2DModel"],
  "vae": ["diffusers", "AutoencoderKL"]
}
"""
