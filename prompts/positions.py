"""Where the keys of a TOML text stand: the parser gives values without lines, and a fault needs its line."""

from __future__ import annotations

import re

from prompts.validation import Location

_STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*",
    re.DOTALL,
)
_HEADER = re.compile(r"""\s*(\[\[?)([A-Za-z0-9_\-."' \t]+)\]""")
_KEY = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*[.=]""")


class Positions:
    """The lines of the tables and keys of one TOML text."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Location, int] = {}
        self._tables: dict[Location, int] = {}
        table: Location = ()
        for number, line in enumerate(_without_decoys(text).split("\n"), start=1):
            if header := _HEADER.match(line):
                table = self._open(header[2], repeated=header[1] == "[[")
                self._lines[table] = number
            elif key := _KEY.match(line):
                self._lines.setdefault((*table, key[1]), number)

    def line(self, location: Location) -> int:
        """Return the line, from 1, of a key path such as `("prompt", 3, "id")`.

        Where the key itself cannot be found (it is missing, or written in a line with others), the line of what
        holds it; the first line where nothing does.
        """
        while location and location not in self._lines:
            location = location[:-1]
        return self._lines.get(location, 1)

    def _open(self, name: str, *, repeated: bool) -> Location:
        """Return the key path of the table that a header opens; `[[prompt.region]]` is one of the latest prompt."""
        *outer, last = (part.strip(" \t\"'") for part in name.split("."))
        path: Location = ()
        for part in outer:
            path = (*path, part)
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        path = (*path, last)
        if not repeated:
            return path
        index = self._tables.get(path, 0)
        self._tables[path] = index + 1
        return (*path, index)


def _without_decoys(text: str) -> str:
    """Return `text` with the same lines, but nothing inside a string or comment that looks like a key or a header."""
    return _STRING_OR_COMMENT.sub(lambda match: re.sub(r"[\[\]=.]", " ", match[0]), text)
