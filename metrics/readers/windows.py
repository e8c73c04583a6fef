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
    left = int(np.clip(round((start + end) / 2 * length - height / 2), 1 - height, length - 1))
    square = line[:, max(left, 0) : left + height]
    before, after = max(-left, 0), max(left + height - length, 0)
    if before or after:
        square = cv2.copyMakeBorder(square, 0, 0, before, after, cv2.BORDER_REPLICATE)
    interpolation = cv2.INTER_AREA if height > WINDOW else cv2.INTER_LINEAR
    resized: Image = cv2.resize(square, (WINDOW, WINDOW), interpolation=interpolation)
    return resized


def ink_planes(windows: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how far each pixel is from the ground towards the ink: about 0 for ground, about 1 for ink.

    Colours are projected on the axis along which they differ most; the ground is what lies at the top and the bottom.

    Args:
        windows: Some windows of one size, each RGB: of shape (n, height, width, 3).
    """
    colours = np.ascontiguousarray(windows.reshape(len(windows), -1, 3).transpose(0, 2, 1), np.float32)
    colours -= colours.mean(axis=2, keepdims=True)
    axes = np.linalg.eigh(np.einsum("nip,njp->nij", colours, colours))[1][:, None, :, -1].astype(np.float32)
    planes: NDArray[np.float32] = (axes @ colours).reshape(windows.shape[:3])
    edges = np.concatenate([planes[:, :_EDGE], planes[:, -_EDGE:]], axis=1)
    planes -= np.median(edges, axis=(1, 2), keepdims=True)
    planes *= np.where(planes.mean(axis=(1, 2), keepdims=True) < 0, -1, 1)
    planes /= np.maximum(np.percentile(planes, 97, axis=(1, 2), keepdims=True), 1e-3)
    return planes.clip(-1.0, 1.5)
