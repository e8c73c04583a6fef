"""Draws malformed characters: with strokes missing, added or out of place, with wrong parts, or bent.

Every damage is cut from the outline, shows at a glance at the size of a title, and makes no other character.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bench.generators.typeset.faces import Face, TypesettingError, coverage, font
from bench.generators.typeset.linebreaks import is_wide
from bench.generators.typeset.parts import exchanged, halves, moved, placed, turned_over
from bench.generators.typeset.resemblance import resembles_another
from bench.generators.typeset.strokes import Mask, cut_strokes

_EM = 224
"""Pixels to the em at which characters are taken apart."""

_DRAWS = 150
_DONORS = "永字福春国学酒書我是中文道德明林海花新时间安宁建设美好世界"
_LATIN_DONORS = "ABDEFGHKMNPQRTXYZabdeghkmnpqrty2345679"


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """A character's ink on a square of 2 em, and its strokes."""

    ink: Mask
    strokes: tuple[Mask, ...]

    @property
    def em(self) -> int:
        """Pixels to the em."""
        return len(self.ink) // 2


Donor = Callable[[], Glyph]
"""Draws another glyph of the same face and script."""

Damage = Callable[[Glyph, np.random.Generator, Donor], Mask | None]
"""Returns the damaged ink, or None where this draw came to nothing."""


def missing(count: int) -> Damage:
    """Return a damage that takes `count` strokes away, and leaves what crosses them whole."""

    def damage(glyph: Glyph, rng: np.random.Generator, donor: Donor) -> Mask | None:
        strokes = _pieces(glyph, count + 2)
        gone = set(rng.choice(len(strokes), count, replace=False).tolist())
        return _union([stroke for number, stroke in enumerate(strokes) if number not in gone])

    return damage


def added(glyph: Glyph, rng: np.random.Generator, donor: Donor) -> Mask | None:
    """Add a stroke of this or another character at a new place and slope."""
    source = glyph if rng.random() < 0.5 else donor()
    stroke = source.strokes[rng.integers(len(source.strokes))]
    rows, columns = np.nonzero(glyph.ink)
    target = rng.uniform([columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1])
    new = moved(stroke, target - _middle(stroke), rng.uniform(-40, 40), rng.uniform(0.8, 1.2))
    if new.sum() == 0 or (new & ~glyph.ink).sum() < 0.45 * new.sum() or not _within(new, glyph.ink):
        return None
    return np.asarray(glyph.ink | new)


def shifted(glyph: Glyph, rng: np.random.Generator, donor: Donor) -> Mask | None:
    """Move one stroke away from its place."""
    strokes = _pieces(glyph, 2)
    number = int(rng.integers(len(strokes)))
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.09, 0.22) * glyph.em
    new = moved(strokes[number], far * np.array([np.cos(angle), np.sin(angle)]), rng.uniform(-8, 8), 1.0)
    if not _within(new, glyph.ink):
        return None
    return _union([*strokes[:number], *strokes[number + 1 :], new])


def mirrored(glyph: Glyph, rng: np.random.Generator, donor: Donor) -> Mask | None:
    """Turn one half of the character over, left to right or upside down."""
    parts = halves(glyph.ink, int(rng.integers(2)))
    number = int(rng.integers(2))
    return np.asarray(turned_over(parts[number], int(rng.integers(2))) | parts[1 - number])


def swapped(glyph: Glyph, rng: np.random.Generator, donor: Donor) -> Mask | None:
    """Put half of another character in the place of one half."""
    axis, number = int(rng.integers(2)), int(rng.integers(2))
    parts = halves(glyph.ink, axis)
    other = placed(halves(donor().ink, axis)[number], parts[number])
    return None if other is None else np.asarray(other | parts[1 - number])


def warped(glyph: Glyph, rng: np.random.Generator, donor: Donor) -> Mask | None:
    """Bend the whole character."""
    knots = rng.normal(0.0, rng.uniform(0.03, 0.05), (2, 9, 9)).astype(np.float32) * glyph.em
    side = len(glyph.ink)
    shift = [cv2.resize(knot, (side, side), interpolation=cv2.INTER_CUBIC) for knot in knots]
    x, y = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    bent = cv2.remap(glyph.ink.astype(np.float32), x + shift[0], y + shift[1], cv2.INTER_LINEAR)
    return np.asarray(bent > 0.5)


def jittered(glyph: Glyph, rng: np.random.Generator, donor: Donor) -> Mask | None:
    """Move and turn every stroke a little, each in its own way."""
    return _union(
        [
            moved(stroke, rng.normal(0, 0.028, 2) * glyph.em, rng.normal(0, 5), rng.uniform(0.9, 1.1))
            for stroke in _pieces(glyph, 3)
        ]
    )


def scrambled(glyph: Glyph, rng: np.random.Generator, donor: Donor) -> Mask | None:
    """Let the parts of the character change places."""
    order = rng.permutation(4)
    return None if (order == np.arange(4)).all() else exchanged(glyph.ink, order)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of damage: how it is done, and the least and the greatest `change` of the ink that is wanted."""

    damage: Damage
    least: float
    most: float


DAMAGES: dict[str, Kind] = {
    "one stroke missing": Kind(missing(1), 0.04, 0.30),
    "two strokes missing": Kind(missing(2), 0.08, 0.45),
    "three strokes missing": Kind(missing(3), 0.12, 0.55),
    "stroke added": Kind(added, 0.05, 0.30),
    "stroke shifted": Kind(shifted, 0.07, 0.40),
    "part mirrored": Kind(mirrored, 0.20, 1.20),
    "radical swapped": Kind(swapped, 0.25, 1.40),
    "warped": Kind(warped, 0.18, 0.80),
    "strokes jittered": Kind(jittered, 0.16, 0.70),
    "parts scrambled": Kind(scrambled, 0.30, 1.50),
}
"""Every kind, by its name."""


def damaged_mask(face: Face, size: int, cluster: str, kind: str, rng: np.random.Generator) -> Image.Image:
    """Return a malformed character's coverage (mode L, a square of 2 em) to be painted in place of the right one.

    Its origin, the left end of its baseline, lies at (`size` // 2, 3 * `size` // 2).

    Args:
        face: The face, which has the character.
        size: Pixels to the em.
        cluster: The character that it would be.
        kind: One of `DAMAGES`.
        rng: Decides the damage; it is drawn again until it shows and gives no other character.

    Raises:
        TypesettingError: The character cannot be damaged so (一 mirrored is 一), or has no ink.
    """
    glyph, chosen = glyph_of(face, cluster), DAMAGES[kind]
    donors = [other for other in (_DONORS if is_wide(cluster) else _LATIN_DONORS) if other != cluster]
    donors = [other for other in donors if ord(other) in coverage(face.path, face.index)]

    def donor() -> Glyph:
        return glyph_of(face, donors[rng.integers(len(donors))]) if donors else glyph

    for _ in range(_DRAWS):
        ink = chosen.damage(glyph, rng, donor)
        if ink is None or not chosen.least <= change(glyph.ink, ink) <= chosen.most:
            continue
        if not resembles_another(face, cluster, glyph.ink, ink):
            return as_coverage(ink, size)
    raise TypesettingError(
        f"{cluster!r} in {face.name} cannot be damaged as {kind!r} so that it shows; take another kind"
    )


@lru_cache(maxsize=48)
def glyph_of(face: Face, cluster: str) -> Glyph:
    """Return a character taken apart into strokes.

    Raises:
        TypesettingError: It has no ink.
    """
    canvas = Image.new("L", (2 * _EM, 2 * _EM))
    ImageDraw.Draw(canvas).text((_EM // 2, 3 * _EM // 2), cluster, fill=255, font=font(face, _EM), anchor="ls")
    ink = np.asarray(canvas) > 127
    if not ink.any():
        name = unicodedata.name(cluster[0], "unnamed")
        raise TypesettingError(f"{cluster!r} ({name}) has no ink in {face.name} to be damaged; leave it as it is")
    return taken_apart(ink)


def taken_apart(ink: Mask) -> Glyph:
    """Return ink on a square of 2 em with its strokes."""
    top, left = np.argwhere(ink).min(axis=0)
    bottom, right = np.argwhere(ink).max(axis=0) + 1
    strokes = []
    for stroke in cut_strokes(ink[top:bottom, left:right]):
        whole = np.zeros_like(ink)
        whole[top:bottom, left:right] = stroke
        strokes.append(whole)
    return Glyph(ink, tuple(strokes))


def change(before: Mask, after: Mask) -> float:
    """Return how far ink was moved, both drawings softened by 0.02 em: about 1 where it lies anew at random.

    That is Σ|before − after| / 2A(1 − A/R) with the ink's area A on a room R of 0.8 em².
    """
    em = len(before) / 2
    soft = [cv2.GaussianBlur(ink.astype(np.float32), (0, 0), 0.02 * em) for ink in (before, after)]
    area, room = float(before.sum()), 0.8 * em**2
    return float(np.abs(soft[0] - soft[1]).sum()) / (2 * area * max(1 - area / room, 0.2))


def as_coverage(ink: Mask, size: int) -> Image.Image:
    """Return ink on a square of 2 em as coverage (mode L) at `size` pixels to the em."""
    scale = 2 * size / len(ink)
    levels: NDArray[np.float32] = ink.astype(np.float32)
    if scale > 1:
        levels = cv2.GaussianBlur(levels, (0, 0), 1.2)
    levels = cv2.resize(levels, (2 * size, 2 * size), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    if scale > 1:
        levels = (levels - 0.5) * (2.5 * scale) + 0.5  # As sharp an edge at any size.
    return Image.fromarray((levels.clip(0, 1) * 255).round().astype(np.uint8))


def _pieces(glyph: Glyph, least: int) -> list[Mask]:
    """Return the strokes; of a character with fewer than `least`, the longest ones in halves."""
    pieces = list(glyph.strokes)
    while len(pieces) < least:
        number = int(np.argmax([piece.sum() for piece in pieces]))
        rows, columns = np.nonzero(pieces[number])
        axis = 1 if np.ptp(rows) > np.ptp(columns) else 0
        pieces[number : number + 1] = halves(pieces[number], axis)
    return pieces


def _union(masks: Sequence[Mask]) -> Mask:
    return np.asarray(np.logical_or.reduce(masks))


def _middle(mask: Mask) -> NDArray[np.float64]:
    rows, columns = np.nonzero(mask)
    return np.array([columns.mean(), rows.mean()])


def _within(new: Mask, ink: Mask) -> bool:
    """Return whether a stroke keeps to the character's own room, give or take 0.06 em."""
    room = np.argwhere(ink)
    slack = 0.06 * len(ink) / 2
    places = np.argwhere(new)
    return len(places) > 0 and bool(
        (places.min(axis=0) >= room.min(axis=0) - slack).all()
        and (places.max(axis=0) <= room.max(axis=0) + slack).all()
    )
