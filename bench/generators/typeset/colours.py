"""Colours and their contrast, as WCAG 2.2 defines it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

RGB: TypeAlias = tuple[int, int, int]
"""Red, green and blue in sRGB, 0..255."""

WHITE: RGB = (255, 255, 255)
BLACK: RGB = (0, 0, 0)

_CHANNEL = np.arange(256) / 255
# WCAG 2.2, "relative luminance": https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
_LINEAR = np.where(_CHANNEL <= 0.04045, _CHANNEL / 12.92, ((_CHANNEL + 0.055) / 1.055) ** 2.4)
_SHARES = np.array([0.2126, 0.7152, 0.0722])


def luminance(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the relative luminance, 0..1, of sRGB pixels whose last axis is the channel."""
    return np.asarray(_LINEAR[pixels] @ _SHARES)


def contrast_to(ink: RGB, grounds: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the contrast ratio, 1..21, of `ink` to each pixel of `grounds` (last axis: the channel)."""
    own, theirs = luminance(np.array(ink, dtype=np.uint8)), luminance(grounds)
    return (np.maximum(own, theirs) + 0.05) / (np.minimum(own, theirs) + 0.05)


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast ratio, 1..21, of two colours."""
    return float(contrast_to(one, np.array(other, dtype=np.uint8)))


def distance(one: RGB, other: RGB) -> float:
    """Return the mean difference of the channels of two colours, 0..255."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 3


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """Return the colour that lies `share` of the way (0..1) from `one` to `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def toned_down(ink: RGB, ground: RGB, limit: float) -> RGB:
    """Return `ink`, moved towards `ground` just so far that their contrast is at most `limit`."""
    for step in range(256):
        toned = mix(ink, ground, step / 255)
        if contrast(toned, ground) <= limit:
            return toned
    return ground


def hexadecimal(colour: RGB) -> str:
    """Return a colour as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
