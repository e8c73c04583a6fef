"""Cutting a line out of a picture so that it runs from left to right."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.readers.quadrilaterals import Points, sides

Image: TypeAlias = NDArray[np.uint8]
"""RGB, of shape (height, width, 3)."""


def cut(image: Image, corners: Points) -> Image:
    """Return the part of `image` within `corners`, laid straight, its first side on top.

    Where the corners lie outside of the picture, its border is repeated.
    """
    length, depth = sides(corners)
    width, height = max(1, round(length)), max(1, round(depth))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    straighten = cv2.getPerspectiveTransform(corners, target)
    cropped: Image = cv2.warpPerspective(
        image, straighten, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return cropped
