"""What the typesetter truly drew in a picture, as a perfect reader would have read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metrics.reading import Line, Reading


def drawn_reading(details: Mapping[str, Any], width: int, height: int) -> Reading:
    """Return the texts that were drawn, one line a region, each where its region stands.

    Args:
        details: What the typesetter recorded; `drawn` differs from `text` where mistakes were made on purpose.
        width: Of the picture, in pixels.
        height: Likewise.
    """
    lines = []
    for region in details["regions"]:
        text = region["drawn"]
        if text:
            left, top, right, bottom = (
                share * size for share, size in zip(region["box"], (width, height) * 2, strict=True)
            )
            lines.append(Line(text, 1.0, ((left, top), (right, top), (right, bottom), (left, bottom))))
    return Reading(width, height, tuple(lines))
