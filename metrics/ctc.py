"""How well a line's CTC output agrees with a given string: as a whole, and character by character.

A CTC recogniser gives for each step along a line the probability of every label and of a blank; a string's likelihood
Z is summed over all ways to spread its characters over the steps, blanks between them (Graves et al., ICML 2006). For
one character s of a string, P(s) = Z(string) / (Z(string) + Σ Z(string with s replaced) + Z(string without s)).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLANK = 0
"""Column of the blank."""

_FLOOR = 1e-12
"""Probabilities below are taken for this: float32 outputs say nothing finer, and no string is impossible for them."""

_RIVALS = 8
"""How many other labels are weighed against each character: those likeliest at its place."""

_TOGETHER = 32
"""Characters that are weighed at a time, which bounds the memory that a long line takes."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What the steps say for one character of the expected string.

    Attributes:
        probability: That it is the one that stands at its place, in 0..1.
        doubt: 1 − `probability`, with full resolution near 0.
        rival: Column of the likeliest other label there; None where nothing at all is likelier than any.
        rival_probability: Likewise, in 0..1.
        start: Where it begins, in steps, halfway from the character before.
        end: Where it ends.
    """

    probability: float
    doubt: float
    rival: int | None
    rival_probability: float
    start: float
    end: float


def weigh(
    steps: NDArray[np.floating], expected: Sequence[Collection[int]], span: float | None = None, reach: float = 3.0
) -> tuple[Weight, ...]:
    """Return what the steps say for each expected character.

    Where there are more characters than the steps can hold, each has probability 0 and an equal share of the line.

    Args:
        steps: Probabilities in 0..1 of shape (T, K), column 0 the blank. Columns may have been left out.
        expected: The columns that stand for each character, any of which will do; none for a character that the
            recogniser does not know: its probability is 0, and whatever stands there takes its place. Two characters
            in a row that share columns are taken to be the same one twice.
        span: How many steps the line covers; all of them by default.
        reach: How far a character extends from its middle at most, in steps.
    """
    if not expected:
        return ()
    trellis = _Trellis(np.asarray(steps, np.float64), expected)
    length = float(len(steps) if span is None else span)
    if not np.isfinite(trellis.total):
        borders = np.linspace(0.0, length, len(expected) + 1)
        return tuple(Weight(0.0, 1.0, None, 1.0, float(a), float(b)) for a, b in pairwise(borders))
    rivals, others = trellis.replaced()
    deleted = trellis.deleted()
    everything = np.logaddexp(np.logaddexp.reduce(others, axis=1), deleted)
    doubt = np.exp(everything - np.logaddexp(everything, trellis.total))
    sure = np.exp(trellis.total - np.logaddexp(everything, trellis.total))
    starts, ends = _extents(trellis.middles(), length, reach)
    norm = np.logaddexp(everything, trellis.total)
    weights = []
    for i, columns in enumerate(expected):
        best = int(others[i].argmax())
        is_gone = bool(deleted[i] >= others[i, best])
        rival = None if is_gone else int(rivals[i, best])
        chance = float(np.exp((deleted[i] if is_gone else others[i, best]) - norm[i]))
        known = len(columns) > 0
        weights.append(
            Weight(
                probability=float(sure[i]) if known else 0.0,
                doubt=float(doubt[i]) if known else 1.0,
                rival=rival,
                rival_probability=chance,
                start=float(starts[i]),
                end=float(ends[i]),
            )
        )
    return tuple(weights)


def log_likelihood(steps: NDArray[np.floating], expected: Sequence[Collection[int]]) -> float:
    """Return log Z of a string, ≤ 0; −∞ where the steps cannot hold it. Arguments are those of `weigh`."""
    return _Trellis(np.asarray(steps, np.float64), expected).total


class _Trellis:
    """All ways to spread a string over the steps: states are its characters (odd) with blanks around them (even)."""

    def __init__(self, steps: Floats, expected: Sequence[Collection[int]]) -> None:
        self._steps = np.log(np.clip(steps, _FLOOR, None))
        self._sets = [tuple(columns) for columns in expected]
        count = len(steps)
        emissions = np.repeat(self._steps[:, [BLANK]], 2 * len(expected) + 1, axis=1)
        for i, columns in enumerate(self._sets):
            known = steps[:, list(columns)].sum(axis=1) if columns else 1 - steps[:, BLANK]
            emissions[:, 2 * i + 1] = np.log(np.clip(known, _FLOOR, None))
        self._emissions = emissions
        # Whether a character may follow the one before without a blank between them.
        same = [not set(a).isdisjoint(b) for a, b in pairwise(self._sets)]
        self._joins = np.where([True, *same][: len(expected)], -np.inf, 0.0)
        self._forward = self._pass(emissions, self._joins)
        backward = self._pass(emissions[::-1, ::-1], np.concatenate([[-np.inf], self._joins[:0:-1]])[: len(expected)])
        self._backward = backward[::-1, ::-1]
        self.total = float(np.logaddexp.reduce(self._forward[-1, -2:])) if count else (-np.inf if expected else 0.0)

    @staticmethod
    def _pass(emissions: Floats, joins: Floats) -> Floats:
        """Return for each step and state the log mass of all ways from the first step up to and with it."""
        mass = np.full_like(emissions, -np.inf)
        if not len(mass):
            return mass
        mass[0, :2] = emissions[0, :2]
        for t in range(1, len(mass)):
            before = mass[t - 1]
            into = before.copy()
            into[1:] = np.logaddexp(before[1:], before[:-1])
            into[3::2] = np.logaddexp(into[3::2], before[1:-2:2] + joins[1:])
            mass[t] = into + emissions[t]
        return mass

    def replaced(self) -> tuple[NDArray[np.int64], Floats]:
        """Return each character's rivals and log Z of the string with each in its place, of shape (N, rivals)."""
        rivals = self._rivals()
        by_blank, by_either, to_blank, to_either = self._doors()
        # A rival that is the neighbour's own label needs a blank between them.
        follows, precedes = self._among(rivals, -1), self._among(rivals, 1)
        found = np.empty(rivals.shape)
        for first in range(0, len(rivals), _TOGETHER):
            part = slice(first, first + _TOGETHER)
            into = np.where(follows[part], by_blank[:, part, None], by_either[:, part, None])
            out = np.where(precedes[part], to_blank[:, part, None], to_either[:, part, None])
            label = self._steps[:, rivals[part]]
            stayed = np.cumsum(label, axis=0)
            mass = np.logaddexp.accumulate(into - stayed + label, axis=0) + stayed
            found[part] = np.logaddexp.reduce(mass + out, axis=0)
        return rivals, np.where((rivals == BLANK) | self._among(rivals, 0), -np.inf, found)

    def deleted(self) -> Floats:
        """Return log Z of the string without each of its characters."""
        found = np.empty(len(self._sets))
        for i in range(len(self._sets)):
            rest = [*self._sets[:i], *self._sets[i + 1 :]]
            blank = self._forward[:, 2 * i]
            if i + 1 == len(self._sets):
                ends = blank[-1] if i == 0 else np.logaddexp(blank[-1], self._forward[-1, 2 * i - 1])
                found[i] = ends
                continue
            follows = self._backward[1:, 2 * i + 3]
            ways = np.logaddexp.reduce(blank[:-1] + follows, initial=-np.inf)
            if i == 0:
                ways = np.logaddexp(ways, self._backward[0, 3])
            elif set(rest[i - 1]).isdisjoint(rest[i]):
                ways = np.logaddexp(ways, np.logaddexp.reduce(self._forward[:-1, 2 * i - 1] + follows, initial=-np.inf))
            found[i] = ways
        return found

    def middles(self) -> Floats:
        """Return where each character's middle is expected to lie, in steps."""
        share = (self._forward + self._backward - self._emissions)[:, 1::2] - self.total
        occupied = np.exp(share - share.max(axis=0))
        places = np.arange(len(self._steps)) + 0.5
        return np.asarray(places @ occupied / occupied.sum(axis=0))

    def _rivals(self) -> NDArray[np.int64]:
        """Return for each character the columns that are likeliest where it stands."""
        share = (self._forward + self._backward - self._emissions)[:, 1::2] - self.total
        likely = np.exp(share - share.max(axis=0)).T @ np.exp(self._steps)
        likely[:, BLANK] = 0.0
        for i, columns in enumerate(self._sets):
            likely[i, list(columns)] = 0.0
        return np.asarray(np.argsort(-likely, axis=1, kind="stable")[:, :_RIVALS])

    def _doors(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the log mass of entering each character at a step, and of leaving it after.

        Both from or to the blank alone, and from or to that or the neighbour.
        """
        forward, backward = self._forward, self._backward
        by_blank = np.full((len(self._steps), len(self._sets)), -np.inf)
        by_blank[1:] = forward[:-1, 0:-1:2]
        by_blank[0, 0] = 0.0
        by_either = by_blank.copy()
        by_either[1:, 1:] = np.logaddexp(by_blank[1:, 1:], forward[:-1, 1:-2:2])
        to_blank = np.full_like(by_blank, -np.inf)
        to_blank[:-1] = backward[1:, 2::2]
        to_blank[-1, -1] = 0.0
        to_either = to_blank.copy()
        to_either[:-1, :-1] = np.logaddexp(to_blank[:-1, :-1], backward[1:, 3::2])
        return by_blank, by_either, to_blank, to_either

    def _among(self, labels: NDArray[np.int64], ahead: int) -> NDArray[np.bool_]:
        """Return which labels, of shape (N, any), are those of the character so many places ahead."""
        sets = dict(enumerate(self._sets))
        return np.array([[label in sets.get(i + ahead, ()) for label in row] for i, row in enumerate(labels.tolist())])


def _extents(middles: Floats, length: float, reach: float) -> tuple[Floats, Floats]:
    """Return where characters begin and end: halfway to their neighbours, but no further than `reach`."""
    between = (middles[1:] + middles[:-1]) / 2
    starts = np.maximum(np.concatenate([[0.0], between]), middles - reach)
    ends = np.minimum(np.concatenate([between, [length]]), middles + reach)
    return starts.clip(0.0, length), np.maximum(ends, starts).clip(0.0, length)
