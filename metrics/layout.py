"""Layout: where the texts of a picture stand, against where the prompt wants them (docs/layout.md).

Geometry only: boxes around what was read, as fractions of the picture, against the prompt's cells and boxes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean
from typing import TYPE_CHECKING, Literal

from metrics.boxes import centre, contains, distance, share_inside, share_leaking
from metrics.lettering import Lettering, find_lettering
from metrics.order import places_in_rows
from metrics.profiles import Profile
from metrics.reading import Reading
from prompts.suite import Box, Prompt, Relation

if TYPE_CHECKING:
    from metrics.judgement import RegionJudgement

Verdict = Literal["kept", "broken", "not found", "not judged"]
"""Of a relation; `not found`: a region that should be there is not; `not judged`: no reader could find one of them."""

INSIDE_FROM = 0.9
"""Share of a box that lies in another's place, from which it counts as inside: readers draw boxes a little large."""

LARGER_FROM = 1.1
"""Ratio of the thickness of two letterings from which one counts as larger: below it lies the error of detection."""


@dataclass(frozen=True, slots=True)
class RegionLayout:
    """Where one region's text stands.

    Attributes:
        region: Its number in the prompt, from 0.
        lettering: What was found of it.
        place: Where the prompt wants it; None where that is left open.
        distance: Of its middle from the middle of its place (`metrics.boxes.distance`); None without either.
        inside: Share of its box that lies in its place, 0..1; None likewise.
        leak: The largest share of its box that lies in the place of one other region and not in its own, 0..1; None
            where it is not found or no other region has a place.
        leaks_into: Which region that is, from 0; None where it leaks into none.
        is_in_place: Whether its middle lies in its place; None without a place. What is not found is not in place.
        keeps_orientation: Whether it runs as asked for; None where nothing is asked for or it cannot be told.
    """

    region: int
    lettering: Lettering
    place: Box | None
    distance: float | None
    inside: float | None
    leak: float | None
    leaks_into: int | None
    is_in_place: bool | None
    keeps_orientation: bool | None


@dataclass(frozen=True, slots=True)
class RelationLayout:
    """Whether two regions lie to each other as the prompt says."""

    relation: Relation
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the texts of one picture stand.

    Attributes:
        regions: Those with a text that the reader can judge, in the prompt's order.
        relations: All that the prompt states.
        order: Kendall's tau, −1..1, of the placed regions that were found, in the order in which they are read,
            against the order of their places; None with fewer than two of them.
        knows_places: False where texts were found by a reader that does not tell where they stand.
    """

    regions: tuple[RegionLayout, ...]
    relations: tuple[RelationLayout, ...]
    order: float | None
    knows_places: bool

    @property
    def placed(self) -> tuple[RegionLayout, ...]:
        """The regions that have a place."""
        return tuple(region for region in self.regions if region.place is not None)

    @property
    def judged_relations(self) -> tuple[RelationLayout, ...]:
        """The relations between texts that a reader could find."""
        return tuple(relation for relation in self.relations if relation.verdict != "not judged")


def asks_for_layout(prompt: Prompt) -> bool:
    """Tell whether a prompt says where any of its texts is to stand: by its place, or by a relation to another."""
    texts = [bool(region.text) for region in prompt.regions]
    return any(region.where is not None for region in prompt.regions if region.text) or any(
        texts[relation.subject] and texts[relation.object] for relation in prompt.relations
    )


def measure_layout(
    prompt: Prompt, judged: Sequence[RegionJudgement], reading: Reading, profile: Profile
) -> Layout | None:
    """Return where the texts of a picture stand; None where the prompt says nothing about it.

    Args:
        prompt: What was asked for.
        judged: Its regions, with what each got of the reading.
        reading: What was read.
        profile: The normalisation of both.
    """
    if not asks_for_layout(prompt):
        return None
    read = [profile.graphemes(line.text) for line in reading.lines]
    found = {entry.region: find_lettering(entry, read, reading, profile) for entry in judged if entry.region >= 0}
    found = {region: lettering for region, lettering in found.items() if lettering.score is not None}
    places = {index: box for index, region in enumerate(prompt.regions) if (box := region.box)}
    return Layout(
        regions=tuple(_region(prompt, index, lettering, places) for index, lettering in found.items()),
        relations=tuple(RelationLayout(relation, _verdict(relation, found, places)) for relation in prompt.relations),
        order=_order(prompt, found, places),
        knows_places=all(lettering.box is not None for lettering in found.values() if lettering.is_found),
    )


def _region(prompt: Prompt, index: int, lettering: Lettering, places: Mapping[int, Box]) -> RegionLayout:
    place, box = places.get(index), lettering.box
    leak, into = _leak(index, box, places)
    wanted = prompt.regions[index].orientation
    return RegionLayout(
        region=index,
        lettering=lettering,
        place=place,
        distance=distance(box, place) if box and place else None,
        inside=share_inside(box, place) if box and place else None,
        leak=leak,
        leaks_into=into,
        is_in_place=(box is not None and contains(place, centre(box))) if place else None,
        keeps_orientation=lettering.orientation == wanted if wanted and lettering.orientation else None,
    )


def _leak(index: int, box: Box | None, places: Mapping[int, Box]) -> tuple[float | None, int | None]:
    own = places.get(index)
    others = {other: place for other, place in places.items() if other != index and place != own}
    if box is None or not others:
        return None, None
    leaks = {other: share_leaking(box, own, place) for other, place in others.items()}
    worst = max(leaks, key=lambda other: leaks[other])
    return leaks[worst], worst if leaks[worst] else None


def _verdict(relation: Relation, found: Mapping[int, Lettering], places: Mapping[int, Box]) -> Verdict:
    """Return whether a relation holds, by the definitions in docs/layout.md."""
    if relation.subject not in found or relation.object not in found:
        return "not judged"
    one, other = found[relation.subject], found[relation.object]
    if one.box is None or other.box is None:
        return "not found"
    match relation.kind:
        case "left-of":
            kept = _comes_before(one.box[0::2], other.box[0::2])
        case "right-of":
            kept = _comes_before(other.box[0::2], one.box[0::2])
        case "above":
            kept = _comes_before(one.box[1::2], other.box[1::2])
        case "below":
            kept = _comes_before(other.box[1::2], one.box[1::2])
        case "inside":
            kept = share_inside(one.box, places.get(relation.object, other.box)) >= INSIDE_FROM
        case "same-row":
            kept = _share_a_row(one.box, other.box)
        case "larger-than":
            kept = (one.thickness or 0) >= LARGER_FROM * (other.thickness or 0)
    return "kept" if kept else "broken"


def _comes_before(one: Sequence[float], other: Sequence[float]) -> bool:
    """Tell whether a stretch lies before another: neither reaches the other's middle."""
    return sum(one) / 2 <= other[0] and one[1] <= sum(other) / 2


def _share_a_row(one: Box, other: Box) -> bool:
    """Tell whether more than half of the lower box's height is shared, as in `places_in_rows`."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.bottom - one.top, other.bottom - other.top)


def _order(prompt: Prompt, found: Mapping[int, Lettering], places: Mapping[int, Box]) -> float | None:
    """Return Kendall's tau of the order of reading.

    The places make rows (or columns); a text belongs to the row whose middle is nearest to its own.
    """
    seen = {index: box for index, lettering in found.items() if index in places and (box := lettering.box)}
    if len(seen) < 2:
        return None
    in_columns = 2 * sum(prompt.regions[index].orientation == "vertical" for index in seen) > len(seen)
    rows = places_in_rows([places[index] for index in seen], in_columns=in_columns)
    across, along = (0, 1) if in_columns else (1, 0)
    wanted = [centre(places[index]) for index in seen]
    middles = [fmean(wanted[i][across] for i in row) for row in rows]
    stands = [centre(box) for box in seen.values()]
    nearest = [min(range(len(rows)), key=lambda r: abs(middles[r] - place[across])) for place in stands]
    order = sorted(range(len(seen)), key=lambda i: (nearest[i], stands[i][along]))
    return _kendalls_tau(tuple(i for row in rows for i in row), tuple(order))


@cache
def _kendalls_tau(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    from scipy import stats

    ranks = [sorted(range(len(order)), key=order.__getitem__) for order in (one, other)]
    return float(stats.kendalltau(*ranks).statistic)
