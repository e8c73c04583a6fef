"""Windows on single characters of a line, and their ink apart from colours."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.readers.crops import Image

WINDOW = 64
"""Pixels of a window, in both directions."""

_EDGE = 5  # Rows at the top and at the bottom of a window that are mostly ground.


def window(line: Image, start: float, end: float) -> Image:
    """Return the square of a line's whole height around one of its characters, at `WINDOW` pixels.

    Args:
        line: A line laid straight, with the room around it with which it is read.
        start: Where the character begins, as a share of the line's length in 0..1.
        end: Where it ends.

    Beyond the line's ends its border is repeated.
    """
    height, length = line.shape[:2]
    left = round((start + end) / 2 * length - height / 2)
    columns = np.clip(np.arange(left, left + height), 0, length - 1)
    square = line[:, columns]
    interpolation = cv2.INTER_AREA if height > WINDOW else cv2.INTER_LINEAR
    resized: Image = cv2.resize(square, (WINDOW, WINDOW), interpolation=interpolation)
    return resized


def ink_plane(window: Image) -> NDArray[np.float32]:
    """Return how far each pixel is from the ground towards the ink: about 0 for ground, about 1 for ink.

    Colours are projected on the axis along which they differ most; the ground is what lies at the top and the bottom.
    """
    pixels = window.reshape(-1, 3).astype(np.float32)
    pixels -= pixels.mean(axis=0)
    axis = np.linalg.eigh(pixels.T @ pixels)[1][:, -1].astype(np.float32)
    plane = (pixels @ axis).reshape(window.shape[:2])
    ground = float(np.median(np.concatenate([plane[:_EDGE], plane[-_EDGE:]])))
    plane -= ground
    if plane.mean() < 0:
        plane = -plane
    return np.asarray((plane / max(float(np.percentile(plane, 97)), 1e-3)).clip(-1.0, 1.5), np.float32)
