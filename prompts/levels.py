"""The three levels of the standard list of Chinese characters, 通用规范汉字表.

Levels 1, 2 and 3 hold 3,500, 3,000 and 1,605 characters, the commonest first. The list was published by the State
Council of the People's Republic of China on 5 June 2013 (国发〔2013〕23号), an official document without copyright
(Copyright Law of the PRC, Article 5). `data/hanzi_levels.tsv` has its characters in its order, with their strokes.
Within a level the list goes by strokes; 41 characters outside Unicode's basic block, for which counts of another form
of the character (䜣 as 訢) are in circulation, have the count that this order demands.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Literal

Level = Literal[1, 2, 3]

_FILE = Path(__file__).parent / "data" / "hanzi_levels.tsv"


@cache
def hanzi_levels() -> dict[str, Level]:
    """Return the level of each of the 8,105 characters, in the list's order."""
    levels: dict[str, Level] = {"1": 1, "2": 2, "3": 3}
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {row["character"]: levels[row["level"]] for row in csv.DictReader(lines, delimiter="\t")}


@cache
def hanzi_strokes() -> dict[str, int]:
    """Return the strokes of each of the 8,105 characters, by which the list is ordered within a level."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {row["character"]: int(row["strokes"]) for row in csv.DictReader(lines, delimiter="\t")}


def characters_of(level: Level) -> tuple[str, ...]:
    """Return the characters of one level, in the list's order."""
    return tuple(character for character, found in hanzi_levels().items() if found == level)
