"""A comparison for people: as lines for a terminal, and as Markdown; both from the same tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from metrics.table import HEADLINE
from reports.differences import format_counts, format_difference, format_level, format_p, format_signed
from reports.formats import format_count
from reports.text_tables import TextTable, escape_markdown
from reports.visible_text import visible

if TYPE_CHECKING:
    from bench.comparison.leaderboard import Leaderboard
    from bench.comparison.result import ChangedPrompt, Comparison, SliceComparison

_SHOWN = 5
"""Prompts of each direction on the terminal; the page has more."""


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """Yield what a comparison says, a line each."""
    yield from _head(comparison)
    for table in (metric_table(comparison), slice_table(comparison)):
        if table.rows:
            yield ""
            yield from table.lines()
    if small := slices_not_shown(comparison):
        yield small
    for title, changed in (("lost most", comparison.losses), ("gained most", comparison.gains)):
        if changed:
            yield ""
            yield f"{title} in {HEADLINE}"
            for prompt in changed[:_SHOWN]:
                yield from _changed_lines(prompt)
    yield ""
    yield from _foot(comparison)


def comparison_markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown."""
    head = "\n".join(f"- {escape_markdown(line)}" for line in _head(comparison))
    changed = [_changed_table(title, rows) for title, rows in _directions(comparison)]
    tables = [table for table in (metric_table(comparison), slice_table(comparison), *changed) if table.rows]
    small = slices_not_shown(comparison)
    foot = "\n".join(f"- {escape_markdown(line)}" for line in ([small] if small else []) + list(_foot(comparison)))
    return "\n".join([f"{head}\n", *(table.markdown() for table in tables), foot]) + "\n"


def metric_table(comparison: Comparison) -> TextTable:
    """Return one row for each metric; those that neither run has scores of are not worth one."""
    rows = []
    for metric in comparison.metrics:
        found = metric.difference
        if found is None or metric.base is None or metric.candidate is None:
            if " and " not in metric.missing:
                rows.append(
                    (_label(metric.name, comparison), metric.better, "—", "—", f"— ({metric.missing})", "", "", "")
                )
            continue
        note = f"{metric.one_sided} left out: scored in one run only" if metric.one_sided else ""
        levels = format_level(metric.base, found), format_level(metric.candidate, found)
        rows.append(
            (
                _label(metric.name, comparison),
                metric.better,
                *levels,
                format_difference(found),
                format_p(found.p),
                format_counts(found),
                note,
            )
        )
    header = ("metric", "better", "base", "candidate", f"difference [{_percent(comparison)}]", "p", "w/t/l")
    if not any(row[-1] for row in rows):
        return TextTable("", header, tuple(row[:-1] for row in rows), frozenset({0, 1}))
    return TextTable("", (*header, "note"), tuple(rows), frozenset({0, 1, 7}))


def _label(metric: str, comparison: Comparison) -> str:
    return metric.replace("@k", f"@{min(4, comparison.seeds)}")


def slice_table(comparison: Comparison) -> TextTable:
    """Return one row for each slice that was tested, and metric."""
    title = "slices, for reading: not gated; q by Benjamini and Hochberg over all of them"
    header = ("slice", "metric", "prompts", "base", "candidate", f"difference [{_percent(comparison)}]", "p", "q")
    rows = tuple(_slice_row(each) for each in comparison.slices if each.q is not None)
    return TextTable(title if rows else "", header, rows, frozenset({0, 1}))


def slices_not_shown(comparison: Comparison) -> str:
    """Return what is to be said of slices that are too small to test; "" for nothing."""
    small = list(dict.fromkeys(f"{each.by} {each.label}" for each in comparison.slices if each.q is None))
    if not small:
        return ""
    return f"{format_count(len(small), 'slice')} of too few prompt groups to test: only in --json"


def _slice_row(each: SliceComparison) -> tuple[str, ...]:
    found = each.difference
    levels = format_level(each.base, found), format_level(each.candidate, found)
    q = "—" if each.q is None else format_p(each.q)
    label = f"{each.by} {each.label}"
    return (label, each.metric, str(found.prompts), *levels, format_difference(found), format_p(found.p), q)


def _percent(comparison: Comparison) -> str:
    found = next((m.difference for m in comparison.metrics if m.difference is not None), None)
    return f"{0.95 if found is None else found.level:.0%}"


def _head(comparison: Comparison) -> Iterator[str]:
    yield f"base       {visible(comparison.base.name)}  ({visible(comparison.base.source)})"
    yield f"candidate  {visible(comparison.candidate.name)}  ({visible(comparison.candidate.source)})"
    counts = f"{format_count(comparison.prompts, 'prompt')} × {format_count(comparison.seeds, 'seed')}"
    paired = "the same seeds on both sides" if comparison.paired_seeds else "each side with its own seeds"
    yield f"compared   {counts}, {paired}"
    for remark in comparison.remarks:
        yield f"note       {visible(remark)}"


def _foot(comparison: Comparison) -> Iterator[str]:
    yield "w/t/l: prompts of which the candidate is better, as good, worse"
    yield f"method     {comparison.method}"
    yield f"base       {visible(comparison.base.signature)}"
    yield f"candidate  {visible(comparison.candidate.signature)}"


def _changed_lines(changed: ChangedPrompt) -> Iterator[str]:
    change = f"{changed.base:.3f} → {changed.candidate:.3f}  {format_signed(changed.candidate - changed.base, 3)}"
    yield f"  {visible(changed.prompt)}  {change}  {visible(changed.target)}"
    for pair in changed.pictures[:1]:
        for label, score, read, file in (
            ("base", pair.base, pair.base_read, pair.base_file),
            ("candidate", pair.candidate, pair.candidate_read, pair.candidate_file),
        ):
            shown = "" if read is None else f"  read {visible(read)!r}"
            yield f"    {label:9}  {_score(score)}{shown}  {visible(file or 'no picture here')}"


def _score(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"


def _directions(comparison: Comparison) -> list[tuple[str, Sequence[ChangedPrompt]]]:
    return [(f"lost most in {HEADLINE}", comparison.losses), (f"gained most in {HEADLINE}", comparison.gains)]


def _changed_table(title: str, changed: Sequence[ChangedPrompt]) -> TextTable:
    rows = tuple(
        (c.prompt, c.target, f"{c.base:.3f}", f"{c.candidate:.3f}", format_signed(c.candidate - c.base, 3))
        for c in changed
    )
    return TextTable(title, ("prompt", "target", "base", "candidate", "change"), rows, frozenset({0, 1}))


def leaderboard_lines(board: Leaderboard) -> Iterator[str]:
    """Yield a leaderboard, a line each."""
    yield from leaderboard_table(board).lines()
    yield ""
    for remark in board.remarks:
        yield f"note    {visible(remark)}"
    yield f"runs that share a letter cannot be told apart at the {1 - board.level:.0%} level, Holm over all pairs"
    yield f"method  {board.method}"


def leaderboard_markdown(board: Leaderboard) -> str:
    """Return a leaderboard as Markdown."""
    notes = [f"- {escape_markdown(remark)}" for remark in board.remarks]
    notes.append(f"- runs that share a letter cannot be told apart at the {1 - board.level:.0%} level (Holm)")
    notes.append(f"- {escape_markdown(board.method)}")
    return "\n".join([leaderboard_table(board).markdown(), *notes]) + "\n"


def leaderboard_table(board: Leaderboard) -> TextTable:
    """Return one row for each run, the best first."""
    rows = []
    for number, place in enumerate(board.places, start=1):
        estimate, found = place.estimate, place.to_first
        interval = "—" if estimate.low is None else f"[{estimate.low:.3f}, {estimate.high:.3f}]"
        beside = ("—", "") if found is None else (format_difference(found), format_p(found.p))
        name = f"{place.contender.name}  ({place.contender.source})"
        rows.append((str(number), name, f"{estimate.value:.3f}", interval, place.letters, *beside))
    header = ("", "run", board.metric, f"{board.level:.0%}", "group", "against the first named", "p")
    counts = f"{format_count(board.prompts, 'prompt')} × {format_count(board.seeds, 'seed')}"
    return TextTable(f"{board.metric}, {board.better} is better; {counts}", header, tuple(rows), frozenset({0, 1, 4}))
