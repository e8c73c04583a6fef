"""Relations that contradict each other, or the places of the regions that they join."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import get_args

from prompts.suite import Box, Prompt, Relation, RelationKind

_OPPOSITES: dict[RelationKind, RelationKind] = {"right-of": "left-of", "below": "above"}
"""Relations that say the same as another one with subject and object exchanged."""

_TOLERANCE = 1e-3
"""Edges of places closer than this share of the picture are the same edge: thirds are written with four digits."""


def relation_faults(prompt: Prompt) -> Iterator[str]:
    """Yield a sentence for each relation that cannot hold while everything else that the prompt asks for does.

    Relations to regions that are not there are left alone.
    """
    relations = [relation for relation in prompt.relations if _exists(relation, len(prompt.regions))]
    for relation in relations:
        one, other = prompt.regions[relation.subject].box, prompt.regions[relation.object].box
        if one and other and not _is_possible(relation.kind, one, other):
            yield f"relation '{_stated(relation)}' contradicts the places of the two regions; change one or the other"
    for kind in get_args(RelationKind):
        if kind not in _OPPOSITES and kind != "same-row" and (circle := _circle(relations, kind)):
            numbers = ", ".join(str(number + 1) for number in circle)
            yield f"the relations '{kind}' between regions {numbers} go round in a circle; take one away"


def _exists(relation: Relation, regions: int) -> bool:
    ends = (relation.subject, relation.object)
    return ends[0] != ends[1] and all(0 <= end < regions for end in ends)


def _stated(relation: Relation) -> str:
    return f"{relation.subject + 1} {relation.kind} {relation.object + 1}"


def _is_possible(kind: RelationKind, one: Box, other: Box) -> bool:
    """Tell whether lettering in the middle of both places would keep the relation; sizes are free to be any."""
    match kind:
        case "left-of":
            return one.left + one.right < other.left + other.right
        case "right-of":
            return _is_possible("left-of", other, one)
        case "above":
            return one.top + one.bottom < other.top + other.bottom
        case "below":
            return _is_possible("above", other, one)
        case "inside":
            lowest, highest = other.left - _TOLERANCE, other.right + _TOLERANCE
            across = lowest <= one.left and one.right <= highest
            return across and other.top - _TOLERANCE <= one.top and one.bottom <= other.bottom + _TOLERANCE
        case "same-row":
            shared = min(one.bottom, other.bottom) - max(one.top, other.top)
            return 2 * shared > min(one.bottom - one.top, other.bottom - other.top)
        case "larger-than":
            return True


def _circle(relations: list[Relation], kind: RelationKind) -> list[int]:
    """Return regions of which each comes before the next by `kind` and the last before the first; or none."""
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for relation in relations:
        if relation.kind == kind:
            sorter.add(relation.object, relation.subject)
        elif _OPPOSITES.get(relation.kind) == kind:
            sorter.add(relation.subject, relation.object)
    try:
        sorter.prepare()
    except CycleError as error:
        return list(error.args[1][:-1])
    return []
