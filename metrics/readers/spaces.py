"""Spaces that a recogniser half saw: the gap between the characters' ink decides.

Behind a full stop and around a dash a recogniser often leaves the space out, although it thought of one; widely set
capitals make it think of spaces where there are none. A space that it thought of stands where the gap is clearly wider
than those between the other characters of the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from metrics.readers.crops import Image
from metrics.readers.decoding import Run
from metrics.readers.spacing import ink_runs

_THOUGHT = 0.1
"""Least probability that there is a space between two characters; between most there is next to none."""

_WIDE = "\u2e80"
"""Han characters and their marks begin here: they bring their own gaps, and lines of them have no spaces."""

_WIDER = 0.17
"""By how much the gap must be wider than the line's usual one, as a share of the crop's height."""


def with_spaces(
    runs: Sequence[Run], steps: NDArray[np.float32], span: float, crop: Image, characters: Sequence[str]
) -> list[Run]:
    """Return the characters of a line with the spaces that both the recogniser and the gaps speak for.

    Args:
        runs: As decoded.
        steps: Probabilities of shape (time steps, labels).
        span: How many steps the crop covers.
        crop: The line laid straight.
        characters: By label, the last of which is the space.
    """
    space = len(characters) - 1
    narrow = [run.label != space and characters[run.label] < _WIDE for run in runs]
    thought = [
        float(1 - np.prod(1 - steps[before.last + 1 : after.first, space])) if all(pair) else 0.0
        for (before, after), pair in zip(pairwise(runs), pairwise(narrow), strict=True)
    ]
    if not any(chance > _THOUGHT for chance in thought):
        return list(runs)
    gaps = _gaps(runs, crop, crop.shape[1] / span)
    parted = [space in (before.label, after.label) for before, after in pairwise(runs)]
    usual = float(np.median([gap for gap, apart in zip(gaps, parted, strict=True) if not apart]))
    found = list(runs[:1])
    for before, after, chance, gap in zip(runs, runs[1:], thought, gaps, strict=False):
        if chance > _THOUGHT and gap > usual + _WIDER * crop.shape[0]:
            place = before.last + 1 + int(steps[before.last + 1 : after.first, space].argmax())
            found.append(Run(space, place, place))
        found.append(after)
    return found


def _gaps(runs: Sequence[Run], crop: Image, step: float) -> list[float]:
    """Return the widest stretch without ink between the middles of each character and the next, in pixels."""
    ink = ink_runs(crop)
    gaps = []
    for before, after in pairwise(runs):
        left, right = before.middle * step, after.middle * step
        between = ink[(ink[:, 1] > left) & (ink[:, 0] < right)]
        starts = np.concatenate([[left], between[:, 1]])
        ends = np.concatenate([between[:, 0], [right]])
        gaps.append(float(np.max(ends - starts)))
    return gaps
