"""What makes a model faster or smaller, and what each does to the pixels: exact, equivalent or lossy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Tier = Literal["exact", "equivalent", "lossy"]

EQUIVALENT_BATCH = 4
"""Pictures a batch where the equivalent tier is asked for and no batch is named."""


@dataclass(frozen=True, slots=True)
class Technique:
    """One way to be faster or smaller.

    Attributes:
        tier: `exact` changes no bit; `equivalent` reorders floating-point sums, as another graphics card does; `lossy`
            computes something else, so that what is measured is another model.
        effect: What it does, to the pixels too.
        option: Of the model's spec that asks for it; None where it is always on or follows from `memory`.
    """

    tier: Tier
    effect: str
    option: str | None = None


TECHNIQUES: dict[str, Technique] = {
    "embed cache": Technique("exact", "each text is encoded once, alone, as a call with that text would encode it"),
    "encoder drop": Technique("exact", "the text encoder leaves the device before the transformer comes"),
    "RoPE cache": Technique("exact", "the table of rotary positions is copied to the device once a size"),
    "phase split": Technique("exact", "latents are decoded one by one, while the next ones are computed"),
    "offload": Technique("exact", "parts, or blocks of parts, wait in main memory"),
    "batch": Technique("equivalent", "prompts of equal padded length, size and steps share a forward pass", "batch"),
    "compile": Technique("equivalent", "the transformer's blocks are compiled", "compile"),
    "first-block cache": Technique(
        "lossy", "steps whose first block hardly changes reuse the last result of the others", "first_block_cache"
    ),
    "TaylorSeer": Technique("lossy", "steps between full ones are extrapolated", "taylorseer"),
    "fp8 storage": Technique("lossy", "the transformer's weights are kept as float8_e4m3fn", "storage"),
    "tiling": Technique("lossy", "pictures larger than a tile are decoded in tiles and blended", "tiling"),
    "guidance skip": Technique("lossy", "the last steps are done without guidance", "guidance_until"),
}
"""Every technique that CogView4 is driven with. Fewer steps are no technique: `steps` is the model's own option."""

INEFFECTIVE: dict[str, str] = {
    "attention_backend": "diffusers sets it without effect, because CogView4's attention calls PyTorch's own directly, "
    "which picks the fastest kernel by itself",
    "fuse_qkv": "CogView4's transformer has no fused projections",
    "slicing": "pictures are decoded one by one in any case",
    "sea_cache": "it finds nothing to cache in CogView4 and does nothing",
    "text_kv_cache": "it finds nothing to cache in CogView4 and does nothing",
    "faster_cache": "on CogView4 it mixes the steps with and without the prompt",
    "pyramid_attention": "on CogView4 it mixes the steps with and without the prompt",
    "gguf": "diffusers reads no GGUF file for CogView4",
}
"""Options that other tools offer and that would do nothing, or the wrong thing, on CogView4; and why."""


def tier_of(used: Collection[str]) -> Tier:
    """Return the tier of the options in `used`: the loosest among them."""
    tiers = {technique.tier for technique in TECHNIQUES.values() if technique.option in used}
    return "lossy" if "lossy" in tiers else "equivalent" if "equivalent" in tiers else "exact"


def lossy_part(used: Mapping[str, object]) -> dict[str, object]:
    """Return the options in `used` that make another model of it."""
    lossy = {technique.option for technique in TECHNIQUES.values() if technique.tier == "lossy"}
    return {name: value for name, value in used.items() if name in lossy}


def tier_label(used: Mapping[str, object]) -> str:
    """Return the tier with all that was asked for in it, such as `equivalent(batch=4,compile)`."""
    flags = ",".join(name if value is True else f"{name}={value}" for name, value in sorted(used.items()))
    return f"{tier_of(used)}({flags})" if flags else "exact"
