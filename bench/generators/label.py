"""The name under which a model's run folders are filed."""

from __future__ import annotations

import unicodedata

MAX_BYTES = 64
"""Of a label. A file name has 255 bytes on most systems; suite, digest and separators need their share."""


def label(text: str, otherwise: str) -> str:
    """Return `text` as it may stand in a file name: letters and digits of any script, `.`, `_` and `-`.

    Everything else becomes `-`. A label only helps people; that two models share one harms nothing, because the run
    folder's digest keeps them apart.

    Args:
        text: The model's own name: the last part of a path or id.
        otherwise: Returned where nothing of `text` is left.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(c if c.isalnum() or c in "._-" else "-" for c in composed)
    short = kept.encode()[:MAX_BYTES].decode(errors="ignore")
    return short.strip("-. ") or otherwise
