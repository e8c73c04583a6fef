"""The prompts that changed most, with their pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.comparison.alignment import Aligned
from bench.comparison.result import ChangedPrompt, PicturePair
from metrics.table import HEADLINE

SHOWN = 12
"""Prompts of each direction."""

_PICTURES = 4
"""Pairs of a prompt."""


def most_changed(aligned: Aligned) -> tuple[tuple[ChangedPrompt, ...], tuple[ChangedPrompt, ...]]:
    """Return the prompts that lost most in the headline metric, worst first, and those that gained most."""
    if HEADLINE not in aligned.metrics:
        return (), ()
    pairs = aligned.pairs(HEADLINE)
    places = {prompt.id: place for place, prompt in enumerate(aligned.prompts)}
    # Equal changes stand in the order of ids.
    order = np.argsort(pairs.gains, kind="stable")
    losses = [int(row) for row in order if pairs.gains[row] < 0][:SHOWN]
    gains = [int(row) for row in np.argsort(-pairs.gains, kind="stable") if pairs.gains[row] > 0][:SHOWN]
    base, candidate = pairs.values

    def told(rows: Sequence[int]) -> tuple[ChangedPrompt, ...]:
        found = ((places[pairs.prompts[row]], float(base[row]), float(candidate[row])) for row in rows)
        return tuple(_changed(aligned, *each) for each in found)

    return told(losses), told(gains)


def _changed(aligned: Aligned, place: int, base: float, candidate: float) -> ChangedPrompt:
    """Return one prompt with its pairs of pictures, those first that changed most in the prompt's direction."""
    sign = 1 if candidate > base else -1

    def change(pair: PicturePair) -> float:
        known = pair.base is not None and pair.candidate is not None
        return sign * ((pair.candidate or 0) - (pair.base or 0)) if known else -2.0

    found = [
        PicturePair(seed, other, _known(a), _known(b))
        for (seed, other), a, b in zip(aligned.seed_pairs, *aligned.sample_values(HEADLINE, place), strict=True)
    ]
    prompt = aligned.prompts[place]
    ranked = sorted(found, key=change, reverse=True)
    # Pairs that score alike show nothing, unless there is no other.
    pictures = [pair for pair in ranked if pair.base != pair.candidate][:_PICTURES] or ranked[:1]
    return ChangedPrompt(prompt.id, prompt.language, base, candidate, tuple(pictures))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
