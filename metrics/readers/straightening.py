"""A second look at a curved line, once it is laid nearly straight.

Next to a curve the detector's region bulges inwards, and the band follows it: deeper than the text, and not quite as
round. In the strip that was cut out the text runs nearly straight and the detector sees it sharply.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.readers.bands import Band
from metrics.readers.centrelines import extended, resampled, smoothed
from metrics.readers.crops import Image
from metrics.readers.curves import CurveSettings, band_around
from metrics.readers.lines import ReadBand
from metrics.readers.views import DetectionSettings

_DEPTH = 64
"""Pixels of the strip's depth in which it is looked at: the text in it is then as high as detectors like it."""

_STEP = 8
"""Pixels of the strip's length over which the middle of the text is averaged."""


def straighter(
    read: ReadBand,
    look: Callable[[Image], NDArray[np.float32]],
    detection: DetectionSettings,
    settings: CurveSettings,
) -> Band | None:
    """Return a band that follows the text in a curved one more closely, None where no text is seen in it.

    Args:
        read: The curved band and its crop.
        look: Returns how likely each pixel of a strip is to belong to the core of a text.
        detection: How cores become lines.
        settings: How curved lines are cut out.
    """
    band, crop = read.band, read.crop
    size = (max(_DEPTH, round(crop.shape[1] * _DEPTH / crop.shape[0])), _DEPTH)
    text = look(cv2.resize(crop, size, interpolation=cv2.INTER_AREA)) > settings.threshold
    heights = text.sum(axis=0)
    columns = np.flatnonzero(heights)
    if len(columns) < _DEPTH:
        return None
    width, length = float(np.median(heights[columns])), float(np.ptp(columns)) + 1
    grown = width * length * detection.unclip / (2 * (width + length))
    height = width + 2 * grown
    middles = _middles(text, columns, width)
    places = columns[0] + (np.arange(len(middles)) + 0.5) * _STEP
    scale = band.depth / _DEPTH
    depth = (1 + 2 * settings.across) * height * scale
    if band.closed:
        shares = np.linspace(0, 1, len(band.top))
        return band_around(
            band.points_at(shares, np.interp(shares * size[0], places, middles) / _DEPTH), depth, closed=True
        )
    ends = (grown + settings.along * height - _STEP / 2) * scale
    middle = resampled(band.points_at(places / size[0], middles / _DEPTH), depth / 6)
    return band_around(extended(middle, ends, ends), depth)


def _middles(text: NDArray[np.bool_], columns: NDArray[np.int64], width: float) -> NDArray[np.float64]:
    """Return how far down the middle of the text is at every step along a strip, where there is none between others."""
    rows = np.arange(len(text))[:, None]
    heights = text.sum(axis=0)
    bins = (np.arange(columns[0], columns[-1] + 1) - columns[0]) // _STEP
    counts = np.bincount(bins, heights[columns[0] : columns[-1] + 1])
    sums = np.bincount(bins, (text * (rows + 0.5)).sum(axis=0)[columns[0] : columns[-1] + 1])
    means = np.where(counts, sums / np.maximum(counts, 1), np.nan)
    weights = np.where(counts > 1.35 * width * _STEP, 0.05, 1.0)
    return smoothed(np.stack([means, means], axis=1).astype(np.float32), weights)[:, 0].astype(float)
