"""Curved text: arcs, waves and rings, laid straight along their centre lines.

A detector follows a curved line with its region, but the rectangle around it is mostly background. Whether a region is
curved is measured on its centre line; `metrics.readers.bending` decides by what it says whether the curve stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from metrics.readers.bands import Band
from metrics.readers.centrelines import (
    CentreLine,
    Mask,
    centre_line,
    circle,
    extended,
    joined,
    normals,
    resampled,
    turn,
)
from metrics.readers.quadrilaterals import Points
from metrics.readers.views import DetectionSettings, View


@dataclass(frozen=True, slots=True)
class CurveSettings:
    """What counts as curved, and how it is cut out.

    Attributes:
        threshold: Least probability of a pixel of a curved text's core.
        filled: Regions that fill more of their tightest rectangle than this are straight.
        bend: Least swing of a curved line's direction, in radians.
        bend_joined: Likewise of two parts of one line.
        rise: Least width, as a share of its height, of the strip that the middle of a curved line needs.
        gap: Greatest gap between parts of one line, as a multiple of the height.
        alike: Greatest ratio of the heights of two parts of one line.
        swing: Greatest change of direction, in radians, from the end of a part to the beginning of the next.
        round_turn: Least swing of the direction of a part of a ring, in radians.
        round_off: Greatest distance of most of its middle from a circle, as a share of the band's depth.
        along: Added at both ends of a line, as a share of its height.
        across: Added above and below, likewise.
        sure: A curve read with this confidence needs no second look at where it runs.
    """

    threshold: float = 0.3
    filled: float = 0.75
    bend: float = 0.35
    bend_joined: float = 0.15
    rise: float = 0.25
    gap: float = 1.2
    alike: float = 2.4
    swing: float = 0.9
    round_turn: float = 1.5
    round_off: float = 0.08
    along: float = 0.15
    across: float = 0.1
    sure: float = 0.99


def curved_bands(views: Iterable[View], detection: DetectionSettings, settings: CurveSettings) -> list[Band]:
    """Return the bands of curved lines in what a detector saw, each in one of its two directions, shorter ones first.

    Args:
        views: What the detector saw at each scale.
        detection: How it reads its maps.
        settings: What counts as curved.
    """
    found: list[tuple[float, Band]] = []
    for view in views:
        for line in _lines(view, detection, settings):
            # A core is the text shrunk by area x ratio / perimeter: a long one by nearly half its width on each side.
            grown = line.width * line.length * detection.unclip / (2 * (line.width + line.length))
            height = line.width + 2 * grown
            if line.closed or _is_curved(line.points, height, settings.bend, settings):
                found.append((line.length * float(view.pixel[0]), _band(line, grown, height, view.pixel, settings)))
    return [band for _, band in sorted(found, key=lambda entry: entry[0])]


def joined_band(first: Band, second: Band, settings: CurveSettings) -> Band | None:
    """Return the band of both lines if one goes on where the other ends and they make a curve, else None."""
    depths = sorted(band.depth for band in (first, second))
    if first.closed or second.closed or depths[1] > settings.alike * depths[0]:
        return None
    # A straight band is as deep as a curved line in it is high and rises.
    depth = depths[1] if first.straight == second.straight else first.depth if second.straight else second.depth
    line = joined(first.middle, second.middle, settings.gap * depth, settings.swing)
    height = depth / (1 + 2 * settings.across)
    if line is None or not _is_curved(line, height, settings.bend_joined, settings):
        return None
    return band_around(line, depth)


def ring_band(band: Band, settings: CurveSettings) -> Band | None:
    """Return the ring of which a band is a part, in its direction; None if it is closed, too short, or not round."""
    if band.closed or turn(band.middle) < settings.round_turn:
        return None
    centre, radius, off = circle(band.middle)
    if off > settings.round_off * band.depth or radius < band.depth:
        return None
    around = np.unwrap(np.arctan2(*(band.middle - centre).T[::-1]))
    # It begins opposite to the part, where there is least text to be cut.
    way = math.copysign(2 * math.pi, around[-1] - around[0])
    begin = (around[0] + around[-1] + way) / 2
    angles = begin + np.linspace(0.0, way, max(16, round(40 * radius / band.depth)))
    middle = centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return band_around(np.asarray(middle, np.float32), band.depth, closed=True)


def _band(line: CentreLine, grown: float, height: float, pixel: Points, settings: CurveSettings) -> Band:
    """Return the band around a centre line whose text is `height` high and `grown` longer at both ends."""
    middle = resampled(line.points, height / 6)
    if line.closed:
        middle = np.concatenate([middle, middle[:1]])
    else:
        meeting = float(np.linalg.norm(middle[-1] - middle[0])) / 2
        ends = min(grown + settings.along * height, meeting)
        middle = extended(middle, ends, ends)
    return band_around(middle, (1 + 2 * settings.across) * height, pixel, closed=line.closed)


def band_around(middle: Points, depth: float, pixel: Points | float = 1.0, *, closed: bool = False) -> Band:
    """Return the band of `depth` around a middle line, both in pixels of a map which are `pixel` in the picture."""
    half = normals(middle) * depth / 2
    if closed:
        half[0] = half[-1] = (half[0] + half[-1]) / 2
    top, bottom = (np.asarray((middle + side) * pixel, np.float32) for side in (-half, half))
    return Band(top, bottom, closed)


def _is_curved(points: Points, height: float, bend: float, settings: CurveSettings) -> bool:
    chord = points[-1] - points[0]
    aside: Points = (points - points[0]) @ np.array([-chord[1], chord[0]]) / max(float(np.linalg.norm(chord)), 1e-6)
    return turn(points) > bend and float(np.ptp(aside)) > settings.rise * height


def _lines(view: View, detection: DetectionSettings, settings: CurveSettings) -> Iterator[CentreLine]:
    """Yield the centre lines of the regions that do not fill a rectangle."""
    text = (view.probabilities > settings.threshold).astype(np.uint8)
    first, above, across, down = cv2.boundingRect(text)
    if not across:
        return
    text = text[above : above + down, first : first + across]
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(text, connectivity=8)
    for label in range(1, count):
        left, top, width, height, area = boxes[label]
        if max(width, height) < 3 * detection.least_height or area < 4 * detection.least_height**2:
            continue
        region: Mask = (labels[top : top + height, left : left + width] == label).astype(np.uint8)
        corner = (first + left, above + top)
        within = view.probabilities[corner[1] : corner[1] + height, corner[0] : corner[0] + width]
        if _is_filled(region, settings.filled) or cv2.mean(within, region)[0] < detection.box_threshold:
            continue
        line = centre_line(region, np.array(corner, np.float32))
        if line is not None and line.width >= detection.least_height:
            yield line


def _is_filled(region: Mask, share: float) -> bool:
    """Return whether a region fills more than this share of its tightest rectangle."""
    contours, _ = cv2.findContours(region, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    _, (length, width), _ = cv2.minAreaRect(contours[0])
    return bool(cv2.countNonZero(region) > share * (length + 1) * (width + 1))
