"""How a model is called, where the signature of its pipeline would be wrong or say too little."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from prompts.suite import Size

Counting: TypeAlias = Literal[
    "plain",
    "template",
    "z-image",
    "flux2",
    "flux2-klein",
    "ovis",
    "lumina2",
    "sana",
    "longcat",
    "glm-quotes",
    "hunyuan-quotes",
]
"""How a pipeline turns a prompt into the tokens that are limited; `lengths.py` counts them in the same way."""


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
class TokenLimit:
    """How much of a prompt one tokenizer of a pipeline reads; the pipeline cuts off the rest.

    Attributes:
        tokenizer: The part that counts.
        tokens: The most that are read, special ones included; None where the tokenizer's own files say it.
        counting: What is counted: the prompt as it is, inside the pipeline's template, or only what it quotes.
        whole: False where the model is built so that this tokenizer sees the beginning alone and another the whole
            prompt, such as CLIP beside T5; a longer prompt is then no fault.
    """

    tokenizer: str
    tokens: int | None
    counting: Counting = "plain"
    whole: bool = True


Argument: TypeAlias = "str | int | float | bool | tuple[str, ...]"


@dataclass(frozen=True, slots=True)
class Preset:
    """The call of one model.

    Attributes:
        name: What the model is called on the command line.
        pipeline: Class in diffusers.
        hub: Ids on the hub under which the model is known; the first is the one that is fetched.
        steps: Denoising steps.
        guidance_argument: What the pipeline calls the strength of the guidance; None where there is none to set.
        guidance: The strength that the model's authors use.
        arguments: All else that the call is given, beside prompt, size and noise.
        sizes: The sizes that the model was made for.
        limits: How much of a prompt is read.
        variant: Which of the weight files in the repository (`fp16`); None for those without a suffix.
        dtype: Of the weights on a CUDA device.
        control: The argument that takes a control image, without which nothing is drawn; None where there is none.
    """

    name: str
    pipeline: str
    hub: tuple[str, ...]
    steps: int
    guidance_argument: str | None
    guidance: float | None
    arguments: Mapping[str, Argument]
    sizes: SizeRule
    limits: tuple[TokenLimit, ...]
    variant: str | None = None
    dtype: Literal["bfloat16", "float16"] = "bfloat16"
    control: str | None = None
