"""What a suite file may say: pydantic models of its head, prompts and regions, and how they become a `Suite`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo, field_validator

from prompts.names import name_fault
from prompts.suite import CELLS, Box, Orientation, Prompt, Quoting, Region, Relation, RelationKind, Size, Suite

Language = Literal["zh", "en", "mixed"]

SMALLEST_SIDE, LARGEST_SIDE = 64, 8192
"""Pixels. Wide limits against slips of the pen; what a model can make is the model's own rule."""

MOST_SEEDS = 1000
LARGEST_SEED = 2**31 - 1
"""What every generator takes: image APIs keep seeds in a signed 32-bit number."""


def _name(value: str) -> str:
    if fault := name_fault(value):
        raise ValueError(fault)
    return value


def _prose(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; write the text, or leave the key out where it is optional")
    return value


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _unlike(value: object, choices: Iterable[str]) -> str:
    """Return what to say of a value that is none of `choices`."""
    known = list(choices)
    near = difflib.get_close_matches(value, known, n=1) if isinstance(value, str) else []
    return f"{value!r} is none of {', '.join(known)}" + (f"; did you mean {near[0]!r}?" if near else "")


def _size(value: object) -> Size:
    if not (isinstance(value, list) and len(value) == 2 and all(_is_whole(side) for side in value)):
        raise ValueError(f"must be [width, height] in whole pixels, got {value!r:.80}")
    if not all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in value):
        raise ValueError(f"width and height must each lie in {SMALLEST_SIDE}..{LARGEST_SIDE} pixels, got {value}")
    return Size(*value)


def _seeds(value: object) -> tuple[int, ...]:
    if isinstance(value, list):
        if not value or not all(_is_whole(seed) and 0 <= seed <= LARGEST_SEED for seed in value):
            raise ValueError(f"a list of seeds holds one or more whole numbers in 0..{LARGEST_SEED}, got {value!r:.80}")
        if len(set(value)) < len(value):
            raise ValueError(f"names a seed twice; each may stand once, got {value!r:.80}")
        if len(value) > MOST_SEEDS:
            raise ValueError(f"has {len(value)} seeds; give at most {MOST_SEEDS}")
        return tuple(value)
    if isinstance(value, int) and _is_whole(value) and 1 <= value <= MOST_SEEDS:
        return tuple(range(value))
    raise ValueError(f"must be a count in 1..{MOST_SEEDS} (4 means seeds 0 to 3) or a list of seeds, got {value!r:.80}")


def _length(value: object) -> tuple[int, int]:
    if not (isinstance(value, list) and len(value) == 2 and all(_is_whole(bound) for bound in value)):
        raise ValueError(f"must be [fewest, most] in characters, got {value!r:.80}")
    fewest, most = value
    if not 0 <= fewest <= most:
        raise ValueError(f"the fewest characters must lie in 0..most, got {value}")
    return fewest, most


def _where(value: object) -> str | Box:
    if isinstance(value, list):
        is_box = len(value) == 4 and all(isinstance(edge, int | float) and not isinstance(edge, bool) for edge in value)
        if not (is_box and 0 <= value[0] < value[2] <= 1 and 0 <= value[1] < value[3] <= 1):
            raise ValueError(
                "a box is [left, top, right, bottom] as fractions of the picture, with left < right and top < bottom, "
                f"all in 0..1, got {value!r:.80}"
            )
        return Box(*map(float, value))
    if isinstance(value, str) and value in CELLS:
        return value
    raise ValueError(_unlike(value, CELLS) + "; a box [left, top, right, bottom] in 0..1 may stand here too")


def parse_relation(value: object) -> Relation:
    """Return the relation that `value`, such as "1 left-of 2", states; a file counts regions from 1.

    Raises:
        ValueError: It states none.
    """
    words = value.split() if isinstance(value, str) else []
    if len(words) != 3 or not (words[0].isdecimal() and words[2].isdecimal()):
        raise ValueError(f"must read like '1 left-of 2', with regions counted from 1, got {value!r:.80}")
    subject, object_ = int(words[0]) - 1, int(words[2]) - 1
    for kind in get_args(RelationKind):
        if kind == words[1]:
            if subject == object_ or min(subject, object_) < 0:
                raise ValueError(f"must join two regions, counted from 1, got {value!r}")
            return Relation(subject, kind, object_)
    raise ValueError(_unlike(words[1], get_args(RelationKind)))


def _tags(value: list[str]) -> list[str]:
    if twice := sorted({tag for tag in value if value.count(tag) > 1}):
        raise ValueError(f"names {', '.join(map(repr, twice))} twice; each tag may stand once")
    return value


Name = Annotated[str, AfterValidator(_name)]
Prose = Annotated[str, AfterValidator(_prose)]
SizeField = Annotated[Size, PlainValidator(_size)]


class Entry(BaseModel):
    """A table of a suite file: no key but the known ones, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RegionEntry(Entry):
    """One `[[prompt.region]]`; it has a `text`, a `caption`, or both."""

    where: Annotated[str | Box, PlainValidator(_where)] | None = None
    role: Prose | None = None
    orientation: Orientation | None = None
    caption: Prose | None = None
    text: str | None = Field(default=None, validate_default=True)

    @field_validator("text")
    @classmethod
    def _asks_for_something(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is not None:
            return _prose(text)
        if "caption" in info.data and info.data["caption"] is None:
            raise ValueError(
                "is missing; give the text that must appear, or a caption of what is to be seen without text"
            )
        return None

    def region(self) -> Region:
        """Return the region that this entry describes."""
        return Region(self.text or "", self.where, self.role, self.orientation, self.caption)


class PromptEntry(Entry):
    """One `[[prompt]]`; `language`, `size` and `group` fall back to the head's and to the id."""

    id: Name
    text: Prose
    language: Language | None = None
    group: Name | None = None
    tags: Annotated[list[Name], AfterValidator(_tags)] = []
    size: SizeField | None = None
    region: list[RegionEntry] = []
    relations: list[Annotated[Relation, PlainValidator(parse_relation)]] = []

    def prompt(self, language: Language, size: Size) -> Prompt:
        """Return the prompt that this entry describes, with the head's `language` and `size` where it has none."""
        return Prompt(
            id=self.id,
            text=self.text,
            language=self.language or language,
            group=self.group or self.id,
            size=self.size or size,
            regions=tuple(entry.region() for entry in self.region),
            tags=tuple(self.tags),
            relations=tuple(self.relations),
        )


class SuiteFile(Entry):
    """A whole suite file: the head's keys and the prompts."""

    name: Name
    version: Name
    language: Language
    title: str = ""
    description: str = ""
    source: str = ""
    licence: str = ""
    seeds: Annotated[tuple[int, ...], PlainValidator(_seeds)] = (0, 1, 2, 3)
    size: SizeField = Size(1024, 1024)
    profile: Name = "standard"
    quoting: Quoting = "none"
    length: Annotated[tuple[int, int], PlainValidator(_length)] | None = None
    twin: Name | None = None
    prompt: list[PromptEntry] = Field(min_length=1)

    def suite(self) -> Suite:
        """Return the suite that this file describes."""
        return Suite(
            name=self.name,
            version=self.version,
            language=self.language,
            title=self.title,
            description=self.description,
            source=self.source,
            licence=self.licence,
            seeds=self.seeds,
            profile=self.profile,
            prompts=tuple(entry.prompt(self.language, self.size) for entry in self.prompt),
            quoting=self.quoting,
            length=self.length,
            twin=self.twin,
        )
