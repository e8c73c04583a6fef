"""Finding text: a DB detector looks at the picture at several scales.

The detector is at its best on lettering of 14 to 100 pixels. Larger characters fall apart into strokes, and the thin
ones at the ends of a line (一, 上) are passed over; half the scale, and half again, brings them back into that range
for a quarter of the work each. The finest scale costs most and is looked at last, only around what may be text at the
others, and not at all where those show everything well (`metrics.readers.foresight`). `metrics.readers.scales` decides
which boxes stand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.readers.crops import Image
from metrics.readers.foresight import Window, is_large_and_sure, promising
from metrics.readers.models import DETECTOR, Device, open_session
from metrics.readers.quadrilaterals import Points, elongation, offset, sides, tightest_rectangle, upright_rectangle
from metrics.readers.views import DetectionSettings, TextBox, View

_STRIDE = 32
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
"""ImageNet's, which PP-OCR applies to the channels in the order blue, green, red (`inference.yml` of the detector)."""


class TextDetector:
    """Finds text with the PP-OCRv6 tiny detector."""

    def __init__(self, settings: DetectionSettings, device: Device = "cpu") -> None:
        self._settings = settings
        self._session = open_session(DETECTOR.path, device)

    def looks(self, image: Image) -> Iterator[list[View]]:
        """Yield what is found in a picture (RGB) at each scale, the finest first.

        Where the coarser scales may show all there is, what is found at them alone is yielded before. Probabilities of
        the finest scale are 0 where nothing at a coarser one may be text.
        """
        (finest, pixel), *others = self._scaled(image)
        coarse = [self._detect_once(view, pixel) for view, pixel in others]
        if coarse and is_large_and_sure(coarse[0], self._settings):
            yield coarse
        height, width = finest.shape[:2]
        yield [self._detect_once(finest, pixel, promising(coarse, (width, height), _STRIDE, self._settings)), *coarse]

    def _scaled(self, image: Image) -> list[tuple[Image, Points]]:
        """Return a picture at each scale, the finest first, and how wide and high a pixel of it is in the picture."""
        height, width = image.shape[:2]
        scale = min(1.0, self._settings.side / math.sqrt(height * width))
        view: Image = image
        views = []
        for _ in range(self._settings.scales):
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            # Averaging is slow unless it halves, and above a half all pixels count without it.
            view = cv2.resize(view, size, interpolation=cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA)
            views.append((view, np.array([width / size[0], height / size[1]], np.float32)))
            scale /= 2
        return views

    def look(self, strip: Image) -> NDArray[np.float32]:
        """Return how likely each pixel of a strip of a picture is to belong to the core of a text."""
        height, width = strip.shape[:2]
        padded = cv2.copyMakeBorder(strip, 0, -height % _STRIDE, 0, -width % _STRIDE, cv2.BORDER_REPLICATE)
        return self._probabilities(padded)[:height, :width]

    def _detect_once(self, view: Image, pixel: Points, window: Window | None = None) -> View:
        """Return what is found in `view`, each of whose pixels is `pixel` wide and high in the picture.

        Args:
            view: The picture at one scale.
            pixel: Width and height of its pixels.
            window: The part to look at, from multiples of the detector's stride on; None for all.
        """
        height, width = view.shape[:2]
        left, top, right, bottom = window or (0, 0, width, height)
        seen = self.look(view[top:bottom, left:right])
        probabilities = np.zeros((height, width), np.float32)
        probabilities[top:bottom, left:right] = seen
        text = (probabilities > self._settings.threshold).astype(np.uint8)
        contours, _ = cv2.findContours(text, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        border = np.array([width, height], np.float32)
        boxes = (self._box(contour.reshape(-1, 2), probabilities, border) for contour in contours)
        placed = [
            replace(box, corners=box.corners * pixel, contour=box.contour * pixel) for box in boxes if box is not None
        ]
        return View(placed, probabilities, pixel)

    def _probabilities(self, view: Image) -> NDArray[np.float32]:
        """Return how likely each pixel of `view` is to belong to the core of a text."""
        batch = np.empty((1, 3, *view.shape[:2]), np.float32)
        for plane, channel, mean, deviation in zip(batch[0], (2, 1, 0), _MEAN, _DEVIATION, strict=True):
            np.multiply(view[:, :, channel], np.float32(1 / (255 * deviation)), out=plane)
            plane -= mean / deviation
        (maps,) = self._session.run(None, {self._session.get_inputs()[0].name: batch})
        probabilities: NDArray[np.float32] = maps[0, 0]
        return probabilities

    def _box(self, contour: NDArray[np.int32], probabilities: NDArray[np.float32], border: Points) -> TextBox | None:
        """Return the box around one contour in pixels of the map, grown as far as its `border`, or None for noise."""
        _, _, width, height = cv2.boundingRect(contour)
        # A speck: the shorter side of the tightest rectangle is no longer than the root of this area.
        if (width - 1) * (height - 1) < self._settings.least_height**2:
            return None
        core = self._rectangle(contour.astype(np.float32))
        if min(sides(core)) < self._settings.least_height:
            return None
        score = _mean_within(contour, probabilities)
        if score < self._settings.box_threshold:
            return None
        corners = self._rectangle(np.clip(offset(core, self._settings.unclip), 0, border))
        if min(sides(corners)) < self._settings.least_height:
            return None
        height = min(sides(corners))
        fill = _fill(contour) if height >= self._settings.least_bent else 1.0
        return TextBox(corners, contour.astype(np.float32), score, height, fill, fill < self._settings.filled)

    def _rectangle(self, points: Points) -> Points:
        """Return the tightest rectangle around `points`, or the upright one where they hold about one character."""
        tight, upright = tightest_rectangle(points), upright_rectangle(points)
        single = max(elongation(tight), elongation(upright)) < self._settings.upright_below
        return upright if single else tight


def _fill(contour: NDArray[np.int32]) -> float:
    """Return the share of their tightest rectangle that the pixels within a contour fill."""
    length, width = cv2.minAreaRect(contour)[1]
    # A contour runs through the middles of its pixels: half a pixel more on all sides.
    area = cv2.contourArea(contour) + cv2.arcLength(contour, closed=True) / 2 + 1
    return float(area / ((length + 1) * (width + 1)))


def _mean_within(contour: NDArray[np.int32], values: NDArray[np.float32]) -> float:
    """Return the mean of `values` inside `contour` (PaddleOCR's `slow` score: it does not punish curved text)."""
    left, top, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - [left, top]], 1)
    return float(cv2.mean(values[top : top + height, left : left + width], mask)[0])
