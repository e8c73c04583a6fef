"""Small marks beside the end of a line, which a detector sees apart from it: quotation marks above all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from metrics.readers.lines import CERTAIN, weight
from metrics.readers.quadrilaterals import Points, sides
from metrics.readers.recognition import Recognition
from metrics.readers.scales import Read
from metrics.readers.views import TextBox


@dataclass(frozen=True, slots=True)
class MarkSettings:
    """What counts as a mark of a line; all as multiples of the line's height.

    Attributes:
        low: A mark is lower than this.
        short: Nor is it longer than this.
        near: It begins no further than this from the line's end.
    """

    low: float = 0.6
    short: float = 1.2
    near: float = 1.0


def with_marks(boxes: Sequence[TextBox], read: Read, settings: MarkSettings) -> list[TextBox]:
    """Return the boxes, those of lines longer by the marks beside their ends where more is read with them.

    A mark alone is read as something else (” as 99); in its line it stands for itself. What adds letters or digits to
    the line is no mark, but text of its own.
    """
    standing = list(boxes)
    for mark in boxes:
        if mark in standing:
            standing = _with_mark(standing, mark, read, settings)
    return standing


def _with_mark(standing: list[TextBox], mark: TextBox, read: Read, settings: MarkSettings) -> list[TextBox]:
    for line in standing:
        corners = None if line is mark else _joined(line.corners, mark.corners, settings)
        if corners is None:
            continue
        both = replace(line, corners=corners)
        whole, part = read(both), read(line)
        if _wording(whole) == _wording(part) and weight(whole) > weight(part) + CERTAIN / 2:
            return [*(box for box in standing if box is not mark and box is not line), both]
    return standing


def _joined(line: Points, mark: Points, settings: MarkSettings) -> Points | None:
    """Return the corners of a line made longer by a mark beside one of its ends, None where it is not such a mark."""
    length, height = sides(line)
    if length < height:
        return None
    ahead, down = (line[1] - line[0]) / length, (line[3] - line[0]) / max(height, 1e-6)
    along, across = (mark - line[0]) @ ahead, (mark - line[0]) @ down
    if np.ptp(across) > settings.low * height or np.ptp(along) > settings.short * height:
        return None
    if not 0 < across.mean() < height:
        return None
    start, end = float(along.min()), float(along.max())
    gap = max(start - length, -end)
    if not -height / 2 < gap < settings.near * height:
        return None
    first, last = min(start, 0.0) * ahead, (max(end, length) - length) * ahead
    return np.asarray(line + np.stack([first, last, last, first]), np.float32)


def _wording(recognition: Recognition) -> str:
    """Return the letters and digits of a reading."""
    return "".join(filter(str.isalnum, recognition.text))
