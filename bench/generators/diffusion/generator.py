"""The generator `diffusers:PATH_OR_ID`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bench.generators import JSON, Failure, Job, Outcome, Picture
from bench.generators.diffusion.arguments import call_arguments, recorded
from bench.generators.diffusion.checkpoint import Checkpoint, find_checkpoint
from bench.generators.diffusion.presets import Preset, SizeRule
from bench.generators.label import label
from bench.generators.listing import first_of
from bench.generators.model_table import preset_of
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt, Size

_SEEDS = range(2**64)


class DiffusersOptions(BaseModel):
    """What may follow `diffusers:PATH_OR_ID?`.

    Attributes:
        dtype: Of all weights; the preset's (else bfloat16) on a CUDA device, float32 on a CPU unless given.
        device: A CUDA device if there is one, else the CPU, unless given.
        steps: Denoising steps; the preset's, else the pipeline's own.
        guidance: Strength of the guidance; the preset's, else the pipeline's own.
        revision: Branch, tag or commit on the hub.
        offload: `model` keeps each part in main memory while it is not working; the pixels stay the same.
        size_rule: `none` asks for sizes that the model was not made for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dtype: Literal["bfloat16", "float16", "float32"] | None = None
    device: str | None = Field(default=None, pattern=r"^(cpu|cuda(:\d+)?)$")
    steps: int | None = Field(default=None, ge=1)
    guidance: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    revision: str | None = None
    offload: Literal["none", "model"] = "none"
    size_rule: Literal["preset", "none"] = "preset"


class DiffusersGenerator:
    """Draws with a pipeline of the diffusers library, one picture a call."""

    is_model = True

    def __init__(self, spec: Spec, preset: Preset | None = None) -> None:
        """Open a checkpoint.

        Args:
            spec: Its folder or id as target, and the options.
            preset: How it is called, where the spec names a model of the table; else its pipeline's class decides.
        """
        self._options = options = spec.validated(DiffusersOptions)
        target = spec.target or (preset.hub[0] if preset else "")
        if not target:
            raise GlyphbenchError(
                f"--model {spec.text!r}: a pipeline is written diffusers:FOLDER or diffusers:OWNER/NAME (on the "
                "Hugging Face hub)"
            )
        self._loading = _loading(spec)
        self._device = _device(options.device)
        if options.offload == "model" and self._device == "cpu":
            raise GlyphbenchError(
                f"--model {spec.text!r}: offload=model frees a CUDA device; on a CPU it means nothing"
            )
        self._checkpoint = find_checkpoint(target, options.revision)
        self._preset = preset or preset_of(self._checkpoint.pipeline, self._checkpoint.source)
        _check_class(spec, self._checkpoint, self._preset)
        self._dtype = options.dtype or _dtype(self._device, self._preset)
        self._pipeline_class = self._loading.pipeline_class(self._checkpoint)
        self._arguments = call_arguments(self._pipeline_class, self._preset, options.steps, options.guidance)

    @property
    def name(self) -> str:
        """The last part of the folder or id."""
        return label(self._checkpoint.name, otherwise="diffusers")

    @cached_property
    def identity(self) -> Mapping[str, JSON]:
        """What was asked: weights, arguments of the call, dtype, device, size rule.

        Not in it: where the folder lies; `offload`, which changes no pixel; and the versions of the libraries, which
        may change pixels but are found, not asked for, and stand in the manifest.
        """
        return {
            "kind": "diffusers",
            "pipeline": self._checkpoint.pipeline,
            "weights": self._checkpoint.weights,
            "arguments": recorded(self._arguments),
            "dtype": self._dtype,
            "device": self._device.partition(":")[0],
            "size_rule": self._options.size_rule,
        }

    @cached_property
    def pipeline(self) -> Any:  # noqa: ANN401 - diffusers has no types
        """The pipeline, loaded when it is first asked for."""
        return self._loading.load_pipeline(self._checkpoint, self._dtype, self._device, self._options.offload)

    def seeds(self, prompts: Sequence[Prompt]) -> None:
        """Return None: any seed can be drawn."""

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise `GlyphbenchError` with every size that the model was not made for, prompt too long, and bad seed."""
        faults = [*self._seed_faults(jobs), *self._size_faults(jobs), *self._length_faults(jobs)]
        if faults:
            raise GlyphbenchError("\n  ".join([f"{self._checkpoint.source} cannot draw what is asked:", *faults]))

    def generate(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield the picture of each job, in order.

        Raises:
            GlyphbenchError: The pipeline cannot be loaded.
        """
        from bench.generators.diffusion.drawing import DrawingError, draw

        for job in jobs:
            try:
                yield Picture(job, draw(self.pipeline, job.prompt, job.seed, self._arguments))
            except DrawingError as error:
                yield Failure(job, "infra", str(error))

    def _seed_faults(self, jobs: Sequence[Job]) -> list[str]:
        bad = sorted({job.seed for job in jobs if job.seed not in _SEEDS})
        return [f"seeds that are not from 0 to 2⁶⁴ − 1: {first_of([str(seed) for seed in bad])}"] if bad else []

    def _size_faults(self, jobs: Sequence[Job]) -> list[str]:
        rule = self._size_rule
        if rule is None:
            return []
        ids: dict[Size, dict[str, None]] = {}
        for job in jobs:
            if not rule.allows(job.prompt.size):
                ids.setdefault(job.prompt.size, {})[job.prompt.id] = None
        faults = []
        for size, prompts in sorted(ids.items()):
            nearest = rule.nearest(size)
            faults.append(
                f"{size.width}x{size.height} (nearest {nearest.width}x{nearest.height}) for {len(prompts)} prompts: "
                f"{first_of(list(prompts))}"
            )
        if faults:
            faults.append(f"It was made for {rule}. Change the suite's sizes, or insist with size_rule=none")
        return faults

    def _length_faults(self, jobs: Sequence[Job]) -> list[str]:
        if self._preset is None:
            return []
        from bench.generators.diffusion.lengths import length_faults

        texts = {job.prompt.id: job.prompt.text for job in jobs}
        return length_faults(self._preset, self._checkpoint, self._pipeline_class, texts)

    @property
    def _size_rule(self) -> SizeRule | None:
        return self._preset.sizes if self._preset and self._options.size_rule == "preset" else None


def _check_class(spec: Spec, checkpoint: Checkpoint, preset: Preset | None) -> None:
    """Raise `GlyphbenchError` for a checkpoint that is not what the named model is, or that needs a picture."""
    if preset is None:
        return
    if preset.pipeline != checkpoint.pipeline:
        raise GlyphbenchError(
            f"--model {spec.text!r}: {preset.name} is a {preset.pipeline}, and {checkpoint.source} is a "
            f"{checkpoint.pipeline}; with diffusers:{checkpoint.source} it is called as its own class asks"
        )
    if preset.control is not None:
        raise GlyphbenchError(f"--model {spec.text!r}: {preset.pipeline} draws nothing without a control image")


def _dtype(device: str, preset: Preset | None) -> Literal["bfloat16", "float16", "float32"]:
    """Return the dtype of the weights where none is asked for."""
    if device == "cpu":
        return "float32"
    return preset.dtype if preset else "bfloat16"


def _loading(spec: Spec) -> Any:  # noqa: ANN401 - a module
    """Return the module that needs torch and diffusers."""
    try:
        from bench.generators.diffusion import loading
    except ImportError as error:
        raise GlyphbenchError(
            f'--model {spec.text!r} needs PyTorch and diffusers: pip install "glyphbench[cogview]" ({error})'
        ) from None
    return loading


def _device(asked: str | None) -> str:
    """Return the device to run on."""
    import torch

    if asked is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    if asked.startswith("cuda") and int(asked.partition(":")[2] or 0) >= torch.cuda.device_count():
        raise GlyphbenchError(
            f"device={asked}: PyTorch {torch.__version__} sees {torch.cuda.device_count()} CUDA devices"
        )
    return asked
