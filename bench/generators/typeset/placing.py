"""Texts out of their places, by a known amount: moved by so much, or two of them in each other's place."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from bench.generators.typeset.fitting import Block
from bench.generators.typeset.layout import Rect
from metrics.boxes import centre, contains
from prompts.suite import Box, Prompt, Size

_DIRECTIONS = 48
_ATTEMPTS = 24  # Orders in which the texts are moved, until all have room.
_SHORTER = (1.0, 0.8, 0.6, 0.4, 0.2)  # Shares of the way that are tried where there is no room for all of it.


@dataclass(frozen=True, slots=True)
class Placing:
    """What became of the places: the pair of regions that changed them, and how far each region was moved.

    A move is across and down, in fractions of the picture's width and height.
    """

    swapped: tuple[int, int] | None = None
    moves: Mapping[int, tuple[float, float]] = field(default_factory=dict)


def pairs_to_swap(prompt: Prompt, regions: Sequence[int], rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return the pairs of regions that can be told to be in each other's place, in random order.

    Their texts differ, and neither's place holds the middle of the other's.
    """
    pairs = []
    for one, other in combinations(regions, 2):
        first, second = prompt.regions[one].box, prompt.regions[other].box
        if first is None or second is None or prompt.regions[one].text == prompt.regions[other].text:
            continue
        if not contains(first, centre(second)) and not contains(second, centre(first)):
            pairs.append((one, other))
    return [pairs[i] for i in rng.permutation(len(pairs))]


def swapped_places(places: Mapping[int, Box | None], pair: tuple[int, int] | None) -> dict[int, Box | None]:
    """Return the places with those of a pair exchanged."""
    if pair is None:
        return dict(places)
    one, other = pair
    return {**places, one: places[other], other: places[one]}


def displaced(
    blocks: Sequence[Block], movable: Collection[int], by: float, size: Size, rng: np.random.Generator
) -> tuple[list[Block], dict[int, tuple[float, float]]]:
    """Return blocks moved by a distance in random directions, and how far each was really moved.

    All stay within the picture and touch no other one. Where no direction has room for the whole way, a block is
    moved as far as there is room for, which may be not at all.

    Args:
        blocks: In place.
        movable: Regions that are moved; the others stay.
        by: Distance as `metrics.boxes.distance` measures it.
        size: Of the picture.
        rng: Decides on directions.
    """
    best: tuple[tuple[int, float], list[Block]] | None = None
    for _ in range(_ATTEMPTS):
        moved = list(blocks)
        gone = []
        for number in (int(n) for n in rng.permutation(len(blocks))):
            if blocks[number].item.region in movable:
                others = [_footprint(block) for i, block in enumerate(moved) if i != number]
                share, moved[number] = _moved(blocks[number], by, size, others, rng)
                gone.append(share)
        reached = gone.count(1.0), math.fsum(gone)
        if best is None or reached > best[0]:
            best = reached, moved
        if len(gone) == reached[0]:
            break
    assert best is not None
    moves = {
        before.item.region: ((after.x - before.x) / size.width, (after.y - before.y) / size.height)
        for before, after in zip(blocks, best[1], strict=True)
        if before.item.region in movable
    }
    return best[1], moves


def _moved(
    block: Block, by: float, size: Size, others: Sequence[Rect], rng: np.random.Generator
) -> tuple[float, Block]:
    """Return which share of the way a block could be moved, and the block there."""
    for share in _SHORTER:
        for angle in _angles(rng):
            across, down = (
                round(share * by * f(angle) * side) for f, side in zip((math.cos, math.sin), size, strict=True)
            )
            candidate = replace(block, x=block.x + across, y=block.y + down)
            rect = _footprint(candidate)
            within = rect.left >= 0 and rect.top >= 0 and rect.right <= size.width and rect.bottom <= size.height
            if within and not any(rect.overlaps(other) for other in others):
                return share, candidate
    return 0.0, block


def _angles(rng: np.random.Generator) -> Iterator[float]:
    """Yield directions all around, in random order."""
    start = rng.random()
    yield from ((start + int(step)) * math.tau / _DIRECTIONS for step in rng.permutation(_DIRECTIONS))


def _footprint(block: Block) -> Rect:
    width, height = block.footprint
    return Rect(block.x, block.y, block.x + width, block.y + height)
