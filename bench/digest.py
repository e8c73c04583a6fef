"""Digests of plain data: the same for equal content, whatever the order of keys."""

from __future__ import annotations

import hashlib
import json


def digest_of(content: object) -> str:
    """Return the SHA-256 (hex) of `content`, which must be JSON data, in canonical form."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def short(digest: str) -> str:
    """Return the first eight hex digits: enough for names and for people."""
    return digest[:8]
