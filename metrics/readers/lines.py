"""What was read in a picture, with the bands and crops that it was read from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metrics.readers.bands import Band
from metrics.readers.crops import Image
from metrics.readers.posteriors import Posteriors
from metrics.readers.quadrilaterals import Points
from metrics.readers.recognition import Recognition
from metrics.reading import Character, Line, Polygon

CERTAIN = 0.5
"""What a character read with certainty adds to the weight of a reading, and one read without any takes away."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadBand:
    """What stands in a band of a picture.

    Attributes:
        band: Where it lies: `band.part(start, end)` is the quadrilateral of the picture between two shares of its
            length, `band.cut(image)` is the crop.
        crop: The band laid straight as the recogniser saw it, before it was brought to the recogniser's height.
        recognition: What was read, with posteriors where labels were to be kept. A time step t stands at the share
            t / `posteriors.span` of the crop's and the band's length.
    """

    band: Band
    crop: Image
    recognition: Recognition


@dataclass(frozen=True, slots=True, eq=False)
class ReadLine:
    """A line of a reading, with what it was read from, as in `ReadBand`."""

    line: Line
    band: Band
    crop: Image
    recognition: Recognition

    @classmethod
    def of(cls, read: ReadBand, width: int, height: int) -> ReadLine:
        """Return the line that a band says, its places kept within a picture of `width` x `height`."""
        band = read.band
        characters = tuple(
            Character(sign.text, sign.confidence, _polygon(band.part(sign.start, sign.end), width, height))
            for sign in read.recognition.signs
        )
        outline = _polygon(band.outline, width, height)
        line = Line(read.recognition.text, read.recognition.confidence, outline, characters)
        return cls(line, band, read.crop, read.recognition)

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Of each character: where it begins and ends, as shares of the crop's length in 0..1."""
        return [(sign.start, sign.end) for sign in self.recognition.signs]

    @property
    def posteriors(self) -> Posteriors:
        """What the recogniser thinks of the line; only where labels were to be kept."""
        assert self.recognition.posteriors is not None, "labels were to be kept"
        return self.recognition.posteriors

    @property
    def place(self) -> tuple[float, float]:
        """What lines are sorted by: how far down, and then how far right, the line begins."""
        return min(y for _, y in self.line.polygon), min(x for x, _ in self.line.polygon)


def weight(recognition: Recognition) -> float:
    """Return a sum over the characters in which a likely one counts for the reading and an unlikely one against it."""
    return sum(sign.confidence - (1 - CERTAIN) for sign in recognition.signs)


def _polygon(corners: Points, width: int, height: int) -> Polygon:
    """Return corners as a polygon, in hundredths of a pixel, with each point moved into the picture."""
    points = np.clip(corners.astype(float), 0.0, [width, height])
    return tuple((round(float(x), 2), round(float(y), 2)) for x, y in points)
