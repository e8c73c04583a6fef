"""What is asked: suites of prompts, their file format, loading, checking.

Importing this package costs nothing: each name is fetched from its module when it is first used. The checks for
quality keep to their module, `prompts.lint`, whose name the function `lint` would hide.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompts.errors import GlyphbenchError, SuiteError, UnknownNameError
    from prompts.loading import find_suite, load_suite, suite_names
    from prompts.suite import CELLS, Box, Prompt, Region, Relation, Size, Suite
    from prompts.summary import SuiteSummary, summarise

__all__ = [
    "CELLS",
    "Box",
    "GlyphbenchError",
    "Prompt",
    "Region",
    "Relation",
    "Size",
    "Suite",
    "SuiteError",
    "SuiteSummary",
    "UnknownNameError",
    "find_suite",
    "load_suite",
    "suite_names",
    "summarise",
]

_HOMES = {
    "prompts.errors": ("GlyphbenchError", "SuiteError", "UnknownNameError"),
    "prompts.loading": ("find_suite", "load_suite", "suite_names"),
    "prompts.suite": ("CELLS", "Box", "Prompt", "Region", "Relation", "Size", "Suite"),
    "prompts.summary": ("SuiteSummary", "summarise"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
