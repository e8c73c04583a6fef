"""Which reader read a run: name, signature, alphabet; kept in the run folder so that scoring needs no reader."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.digest import digest_of, short
from bench.files import write_json
from metrics.readers import Reader
from prompts.errors import GlyphbenchError
from prompts.strict_json import parse_json


@dataclass(frozen=True)
class ReaderRecord:
    """A reader as it was when it read.

    Attributes:
        name: As `--reader` names it.
        signature: All that can change a reading.
        characters: Every character that it can put out; None where no list is known.
    """

    name: str
    signature: dict[str, Any]
    characters: frozenset[str] | None

    @classmethod
    def of(cls, name: str, reader: Reader) -> ReaderRecord:
        """Return the record of an open reader."""
        return cls(name, dict(reader.signature), reader.characters)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of name and signature."""
        return digest_of({"name": self.name, "signature": self.signature})

    @property
    def gives_evidence(self) -> bool:
        """Whether it says how well each character that was asked for fits what is drawn."""
        return "evidence" in self.signature

    @property
    def short(self) -> str:
        """The eight digits that name this reader's files."""
        return short(self.digest)

    def write(self, folder: Path) -> None:
        """Keep this record in a run folder."""
        characters = None if self.characters is None else sorted(self.characters)
        content = {"name": self.name, "signature": self.signature, "characters": characters}
        write_json(folder / f"reader.{self.short}.json", content)

    @classmethod
    def read(cls, folder: Path, reader8: str) -> ReaderRecord:
        """Return the record with this short digest from a run folder.

        Raises:
            GlyphbenchError: It is missing, damaged, or of another reader.
        """
        path = folder / f"reader.{reader8}.json"
        try:
            content = parse_json(path.read_text(encoding="utf-8"))
            characters = content["characters"]
            record = cls(content["name"], content["signature"], None if characters is None else frozenset(characters))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GlyphbenchError(f"{path}: cannot be read: {error!r}") from None
        if record.short != reader8:
            raise GlyphbenchError(f"{path}: describes reader {record.short}, not {reader8}; restore the file")
        return record
