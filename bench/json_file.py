"""Our own JSON files that carry a format number: newer ones are refused in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prompts.errors import GlyphbenchError
from prompts.strict_json import parse_json


def read_formatted(path: Path, newest: int, absent: str) -> Any:  # noqa: ANN401 - any JSON data
    """Return the content of a file whose `format` is at most `newest`.

    Raises:
        GlyphbenchError: It is not there, which `absent` says; it is damaged; or its format is newer.
    """
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise GlyphbenchError(absent) from None
    except (OSError, ValueError) as error:
        raise GlyphbenchError(f"{path}: cannot be read: {error}") from None
    found = content.get("format") if isinstance(content, dict) else None
    if isinstance(found, int) and found > newest:
        raise GlyphbenchError(
            f"{path}: format {found} is newer than format {newest}, the newest that this version of Glyphbench "
            'knows; upgrade with: pip install -U "glyphbench"'
        )
    return content
