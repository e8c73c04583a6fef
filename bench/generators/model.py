"""A model of the table: how it is called, and what is known about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bench.generators.diffusion.presets import Preset
from prompts.suite import Size

ASPECTS = frozenset({"call", "sizes", "writes", "licence", "parameters"})
"""What of a model has a source: the arguments of the call, and so on."""

UNVERIFIED = "unverified"
"""How a source begins where no document of the model's authors was found to say it."""

_BYTES = 2
"""Of a weight in bfloat16 and float16."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the table.

    Attributes:
        preset: How it is called.
        title: Its name in full.
        native: The size that it draws best, in pixels.
        writes: Languages whose script its makers claim or measure in pictures: `zh`, `en`, both or none.
        licence: Of the weights.
        parameters: Of each part, in billions (10⁹).
        card: Where its authors describe it.
        checked: When the sources were read.
        sources: For each of `ASPECTS`, a document or a line of code; begins with `unverified` where there is none.
        notes: What else to know.
    """

    preset: Preset
    title: str
    native: Size
    writes: tuple[str, ...]
    licence: str
    parameters: Mapping[str, float]
    card: str
    checked: date
    sources: Mapping[str, str]
    notes: str

    @property
    def name(self) -> str:
        """What `--model` takes."""
        return self.preset.name

    @property
    def gigabytes(self) -> float:
        """Memory of all weights with two bytes each, in GB (10⁹ bytes); pictures in the making come on top."""
        return _BYTES * sum(self.parameters.values())

    @property
    def largest_part(self) -> float:
        """Memory of the largest part, in GB: what `offload=model` keeps on the device."""
        return _BYTES * max(self.parameters.values())

    @property
    def unverified(self) -> tuple[str, ...]:
        """The aspects for which no source was found."""
        return tuple(sorted(aspect for aspect, source in self.sources.items() if source.startswith(UNVERIFIED)))
