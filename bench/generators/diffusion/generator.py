"""The generator `diffusers:PATH_OR_ID`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bench.generators import JSON, Failure, Job, Outcome, Picture
from bench.generators.diffusion.arguments import call_arguments, recorded
from bench.generators.diffusion.checkpoint import Checkpoint, find_checkpoint
from bench.generators.diffusion.finetune import read_fine_tune
from bench.generators.diffusion.limits import seed_faults, size_faults
from bench.generators.diffusion.options import read_options
from bench.generators.diffusion.presets import Preset, SizeRule
from bench.generators.diffusion.tiers import lossy_part, tier_label
from bench.generators.label import label
from bench.generators.model_table import preset_of
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt, Size

if TYPE_CHECKING:
    from bench.generators.diffusion.control import Controls
    from bench.generators.diffusion.driver import Driver

DRIVEN = "CogView4Pipeline"
"""The pipeline class that the engine drives; every other one is called as it is, one picture a call."""

_ONLY_DRIVEN = ("memory", "tier", "batch", "compile", "first_block_cache", "taylorseer", "storage", "tiling")


class DiffusersGenerator:
    """Draws with a pipeline of the diffusers library."""

    is_model = True

    def __init__(self, spec: Spec, preset: Preset | None = None) -> None:
        """Open a checkpoint.

        Args:
            spec: Its folder or id as target, and the options.
            preset: How it is called, where the spec names a model of the table; else its pipeline's class decides.
        """
        self._options = options = read_options(spec)
        target = spec.target or (preset.hub[0] if preset else "")
        if not target:
            raise GlyphbenchError(
                f"--model {spec.text!r}: a pipeline is written diffusers:FOLDER or diffusers:OWNER/NAME (on the "
                "Hugging Face hub)"
            )
        self._loading = _loading(spec)
        self._device = _device(options.device)
        self._checkpoint = find_checkpoint(target, options.revision)
        self._preset = preset or preset_of(self._checkpoint.pipeline, self._checkpoint.source)
        _check_class(spec, self._checkpoint, self._preset)
        self._checkpoint = replace(self._checkpoint, variant=self._preset.variant if self._preset else None)
        self._dtype = options.dtype or _dtype(self._device, self._preset)
        self._tuning = read_fine_tune(options.transformer, options.lora)
        self._pipeline_class = self._loading.pipeline_class(self._checkpoint)
        self._refuse_useless(spec)
        self._arguments = call_arguments(self._pipeline_class, self._preset, options.steps, options.guidance)
        self._folder: Path | None = None
        self._unrecorded: set[Job] = set()

    @property
    def name(self) -> str:
        """The last part of the folder or id."""
        return label(self._checkpoint.name, otherwise="diffusers")

    @property
    def tier(self) -> str:
        """The tier, with every speed-up that was asked for."""
        return tier_label(self._options.used)

    @cached_property
    def identity(self) -> Mapping[str, JSON]:
        """What was asked: weights, what was fine-tuned, arguments of the call, dtype, device, size rule, lossy options.

        Not in it: where the folder lies; what the tier allows and leaves the pixels equal or equivalent, which stands
        beside the model; and the versions of the libraries, which may change pixels but are found, not asked for, and
        stand in the manifest.
        """
        lossy: dict[str, Any] = lossy_part(self._options.used)
        return {
            "kind": "diffusers",
            "pipeline": self._checkpoint.pipeline,
            "weights": self._checkpoint.weights,
            **self._tuning.identity,
            "arguments": recorded(self._arguments),
            "dtype": self._dtype,
            "device": self._device.partition(":")[0],
            "size_rule": self._options.size_rule,
            **({"control": self._controls.identity} if self._controls else {}),
            **({"lossy": lossy} if lossy else {}),
        }

    @cached_property
    def pipeline(self) -> Any:  # noqa: ANN401 - diffusers has no types
        """The pipeline, loaded when it is first asked for; of CogView4 a whole one beside the engine's parts."""
        return self._loading.load_pipeline(
            self._checkpoint, self._dtype, self._device, self._options.offload, self._tuning
        )

    @cached_property
    def driver(self) -> Driver:
        """What drives CogView4 in phases."""
        from bench.generators.diffusion.driver import Driver

        return Driver(
            self._checkpoint,
            self._options,
            self._tuning,
            {**self.identity, "tier": self.tier},
            self._arguments,
            self._dtype,
            self._device,
        )

    def seeds(self, prompts: Sequence[Prompt]) -> None:
        """Return None: any seed can be drawn."""

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise `GlyphbenchError` with every size that the model was not made for, prompt too long, and bad seed.

        Raises:
            GlyphbenchError: Or where the device's memory holds no layout for these sizes.
        """
        faults = [*seed_faults(jobs), *size_faults(jobs, self._rule), *self._length_faults(jobs)]
        faults += self._controls.faults(jobs) if self._controls else []
        if faults:
            raise GlyphbenchError("\n  ".join([f"{self._checkpoint.source} cannot draw what is asked:", *faults]))
        if self._is_driven:
            self.driver.check(jobs)

    def nearest_size(self, size: Size) -> Size:
        """Return the size nearest to `size` that the model was made for; `size` itself where no rule holds."""
        return size if self._rule is None or self._rule.allows(size) else self._rule.nearest(size)

    def work_in(self, folder: Path) -> None:
        """Keep latents and embeddings of the next `generate` in `folder`."""
        self._folder = folder

    def recorded(self, job: Job) -> None:
        """Drop what was kept for a picture that is recorded; after the last one, everything."""
        if self._is_driven:
            self._unrecorded.discard(job)
            self.driver.drop(job, last=not self._unrecorded)

    def generate(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield the picture of each job; of CogView4 in batches those of equal length together, else in order.

        Raises:
            GlyphbenchError: The pipeline cannot be loaded.
        """
        if self._is_driven:
            self._unrecorded = set(jobs)
            yield from self.driver.paint(jobs, self._folder)
            return
        from bench.generators.diffusion.drawing import DrawingError, draw

        for job in jobs:
            try:
                yield Picture(job, draw(self.pipeline, job.prompt, job.seed, self._arguments, self._control_argument))
            except DrawingError as error:
                yield Failure(job, "infra", str(error))

    @property
    def _rule(self) -> SizeRule | None:
        return self._preset.sizes if self._preset and self._options.size_rule == "preset" else None

    def _length_faults(self, jobs: Sequence[Job]) -> list[str]:
        if self._preset is None:
            return []
        from bench.generators.diffusion.lengths import length_faults

        texts = {job.prompt.id: job.prompt.text for job in jobs}
        return length_faults(self._preset, self._checkpoint, self._pipeline_class, texts)

    @cached_property
    def _controls(self) -> Controls | None:
        """What gives each picture its control image; None for a model that takes none."""
        from bench.generators.diffusion.control import LAYOUT, Controls

        if self._preset is None or self._preset.control is None:
            return None
        return Controls(self._options.control or LAYOUT)

    @property
    def _control_argument(self) -> tuple[str, Controls] | None:
        if self._controls is None or self._preset is None:
            return None
        return str(self._preset.control), self._controls

    @property
    def _is_driven(self) -> bool:
        return self._checkpoint.pipeline == DRIVEN

    def _refuse_useless(self, spec: Spec) -> None:
        """Raise `GlyphbenchError` for what this pipeline or this device makes nothing of."""
        options, name = self._options, self._checkpoint.pipeline
        asked = options.model_fields_set
        faults = []
        if options.offload == "model" and self._device == "cpu":
            faults.append("offload=model frees a CUDA device; on a CPU it means nothing")
        if options.memory != "auto" and self._device == "cpu":
            faults.append("memory lays out a CUDA device; on a CPU it means nothing")
        if self._is_driven and options.offload == "model":
            faults.append(f"{name} is laid out by memory, such as memory=24GB; leave offload out")
        if not self._is_driven and (useless := [option for option in _ONLY_DRIVEN if option in asked]):
            faults.append(f"{', '.join(useless)}: made for {DRIVEN}, without effect on {name}; leave out")
        if options.guidance_until is not None and not self._is_driven:
            faults.append(f"guidance_until: made for {DRIVEN}, without effect on {name}; leave it out")
        if self._tuning.identity and "transformer" not in self._checkpoint.parts:
            faults.append(f"transformer and lora are for pipelines with a transformer, and {name} has none; leave out")
        if options.control is not None and self._controls is None:
            faults.append(f"control: {name} takes no control image; leave it out")
        if faults:
            raise GlyphbenchError("\n  ".join([f"--model {spec.text!r}: options without use", *faults]))


def _check_class(spec: Spec, checkpoint: Checkpoint, preset: Preset | None) -> None:
    """Raise `GlyphbenchError` for a checkpoint that is not what the named model is."""
    if preset is not None and preset.pipeline != checkpoint.pipeline:
        raise GlyphbenchError(
            f"--model {spec.text!r}: {preset.name} is a {preset.pipeline}, and {checkpoint.source} is a "
            f"{checkpoint.pipeline}; with diffusers:{checkpoint.source} it is called as its own class asks"
        )


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
