"""Where each region's lettering goes, and at which size: inside its place, without overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from prompts.suite import Box, Size


class Rect(NamedTuple):
    """A rectangle in pixels of the picture, with fractions."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    def overlaps(self, other: Rect) -> bool:
        """Tell whether the two share more than an edge."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 1e-6 and down > 1e-6

    def inset(self, by: float) -> Rect:
        """Return the rectangle with `by` pixels less on every side."""
        return Rect(self.left + by, self.top + by, self.right - by, self.bottom - by)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the picture for the regions (by number) that share it; `is_asked` where the prompt names it."""

    regions: tuple[int, ...]
    rect: Rect
    is_asked: bool


def divide(places: Sequence[tuple[int, Box | None]], size: Size, open_area: Rect) -> list[Area]:
    """Return areas that do not overlap, one for each place asked for and one for all regions without a place.

    Where places overlap, the smaller keeps all of its own and the larger gets the largest rectangle left of it.

    Args:
        places: Number and place of every region with lettering.
        size: Of the picture.
        open_area: Where regions without a place may stand.
    """
    sharing: dict[Box | None, list[int]] = {}
    for index, box in places:
        sharing.setdefault(box, []).append(index)
    wanted = {box: _pixels(box, size) if box else open_area for box in sharing}
    taken: list[Area] = []
    for box in sorted(sharing, key=lambda box: (box is None, wanted[box].area, box or ())):
        rect = _largest_free(wanted[box], [area.rect for area in taken])
        taken.append(Area(tuple(sharing[box]), rect, box is not None))
    return sorted(taken, key=lambda area: area.regions)


def _pixels(box: Box, size: Size) -> Rect:
    return Rect(box.left * size.width, box.top * size.height, box.right * size.width, box.bottom * size.height)


def _largest_free(wanted: Rect, taken: Sequence[Rect]) -> Rect:
    """Return the largest rectangle inside `wanted` that overlaps none of `taken`; an empty one where none is left."""
    obstacles = [rect for rect in taken if rect.overlaps(wanted)]
    if not obstacles:
        return wanted
    xs = sorted({wanted.left, wanted.right, *(x for o in obstacles for x in (o.left, o.right))})
    ys = sorted({wanted.top, wanted.bottom, *(y for o in obstacles for y in (o.top, o.bottom))})
    xs = [x for x in xs if wanted.left <= x <= wanted.right]
    ys = [y for y in ys if wanted.top <= y <= wanted.bottom]
    free = [
        rect
        for i, left in enumerate(xs)
        for right in xs[i + 1 :]
        for k, top in enumerate(ys)
        for bottom in ys[k + 1 :]
        if not any((rect := Rect(left, top, right, bottom)).overlaps(obstacle) for obstacle in obstacles)
    ]
    return max(free, key=lambda rect: rect.area, default=Rect(wanted.left, wanted.top, wanted.left, wanted.top))
