"""Where what we make once and use often is kept."""

from __future__ import annotations

import os
from pathlib import Path

from prompts.errors import GlyphbenchError


def cache_folder(name: str) -> Path:
    """Return the folder `name` of our cache, made if it is not there.

    The cache is `$GLYPHBENCH_CACHE`, else `$XDG_CACHE_HOME/glyphbench`, else `~/.cache/glyphbench`. All in it can be
    removed at any time.

    Raises:
        GlyphbenchError: The folder cannot be made.
    """
    chosen = os.environ.get("GLYPHBENCH_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = (Path(chosen) if chosen else Path(home, "glyphbench")).expanduser() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GlyphbenchError(
            f"{folder}: cannot be made ({error.strerror}); set GLYPHBENCH_CACHE to a folder that can be written"
        ) from None
    return folder
