"""What a detector sees in a picture at one scale, and what decides it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.readers.quadrilaterals import Points


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """What decides which boxes are found.

    Attributes:
        side: Side of the square that has as many pixels as the finest scale at most; smaller pictures keep their size.
        scales: How many, each half the one before.
        threshold: Least probability of a pixel of text.
        box_threshold: Least mean probability within a contour.
        unclip: Ratio by which boxes grow back to the size of the lettering.
        least_height: Boxes lower than this many pixels of the map are noise.
        upright_below: Boxes less elongated than this hold about one character, whose tightest rectangle may stand on
            its tip (十); they are upright rectangles instead.
        suspicion: Least probability of a pixel that may be text, faintly seen.
        large: Lettering of this many pixels of a map is large enough to be seen well in it.
        sure: Least mean probability of the core of what is surely text.
        spine: How deep within a core its spine begins, as a share of half the core's width.
        room: Pixels around all that may be text that are looked at with it at the finest scale.
        filled: The cores of straight lines fill at least this share of their tightest rectangle.
        well_filled: They fill at least this share where they are seen well, and all the lettering is of one size.
        least_bent: Boxes lower than this many pixels of the map are seen too coarsely to be called bent.
    """

    side: int = 736
    scales: int = 4
    threshold: float = 0.2
    box_threshold: float = 0.45
    unclip: float = 1.4
    least_height: float = 3.0
    upright_below: float = 1.6
    suspicion: float = 0.003
    large: float = 18.0
    sure: float = 0.8
    spine: float = 0.6
    room: int = 96
    filled: float = 0.75
    well_filled: float = 0.8
    least_bent: float = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class TextBox:
    """A place where text was found, in pixels of the picture.

    Attributes:
        corners: The quadrilateral around the lettering.
        contour: Outline of the text's core as the detector saw it, of shape (n, 2): it follows a curved line.
        score: Mean probability within the contour.
        seen_height: Shorter side of the box in pixels of the map in which it was found.
        fill: Share of its tightest rectangle that the core fills; 1 where it was seen too coarsely to tell.
        bent: Whether that is as little as a curved line fills.
    """

    corners: Points
    contour: Points
    score: float
    seen_height: float
    fill: float = 1.0
    bent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What was found at one scale.

    Attributes:
        boxes: The boxes.
        probabilities: How likely each pixel of the map is to belong to the core of a text, of shape (height, width).
        pixel: Width and height of a pixel of the map, in pixels of the picture.
    """

    boxes: list[TextBox]
    probabilities: NDArray[np.float32]
    pixel: Points
