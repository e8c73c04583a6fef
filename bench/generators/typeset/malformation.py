"""Which characters are drawn malformed, how, and where their ink then is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageFilter

from bench.generators.typeset.faces import Face, TypesettingError
from bench.generators.typeset.glyphs import Extent
from bench.generators.typeset.linebreaks import clusters
from bench.generators.typeset.mistakes import Writing

_FINE = 448  # Pixels to the em at which a damaged glyph is kept, to be reduced to its size.


@dataclass(frozen=True, slots=True)
class Malformation:
    """A kind of damage (bench/generators/typeset/damage.py) and the seed that decides it."""

    kind: str
    seed: int

    def mask(self, face: Face, size: int, cluster: str, stroke: int = 0) -> Image.Image:
        """Return the glyph's coverage, `stroke` pixels bolder: a square of 2 em, mode L.

        Its origin lies at (`size` // 2, 3 * `size` // 2).
        """
        half = _FINE // 2
        roomy = Image.new("L", (3 * _FINE, 3 * _FINE))
        roomy.paste(_damaged(face, cluster, self), (half, half))
        # The origin stands at a whole pixel, as it does in every setting.
        left = half + (_FINE / 2 - size // 2 * _FINE / size)
        top = half + (3 * _FINE / 2 - 3 * size // 2 * _FINE / size)
        way = Image.Resampling.BOX if size < _FINE else Image.Resampling.BICUBIC
        mask = roomy.resize((2 * size, 2 * size), way, (left, top, left + 2 * _FINE, top + 2 * _FINE))
        return mask.filter(ImageFilter.MaxFilter(2 * stroke + 1)) if stroke else mask

    def ink(self, face: Face, size: int, cluster: str) -> Extent | None:
        """Return the extent of the glyph's ink about its origin."""
        box = self.mask(face, size, cluster).getbbox()
        return Extent(*box).moved(-(size // 2), -(3 * size // 2)) if box else None


def draw_malformations(face: Face, writing: Writing, rng: np.random.Generator) -> Malformations:
    """Return what is done to which of the characters drawn (by number); fewer than wanted where no more can be.

    A character that no kind of damage fits, as it may be with 一, is passed over for the next candidate.
    """
    found: dict[int, Malformation] = {}
    row = [cluster for cluster in clusters(writing.drawn) if not cluster.isspace()]
    for _, number in writing.candidates:
        if len(found) == writing.malformed:
            break
        malformation = _fitting(face, row[number], rng)
        if malformation:
            found[number] = malformation
    return found


def _fitting(face: Face, cluster: str, rng: np.random.Generator) -> Malformation | None:
    from bench.generators.typeset.damage import DAMAGES

    names = list(DAMAGES)
    for index in rng.permutation(len(names)):
        malformation = Malformation(names[index], int(rng.integers(2**32)))
        try:
            _damaged(face, cluster, malformation)
        except TypesettingError:
            continue
        return malformation
    return None


Malformations: TypeAlias = Mapping[int, Malformation]
"""By the number of the character among those drawn, blanks not counted."""


@lru_cache(maxsize=64)
def _damaged(face: Face, cluster: str, malformation: Malformation) -> Image.Image:
    from bench.generators.typeset.damage import damaged_mask

    rng = np.random.default_rng(malformation.seed)
    return damaged_mask(face, _FINE, cluster, malformation.kind, rng)
