"""A checkpoint's entry in the history, as a line for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.table import HEADLINE
from reports.differences import format_signed
from reports.visible_text import visible

if TYPE_CHECKING:
    from bench.watching.history import Entry

_WORDS = {"pass": "PASS", "regressed": "REGRESSED", "inconclusive": "INCONCLUSIVE", "no verdict": "NO VERDICT"}


def entry_line(entry: Entry) -> str:
    """Return checkpoint, suite, headline, gain and verdict in one line, or why it failed."""
    reason = " ".join(visible(entry.reason).split())
    name = f"{' '.join(visible(entry.checkpoint).split())}  {entry.suite}"
    if entry.state == "failed":
        return f"{name}  FAILED: {reason}"
    numbers, parts = entry.numbers, [name]
    if HEADLINE in numbers:
        ends = (
            f" [{numbers[f'{HEADLINE}_low']:.3f}, {numbers[f'{HEADLINE}_high']:.3f}]"
            if f"{HEADLINE}_low" in numbers
            else ""
        )
        parts.append(f"{HEADLINE} {numbers[HEADLINE]:.3f}{ends}")
    if f"{HEADLINE}_gain" in numbers:
        low = format_signed(numbers[f"{HEADLINE}_gain_low"], 3)
        margin = numbers[f"{HEADLINE}_margin"]
        parts.append(f"gain {format_signed(numbers[f'{HEADLINE}_gain'], 3)} (at least {low}, margin {margin:.3g})")
    parts.append(_WORDS.get(entry.verdict, entry.verdict))
    return "  ".join(parts) + (f": {reason}" if reason else "")
