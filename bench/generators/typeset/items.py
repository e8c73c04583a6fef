"""A region's lettering as it is wanted, before it has to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from bench.generators.typeset.bends import draw_bend
from bench.generators.typeset.distribution import Strength
from bench.generators.typeset.faces import FACES, TypesettingError, missing_characters
from bench.generators.typeset.fitting import Item
from bench.generators.typeset.linebreaks import clusters, is_wide
from bench.generators.typeset.malformation import draw_malformations
from bench.generators.typeset.mistakes import Writing
from bench.generators.typeset.scene import Scene
from bench.generators.typeset.setting import Style
from bench.generators.typeset.warp import Warp
from bench.generators.typeset.wishes import Wishes
from prompts.suite import Orientation, Prompt

_PAD, _BOARD_PAD, _GLOW_PAD = 0.4, 0.95, 0.75  # Room kept free around the ink, in em.
_SHORT, _MIDDLING, _PARAGRAPH = 4, 12, 24  # Full widths up to which a text is short, middling, not yet a paragraph.
_CURVED_TOGETHER = 0.3  # Lettering on a curve stays on one line down to this share of its size.


@dataclass(frozen=True, slots=True)
class Task:
    """What to write for a region of a prompt, which may be the first that has any."""

    prompt: Prompt
    region: int
    writing: Writing
    is_first: bool


@dataclass(frozen=True, slots=True)
class Streams:
    """A region's generators: of the distribution, of wishes, of malformations; none changes another's draws."""

    main: np.random.Generator
    wishes: np.random.Generator
    malformations: np.random.Generator


def draw_item(streams: Streams, strength: Strength, scene: Scene, wishes: Wishes, task: Task) -> Item:
    """Return the lettering of one region."""
    rng, text = streams.main, task.writing.drawn
    width = _full_widths(text)
    height = task.prompt.size.height
    size = _size(strength, scene, task, width)
    em, bend = float(streams.wishes.random()), draw_bend(streams.wishes, wishes.curve or "arc-up")
    if wishes.em:
        size = floor(wishes.em.low + em * (wishes.em.high - wishes.em.low + 1))
    together = max(strength.together, min(1.0, strength.long.low * height / size))
    drawn_tracking = strength.tracking.draw(rng)
    tracking, leading = drawn_tracking if width <= _MIDDLING else 0.0, scene.leading
    orientation = _orientation(wishes, task)
    if orientation == "vertical":
        tracking += strength.column_tracking
        leading += strength.column_leading
        together = strength.together_vertical if width <= _MIDDLING else together
    if wishes.curve:
        together = min(together, _CURVED_TOGETHER)
    alignment = scene.alignment if width <= _PARAGRAPH else "start"
    face = FACES[_covering(scene.faces, text)]
    return Item(
        region=task.region,
        text=text,
        style=Style(face, tracking, leading, alignment, orientation),
        size=size,
        together=together,
        pad=_BOARD_PAD if scene.layout == "boards" else _GLOW_PAD if wishes.finish == "neon" else _PAD,
        warp=_draw_warp(rng, strength),
        bend=bend if wishes.curve else None,
        malformations=draw_malformations(face, task.writing, streams.malformations),
    )


def _size(strength: Strength, scene: Scene, task: Task, width: float) -> float:
    """Return the pixels to the em that the distribution has for a text so many full widths long."""
    sizes = strength.short if width <= _SHORT else strength.middling if width <= _MIDDLING else strength.long
    return sizes.at(scene.size) * task.prompt.size.height * (1.0 if task.is_first else scene.later)


def _orientation(wishes: Wishes, task: Task) -> Orientation:
    if wishes.curve:
        return "horizontal"
    return wishes.orientation or task.prompt.regions[task.region].orientation or "horizontal"


def _draw_warp(rng: np.random.Generator, strength: Strength) -> Warp:
    is_turned, angle = rng.random() < strength.turned, strength.angle.draw(rng)
    is_slanted = rng.random() < strength.slanted
    keystone = strength.keystone.draw(rng), strength.keystone.draw(rng)
    return Warp(angle if is_turned else 0.0, keystone if is_slanted else (0.0, 0.0))


def _full_widths(text: str) -> float:
    """Return the length of a text in Chinese characters; others count half."""
    return sum(1.0 if is_wide(cluster) else 0.5 for cluster in clusters(text))


def _covering(faces: Sequence[str], text: str) -> str:
    """Return the first of `faces` that has every character of `text`."""
    lacking = {}
    for name in faces:
        lacking[name] = missing_characters(FACES[name], text)
        if not lacking[name]:
            return name
    fewest = min(lacking, key=lambda name: len(lacking[name]))
    named = ", ".join(f"{character} (U+{ord(character):04X})" for character in lacking[fewest])
    if len(lacking) == 1:
        raise TypesettingError(f"the face {fewest!r} cannot draw {text!r}; it lacks {named}")
    raise TypesettingError(f"no face has every character of {text!r}; the nearest one lacks {named}")
