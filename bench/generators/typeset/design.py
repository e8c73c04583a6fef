"""Draws a design for a prompt from the published distribution: all that decides the picture, before any pixel."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.generators.typeset.distribution import Strength
from bench.generators.typeset.faces import TypesettingError
from bench.generators.typeset.finish import Finish, draw_finish
from bench.generators.typeset.fitting import Block, Item, fit
from bench.generators.typeset.items import Streams, Task, draw_item
from bench.generators.typeset.layout import Rect, divide
from bench.generators.typeset.mistakes import Writing
from bench.generators.typeset.placing import Placing, displaced, pairs_to_swap, swapped_places
from bench.generators.typeset.scene import Scene, Surface, draw_scene
from bench.generators.typeset.warp import Warp
from bench.generators.typeset.wishes import Wishes
from prompts.suite import Box, Prompt, Size

# Shares of the picture's shorter side.
_MARGIN = {"bare": 0.06, "boards": 0.05, "frame": 0.11, "card": 0.0}
_CARD_MARGIN, _CARD_PAD, _PLACE_MARGIN, _BORDER = 0.07, 0.05, 0.01, 0.005
FRAME_MARGIN = 0.035
_LARGER = 1.4  # Of two texts, the one that is to be larger is so by this ratio at the least.
_BOARD_GAP = 0.25  # From the edge of a board's block to the board, in em.


_NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Panel:
    """A board or card, `inset` pixels inside a block of `size`, whose footprint's corner lies at `x`, `y`."""

    size: tuple[int, int]
    inset: int
    x: int
    y: int
    warp: Warp
    border: int
    radius: int
    is_double: bool


@dataclass(frozen=True, slots=True)
class Lettering:
    """One region's lettering in place."""

    block: Block
    finish: Finish


@dataclass(frozen=True, slots=True)
class Design:
    """A whole picture: `frame` is the width in pixels of the line along its edges, 0 for none.

    `placing` says which texts are out of their places; None where none was to be.
    """

    size: Size
    scene: Scene
    frame: int
    panels: tuple[Panel, ...]
    letterings: tuple[Lettering, ...]
    placing: Placing | None = None

    @property
    def ground(self) -> Surface:
        """What fills the picture: the lettering's own ground, or the wall behind panels."""
        return self.scene.wall if self.scene.layout in {"boards", "card"} else self.scene.surface


def draw_design(
    prompt: Prompt,
    writings: Sequence[Writing],
    seed: int,
    strength: Strength,
    version: int,
    wishes: Wishes = _NO_WISHES,
) -> Design:
    """Return the design of one picture; equal arguments give equal designs in every process.

    Where lettering does not fit into the layout that was drawn, it stands on the bare ground.

    Args:
        prompt: What is asked for.
        writings: For each region of the prompt; those that draw nothing but blanks get no lettering.
        seed: Of the picture.
        strength: The distribution.
        version: Of the typesetter.
        wishes: What is chosen rather than drawn; the rest is drawn as without them.

    Raises:
        TypesettingError: A character that no face has, or lettering that does not fit.
    """
    key = json.dumps([version, prompt.id, prompt.text, prompt.targets, seed, strength.name], ensure_ascii=False)
    root = np.random.SeedSequence(int.from_bytes(hashlib.sha256(key.encode()).digest()))
    stream, *main = root.spawn(1 + len(writings))
    seeds = list(zip(main, root.spawn(len(writings)), root.spawn(len(writings)), strict=True))
    has_places = any(r.box for r, writing in zip(prompt.regions, writings, strict=True) if writing.drawn.strip())
    scene = draw_scene(
        np.random.default_rng(stream), strength, has_places, wishes, np.random.default_rng(root.spawn(1)[0])
    )
    placing = root.spawn(1)[0]
    strength = replace(strength, smallest=int(wishes.em.low)) if wishes.em else strength
    try:
        return _composed(prompt, writings, strength, scene, wishes, seeds, placing)
    except TypesettingError:
        if scene.layout == "bare":
            raise
        return _composed(prompt, writings, strength, replace(scene, layout="bare"), wishes, seeds, placing)


def _composed(
    prompt: Prompt,
    writings: Sequence[Writing],
    strength: Strength,
    scene: Scene,
    wishes: Wishes,
    seeds: Sequence[tuple[np.random.SeedSequence, ...]],
    placing_seed: np.random.SeedSequence,
) -> Design:
    """Return the design in a scene; each region draws from the streams of its own number."""
    wanted = [index for index, writing in enumerate(writings) if writing.drawn.strip()]
    streams = {index: Streams(*map(np.random.default_rng, seeds[index])) for index in wanted}
    items = {
        index: draw_item(own, strength, scene, wishes, Task(prompt, index, writings[index], index == wanted[0]))
        for index, own in streams.items()
    }
    letterings = []
    blocks, placing = _placed(prompt, scene, strength, items, wishes, np.random.default_rng(placing_seed))
    for block in blocks:
        index = block.item.region
        ink = scene.inks[0 if index == wanted[0] else 1]
        own = streams[index]
        size = block.setting.size
        finish = draw_finish(own.main, own.wishes, strength, scene, ink, size, wishes.finish)
        letterings.append(Lettering(block, finish))
    border = max(2, round(_BORDER * min(prompt.size)))
    frame = border if scene.layout == "frame" else 0
    return Design(
        prompt.size, scene, frame, _panels(prompt.size, scene, letterings, border), tuple(letterings), placing
    )


def _placed(
    prompt: Prompt,
    scene: Scene,
    strength: Strength,
    items: dict[int, Item],
    wishes: Wishes,
    rng: np.random.Generator,
) -> tuple[list[Block], Placing | None]:
    """Return all lettering in its place, or out of it as wished for, in the order of the regions."""
    places = {index: prompt.regions[index].box for index in items}

    def arranged(pair: tuple[int, int] | None = None) -> list[Block]:
        where = swapped_places(places, pair)
        return _in_proportion(
            prompt, items, strength, lambda found: _arranged(prompt.size, where, scene, strength, found)
        )

    if wishes.places is None and wishes.displace is None:
        return arranged(), None
    pairs: list[tuple[int, int] | None] = [*pairs_to_swap(prompt, list(items), rng)] if wishes.places else []
    for pair in pairs or [None]:
        try:
            blocks = arranged(pair)
        except TypesettingError:
            if pair == (pairs or [None])[-1]:
                raise
            continue
        break
    if wishes.displace is None:
        return blocks, Placing(pair)
    movable = {index for index, place in places.items() if place is not None}
    blocks, moves = displaced(blocks, movable, wishes.displace, prompt.size, rng)
    return blocks, Placing(pair, moves)


def _in_proportion(
    prompt: Prompt, items: dict[int, Item], strength: Strength, arrange: Callable[[Mapping[int, Item]], list[Block]]
) -> list[Block]:
    """Return the items arranged, the lesser ones of `larger-than` relations set smaller where they have to be.

    Where they cannot be arranged so, they stay as they were.
    """
    blocks = arrange(items)
    for _ in prompt.relations:
        em = {block.item.region: block.setting.size for block in blocks}
        most = {
            relation.object: em[relation.subject] / _LARGER
            for relation in prompt.relations
            if relation.kind == "larger-than" and relation.subject in em and relation.object in em
        }
        too_large = {index: size for index, size in most.items() if em[index] > max(size, strength.smallest)}
        if not too_large:
            break
        items = {**items, **{index: replace(items[index], size=size) for index, size in too_large.items()}}
        try:
            blocks = arrange(items)
        except TypesettingError:
            break
    return blocks


def _arranged(
    size: Size, places: Mapping[int, Box | None], scene: Scene, strength: Strength, items: Mapping[int, Item]
) -> list[Block]:
    """Return all lettering in these places, in the order of the regions."""
    shorter = min(size)
    open_area = _card(size, scene).inset(_CARD_PAD * shorter) if scene.layout == "card" else Rect(0, 0, *size)
    blocks = []
    for area in divide([(index, places[index]) for index in items], size, open_area):
        rect = area.rect.inset((_PLACE_MARGIN if area.is_asked else _MARGIN[scene.layout]) * shorter)
        anchor = 0.5 if area.is_asked or scene.layout == "card" else scene.anchor
        is_centred = area.is_asked or scene.alignment == "centre"
        blocks += fit([items[index] for index in area.regions], rect, strength.smallest, anchor, is_centred)
    return sorted(blocks, key=lambda block: block.item.region)


def _card(size: Size, scene: Scene) -> Rect:
    room = Rect(0, 0, *size).inset(_CARD_MARGIN * min(size))
    spare = room.height * (1 - scene.card)
    return Rect(room.left, room.top + spare * scene.anchor, room.right, room.bottom - spare * (1 - scene.anchor))


def _panels(size: Size, scene: Scene, letterings: Sequence[Lettering], border: int) -> tuple[Panel, ...]:
    """Return the card that carries all lettering, or a board for each region, as the layout has it."""
    if scene.layout == "card" and letterings:
        card = _card(size, scene)
        extent = (round(card.width), round(card.height))
        return (Panel(extent, 0, round(card.left), round(card.top), Warp(), border, 3 * border, scene.is_double),)
    if scene.layout != "boards":
        return ()
    return tuple(_board(lettering.block, border) for lettering in letterings)


def _board(block: Block, border: int) -> Panel:
    em = block.setting.size
    inset = round(_BOARD_GAP * em)
    return Panel(block.size, inset, block.x, block.y, block.item.warp, min(border, max(1, em // 16)), em // 4, False)
