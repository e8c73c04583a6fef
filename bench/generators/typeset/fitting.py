"""Fits lettering into an area: the largest size up to the one wanted, at which all of it stands without touching."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, floor

from bench.generators.typeset.bending import BentSetting, bend_lines
from bench.generators.typeset.bends import Bend
from bench.generators.typeset.faces import TypesettingError
from bench.generators.typeset.glyphs import Point
from bench.generators.typeset.layout import Rect
from bench.generators.typeset.linebreaks import Wrapping, break_lines, units, with_long_ones_split
from bench.generators.typeset.malformation import Malformations
from bench.generators.typeset.setting import Setting, Style, length, set_lines
from bench.generators.typeset.warp import Warp

_STEP = 0.96  # Ratio of one size tried to the one before.
_SLANTED_LIMITS = (0.95, 0.8, 0.65, 0.5)  # Line lengths tried for a turned block, as shares of the room.
_GAP = 0.5  # Room between two blocks at most, in em, beyond their own pads.


@dataclass(frozen=True, slots=True)
class Item:
    """Lettering to fit.

    Attributes:
        region: Its number.
        text: Drawn exactly; a newline starts a new line.
        style: How it is set.
        size: Pixels to the em that are wanted.
        together: Down to this share of its size it is shrunk rather than broken into lines.
        pad: Room kept free around the ink, in em.
        warp: How the block lies.
        bend: The curve that its lines run along; None for straight ones.
        malformations: Of its characters.
    """

    region: int
    text: str
    style: Style
    size: float
    together: float
    pad: float
    warp: Warp
    bend: Bend | None = None
    malformations: Malformations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """Fitted lettering: its footprint's corner lies at `x`, `y` in the picture, its ink `pad` pixels inside it."""

    item: Item
    setting: Setting | BentSetting
    pad: int
    x: int = 0
    y: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the block as set, with its pad."""
        return self.setting.width + 2 * self.pad, self.setting.height + 2 * self.pad

    @property
    def footprint(self) -> tuple[float, float]:
        """Width and height that the block takes up in the picture."""
        return self.item.warp.footprint(*self.size)

    def placed(self, points: Sequence[Point]) -> list[Point]:
        """Return where points of the setting lie in the picture, in pixels."""
        inside = [(x + self.pad, y + self.pad) for x, y in points]
        return [(x + self.x, y + self.y) for x, y in self.item.warp.points(self.size, inside)]


def fit(items: Sequence[Item], area: Rect, smallest: int, anchor: float, is_centred: bool) -> list[Block]:
    """Return the items in place: rows below each other, columns beside each other from the right.

    Args:
        items: In the order in which they are to be read.
        area: That all of them share.
        smallest: Pixels to the em, at the least.
        anchor: Share of the room left over that comes before the first block.
        is_centred: Whether the blocks stand in the middle of the area or at its left (top, for columns).

    Raises:
        TypesettingError: They do not fit at the smallest size.
    """
    columns = [item for item in items if item.style.orientation == "vertical"]
    rows = [item for item in items if item.style.orientation != "vertical"]
    if columns and rows:
        # Columns stand at the right, where reading them begins.
        split = area.right - area.width * min(0.5, 0.25 * len(columns))
        left, right = area._replace(right=split), area._replace(left=split)
        return [*fit(columns, right, smallest, anchor, is_centred), *fit(rows, left, smallest, anchor, is_centred)]
    stack = _Stack(area, is_column=bool(columns))
    for blocks in _candidates(items, stack, smallest):
        if stack.holds(blocks):
            return stack.placed(blocks, anchor, is_centred)
    texts = ", ".join(repr(item.text) for item in items)
    raise TypesettingError(
        f"{texts} cannot be drawn in {area.width:.0f} × {area.height:.0f} pixels at {smallest} pixels to the em; "
        "make the picture or the place larger, or the text shorter"
    )


def _candidates(items: Sequence[Item], stack: _Stack, smallest: int) -> Iterator[list[Block]]:
    """Yield settings to try, the most desirable first: whole lines, then broken ones, then broken words."""
    least = smallest / min(item.size for item in items)
    floors = {
        Wrapping.NONE: max(least, *(item.together for item in items)),
        Wrapping.WORDS: least,
        Wrapping.LONG_WORDS: least,
    }
    for wrapping, lowest in floors.items():
        scale = max(1.0, least)
        while scale >= lowest:
            blocks = [_set(item, item.size * scale, item.size * least, stack, wrapping) for item in items]
            if all(blocks):
                yield [block for block in blocks if block]
            scale = lowest if scale * _STEP < lowest < scale else scale * _STEP


def _set(item: Item, size: float, least: float, stack: _Stack, wrapping: Wrapping) -> Block | None:
    """Return the item set at a size, in lines that the stack has room for; None where it has not.

    A word may be broken only if it has no room at the `least` size either.
    """
    pixels, fewest = _whole(size), _whole(least)
    pad = ceil(item.pad * pixels)
    room = stack.across * (item.bend.room if item.bend else 1.0)
    for share in (1.0,) if item.warp.is_upright and not item.bend else _SLANTED_LIMITS:
        limit = (room * share - 2 * pad) / pixels
        longest = (room * share - 2 * ceil(item.pad * fewest)) / fewest
        lines = _lines(item, limit, longest, wrapping) if limit > 0 else None
        if lines is not None and stack.may_hold(item, lines, pixels):
            block = Block(item, _setting(item, lines, pixels), pad)
            if stack.across_of(block) <= stack.across:
                return block
    return None


def _setting(item: Item, lines: Sequence[str], pixels: int) -> Setting | BentSetting:
    if item.bend is None:
        return set_lines(lines, item.style, pixels, item.malformations)
    return bend_lines(tuple(lines), item.style, pixels, item.bend, item.malformations)


def _whole(size: float) -> int:
    """Return a size in whole pixels; one that falls short of them by a rounding error counts as reaching them."""
    return floor(size + 1e-6)


def _lines(item: Item, limit: float, longest: float, wrapping: Wrapping) -> list[str] | None:
    def measure(row: Sequence[str]) -> float:
        return length(item.style, row)

    lines: list[str] = []
    for paragraph in item.text.split("\n"):
        pieces = units(paragraph, wrapping)
        if wrapping is Wrapping.LONG_WORDS:
            pieces = with_long_ones_split(pieces, longest, measure)
        broken = break_lines(pieces, limit, measure)
        if broken is None:
            return None
        lines += broken
    return lines


class _Stack:
    """The room that blocks share: `along` the direction in which they follow each other, and `across` it."""

    def __init__(self, area: Rect, is_column: bool) -> None:
        self.area = area
        self.is_column = is_column
        self.along, self.across = (area.width, area.height) if is_column else (area.height, area.width)

    def along_of(self, block: Block) -> float:
        # One pixel more than the footprint: blocks begin at whole pixels.
        return block.footprint[0 if self.is_column else 1] + 1

    def across_of(self, block: Block) -> float:
        return block.footprint[1 if self.is_column else 0] + 1

    def may_hold(self, item: Item, lines: Sequence[str], pixels: int) -> bool:
        """Tell, without measuring any ink, whether so many lines could fit along the stack."""
        return (len(lines) - 1) * item.style.leading * pixels <= self.along or not item.warp.is_upright

    def holds(self, blocks: Sequence[Block]) -> bool:
        return sum(self.along_of(block) for block in blocks) <= self.along

    def placed(self, blocks: Sequence[Block], anchor: float, is_centred: bool) -> list[Block]:
        """Return the blocks with their places."""
        left_over = self.along - sum(self.along_of(block) for block in blocks)
        gap = min([left_over / (len(blocks) + 1), *(_GAP * block.setting.size for block in blocks)])
        position = (left_over - gap * (len(blocks) - 1)) * anchor
        placed = []
        for block in blocks:
            offset = (self.across - self.across_of(block)) / 2 if is_centred else 0.0
            if self.is_column:
                x, y = self.area.right - position - self.along_of(block), self.area.top + offset
            else:
                x, y = self.area.left + offset, self.area.top + position
            placed.append(replace(block, x=ceil(x), y=ceil(y)))
            position += self.along_of(block) + gap
        return placed
