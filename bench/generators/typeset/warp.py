"""How a block of lettering lies in the picture: upright, turned, or seen at a slant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.generators.typeset.glyphs import Point


@dataclass(frozen=True, slots=True)
class Warp:
    """A turn by `angle` degrees (clockwise) after a keystone.

    `keystone` is by how much the far side looks smaller, rightwards and downwards, over the block's longer edge.
    """

    angle: float = 0.0
    keystone: tuple[float, float] = (0.0, 0.0)

    @property
    def is_upright(self) -> bool:
        """Whether the block is drawn as it is set."""
        return self.angle == 0.0 and self.keystone == (0.0, 0.0)

    def footprint(self, width: float, height: float) -> tuple[float, float]:
        """Return the width and height of the upright rectangle that a block takes up."""
        if self.is_upright:
            return width, height
        corners = self._mapped(width, height, _corners(width, height))
        spans = np.ptp(corners, axis=0)
        return float(spans[0]), float(spans[1])

    def place(self, mask: Image.Image) -> Image.Image:
        """Return a block's `mask` (mode L) as it lies in the picture: its corner is that of the block's footprint."""
        if self.is_upright:
            return mask
        corners = self._mapped(*mask.size, _corners(*mask.size))
        left, top = corners.min(axis=0)
        width, height = (ceil(span) for span in np.ptp(corners, axis=0))
        back = np.linalg.inv(_shift(-left, -top) @ self._matrix(*mask.size))
        coefficients = tuple((back / back[2, 2]).ravel()[:8])
        return mask.transform((width, height), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)

    def points(self, block: tuple[int, int], points: Sequence[Point]) -> list[Point]:
        """Return where points of a block of (width, height) lie, counted from the corner of its footprint."""
        if self.is_upright:
            return list(points)
        corner = self._mapped(*block, _corners(*block)).min(axis=0)
        return [(float(x), float(y)) for x, y in self._mapped(*block, np.array(points, float)) - corner]

    def _mapped(self, width: float, height: float, points: NDArray[np.float64]) -> NDArray[np.float64]:
        homogeneous = np.column_stack([points, np.ones(len(points))]) @ self._matrix(width, height).T
        return homogeneous[:, :2] / homogeneous[:, 2:]

    def _matrix(self, width: float, height: float) -> NDArray[np.float64]:
        """Return the homography of a block of this size, about its middle."""
        turn = radians(self.angle)
        rotation = np.array([[cos(turn), -sin(turn), 0], [sin(turn), cos(turn), 0], [0, 0, 1]])
        across, down = self.keystone
        longer = max(width, height, 1.0)
        slant = np.array([[1, 0, 0], [0, 1, 0], [across / longer, down / longer, 1]])
        return np.asarray(rotation @ slant @ _shift(-width / 2, -height / 2))


def _corners(width: float, height: float) -> NDArray[np.float64]:
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], float)


def _shift(x: float, y: float) -> NDArray[np.float64]:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], float)
