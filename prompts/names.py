"""The one rule for names: of suites, prompts, groups, tags. A name is safe as a file name on every system."""

from __future__ import annotations

import re

MOST_CHARACTERS = 100
"""Leaves room for a folder before and an extension after: file systems allow 255 bytes, Windows paths 260."""

_ALLOWED = re.compile(r"[a-z0-9][a-z0-9._-]*")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))}
"""Names that Windows keeps for devices, whatever extension follows.

Source: "Naming Files, Paths, and Namespaces", learn.microsoft.com/windows/win32/fileio/naming-a-file.
"""


def name_fault(name: str) -> str | None:
    """Return why `name` cannot be a name, with the remedy, or None where it can."""
    if len(name) > MOST_CHARACTERS:
        return f"{name[:20]!r}… has {len(name)} characters; a name has at most {MOST_CHARACTERS}"
    if not _ALLOWED.fullmatch(name):
        return f"{name!r} is no safe file name; use a-z, 0-9, '-', '_' and '.', with a letter or digit first"
    if ".." in name or name.endswith("."):
        return f"{name!r} is no safe file name; a dot must stand alone and not at the end"
    if name.split(".")[0] in _DEVICES:
        return f"{name!r} is the name of a device on Windows; choose another"
    return None
