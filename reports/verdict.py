"""A gate's verdict for people, as lines: what was decided, on what, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reports.differences import decimals_of, format_counts, format_difference, format_level, format_p
from reports.formats import format_count
from reports.text_tables import TextTable
from reports.visible_text import visible

if TYPE_CHECKING:
    from bench.gating.halves import SelfCheck, Sizing
    from bench.gating.result import GatedMetric, GateResult


WORDS = {"pass": "holds", "regressed": "REGRESSED", "inconclusive": "open"}
"""Of single metrics: the word pass is kept for the gate as a whole."""


def verdict_lines(result: GateResult) -> Iterator[str]:
    """Yield what a gate found, the verdict last."""
    yield from _body(result)
    if result.anchor is not None:
        yield ""
        yield f"against the fixed anchor: {WORDS.get(result.anchor.verdict, result.anchor.verdict)}"
        yield from _body(result.anchor)
    yield ""
    yield from _reasons(result)
    yield headline(result)


def headline(result: GateResult) -> str:
    """Return the verdict in one line, in words that never say more than was found."""
    sides = f"{visible(result.candidate.name)} against {visible(result.base.name)}"
    if result.verdict == "inconclusive":
        ends = "a warning" if result.exit_code == 0 else "the policy fails it"
        return f"INCONCLUSIVE: {sides}: these runs cannot tell ({ends})"
    if result.verdict == "no verdict":
        return f"NO VERDICT: {sides}: nothing was judged"
    return f"{result.verdict.upper()}: {sides}"


def _body(result: GateResult) -> Iterator[str]:
    yield f"base       {visible(result.base.name)}  ({visible(result.base.source)})"
    yield f"candidate  {visible(result.candidate.name)}  ({visible(result.candidate.source)})"
    yield f"policy     {visible(str(result.policy['source']))}, confidence {result.policy['confidence']:g}"
    yield f"compared   {format_count(result.prompts, 'prompt')} × {format_count(result.seeds, 'seed')}"
    for remark in result.remarks:
        yield f"note       {visible(remark)}"
    if result.metrics:
        yield ""
        yield from _table(result).lines()
        for metric in result.metrics:
            yield f"{metric.name}: {_needs(metric)}"
            if metric.reason:
                yield f"  margin: {visible(metric.reason)}"
    for guard in result.guards:
        yield f"guard {guard.name}: {'TRIPPED: ' if guard.tripped else ''}{guard.message}"
        if guard.prompts:
            yield f"  {', '.join(map(visible, guard.prompts[:20]))}{' …' if len(guard.prompts) > 20 else ''}"
    yield f"base       {visible(result.base.signature)}"
    yield f"candidate  {visible(result.candidate.signature)}"


def _table(result: GateResult) -> TextTable:
    rows = []
    for metric in result.metrics:
        found = metric.difference
        levels = format_level(metric.base, found), format_level(metric.candidate, found)
        error = "—" if found.error is None else f"{found.error:.{decimals_of(found)}f}"
        verdict = WORDS[metric.verdict] + (f" ({metric.note})" if metric.note else "")
        rows.append(
            (
                metric.name,
                f"{levels[0]} → {levels[1]}",
                format_difference(found),
                error,
                format_p(found.p),
                format_counts(found),
                f"{metric.margin:.3g}",
                format_p(metric.p_holm),
                verdict,
            )
        )
    level = result.metrics[0].difference.level
    header = ("metric", "base → candidate", f"difference [{level:.0%}]", "SE", "p", "w/t/l", "margin", "p (Holm)", "")
    return TextTable("", header, tuple(rows), frozenset({0, 8}))


def _needs(metric: GatedMetric) -> str:
    chance = metric.passes_if_unchanged
    share = f"{chance:.0%}" if chance < 0.995 else "over 99%"
    text = f"with this spread an unchanged model would be let through in {share} of cases"
    if metric.needed_prompts is not None:
        seeds = f", or {metric.needed_seeds} seeds of as many prompts" if metric.needed_seeds else ""
        text += f"; with {metric.needed_prompts:,} prompts of as many seeds{seeds}, in 90%"
    return text


def _reasons(result: GateResult) -> Iterator[str]:
    label = "why" if result.verdict == "no verdict" else "because"
    for reason in result.reasons:
        yield f"{label}: {visible(reason)}"
    if result.verdict == "inconclusive":
        yield "next: run both with more seeds or prompts and judge once more; two looks want confidence = 0.975 each"


def self_check_lines(check: SelfCheck) -> Iterator[str]:
    """Yield what a run against itself says, and the size that its spread asks for."""
    yield "A/A: one run, its seeds in two halves; nothing but chance differs"
    yield from verdict_lines(check.result)
    if check.sizing:
        yield ""
        yield from _sizing_table(check.sizing).lines()


def _sizing_table(sizing: tuple[Sizing, ...]) -> TextTable:
    rows = tuple(
        (s.metric, f"{s.margin:g}", str(s.seeds), f"{s.deviation:.3f}", "—" if s.prompts is None else f"{s.prompts:,}")
        for s in sizing
    )
    title = "by this spread, with seeds that the two runs do not share"
    header = ("metric", "margin", "seeds", "deviation of a prompt", "prompts for 90%")
    return TextTable(title, header, rows)
