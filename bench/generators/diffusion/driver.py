"""Sets CogView4's engine up: its layout in memory, where unfinished work is kept, and what cannot be done here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import torch

from bench.generators import JSON, Job, Outcome
from bench.generators.diffusion.anatomy import measure
from bench.generators.diffusion.checkpoint import Checkpoint
from bench.generators.diffusion.engine import Engine
from bench.generators.diffusion.finetune import FineTune
from bench.generators.diffusion.keys import Keys
from bench.generators.diffusion.loading import outline, part_config
from bench.generators.diffusion.memory import LAYOUTS, Anatomy, Demand, Layout, choose, parse_memory
from bench.generators.diffusion.options import DiffusersOptions
from bench.generators.diffusion.parts import Parts
from bench.generators.diffusion.spill import Spill
from prompts.errors import GlyphbenchError
from prompts.suite import Size

_LIBRARIES = ("torch", "diffusers", "transformers")
_ON_CPU = next(layout for layout in LAYOUTS if layout.name == "phases")
"""In main memory nothing is laid out, but the text encoder is dropped when its phase is over."""


class Driver:
    """Draws with one CogView4 model.

    Args:
        checkpoint: The model.
        options: What was asked for.
        tuning: What was fine-tuned.
        decides: The model's identity and tier.
        arguments: Steps and guidance.
        dtype: Name of a torch dtype.
        device: Where it runs.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        options: DiffusersOptions,
        tuning: FineTune,
        decides: Mapping[str, JSON],
        arguments: Mapping[str, float],
        dtype: str,
        device: str,
    ) -> None:
        self._checkpoint, self._options, self._arguments = checkpoint, options, arguments
        self._dtype, self._device = dtype, device
        self.parts = Parts(checkpoint, dtype, device, options, tuning)
        versions = {name: version(name) for name in _LIBRARIES}
        self._keys = Keys({**decides, "on": _device_name(device), **versions})
        self._spill = Spill()

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise `GlyphbenchError` where no layout fits the device, or an option does nothing at these sizes."""
        if self._options.tiling and jobs:
            tile = part_config(self._checkpoint, "vae").get("sample_size") or 0
            if all(max(job.prompt.size) <= tile for job in jobs):
                raise GlyphbenchError(
                    f"tiling=true: pictures up to {tile}x{tile} are never tiled, and all of these are; leave it out"
                )
        # What lies on the hub and is not here yet is laid out once it is.
        if self._device != "cpu" and self._checkpoint.commit is None:
            self._layout(jobs)

    def paint(self, jobs: Sequence[Job], folder: Path | None) -> Iterator[Outcome]:
        """Yield the picture of each job; unfinished work is kept in `folder`, or in main memory without one."""
        if not jobs:
            return
        self._spill = Spill(folder)
        engine = Engine(
            self.parts,
            self._layout(jobs),
            self.anatomy,
            self._arguments,
            self._keys,
            self._options.width,
            self._device,
        )
        for outcome in engine.paint(jobs, self._spill):
            yield outcome
            if folder is None:
                self.drop(outcome.job, last=False)

    def drop(self, job: Job, *, last: bool) -> None:
        """Forget the latents of a picture; with the last one, all that was kept."""
        if last:
            self._spill.keep_only(())
        else:
            self._spill.drop(self._keys.latents(job))

    @cached_property
    def anatomy(self) -> Anatomy:
        """What the parts weigh on the device, counted on their outlines."""
        parts = {part: outline(self._checkpoint, part, self._dtype) for part in ("text_encoder", "transformer", "vae")}
        if self._options.storage is not None:
            parts["transformer"].enable_layerwise_casting(torch.float8_e4m3fn, getattr(torch, self._dtype))
        tile = part_config(self._checkpoint, "vae").get("sample_size") if self._options.tiling else None
        return measure(parts, tile)

    def _layout(self, jobs: Sequence[Job]) -> Layout:
        """Return the fastest layout that fits the device and these jobs."""
        if self._device == "cpu":
            return _ON_CPU
        if self._options.memory == "auto":
            budget = torch.cuda.mem_get_info(self._device)[0]
        else:
            budget = parse_memory(self._options.memory)
        return choose(budget, self.anatomy, Demand(_largest(jobs), self._options.width))


def _largest(jobs: Sequence[Job]) -> Size:
    return max((job.prompt.size for job in jobs), key=lambda size: size.width * size.height, default=Size(1024, 1024))


def _device_name(device: str) -> str:
    """Return what the device calls itself: another computes other bits."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else "cpu"
