"""The exceptions that every room shares.

GlyphbenchError          something the user can mend: printed as one message, without a traceback
├── UnknownNameError     no suite, model, reader, metric … of that name; names the nearest ones
└── SuiteError           a suite file that cannot be used; lists all that is wrong with it
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class GlyphbenchError(Exception):
    """A fault that the user can mend. Its text says what is wrong, where, and what to do."""


class UnknownNameError(GlyphbenchError):
    """Raised when a name is looked up in a table that does not hold it."""

    def __init__(self, kind: str, name: str, known: Iterable[str], remedy: str = "") -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        message = f"unknown {kind} {name!r}"
        message += f"; did you mean {' or '.join(repr(n) for n in near)}?" if near else "."
        message += f" Known: {', '.join(names) or 'none'}."
        super().__init__(f"{message} {remedy}".rstrip())

    def __reduce__(self) -> tuple[type[GlyphbenchError], tuple[str]]:
        return GlyphbenchError, (str(self),)


class SuiteError(GlyphbenchError):
    """Raised for a suite file with faults; `faults` holds all of them, one line each."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
        super().__init__("\n  ".join([f"{source}: {count}", *faults]))

    def __reduce__(self) -> tuple[type[GlyphbenchError], tuple[str]]:
        return GlyphbenchError, (str(self),)
