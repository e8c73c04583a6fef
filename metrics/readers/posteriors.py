"""What a recogniser thinks of a line, step by step, cut down to the labels that matter.

All 18,710 outputs of every step would be tens of megabytes a picture. What character evidence asks for is the blank,
the characters that were expected, and their likeliest rivals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLANK = 0
"""Label of "no character begins here", which CTC recognisers put between characters."""

_LIKELIEST = 8
"""Labels kept of every step beside the ones that were asked for."""

_FLOOR = 1e-5
"""Labels that are nowhere likelier than this are no rivals."""


@dataclass(frozen=True, slots=True, eq=False)
class Posteriors:
    """Probabilities of some labels at each step along a crop.

    Attributes:
        labels: The labels, ascending, without repeats, the blank (0) first; of shape (K,).
        probabilities: Of each label at each step, in 0..1, float32 of shape (T, K). A step's sum is below 1 by what the
            labels left out have.
        span: How many steps the crop covers: the share s of its length lies at step s × `span`. Steps from there on
            see padding.
    """

    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    span: float

    def column(self, label: int) -> int | None:
        """Return where `label` is among the labels, None where it was not kept."""
        place = int(np.searchsorted(self.labels, label))
        return place if place < len(self.labels) and self.labels[place] == label else None


def kept(steps: NDArray[np.float32], keep: frozenset[int], span: float) -> Posteriors:
    """Return the posteriors of the blank, of the labels in `keep`, and of the likeliest few of every step.

    Args:
        steps: Probabilities of shape (T, labels).
        keep: Labels to keep wherever they are likely or not.
        span: How many steps the crop covers.
    """
    asked = np.array(sorted(keep | {BLANK}), np.int64)
    likely = np.flatnonzero(steps.max(axis=0) > _FLOOR)
    if len(likely) > _LIKELIEST:
        rivals = np.argpartition(steps[:, likely], -_LIKELIEST, axis=1)[:, -_LIKELIEST:]
        likely = likely[np.unique(rivals)]
    labels = np.union1d(asked, likely)
    return Posteriors(labels, np.ascontiguousarray(steps[:, labels]), span)
