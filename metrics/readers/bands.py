"""Bands: where a line of text lies in a picture, straight or curved, and how to lay it straight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.readers.crops import Image, cut
from metrics.readers.quadrilaterals import Points


@dataclass(frozen=True, eq=False)
class Band:
    """A strip of a picture that holds one line of text, from where it begins to where it ends.

    Attributes:
        top: Points along the heads of the characters in reading order, evenly spaced, of shape (n ≥ 2, 2), in pixels of
            the picture.
        bottom: The points opposite to them, along the feet.

        closed: Whether the end meets the beginning.
        laid: Length of the band laid straight, where that is not its length in the picture: gaps may be squeezed.

    Two points a side make a quadrilateral around a straight line.
    """

    top: Points
    bottom: Points
    closed: bool = False
    laid: float | None = None

    @classmethod
    def around(cls, corners: Points) -> Band:
        """Return the straight band within four corners, the first of which is where the text begins."""
        return cls(corners[:2], corners[[3, 2]])

    @property
    def straight(self) -> bool:
        """Whether it is a quadrilateral."""
        return len(self.top) == 2

    @cached_property
    def outline(self) -> Points:
        """Corners around it, clockwise as seen, from where the text begins."""
        return np.concatenate([self.top, self.bottom[::-1]])

    @cached_property
    def middle(self) -> Points:
        """Points along the middle of the band."""
        return np.asarray((self.top + self.bottom) / 2, np.float32)

    @property
    def depth(self) -> float:
        """Its mean width across the line."""
        return float(np.linalg.norm(self.bottom - self.top, axis=1).mean())

    @cached_property
    def reversed(self) -> Band:
        """The same band for a text that runs the other way."""
        return Band(self.bottom[::-1], self.top[::-1], self.closed, self.laid)

    def beginning_at(self, share: float) -> Band:
        """Return a closed band that begins at a share, in 0..1, of its length."""
        first = round(share * (len(self.top) - 1))
        top, bottom = (np.concatenate([side[first:], side[1 : first + 1]]) for side in (self.top, self.bottom))
        return Band(top, bottom, closed=True)

    def share_of(self, points: Points) -> float:
        """Return how many of `points` lie in the band, as a share in 0..1."""
        corner, mask = self._inside
        places = np.rint(points).astype(int) - corner
        inside = ((places >= 0) & (places < mask.shape[::-1])).all(axis=1)
        return float(mask[places[inside, 1], places[inside, 0]].sum()) / len(points)

    @cached_property
    def _inside(self) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """The first pixel of the upright rectangle around it, and in which pixels of that rectangle it lies."""
        corners = np.rint(self.outline).astype(np.int32)
        corner = corners.min(axis=0)
        width, height = corners.max(axis=0) - corner + 1
        mask = np.zeros((height, width), np.uint8)
        top, bottom = (np.rint(side).astype(np.int32) - corner for side in (self.top, self.bottom))
        for cell in np.stack([top[:-1], top[1:], bottom[1:], bottom[:-1]], axis=1):
            cv2.fillConvexPoly(mask, cell, 1)
        return corner, mask

    def cut(self, image: Image) -> Image:
        """Return the part of `image` in the band, laid straight with the heads on top."""
        return cut(image, self.outline) if self.straight else _unrolled(image, self)

    def part(self, start: float, end: float) -> Points:
        """Return the quadrilateral between two shares, in 0..1, of the way along the band."""
        head, foot = (self._at(side, np.array([start, end])) for side in (self.top, self.bottom))
        return np.concatenate([head, foot[::-1]])

    def points_at(self, shares: NDArray[np.float64], depths: NDArray[np.float64]) -> Points:
        """Return the points at shares of its length and of its depth from the top; it goes on below 0 and above 1."""
        heads, feet = self._at(self.top, shares), self._at(self.bottom, shares)
        return np.asarray(heads + depths[:, None] * (feet - heads), np.float32)

    def square(self, share: float) -> Points:
        """Return the corners of the square as deep as the band is there, turned as it runs there.

        Args:
            share: Where its middle lies, as a share of the way along the band in 0..1.
        """
        length = float(np.linalg.norm(np.diff(self.middle, axis=0), axis=1).sum())
        reach = self.depth / max(length, 1e-6) / 2
        head_start, head_end, foot_end, foot_start = self.part(max(0.0, share - reach), min(1.0, share + reach))
        way = head_end + foot_end - head_start - foot_start
        ahead = way / max(float(np.linalg.norm(way)), 1e-6) * self.depth / 2
        down = np.array([-ahead[1], ahead[0]], np.float32)
        middle = self.part(share, share).mean(axis=0)
        return np.array(
            [middle - ahead - down, middle + ahead - down, middle + ahead + down, middle - ahead + down], np.float32
        )

    def along(self, start: float, end: float) -> Points:
        """Return five points along its middle between two shares of its length; it goes on below 0 and above 1."""
        shares = np.linspace(start, end, 5)
        return np.asarray((self._at(self.top, shares) + self._at(self.bottom, shares)) / 2, np.float32)

    @staticmethod
    def _at(side: Points, shares: NDArray[np.float64]) -> Points:
        places = shares * (len(side) - 1)
        before = np.clip(places.astype(int), 0, len(side) - 2)
        rest = (places - before)[:, None]
        return np.asarray((1 - rest) * side[before] + rest * side[before + 1], np.float32)


def _unrolled(image: Image, band: Band) -> Image:
    """Return the part of `image` in a band, laid straight.

    Where it lies outside of the picture, its border is repeated.
    """
    top, bottom = band.top, band.bottom
    length = band.laid or float(np.linalg.norm(np.diff(band.middle, axis=0), axis=1).sum())
    depth = band.depth
    size = (max(1, round(length)), max(1, round(depth)))
    # Pixel centres: the outermost points are the edges of the strip.
    places = (np.arange(size[0], dtype=np.float32) + 0.5) / size[0] * (len(top) - 1)
    across = ((np.arange(size[1], dtype=np.float32) + 0.5) / size[1])[:, None, None]
    before = np.minimum(places.astype(int), len(top) - 2)
    rest = (places - before)[:, None]
    heads = (1 - rest) * top[before] + rest * top[before + 1]
    feet = (1 - rest) * bottom[before] + rest * bottom[before + 1]
    mapping = ((1 - across) * heads + across * feet - 0.5).astype(np.float32)
    laid: Image = cv2.remap(image, mapping, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return laid
