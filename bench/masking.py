"""Hiding a maker's own mark ("AI生成" in a corner) from the reader; the picture itself stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def masked(pixels: NDArray[np.uint8], mask: object) -> NDArray[np.uint8]:
    """Return a copy of `pixels` (height × width × 3) with a rectangle filled by its own median colour.

    Args:
        pixels: The picture; returned as it is where there is no mask.
        mask: Left, top, right and bottom as fractions of the picture, or None. Pixels that it only touches are hidden.

    Raises:
        ValueError: It is no such rectangle.
    """
    if mask is None:
        return pixels
    import numpy as np

    left, top, right, bottom = _edges(mask)
    height, width = pixels.shape[:2]
    across = slice(int(left * width), int(np.ceil(right * width)))
    down = slice(int(top * height), int(np.ceil(bottom * height)))
    hidden = pixels.copy()
    hidden[down, across] = np.median(pixels[down, across].reshape(-1, 3), axis=0)
    return hidden


def _edges(mask: object) -> tuple[float, float, float, float]:
    try:
        left, top, right, bottom = map(float, cast("Iterable[Any]", mask))
    except (TypeError, ValueError):
        raise ValueError(f"a mask is [left, top, right, bottom]; the picture's record has {mask!r}") from None
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError(f"a mask lies within 0..1; the picture's record has {mask!r}")
    return left, top, right, bottom
