"""The options of `diffusers:PATH_OR_ID`: what may be asked for, and what contradicts itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bench.generators.diffusion.tiers import EQUIVALENT_BATCH, INEFFECTIVE, TECHNIQUES, Tier, tier_of
from prompts.errors import GlyphbenchError
from prompts.spec import Spec


class DiffusersOptions(BaseModel):
    """What may follow `diffusers:PATH_OR_ID?`.

    Attributes:
        dtype: Of all weights; bfloat16 on a CUDA device, float32 on a CPU unless given.
        device: A CUDA device if there is one, else the CPU, unless given.
        steps: Denoising steps; the preset's, else the pipeline's own.
        guidance: Strength of the guidance; the preset's, else the pipeline's own.
        revision: Branch, tag or commit on the hub.
        offload: `model` keeps each part in main memory while it is not working; the pixels stay the same. CogView4 has
            `memory` instead.
        size_rule: `none` asks for sizes that the model was not made for.
        transformer: A fine-tuned transformer in place of the checkpoint's: folder, .safetensors file, or a folder of
            torch.distributed.checkpoint.
        lora: An adapter, `PATH` or `PATH@SCALE`.
        control: `layout` draws each prompt's regions as the control image; else a folder of pictures, `<prompt>.png`.
        memory: Of the device, as `24GB`, or `auto`: which parts are there at once.
        tier: The loosest change of the pixels that is allowed; what is asked for below decides it otherwise.
        batch: Pictures a forward pass.
        compile: Compile the transformer's blocks.
        first_block_cache: Threshold of the first-block cache.
        taylorseer: Steps from one full computation to the next.
        storage: `fp8` keeps the transformer's weights as float8.
        tiling: Decode large pictures in tiles.
        guidance_until: Share of the steps that are guided.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dtype: Literal["bfloat16", "float16", "float32"] | None = None
    device: str | None = Field(default=None, pattern=r"^(cpu|cuda(:\d+)?)$")
    steps: int | None = Field(default=None, ge=1)
    guidance: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    revision: str | None = None
    offload: Literal["none", "model"] = "none"
    size_rule: Literal["preset", "none"] = "preset"
    transformer: Path | None = None
    lora: str | None = None
    control: str | None = None
    memory: str = Field(default="auto", pattern=r"^(auto|\d+(\.\d+)?GB)$")
    tier: Tier | None = None
    batch: int | None = Field(default=None, ge=1, le=64)
    compile: bool = False
    first_block_cache: float | None = Field(default=None, gt=0, lt=1)
    taylorseer: int | None = Field(default=None, ge=2, le=20)
    storage: Literal["fp8"] | None = None
    tiling: bool = False
    guidance_until: float | None = Field(default=None, gt=0, lt=1)

    @property
    def used(self) -> dict[str, object]:
        """The techniques beyond the exact ones that are asked for, with their values."""
        named = {str(t.option): getattr(self, t.option) for t in TECHNIQUES.values() if t.option}
        asked = {name: value for name, value in named.items() if value not in (None, False)}
        if self.batch is None and self.tier == "equivalent":
            asked["batch"] = EQUIVALENT_BATCH
        if asked.get("batch") == 1:
            del asked["batch"]
        return asked

    @property
    def width(self) -> int:
        """Pictures a forward pass."""
        batch = self.used.get("batch", 1)
        assert isinstance(batch, int)
        return batch


def read_options(spec: Spec) -> DiffusersOptions:
    """Return the options of a spec.

    Raises:
        GlyphbenchError: Options that are unknown, out of range, without effect on CogView4, or contradict each other.
    """
    useless = [f"{name}: {INEFFECTIVE[name]}; leave it out" for name in spec.options if name in INEFFECTIVE]
    if useless:
        raise GlyphbenchError("\n  ".join([f"--model {spec.text!r}: options without use", *useless]))
    options = spec.validated(DiffusersOptions)
    if faults := _contradictions(options, options.used):
        raise GlyphbenchError("\n  ".join([f"--model {spec.text!r}: options that contradict each other", *faults]))
    return options


def _contradictions(options: DiffusersOptions, used: Mapping[str, object]) -> list[str]:
    """Return what is asked for and cannot be had together."""
    faults = []
    order = ("exact", "equivalent", "lossy")
    looser = (
        {}
        if options.tier is None
        else {name: value for name, value in used.items() if order.index(tier_of([name])) > order.index(options.tier)}
    )
    if looser:
        faults.append(
            f"tier={options.tier} rules out {', '.join(looser)}, which makes the tier {tier_of(looser)}; leave one out"
        )
    if options.tier == "lossy" and tier_of(used) != "lossy":
        faults.append(
            "tier=lossy alone changes nothing; name what may be lost: "
            + ", ".join(sorted(str(t.option) for t in TECHNIQUES.values() if t.tier == "lossy"))
        )
    if options.width > 1 and "first_block_cache" in used:
        faults.append(
            "first_block_cache decides for a whole batch at once, so that a picture would depend on its batch; batch=1"
        )
    if {"first_block_cache", "taylorseer"} <= used.keys():
        faults.append("first_block_cache and taylorseer replace the same steps; choose one")
    if "compile" in used and {"first_block_cache", "taylorseer", "storage"} & used.keys():
        faults.append(
            "compile is not combined with caches or float8 storage, which hook into the blocks that it compiles"
        )
    return faults
