"""A picture at falling sizes, so that large lettering is cut out of one that is no finer than its reading needs."""

from __future__ import annotations

import cv2

from metrics.readers.bands import Band
from metrics.readers.crops import Image

_LEAST = 96
"""Pixels of a crop's depth that are kept at least: twice what recognisers see of it."""


class Pyramid:
    """A picture, and the same at a half, a quarter and so on of its size, made when they are needed first."""

    def __init__(self, image: Image) -> None:
        self._levels = [image]

    @property
    def image(self) -> Image:
        """The picture at its own size."""
        return self._levels[0]

    def cut(self, band: Band) -> Image:
        """Return the part of the picture in a band, laid straight, at the smallest size that leaves enough of it."""
        level, scale = 0, 1.0
        while band.depth * scale >= 2 * _LEAST and min(self._level(level).shape[:2]) > 1:
            level, scale = level + 1, scale / 2
        laid = None if band.laid is None else band.laid * scale
        return Band(band.top * scale, band.bottom * scale, band.closed, laid).cut(self._level(level))

    def _level(self, number: int) -> Image:
        while len(self._levels) <= number:
            height, width = self._levels[-1].shape[:2]
            half = (max(1, width // 2), max(1, height // 2))
            self._levels.append(cv2.resize(self._levels[-1], half, interpolation=cv2.INTER_AREA))
        return self._levels[number]
