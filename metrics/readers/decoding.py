"""Decoding: from the probabilities at each step of a line to its characters."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from metrics.readers.posteriors import BLANK


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring steps at which one character is read.

    Attributes:
        label: Of the character.
        first: The first step.
        last: The last one.
    """

    label: int
    first: int
    last: int

    @property
    def middle(self) -> float:
        """Its middle, in steps."""
        return (self.first + self.last + 1) / 2

    def likelihood(self, steps: NDArray[np.float32], label: int) -> float:
        """Return the greatest probability of a label, its own or another one, at these steps."""
        return float(steps[self.first : self.last + 1, label].max())


def decode(steps: NDArray[np.float32]) -> list[Run]:
    """Return the likeliest label of each step, repeats merged and blanks dropped.

    Args:
        steps: Probabilities of shape (time steps, 1 blank + characters).
    """
    best = steps.argmax(axis=1).tolist()
    runs = []
    for label, places in groupby(range(len(best)), key=lambda step: best[step]):
        if label != BLANK:
            within = list(places)
            runs.append(Run(label, within[0], within[-1]))
    return runs
