"""How many strokes each character of the standard list of Chinese characters has."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "hanzi_levels.tsv"


@cache
def stroke_counts() -> dict[str, int]:
    """Return the number of strokes of each of the 8,105 characters of `prompts.levels`."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {row["character"]: int(row["strokes"]) for row in csv.DictReader(lines, delimiter="\t")}
