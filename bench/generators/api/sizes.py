"""Which sizes an API can make, and which of them is nearest to a size that it cannot."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from prompts.suite import Size


class SizeRule(Protocol):
    """What sizes there are."""

    def allows(self, size: Size) -> bool:
        """Tell whether `size` can be made."""

    def nearest(self, size: Size) -> Size:
        """Return the size that can be made and whose sides are nearest, by ratio, to those of `size`."""

    def __str__(self) -> str:
        """Say the rule so that it continues the words `sizes are`."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A few sizes and no others."""

    sizes: tuple[Size, ...]

    def allows(self, size: Size) -> bool:
        """Tell whether `size` is listed."""
        return size in self.sizes

    def nearest(self, size: Size) -> Size:
        """Return the nearest size that is listed."""
        return min(self.sizes, key=lambda other: distance(size, other))

    def __str__(self) -> str:
        return ", ".join(map(written, self.sizes))


@dataclass(frozen=True, slots=True)
class Within:
    """Sides within bounds and multiples of a number, pixels within bounds, and not too long and narrow.

    Attributes:
        low: Shortest side, in pixels.
        high: Longest side.
        multiple: What both sides are multiples of.
        fewest: Pixels in all, at least.
        most: Pixels in all, at most.
        aspect: The longer side over the shorter, at most.
    """

    low: int
    high: int
    multiple: int = 1
    fewest: int = 1
    most: int = 2**26
    aspect: int = 16

    def allows(self, size: Size) -> bool:
        """Tell whether `size` keeps to all of it."""
        width, height = size
        return width % self.multiple == 0 and height in self._heights(width)

    def nearest(self, size: Size) -> Size:
        """Return the nearest size that keeps to all of it."""
        return min(self._candidates(size), key=lambda other: distance(size, other))

    def _candidates(self, size: Size) -> Iterator[Size]:
        """Yield, for each width, the legal height nearest to that of `size`."""
        first = -(-self.low // self.multiple) * self.multiple
        for width in range(first, self.high + 1, self.multiple):
            if heights := self._heights(width):
                below = min(max(size.height, heights[0]), heights[-1]) - heights[0]
                index = below // self.multiple
                for height in heights[index : index + 2]:
                    yield Size(width, height)

    def _heights(self, width: int) -> range:
        """Return the heights that go with `width`, shortest first."""
        if not self.low <= width <= self.high:
            return range(0)
        shortest = max(self.low, -(-self.fewest // width), -(-width // self.aspect))
        longest = min(self.high, self.most // width, width * self.aspect)
        return range(-(-shortest // self.multiple) * self.multiple, longest + 1, self.multiple)

    def __str__(self) -> str:
        multiples = f", multiples of {self.multiple}" if self.multiple > 1 else ""
        fewest = f"{self.fewest:,} to " if self.fewest > 1 else "at most "
        return f"{self.low} to {self.high} a side{multiples}, {fewest}{self.most:,} pixels"


def distance(one: Size, other: Size) -> float:
    """Return how far apart two sizes are: the length of the vector of the logarithms of the ratios of their sides."""
    return math.hypot(math.log(one.width / other.width), math.log(one.height / other.height))


def written(size: Size, times: str = "x") -> str:
    """Return `size` as width, `times`, height."""
    return f"{size.width}{times}{size.height}"
