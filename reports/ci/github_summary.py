"""GitHub's step summary, in Markdown: text and numbers alone, no pictures, below the size that GitHub takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from reports.differences import format_counts, format_difference, format_level, format_p
from reports.text_tables import TextTable, escape_markdown
from reports.verdict import WORDS, headline

if TYPE_CHECKING:
    from bench.gating.result import GateResult

LIMIT = 1024 * 1024
"""Bytes of a step's summary, above which GitHub refuses all of it. Source: GitHub Docs, "Workflow commands"."""

_LONGEST = 1000
_SIGNS = {"pass": "✅", "regressed": "❌", "inconclusive": "⚠️", "no verdict": "⛔"}


def github_summary(result: GateResult, limit: int = LIMIT) -> str:
    """Return the summary, at most `limit` bytes in UTF-8: paragraphs that do not fit are left out and counted."""
    return _within(list(_paragraphs(result)), limit)


def _paragraphs(result: GateResult) -> Iterator[str]:
    """Yield what is to be told, the most important first."""
    yield f"## {_SIGNS[result.verdict]} {_shown(headline(result))}"
    if result.reasons:
        yield _listed(result.reasons)
    yield from _body(result)
    if result.anchor is not None:
        yield f"### Against the fixed anchor: {WORDS.get(result.anchor.verdict, result.anchor.verdict)}"
        yield from _body(result.anchor)
    for title, found in (("Remarks", _remarks(result)), ("Prompts that guards name", _named(result))):
        if found:
            yield f"**{title}**"
            yield from (_listed(found[start : start + 100]) for start in range(0, len(found), 100))
    yield _listed(
        [
            f"base: {result.base.source}: {result.base.signature}",
            f"candidate: {result.candidate.source}: {result.candidate.signature}",
            f"policy: {result.policy['source']}, confidence {result.policy['confidence']:g}",
        ]
    )


def _body(result: GateResult) -> Iterator[str]:
    if result.metrics:
        yield _metric_table(result).markdown().rstrip("\n")
    if result.guards:
        yield _guard_table(result).markdown().rstrip("\n")
    yield f"{result.prompts} prompts × {result.seeds} seeds were compared."
    reasons = [f"margin of {metric.name}: {metric.reason}" for metric in result.metrics if metric.reason]
    if reasons:
        yield _listed(reasons)


def _metric_table(result: GateResult) -> TextTable:
    level = result.metrics[0].difference.level
    header = (
        "metric",
        "base → candidate",
        f"difference [{level:.0%}]",
        "p",
        "won/tied/lost",
        "margin",
        "let through if unchanged",
        "verdict",
    )
    rows = tuple(
        (
            metric.name,
            f"{format_level(metric.base, metric.difference)} → {format_level(metric.candidate, metric.difference)}",
            format_difference(metric.difference),
            format_p(metric.difference.p),
            format_counts(metric.difference),
            f"{metric.margin:.3g}",
            f"{metric.passes_if_unchanged:.0%}",
            f"{WORDS[metric.verdict]}{f' ({metric.note})' if metric.note else ''}",
        )
        for metric in result.metrics
    )
    return TextTable("", header, rows, frozenset({0, 7}))


def _guard_table(result: GateResult) -> TextTable:
    rows = tuple(
        (
            guard.name,
            str(guard.base),
            str(guard.candidate),
            str(guard.of),
            str(guard.allowed),
            "TRIPPED" if guard.tripped else "holds",
        )
        for guard in result.guards
    )
    return TextTable("", ("guard", "base", "candidate", "of", "allowed", ""), rows, frozenset({0, 5}))


def _remarks(result: GateResult) -> list[str]:
    anchored = () if result.anchor is None else result.anchor.remarks
    return list(dict.fromkeys([*result.remarks, *anchored]))


def _named(result: GateResult) -> list[str]:
    blocks = [result] if result.anchor is None else [result, result.anchor]
    found = (f"{guard.name}: {prompt}" for block in blocks for guard in block.guards for prompt in guard.prompts)
    return list(dict.fromkeys(found))


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {_shown(line)}" for line in lines)


def _shown(text: str) -> str:
    """Return a text as Markdown that shows it as it is, on one line, its end left out and counted if it is long."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text) - _LONGEST} characters more)"
    # An address would become a link, wherever it leads.
    return escape_markdown(text).replace("://", "\\://").replace("www.", "www\\.").replace("@", "\\@")


def _within(paragraphs: Sequence[str], limit: int) -> str:
    note = "_{} paragraphs are left out here, as GitHub takes {:,} bytes a step; the log has everything._\n"
    room = limit - len(note.format(len(paragraphs), limit).encode()) - 2
    kept: list[str] = []
    for paragraph in paragraphs:
        room -= len(paragraph.encode()) + 2
        if room < 0:
            return "\n\n".join([*kept, note.format(len(paragraphs) - len(kept), limit)])
        kept.append(paragraph)
    return "\n\n".join(kept) + "\n"
