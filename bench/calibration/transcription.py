"""`truth.jsonl`: what people say is really drawn in pictures, with the malformed characters marked.

One JSON object a line. `drawn` holds all lettering of the picture, line by line or text by text; curly braces stand
around malformed characters, `{{` and `}}` for braces that are drawn:

    {"prompt": "zh-noodles", "seed": 0, "drawn": ["老王{面}馆", "营业中"]}
    {"file": "photos/menu.png", "drawn": [{"text": "今日特价", "malformed": [3]}]}
    {"prompt": "zh-lake", "seed": 2, "drawn": []}
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import regex
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from bench.seeds import LARGEST
from prompts.errors import GlyphbenchError
from prompts.strict_json import parse_json
from prompts.validation import describe_faults

WILDCARD = "\ue000"
"""Stands for a malformed character where texts are compared: a private code point, which no reader puts out."""

_PIECE = regex.compile(r"\{\{|\}\}|\{([^{}]*)\}|([{}])|(\X)")


@dataclass(frozen=True, slots=True)
class DrawnText:
    """One line or text that is drawn: its characters (grapheme clusters), and which of them are malformed."""

    characters: tuple[str, ...]
    malformed: frozenset[int]

    @property
    def text(self) -> str:
        """As people read it, malformed characters as what they are meant to be."""
        return "".join(self.characters)

    @property
    def masked(self) -> str:
        """With `WILDCARD` for each malformed character."""
        return "".join(WILDCARD if i in self.malformed else c for i, c in enumerate(self.characters))


@dataclass(frozen=True, slots=True)
class Transcription:
    """What is drawn in one picture, which is named by prompt and seed, or is a file; `line` is where it stands."""

    line: int
    prompt: str | None
    seed: int
    file: str | None
    drawn: tuple[DrawnText, ...]

    @property
    def name(self) -> str:
        """The picture, for people."""
        return self.file if self.file is not None else f"{self.prompt}/{self.seed}"


class _Drawn(BaseModel):
    """A text with its malformed characters listed: by number from 1, or the characters themselves, wherever they are.

    Braces in the text are braces. A plain string has its malformed characters in braces.
    """

    model_config = ConfigDict(extra="forbid")

    text: str
    malformed: list[int | str] = []

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: object) -> object:
        if not isinstance(value, str | dict):
            raise ValueError('write a text, or {"text": …, "malformed": […]}')  # noqa: TRY004 - pydantic wants it so
        return _unbraced(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _are_there(self) -> _Drawn:
        characters = regex.findall(r"\X", self.text)
        for mark in self.malformed:
            if isinstance(mark, int) and not 1 <= mark <= len(characters):
                raise ValueError(f"malformed: there is no character {mark} in {self.text!r}; the first is 1")
            if isinstance(mark, str) and mark not in characters:
                raise ValueError(f"malformed: {mark!r} is no character of {self.text!r}")
        return self

    @property
    def drawn(self) -> DrawnText:
        characters = tuple(regex.findall(r"\X", self.text))
        marked = {i for i, c in enumerate(characters) if i + 1 in self.malformed or c in self.malformed}
        return DrawnText(characters, frozenset(marked))


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class _Entry(BaseModel):
    """One line of the file."""

    model_config = ConfigDict(extra="forbid")

    prompt: str | None = Field(None, min_length=1)
    seed: int = Field(0, ge=0, le=LARGEST)
    file: str | None = Field(None, min_length=1)
    drawn: Annotated[list[_Drawn], BeforeValidator(_as_list)]
    note: str | None = None

    @model_validator(mode="after")
    def _names_a_picture(self) -> _Entry:
        if self.prompt is None and self.file is None:
            raise ValueError("which picture? Give prompt and seed, or file")
        return self


def read_transcriptions(path: Path, prompts: Sequence[str] = ()) -> tuple[Transcription, ...]:
    """Return what the file `path` says is drawn.

    Args:
        path: JSON Lines; empty lines are passed over.
        prompts: Ids that `prompt` may be; all, where this is empty.

    Raises:
        GlyphbenchError: The file cannot be read, or has faults; the message has all of them, with their lines.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except OSError as error:
        raise GlyphbenchError(f"cannot read the transcription {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise GlyphbenchError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    faults: list[str] = []
    found: dict[object, Transcription] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                entry = _parsed(number, line, prompts)
            except _FaultsError as error:
                faults += [f"line {number}: {fault}" for fault in error.faults]
                continue
            first = found.setdefault(entry.file or (entry.prompt, entry.seed), entry)
            if first is not entry:
                faults.append(f"line {number}: {entry.name} stands in line {first.line} as well")
    if not found and not faults:
        faults.append("no picture is transcribed")
    if faults:
        count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
        raise GlyphbenchError("\n  ".join([f"{path}: {count}", *faults]))
    return tuple(found.values())


class _FaultsError(Exception):
    """Raised for a line that cannot be used, with all that is wrong with it."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(faults)
        self.faults = faults


def _parsed(number: int, line: str, prompts: Sequence[str]) -> Transcription:
    try:
        entry = _Entry.model_validate(parse_json(line))
    except ValidationError as error:
        raise _FaultsError(describe_faults(error, _Entry)) from None
    except ValueError as error:
        raise _FaultsError([f"not JSON ({error})"]) from None
    if prompts and entry.prompt is not None and entry.prompt not in prompts:
        near = difflib.get_close_matches(entry.prompt, prompts, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise _FaultsError([f"prompt: no prompt is called {entry.prompt!r}{meant}"])
    drawn = tuple(text.drawn for text in entry.drawn)
    return Transcription(number, entry.prompt, entry.seed, entry.file, drawn)


def _unbraced(text: str) -> dict[str, object]:
    """Return the fields of a text whose malformed characters stand in braces.

    Raises:
        ValueError: Braces without a partner, or with nothing in them.
    """
    characters: list[str] = []
    malformed: list[int] = []
    for piece in _PIECE.finditer(text):
        if piece[2]:
            raise ValueError(f"a brace of {text!r} has no partner; write {{{{ or }}}} for a brace that is drawn")
        if piece[1] is not None:
            inside = regex.findall(r"\X", piece[1])
            if not inside:
                raise ValueError(
                    f"nothing stands in the braces of {text!r}; write {{?}} for a shape that is no character"
                )
            malformed += [len(characters) + i for i, c in enumerate(inside, start=1) if not c.isspace()]
            characters += inside
        else:
            characters.append({"{{": "{", "}}": "}"}.get(piece[0], piece[0]))
    return {"text": "".join(characters), "malformed": malformed}
