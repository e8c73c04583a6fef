"""What is known about pipeline classes beyond their signatures."""

from __future__ import annotations

import math
from dataclasses import dataclass

from prompts.suite import Size


@dataclass(frozen=True, slots=True)
class SizeRule:
    """The sizes that a model was made for, in pixels.

    Attributes:
        multiple: Width and height are multiples of it.
        smallest: Of width and of height.
        largest: Of width and of height.
        area: The most that width times height may be.
    """

    multiple: int
    smallest: int
    largest: int
    area: int

    def __str__(self) -> str:
        return (
            f"width and height from {self.smallest} to {self.largest} in steps of {self.multiple}, "
            f"together at most {self.area:,} pixels"
        )

    def allows(self, size: Size) -> bool:
        """Tell whether the model was made for `size`."""
        return (
            all(self.smallest <= side <= self.largest and side % self.multiple == 0 for side in size)
            and size.width * size.height <= self.area
        )

    def nearest(self, size: Size) -> Size:
        """Return the allowed size that is nearest in proportion, both sides taken together; of several, the largest."""
        first = -(-self.smallest // self.multiple) * self.multiple
        sides = range(first, self.largest + 1, self.multiple)
        legal = (Size(width, height) for width in sides for height in sides if width * height <= self.area)
        return min(legal, key=lambda allowed: (_stretch(allowed, size), -allowed.width * allowed.height))


def _stretch(new: Size, old: Size) -> float:
    """Return how far two sizes lie apart, on logarithmic axes."""
    return math.hypot(math.log(new.width / old.width), math.log(new.height / old.height))


@dataclass(frozen=True, slots=True)
class Preset:
    """How a pipeline class is called, where its signature's defaults would be wrong or say too little.

    Attributes:
        guidance: Strength of the guidance that the model's authors use.
        guidance_argument: What the pipeline calls it.
        steps: Denoising steps.
        sizes: The sizes that the model was made for.
        tokens: Of a prompt that are read, special ones included; the pipeline cuts off the rest.
        tokenizer: The part that counts them.
    """

    guidance: float
    guidance_argument: str
    steps: int
    sizes: SizeRule
    tokens: int
    tokenizer: str


PRESETS: dict[str, Preset] = {
    # Guidance, steps and sizes: model card of THUDM/CogView4-6B (the pipeline's own guidance default is 5.0).
    # Tokens: default of `max_sequence_length` in CogView4Pipeline.__call__.
    "CogView4Pipeline": Preset(
        guidance=3.5,
        guidance_argument="guidance_scale",
        steps=50,
        sizes=SizeRule(multiple=32, smallest=512, largest=2048, area=2**21),
        tokens=1024,
        tokenizer="tokenizer",
    ),
}
"""By pipeline class."""
