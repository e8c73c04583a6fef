"""How well pictures fit texts, from cosines: rank and lift over other prompts, crops against captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lift:
    """A picture's own prompt against other prompts.

    `rank` is 1 where no other fits better, ties counting half; `lift` in 0..1 is the share of the others that fit
    worse, ties half: the area under the ROC curve of one positive, 0.5 at chance.
    """

    rank: float
    lift: float
    others: int


def lift_of(own: float, others: Sequence[float] | Floats) -> Lift | None:
    """Return the lift of the cosine with the own prompt over those with the others; None without others."""
    if not len(others):
        return None
    rest = np.asarray(others, dtype=np.float64)
    above = float(np.sum(rest > own) + np.sum(rest == own) / 2)
    return Lift(1 + above, 1 - above / rest.size, int(rest.size))


@dataclass(frozen=True, slots=True)
class RegionFit:
    """Crops (rows) against captions (columns) of one picture, row i and column i being of the same region.

    `found` has for each region whether its crop fits its caption better than every other caption, and its caption
    fits its crop better than every other crop; a tie is not better. `margins` are the cosine of the pair less the best
    other in its row or column.
    """

    matrix: Floats
    found: tuple[bool, ...]
    margins: tuple[float, ...]


def region_fit(crops: Floats, captions: Floats) -> RegionFit | None:
    """Return the fit of unit vectors of crops and captions, both (regions, width); None for fewer than two regions.

    Raises:
        ValueError: The two have other shapes.
    """
    if crops.shape != captions.shape:
        raise ValueError(f"{crops.shape} crops and {captions.shape} captions: there must be one of each a region")
    if len(crops) < 2:
        return None
    matrix = np.asarray(crops @ captions.T, dtype=np.float64)
    own = np.diag(matrix)
    rest = np.where(np.eye(len(matrix), dtype=bool), -np.inf, matrix)
    margins = own - np.maximum(rest.max(axis=0), rest.max(axis=1))
    return RegionFit(matrix, tuple(bool(m > 0) for m in margins), tuple(float(m) for m in margins))
