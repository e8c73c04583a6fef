"""Seeds as people write them: a count, a list, or a range."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

LARGEST = 2**31 - 1
"""The largest seed that every generator takes: APIs allow 31 bits."""


def parse_seeds(text: str) -> tuple[int, ...]:
    """Return the seeds that `text` names: `4` is 0, 1, 2, 3; `7,8,9` and `100..103` are those seeds; `7,` is seed 7.

    Raises:
        ValueError: It is none of these, names a seed twice, or one outside 0..2³¹−1.
    """
    text = text.strip()
    if re.fullmatch(r"\d+", text):
        seeds = list(range(int(text))) if int(text) <= 100_000 else []
    else:
        seeds = []
        for part in text.removesuffix(",").split(","):
            span = re.fullmatch(r"\s*(\d+)(?:\.\.(\d+))?\s*", part)
            if not span or int(span[2] or span[1]) - int(span[1]) > 100_000:
                seeds = []
                break
            seeds += range(int(span[1]), int(span[2] or span[1]) + 1)
    if not seeds or len(set(seeds)) < len(seeds) or max(seeds) > LARGEST:
        raise ValueError(
            f"seeds must be a count (4 means 0 to 3), a list (7,8,9) or a range (100..103) of different numbers "
            f"up to {LARGEST}; got {text!r}"
        )
    return tuple(seeds)


def format_seeds(seeds: Sequence[int]) -> str:
    """Return seeds as `--seeds` takes them: a range where they follow on each other, else a list."""
    if len(seeds) > 1 and all(after == before + 1 for before, after in pairwise(seeds)):
        return f"{seeds[0]}..{seeds[-1]}"
    return ",".join(map(str, seeds)) + ("," if len(seeds) == 1 else "")
