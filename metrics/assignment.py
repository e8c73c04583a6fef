"""Assignment of what was read to the regions that were asked for: order-free, by least edit distance.

Every line goes to one region, or is cut into consecutive pieces that go to different regions; a region's text is its
pieces joined in the best of the natural reading orders. The assignment sought is the one with the smallest sum of
edit distances; position breaks ties only. With one region there is nothing to seek: leaving a line out can never be
better than inserting it, so all lines belong to it. With several, whole lines are assigned exactly (up to
`EXACT_LINES` of them, greedily beyond that), then improved by moving and cutting pieces until nothing helps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import NamedTuple

from metrics.alignment import distance
from metrics.order import reading_orders
from metrics.profiles import Graphemes, Profile
from metrics.reading import Line, Reading
from prompts.suite import Box

EXACT_LINES = 8
"""Up to so many lines every assignment of whole lines is weighed: 3^8 × regions steps."""


class Piece(NamedTuple):
    """Characters `start` to `stop` (of the normalised text) of line number `line`."""

    line: int
    start: int
    stop: int


class Cost(NamedTuple):
    """What is minimised: edit distance first, distance from the wanted places (fractions of the picture) second."""

    errors: int
    displacement: float

    def plus(self, other: Cost) -> Cost:
        """Return the sum of both, part by part."""
        return Cost(self.errors + other.errors, self.displacement + other.displacement)


Pieces = frozenset[Piece]
Solution = tuple[Pieces, ...]


@dataclass(frozen=True, slots=True)
class Assigned:
    """What one region got: its pieces in reading order, and their text."""

    pieces: tuple[Piece, ...]
    text: Graphemes

    def origins(self, read: Sequence[Graphemes]) -> tuple[tuple[int, int] | None, ...]:
        """Return where each character of `text` comes from: line, and position in its normalised text.

        None stands for the spaces that join pieces: they are in no line.

        Args:
            read: The normalised text of every line of the reading.
        """
        origins: list[tuple[int, int] | None] = []
        for line, start, stop in self.pieces:
            for position in range(start, stop):
                character = read[line][position]
                at = len(origins)
                if at < len(self.text) and self.text[at] == " " != character:
                    origins.append(None)
                    at += 1
                if at < len(self.text) and self.text[at] == character:
                    origins.append((line, position))
        return tuple(origins)


def assign(
    targets: Sequence[Graphemes], places: Sequence[Box | None], reading: Reading, profile: Profile
) -> tuple[Assigned, ...]:
    """Return what each target got of the reading; every character read, but white space at a cut, is in one of them.

    Args:
        targets: Normalised texts asked for; with none at all, one nameless region takes everything.
        places: Where each is wanted, if anywhere.
        reading: What was read.
        profile: The normalisation, which also says how lines join.
    """
    targets, places = targets or [()], places or [None]
    # The search may meet several solutions of equal cost, or end in a local optimum: it starts from an order that does
    # not depend on how regions and lines happen to be listed.
    regions = sorted(range(len(targets)), key=lambda r: (targets[r], places[r] or ()))
    # Lines of one place are of a reader that tells no places, only their order.
    lines = sorted(range(len(reading.lines)), key=lambda i: reading.lines[i].polygon)
    ordered = replace(reading, lines=tuple(reading.lines[i] for i in lines))
    found = _Search([targets[r] for r in regions], [places[r] for r in regions], ordered, profile).best()
    relisted = [Assigned(tuple(p._replace(line=lines[p.line]) for p in got.pieces), got.text) for got in found]
    return tuple(got for _, got in sorted(zip(regions, relisted, strict=True), key=lambda pair: pair[0]))


class _Search:
    def __init__(
        self, targets: Sequence[Graphemes], places: Sequence[Box | None], reading: Reading, profile: Profile
    ) -> None:
        self.targets = targets
        self.places = places
        self.profile = profile
        self.lines = [profile.graphemes(line.text) for line in reading.lines]
        self.orders = reading_orders(reading.lines) or ((),)
        self.centres = [_centre(line, reading) for line in reading.lines]
        self.known: dict[tuple[int, Pieces], tuple[Cost, Assigned]] = {}

    def best(self) -> tuple[Assigned, ...]:
        whole = frozenset(Piece(i, 0, len(line)) for i, line in enumerate(self.lines))
        if len(self.targets) == 1:
            return (self.region(0, whole)[1],)
        start = self.exact(sorted(whole)) if len(whole) <= EXACT_LINES else self.greedy(sorted(whole))
        chosen = start
        if self.total(start).errors:
            chosen = min(self.improved(start), self.improved(self.filled()), key=self.total)
        return tuple(self.region(r, pieces)[1] for r, pieces in enumerate(chosen))

    def region(self, r: int, pieces: Pieces) -> tuple[Cost, Assigned]:
        """Return cost and text of region `r` with these pieces."""
        if (r, pieces) not in self.known:
            by_line = {piece.line: piece for piece in pieces}
            options = []
            for order in self.orders:
                ordered = tuple(by_line[i] for i in order if i in by_line)
                text = self.profile.join(self.lines[i][start:stop] for i, start, stop in ordered)
                options.append((distance(self.targets[r], text), Assigned(ordered, text)))
            errors, assigned = min(options, key=lambda option: option[0])
            shift = sum(self.displacement(r, piece) for piece in assigned.pieces)
            self.known[r, pieces] = Cost(errors, shift), assigned
        return self.known[r, pieces]

    def displacement(self, r: int, piece: Piece) -> float:
        place = self.places[r]
        if place is None:
            return 0.0
        x, y = self.centres[piece.line]
        return abs(x - (place.left + place.right) / 2) + abs(y - (place.top + place.bottom) / 2)

    def total(self, solution: Solution) -> Cost:
        cost = Cost(0, 0.0)
        for r, pieces in enumerate(solution):
            cost = cost.plus(self.region(r, pieces)[0])
        return cost

    def exact(self, pieces: Sequence[Piece]) -> Solution:
        """Return the best assignment of whole pieces, by dynamic programming over their subsets."""
        subsets = [frozenset(p for i, p in enumerate(pieces) if mask >> i & 1) for mask in range(1 << len(pieces))]
        best: list[tuple[Cost, Solution]] = [(self.region(0, subset)[0], (subset,)) for subset in subsets]
        for r in range(1, len(self.targets)):
            costs = [self.region(r, subset)[0] for subset in subsets]
            best = [
                min(
                    ((best[mask ^ part][0].plus(costs[part]), (*best[mask ^ part][1], subsets[part]))
                     for part in _parts(mask)),
                    key=lambda option: option[0],
                )
                for mask in range(len(subsets))
            ]  # fmt: skip
        return best[-1][1]

    def greedy(self, pieces: Sequence[Piece]) -> Solution:
        """Return an assignment made piece by piece, longest first, each to where it costs least."""
        solution: Solution = tuple(frozenset() for _ in self.targets)
        for piece in sorted(pieces, key=lambda p: (p.start - p.stop, p)):
            options = [_replaced(solution, {r: solution[r] | {piece}}) for r in range(len(solution))]
            solution = min(options, key=self.total)
        return solution

    def filled(self) -> Solution:
        """Return the lines poured into the regions in order, each filled to its length, the last with the rest.

        But for white space lost at a cut or added by joining, its distance is at most the longer of target and
        reading, and so is that of the assignment chosen.
        """
        regions: list[set[Piece]] = [set() for _ in self.targets]
        r, room = 0, len(self.targets[0])
        for i in self.orders[0]:
            start = 0
            while start < len(self.lines[i]):
                while room <= 0 and r + 1 < len(regions):
                    r += 1
                    room = len(self.targets[r])
                last = r + 1 == len(regions)
                stop = len(self.lines[i]) if last else min(len(self.lines[i]), start + room)
                regions[r].add(Piece(i, start, stop))
                room -= stop - start
                start = stop
        return tuple(frozenset(region) for region in regions)

    def improved(self, solution: Solution) -> Solution:
        """Return a solution that no single move or cut of a piece makes better."""
        cost = self.total(solution)
        while True:
            neighbours = ((self.total(s), s) for s in self.neighbours(solution))
            better = min(neighbours, key=lambda option: option[0], default=(cost, solution))
            if better[0] >= cost:
                return solution
            cost, solution = better

    def neighbours(self, solution: Solution) -> Iterator[Solution]:
        for r, region in enumerate(solution):
            for piece in sorted(region):
                rest = region - {piece}
                for other in range(len(solution)):
                    if other != r and (grown := _with(solution[other], piece)) is not None:
                        yield _replaced(solution, {r: rest, other: grown})
                if self.targets[r] and self.region(r, region)[0].errors:
                    yield from self.cuts(solution, r, piece)

    def cuts(self, solution: Solution, r: int, piece: Piece) -> Iterator[Solution]:
        """Yield the solutions with `piece` of region `r` cut in two and one or both parts given to other regions."""
        others = range(len(solution))
        rest = solution[r] - {piece}
        for cut, (a, b) in product(range(piece.start + 1, piece.stop), permutations(others, 2)):
            regions = list(_replaced(solution, {r: rest}))
            for owner, part in ((a, Piece(piece.line, piece.start, cut)), (b, Piece(piece.line, cut, piece.stop))):
                grown = _with(regions[owner], part)
                if grown is None:
                    break
                regions[owner] = grown
            else:
                yield tuple(regions)


def _parts(mask: int) -> Iterator[int]:
    """Yield every subset of the bits of `mask`."""
    part = mask
    while part:
        yield part
        part = (part - 1) & mask
    yield 0


def _replaced(solution: Solution, changes: dict[int, Pieces]) -> Solution:
    return tuple(changes.get(r, pieces) for r, pieces in enumerate(solution))


def _with(region: Pieces, piece: Piece) -> Pieces | None:
    """Return the region with `piece`, joined to a piece of the same line that it continues; None if it continues none.

    A region holds one consecutive piece of a line: else characters could be picked out of a line one by one.
    """
    same = next((p for p in region if p.line == piece.line), None)
    if same is None:
        return region | {piece}
    if same.stop != piece.start and piece.stop != same.start:
        return None
    joined = Piece(piece.line, min(same.start, piece.start), max(same.stop, piece.stop))
    return (region - {same}) | {joined}


def _centre(line: Line, reading: Reading) -> tuple[float, float]:
    xs, ys = [x for x, _ in line.polygon], [y for _, y in line.polygon]
    return (min(xs) + max(xs)) / 2 / reading.width, (min(ys) + max(ys)) / 2 / reading.height
