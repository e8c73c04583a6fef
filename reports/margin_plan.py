"""The sizes that a margin asks for, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reports.text_tables import TextTable

if TYPE_CHECKING:
    from bench.gating.sizing import MarginPlan


def margin_lines(plan: MarginPlan) -> Iterator[str]:
    """Yield what a margin asks for, a line each."""
    rows = []
    for size in plan.sizes:
        mark = "as planned" if size.seeds == plan.seeds else ""
        groups = "none would do" if size.groups is None else f"{size.groups:,}"
        pictures = "" if size.pictures is None else f"{size.pictures:,}"
        rows.append((str(size.seeds), f"{size.deviation:.3f}", groups, pictures, f"{size.passes:.0%}", mark))
    header = ("seeds", "deviation", "prompt groups", "pictures a run", f"passes with {plan.groups}", "")
    yield f"to tell that {plan.suite} is not worse by {plan.margin:g} in {plan.metric}:"
    for line in TextTable("", header, tuple(rows), frozenset({5})).lines():
        yield f"  {line}"
    yield f"  prompt groups with which an unchanged model passes in {plan.power:.0%}, one-sided {plan.confidence:.0%}"
    yield f"  spread {plan.basis}"
