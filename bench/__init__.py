"""How it is run: generators, the runner, the run folder, configuration, the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.precedence import put_own_packages_first

put_own_packages_first()

if TYPE_CHECKING:
    import os

    from bench.run import Run

__all__ = ["load_run"]


def load_run(path: str | os.PathLike[str]) -> Run:
    """Return the run in the folder `path`: its manifest, suite, samples, readings, and `scores` and `characters`.

    The last two are pandas frames; `docs/notebooks.md` has their columns.

    Raises:
        GlyphbenchError: There is no run there, or one that this version cannot read.
    """
    from pathlib import Path

    from bench.run import Run

    return Run.open(Path(path))
