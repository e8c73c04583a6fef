"""Finding the lines of one picture: where they lie, which way they run, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from metrics.readers.bands import Band
from metrics.readers.bending import bent
from metrics.readers.curves import CurveSettings, curved_bands, joined_band, ring_band
from metrics.readers.detection import TextDetector
from metrics.readers.lines import CERTAIN, ReadBand, ReadLine, letters, weight
from metrics.readers.marks import MarkSettings, with_marks
from metrics.readers.pyramid import Pyramid
from metrics.readers.quadrilaterals import Points, elongation, sides, upright_rectangle, widened
from metrics.readers.recognition import Recognition, TextRecogniser
from metrics.readers.rings import scattered_ring
from metrics.readers.scales import ScaleSettings, settle
from metrics.readers.spacing import is_spaced, squeezed, unread
from metrics.readers.straightening import straighter
from metrics.readers.views import DetectionSettings, TextBox, View

_WITHIN = 0.9
"""A box is within a band if more than this share of its core's outline is."""


@dataclass(frozen=True, slots=True)
class CropSettings:
    """How boxes become crops.

    Attributes:
        along: Added at both ends of a line, as a share of its height: the detector clips thin ends (a full stop, 一).
        across: Added above and below, likewise; a recogniser misreads characters that fill its crop to the edge.
        tall: Boxes this many times as high as wide are read sideways too: as columns downwards, which recognisers know
            as lines turned together with their characters, and as lines turned so as to run upwards.
        short: Boxes less elongated than this, unless upright, are read as upright rectangles too: the tightest
            rectangle of one or two characters (J, 十) is often askew.
        surer: A reading takes the place of an earlier one if its confidence is greater by this.
    """

    along: float = 0.15
    across: float = 0.1
    tall: float = 1.5
    short: float = 3.0
    surer: float = 0.05


@dataclass(frozen=True, slots=True)
class FinderSettings:
    """What decides which lines are found in a picture."""

    detection: DetectionSettings = field(default_factory=DetectionSettings)
    scales: ScaleSettings = field(default_factory=ScaleSettings)
    marks: MarkSettings = field(default_factory=MarkSettings)
    crops: CropSettings = field(default_factory=CropSettings)
    curves: CurveSettings = field(default_factory=CurveSettings)


class LineFinder:
    """Finds and reads the lines of one picture."""

    def __init__(
        self,
        picture: Pyramid,
        detector: TextDetector,
        recogniser: TextRecogniser,
        settings: FinderSettings,
        keep: frozenset[int] | None,
    ) -> None:
        """Make a finder.

        Args:
            picture: The picture.
            detector: Finds text.
            recogniser: Reads crops.
            settings: What decides which lines are found.
            keep: Labels of the recogniser whose probabilities are wanted; None where no posteriors are.
        """
        self._picture = picture
        self._detector = detector
        self._recogniser = recogniser
        self._settings = settings
        self._keep = keep
        self._read_box = cache(self._best_position)

    def lines(self) -> list[ReadLine]:
        """Return the lines from top to bottom, with what they were read from."""
        reads: list[ReadBand] = []
        for views in self._detector.looks(self._picture.image):
            reads = self._reads(views)
            may_be_more = len(views) < self._settings.detection.scales
            if may_be_more and reads and all(self._is_read_well(read) for read in reads):
                break
        reads = [read if read.band.straight else self._straightened(read) for read in reads]
        reads = [self._closed_up(read) if is_spaced(read.recognition.text) else read for read in reads]
        height, width = self._picture.image.shape[:2]
        lines = [ReadLine.of(read, width, height) for read in reads if read.recognition.signs]
        lines.sort(key=lambda read: read.place)
        return lines

    def _is_read_well(self, read: ReadBand) -> bool:
        """Return whether a line needs no finer look: it is read surely, and all of it is read."""
        settings = self._settings.scales
        signs = [(sign.start, sign.end) for sign in read.recognition.signs]
        return read.recognition.confidence >= settings.enough and unread(read.crop, signs) < settings.unread

    def _reads(self, views: Sequence[View]) -> list[ReadBand]:
        """Return what is read in all that was found, straight or curved."""
        curves = self._settings.curves
        return bent(
            curved_bands(views, self._settings.detection, curves),
            lambda sure: self._straight(views, sure),
            lambda first, second: joined_band(first, second, curves),
            lambda band: ring_band(band, curves),
            lambda parts: scattered_ring(parts, curves),
            cache(self._read_band),
        )

    def _straight(self, views: Sequence[View], sure: Sequence[Band]) -> list[tuple[TextBox, ReadBand]]:
        """Return the boxes that stand and what is read in them, but for bent ones in the `sure` bands."""
        boxes = [
            [box for box in view.boxes if not (box.bent and any(_is_part_of(box, band) for band in sure))]
            for view in views
        ]
        standing = with_marks(settle(boxes, self._said, self._settings.scales), self._said, self._settings.marks)
        return [(box, self._read_box(box)) for box in standing]

    def _said(self, box: TextBox) -> Recognition:
        return self._read_box(box).recognition

    def _straightened(self, read: ReadBand) -> ReadBand:
        """Return a curved line as it reads after a second look at where it runs, unless it loses a character by it.

        One that is read surely needs none.
        """
        if read.recognition.confidence >= self._settings.curves.sure:
            return read
        band = straighter(read, self._detector.look, self._settings.detection, self._settings.curves)
        if band is None:
            return read
        again = self._read_band(band)
        return again if weight(again.recognition) > weight(read.recognition) - CERTAIN / 5 else read

    def _closed_up(self, read: ReadBand) -> ReadBand:
        """Return widely spaced lettering as it reads without its gaps, if all of its characters are still there."""
        band = squeezed(read.band, read.crop)
        if band is None:
            return read
        again = self._read_band(band)
        return again if letters(again.recognition) > letters(read.recognition) - CERTAIN / 2 else read

    def _best_position(self, box: TextBox) -> ReadBand:
        """Return what a box says in the position in which it is read most surely, the plainer ones first."""
        positions = self._positions(box.corners)
        best = self._read_corners(next(positions))
        for corners in positions:
            if best.recognition.confidence + self._settings.crops.surer >= 1:
                break
            other = self._read_corners(corners)
            if other.recognition.confidence > best.recognition.confidence + self._settings.crops.surer:
                best = other
        return best

    def _positions(self, corners: Points) -> Iterator[Points]:
        """Yield the corners of a box in every order in which its text may run."""
        frames = [corners]
        if elongation(corners) < self._settings.crops.short and not _is_upright(corners):
            frames.insert(0, upright_rectangle(corners))
        for frame in frames:
            yield frame
            length, depth = sides(frame)
            if depth >= self._settings.crops.tall * length:
                yield np.roll(frame, -1, axis=0)
                yield np.roll(frame, 1, axis=0)

    def _read_corners(self, corners: Points) -> ReadBand:
        """Return what stands within `corners` and a little around."""
        thickness = min(sides(corners))
        wide = widened(corners, self._settings.crops.along * thickness, self._settings.crops.across * thickness)
        return self._read_band(Band.around(wide))

    def _read_band(self, band: Band) -> ReadBand:
        """Return what stands in a band."""
        crop = self._picture.cut(band)
        return ReadBand(band, crop, self._recogniser.recognise(crop, self._keep))


def _is_upright(corners: Points) -> bool:
    return bool(corners[0, 1] == corners[1, 1])


def _is_part_of(box: TextBox, band: Band) -> bool:
    """Return whether a box is of a band's line: it lies within, and the middle of the band runs through its core."""
    if band.share_of(box.contour) <= _WITHIN:
        return False
    return any(cv2.pointPolygonTest(box.contour, (float(x), float(y)), False) >= 0 for x, y in band.middle)
