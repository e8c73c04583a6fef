"""Deciding between a straight and a curved reading of the same text: what they say decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from metrics.readers.bands import Band
from metrics.readers.centrelines import turn
from metrics.readers.directions import FEW, Read, gapless, read_either_way, read_on, turns_right
from metrics.readers.lines import CERTAIN, ReadBand, letters
from metrics.readers.quadrilaterals import Points
from metrics.readers.recognition import Recognition, Sign
from metrics.readers.views import TextBox

_COVERED = 0.5
"""A line lies on another if more than this share of its points does."""

_TOUCHED = 0.2
"""A line has to do with a ring if more than this share of its points lies on it: arcs on either side of a seal."""

_MOST = 3.5
"""A line that swings by more radians than this probably goes on all around."""

_SURE = 0.96
"""A curve read with this confidence is not read again as it was seen at another scale, nor are bent boxes of it."""

_SLIMMER = 0.7
"""A curve in which one less than this share as deep was seen may hold more than one line."""

_TOGETHER = 0.93
"""One line weighs enough to stand in the place of several with this share of their weight."""

_LOSS = 2.0
"""How much more the characters weigh that a curve in the place of other readings would lose."""

_OWN = 0.5
"""A curve is a line of its own if this share of its characters does not stand on others."""

_ALL = 0.95
"""A band lies within another one if this share of its middle does."""


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A reading, and the points in the picture that stand for its place."""

    points: Points
    read: ReadBand
    curved: bool


def bent(
    curves: Sequence[Band],
    straight: Callable[[Sequence[Band]], Iterable[tuple[TextBox, ReadBand]]],
    joined: Callable[[Band, Band], Band | None],
    ring: Callable[[Band], Band | None],
    scattered: Callable[[list[ReadBand]], Band | None],
    read: Read,
) -> list[ReadBand]:
    """Return what was read, curved lines in the place of readings of the same text that weigh less.

    Args:
        curves: Bands of curved lines, shorter ones first, so that a line is weighed against its parts.
        straight: Returns boxes and what is read in them; those within the given bands, which are surely read, may be
            left out.
        joined: Returns the band of two lines where they follow each other along a curve.
        ring: Returns the whole ring of which a band is a part, if it is of one.
        scattered: Returns the ring around which parts are scattered, if there is one.
        read: Reads a band.
    """
    turns: list[bool] = []

    @cache
    def either_way(band: Band) -> ReadBand:
        found = read_either_way(band, read, turns[-1] if turns else None)
        if _is_sure(found):
            turns.append(turns_right(found.band))
        return found

    sure, standing = _with_sure(curves, straight, either_way)
    for band in curves:
        if band not in sure:
            standing = _with(standing, band, either_way) or standing
    refused: set[tuple[_Entry, _Entry]] = set()
    while (pair := _next_pair(standing, joined, refused)) is not None:
        first, second, band = pair
        refused.add((first, second))
        standing = _with(standing, band, either_way) or standing
    for entry in [entry for entry in standing if entry.curved]:
        whole = ring(entry.read.band)
        if whole is None or entry not in standing:
            continue
        if turn(entry.read.band.middle) > _MOST or sum(_same_place(other, whole) for other in standing) > 1:
            standing = _with(standing, whole, lambda band: read_on(band, read)) or standing
    whole = scattered([entry.read for entry in standing])
    if whole is not None:
        standing = _with(standing, whole, lambda band: read_either_way(band, gapless(read))) or standing
    return [entry.read for entry in standing]


def _with_sure(
    curves: Sequence[Band],
    straight: Callable[[Sequence[Band]], Iterable[tuple[TextBox, ReadBand]]],
    read: Read,
) -> tuple[list[Band], list[_Entry]]:
    """Return the curves that are surely read and hold their place, and what stands with them."""
    sure = _sure(curves, read)
    while True:
        standing = [_Entry(box.contour, found, curved=False) for box, found in straight(sure)]
        lost = []
        for band in sure:
            placed = _with(standing, band, read)
            lost += [band] if placed is None else []
            standing = placed or standing
        if not lost:
            return sure, standing
        sure = [band for band in sure if band not in lost]


def _sure(curves: Sequence[Band], read: Read) -> list[Band]:
    """Return the longest bands that are read so surely that nothing of their lines needs to be read again."""
    sure: list[Band] = []
    for band in reversed(curves):
        slimmer = (other for other in curves if other.depth < _SLIMMER * band.depth)
        if any(other.share_of(band.middle) > _ALL for other in sure) or any(_holds(band, other) for other in slimmer):
            continue
        if _is_sure(read(band)):
            sure.append(band)
    return sure


def _holds(band: Band, other: Band) -> bool:
    return band.share_of(other.middle) > _COVERED


def _next_pair(
    standing: list[_Entry], joined: Callable[[Band, Band], Band | None], refused: set[tuple[_Entry, _Entry]]
) -> tuple[_Entry, _Entry, Band] | None:
    """Return two lines that may be parts of one curve and were not tried yet, and the band of both."""
    for first, second in combinations(standing, 2):
        if (first, second) not in refused:
            band = joined(first.read.band, second.read.band)
            if band is not None:
                return first, second, band
            refused.add((first, second))
    return None


def _with(standing: list[_Entry], band: Band, read: Read) -> list[_Entry] | None:
    """Return the standing lines with what a band says in the place of its rivals, None where they weigh more."""
    rivals = [entry for entry in standing if _same_place(entry, band)]
    if not band.closed and any(_is_settled(entry, band) for entry in rivals):
        return None
    found = read(band)
    needed = _joint_weight(rivals) * (_TOGETHER if len(rivals) > 1 else 1.0) + _LOSS * _lost(rivals, band)
    own = _apart(found, [entry for entry in standing if entry not in rivals])
    if letters(own) <= needed or len(own.signs) < _OWN * len(found.recognition.signs):
        return None
    return [*(entry for entry in standing if entry not in rivals), _Entry(found.band.middle, found, curved=True)]


def _lost(entries: Sequence[_Entry], band: Band) -> float:
    """Return what the characters weigh that stand outside of a band, but for two that may stray."""
    places = ((entry.read.band, sign) for entry in entries for sign in entry.read.recognition.signs)
    outside = tuple(sign for place, sign in places if not band.share_of(place.along(sign.start, sign.end)))
    return max(0.0, letters(Recognition(outside)) - 2 * CERTAIN)


def _apart(found: ReadBand, others: Sequence[_Entry]) -> Recognition:
    """Return the characters of a reading that do not stand on other lines: a curve across a paragraph reads theirs."""
    places = {sign: found.band.along(sign.start, sign.end) for sign in found.recognition.signs}
    covered = {sign: sum(other.read.band.share_of(points) for other in others) for sign, points in places.items()}
    return Recognition(tuple(sign for sign in places if covered[sign] <= _COVERED))


def _joint_weight(entries: Sequence[_Entry]) -> float:
    """Return what several readings weigh together.

    Characters that two of them have in common count once, and where two overlap one may have been cut in two.
    """
    total = 0.0
    counted: list[Band] = []
    for entry in sorted(entries, key=lambda one: letters(one.read.recognition), reverse=True):
        band, signs = entry.read.band, entry.read.recognition.signs
        new = [sign for sign in signs if not any(other.share_of(band.along(*_around(sign))) for other in counted)]
        cut = CERTAIN if len(new) < len(signs) else 0.0
        total += max(0.0, letters(Recognition(tuple(new))) - cut)
        counted.append(band)
    return total


def _around(sign: Sign) -> tuple[float, float]:
    """Return where a sign begins and ends, with half its length on both sides: it may have been cut in two."""
    half = (sign.end - sign.start) / 2
    return sign.start - half, sign.end + half


def _same_place(entry: _Entry, band: Band) -> bool:
    """Return whether one of both lies mostly on the other."""
    least = _TOUCHED if band.closed else _COVERED
    return band.share_of(entry.points) > least or entry.read.band.share_of(band.middle) > _COVERED


def _is_settled(entry: _Entry, band: Band) -> bool:
    """Return whether all of a band is within a curve that was surely read."""
    return entry.curved and entry.read.recognition.confidence > _SURE and entry.read.band.share_of(band.middle) > _ALL


def _is_sure(found: ReadBand) -> bool:
    return found.recognition.confidence > _SURE and len(found.recognition.signs) > FEW
