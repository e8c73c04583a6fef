"""What is asked of a model: suites of prompts, each with the text that must appear."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal, NamedTuple

Orientation = Literal["horizontal", "vertical"]
RelationKind = Literal["left-of", "right-of", "above", "below", "inside", "same-row", "larger-than"]
Quoting = Literal["curly", "straight", "none"]


class Size(NamedTuple):
    """Width and height of a picture, in pixels."""

    width: int
    height: int


class Box(NamedTuple):
    """A rectangle as fractions of the picture: 0 is its left or top edge, 1 its right or bottom edge."""

    left: float
    top: float
    right: float
    bottom: float


_THIRDS = (0.0, 1 / 3, 2 / 3, 1.0)
_ROWS, _COLUMNS = ("top", "middle", "bottom"), ("left", "centre", "right")

CELLS: dict[str, Box] = {
    f"{row}-{column}": Box(_THIRDS[x], _THIRDS[y], _THIRDS[x + 1], _THIRDS[y + 1])
    for y, row in enumerate(_ROWS)
    for x, column in enumerate(_COLUMNS)
}
"""The named cells of the 3×3 grid, `top-left` to `bottom-right`; the one in the middle is `middle-centre`."""


@dataclass(frozen=True, slots=True)
class Region:
    """One piece of the picture that is asked for: lettering, or (with only a `caption`) something without lettering.

    Attributes:
        text: The lettering that must appear, as it must appear; empty where none is asked for.
        where: A cell name of `CELLS`, a `Box`, or None where the prompt leaves the place open.
        role: What the lettering is (title, price, signature …).
        orientation: How the line of text runs; None where the prompt leaves it open.
        caption: What is to be seen there, in the language of the prompt.
    """

    text: str = ""
    where: str | Box | None = None
    role: str | None = None
    orientation: Orientation | None = None
    caption: str | None = None

    @property
    def box(self) -> Box | None:
        """The place asked for as a box, or None where it is left open."""
        return CELLS[self.where] if isinstance(self.where, str) else self.where


@dataclass(frozen=True, slots=True)
class Relation:
    """How two regions lie to each other; `subject` and `object` count the prompt's regions from 0."""

    subject: int
    kind: RelationKind
    object: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to a model.

    Attributes:
        id: Stable for ever, safe as a file name on every system, never an index.
        text: Given to the model verbatim.
        language: `zh`, `en` or `mixed`.
        group: Prompts that share a target or translate each other; the cluster of every statistic.
        size: Of the picture, in pixels.
        regions: What must be in the picture; none at all for a prompt without a target.
        tags: For breakdowns.
        relations: Between `regions`.
    """

    id: str
    text: str
    language: str
    group: str
    size: Size
    regions: tuple[Region, ...] = ()
    tags: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """The texts that must appear, in the order of the regions."""
        return tuple(region.text for region in self.regions if region.text)


@dataclass(frozen=True)
class Suite:
    """A named, versioned list of prompts with the seeds and the text profile that its score is defined by.

    Attributes:
        quoting: The marks that the prompts put around every target: “…”, "…", or no rule.
        length: The fewest and most characters that the targets of a prompt may have; None for no rule.
        twin: The suite in which each group of this one has its translation.
    """

    name: str
    version: str
    language: str
    title: str
    description: str
    source: str
    licence: str
    seeds: tuple[int, ...]
    profile: str
    prompts: tuple[Prompt, ...]
    quoting: Quoting = "none"
    length: tuple[int, int] | None = None
    twin: str | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of all that can change a picture or a score.

        Not in it: title, description, source, licence, and what only the lint goes by.
        """
        content = {
            "name": self.name,
            "version": self.version,
            "seeds": self.seeds,
            "profile": self.profile,
            "prompts": [asdict(prompt) for prompt in self.prompts],
        }
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()
