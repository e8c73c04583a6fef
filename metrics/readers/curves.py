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
from numpy.typing import NDArray

from metrics.readers.bands import Band
from metrics.readers.centrelines import CentreLine, Mask, centre_line, extended, normals, resampled, smoothed
from metrics.readers.detection import DetectionSettings, View
from metrics.readers.quadrilaterals import Points, elongation, tightest_rectangle


@dataclass(frozen=True, slots=True)
class CurveSettings:
    """What counts as curved, and how it is cut out.

    Attributes:
        threshold: Least probability of a pixel of a curved text's core.
        filled: Regions that fill more of their tightest rectangle than this are straight.
        bend: Least swing of a curved line's direction, in radians.
        rise: Least width, as a share of its height, of the strip that the middle of a curved line needs.
        gap: Greatest gap between parts of one line, as a multiple of the width of their cores.
        alike: Greatest ratio of the widths of two parts of one line.
        swing: Greatest change of direction, in radians, from the end of a part to the beginning of the next.
        along: Added at both ends of a line, as a share of its height.
        across: Added above and below, likewise.
    """

    threshold: float = 0.3
    filled: float = 0.75
    bend: float = 0.35
    rise: float = 0.25
    gap: float = 4.0
    alike: float = 1.7
    swing: float = 0.9
    along: float = 0.15
    across: float = 0.1


def curved_bands(views: Iterable[View], detection: DetectionSettings, settings: CurveSettings) -> list[Band]:
    """Return the bands of curved lines in what a detector saw, each in one of its two directions, shorter ones first.

    Args:
        views: What the detector saw at each scale.
        detection: How it reads its maps.
        settings: What counts as curved.
    """
    found: list[tuple[float, Band]] = []
    for view in views:
        for line in _chained(list(_parts(view, detection, settings)), settings):
            # A core is the text shrunk by area x ratio / perimeter: a long one by nearly half its width on each side.
            grown = line.width * line.length * detection.unclip / (2 * (line.width + line.length))
            height = line.width + 2 * grown
            if _is_curved(line, height, settings):
                found.append((line.length * float(view.pixel[0]), _band(line, grown, height, view.pixel, settings)))
    return [band for _, band in sorted(found, key=lambda entry: entry[0])]


def _band(line: CentreLine, grown: float, height: float, pixel: Points, settings: CurveSettings) -> Band:
    """Return the band around a centre line whose text is `height` high and `grown` longer at both ends."""
    step = height / 6
    middle = resampled(line.points, step)
    if line.closed:
        middle = np.concatenate([middle, middle[:1]])
    else:
        meeting = float(np.linalg.norm(middle[-1] - middle[0])) / 2
        ends = min(grown + settings.along * height, meeting)
        middle = extended(middle, ends, ends)
    half = normals(middle) * (0.5 + settings.across) * height
    if line.closed:
        half[0] = half[-1] = (half[0] + half[-1]) / 2
    top, bottom = (np.asarray((middle + side) * pixel, np.float32) for side in (-half, half))
    return Band(top, bottom, line.closed)


def _is_curved(line: CentreLine, height: float, settings: CurveSettings) -> bool:
    if line.closed:
        return True
    start, end = line.points[0], line.points[-1]
    chord = end - start
    aside = (line.points - start) @ np.array([-chord[1], chord[0]]) / max(float(np.linalg.norm(chord)), 1e-6)
    return line.turn > settings.bend and float(np.ptp(aside)) > settings.rise * height


def _parts(view: View, detection: DetectionSettings, settings: CurveSettings) -> Iterator[CentreLine]:
    """Yield the centre lines of all regions that are longer than wide."""
    text = (view.probabilities > settings.threshold).astype(np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(text, connectivity=8)
    for label in range(1, count):
        left, top, width, height, area = boxes[label]
        if max(width, height) < 3 * detection.least_height or area < 4 * detection.least_height**2:
            continue
        region: Mask = (labels[top : top + height, left : left + width] == label).astype(np.uint8)
        within = view.probabilities[top : top + height, left : left + width]
        if cv2.mean(within, region)[0] < detection.box_threshold:
            continue
        line = _part(region, np.array([left, top], np.float32), settings)
        if line is not None and line.width >= detection.least_height:
            yield line


def _part(region: Mask, origin: Points, settings: CurveSettings) -> CentreLine | None:
    """Return the centre line of a region, the axis of its tightest rectangle if it is straight, None for a blot."""
    contours, _ = cv2.findContours(region, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    corners = tightest_rectangle(contours[0].reshape(-1, 2).astype(np.float32))
    area, covered = cv2.contourArea(corners), cv2.countNonZero(region)
    if covered < settings.filled * area:
        return centre_line(region, origin)
    if elongation(corners) < 2:
        return None
    if np.linalg.norm(corners[1] - corners[0]) < np.linalg.norm(corners[2] - corners[1]):
        corners = np.roll(corners, -1, axis=0)
    axis = np.stack([corners[0] + corners[3], corners[1] + corners[2]]) / 2
    width = float(np.linalg.norm(corners[3] - corners[0])) + 1
    return CentreLine(resampled(np.asarray(axis + origin + 0.5, np.float32), width / 2), width)


def _chained(parts: list[CentreLine], settings: CurveSettings) -> Iterator[CentreLine]:
    """Yield lines: every curved part, and those that follow each other along one curve joined."""
    yield from parts
    while parts:
        line, joints = parts.pop(), 0
        while not line.closed and (best := _follower(line, parts, settings)) is not None:
            i, line = best
            parts.pop(i)
            joints += 1
        if joints:
            yield line


def _follower(line: CentreLine, others: list[CentreLine], settings: CurveSettings) -> tuple[int, CentreLine] | None:
    """Return the nearest line that goes on where `line` ends or begins, and both as one."""
    best, found = math.inf, None
    for i, other in enumerate(others):
        low, high = sorted((line.width, other.width))
        if other.closed or high > settings.alike * low:
            continue
        for first in (line.points, line.points[::-1]):
            for second in (other.points, other.points[::-1]):
                gap = float(np.linalg.norm(second[0] - first[-1]))
                if gap < min(best, settings.gap * high) and _goes_on(first, second, high, settings):
                    best, found = gap, (i, _joined(first, second, (line, other)))
    return found


def _goes_on(first: Points, second: Points, width: float, settings: CurveSettings) -> bool:
    """Return whether one line sets out from the end of another as if it were the same."""
    ways = [-_direction(first[::-1], width), second[0] - first[-1], _direction(second, width)]
    angles = [math.atan2(way[1], way[0]) for way in ways]
    swings = [abs(math.remainder(b - a, 2 * math.pi)) for a, b in ((angles[0], angles[1]), (angles[1], angles[2]))]
    return max(swings) < settings.swing


def _direction(points: Points, width: float) -> NDArray[np.float32]:
    """Return the direction in which a line sets out, measured over twice its width."""
    step = float(np.linalg.norm(points[1] - points[0]))
    reach = min(len(points) - 1, max(1, round(2 * width / step)))
    return np.asarray(points[reach] - points[0], np.float32)


def _joined(first: Points, second: Points, both: tuple[CentreLine, CentreLine]) -> CentreLine:
    """Return one line through the points of two, the gap between them filled in as a curve."""
    lengths = [line.length for line in both]
    width = float(np.average([line.width for line in both], weights=lengths))
    step = width / 2
    first, second = resampled(first, step), resampled(second, step)
    missing = max(0, round(float(np.linalg.norm(second[0] - first[-1])) / step) - 1)
    points = smoothed(np.concatenate([first, np.full((missing, 2), np.nan, np.float32), second]))
    return CentreLine(points, width)
