"""A gate as test cases, which is what CI servers know how to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from reports.differences import format_counts, format_difference, format_level, format_p
from reports.verdict import WORDS
from reports.visible_text import visible

if TYPE_CHECKING:
    from bench.gating.result import GatedMetric, GateResult, GuardResult

Outcome: TypeAlias = Literal["passed", "failure", "error", "skipped"]

JUDGED = "judged"
"""The case that says whether the runs could be judged at all."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a gate looked at.

    Attributes:
        against: `base`, or `anchor` for the fixed one.
        name: `judged`, a gated metric's, or `guard` and a guard's.
        outcome: `failure` for what regressed; `error` where there is no verdict, and for what is inconclusive under a
            policy that fails it; `skipped` for what is inconclusive under a policy that only warns, because neither
            green nor red would be true.
        headline: One line.
        text: What is to be said, headline included; lines.
        is_echo: Whether it only repeats why the runs could not be judged.
    """

    against: Literal["base", "anchor"]
    name: str
    outcome: Outcome
    headline: str
    text: str
    is_echo: bool = False


def cases(result: GateResult) -> tuple[Case, ...]:
    """Return one case for whether the runs could be judged, and one for each gated metric and guard of the policy.

    The same policy gives the same cases whatever the verdict, so that none is missing from a trend.
    """
    found = [_judged(result), *_of(result, "base", result)]
    if result.anchor is not None:
        found += _of(result.anchor, "anchor", result)
    return tuple(found)


def _judged(result: GateResult) -> Case:
    if result.verdict != "no verdict":
        text = f"{result.prompts} prompts × {result.seeds} seeds were compared"
        return Case("base", JUDGED, "passed", text, text)
    reasons = [visible(reason) for reason in result.reasons] or ["nothing was judged"]
    return Case("base", JUDGED, "error", f"no verdict: {_first_line(reasons[0])}", "\n".join(["no verdict", *reasons]))


def _of(block: GateResult, against: Literal["base", "anchor"], whole: GateResult) -> Iterator[Case]:
    judged = {metric.name: metric for metric in block.metrics}
    strict = whole.policy["on_inconclusive"] == "fail"
    for entry in block.policy["metric"]:
        metric = judged.get(entry["name"])
        yield (
            _not_judged(against, entry["name"], block) if metric is None else _metric(against, metric, strict=strict)
        )
    watched = {guard.name: guard for guard in block.guards}
    for entry in block.policy["guard"]:
        guard = watched.get(entry["name"])
        yield _not_judged(against, f"guard {entry['name']}", block) if guard is None else _guard(against, guard)


def _not_judged(against: Literal["base", "anchor"], name: str, block: GateResult) -> Case:
    reasons = [visible(reason) for reason in block.reasons]
    text = "\n".join([f"{name}: no verdict", *reasons])
    return Case(against, name, "error", f"{name}: no verdict", text, is_echo=True)


def _metric(against: Literal["base", "anchor"], metric: GatedMetric, *, strict: bool) -> Case:
    outcome: Outcome = "passed"
    if metric.verdict == "regressed":
        outcome = "failure"
    elif metric.verdict == "inconclusive":
        outcome = "error" if strict else "skipped"
    found = metric.difference
    verdict = f"{WORDS[metric.verdict]}{f' ({metric.note})' if metric.note else ''}"
    headline = (
        f"{metric.name} {verdict}: {format_level(metric.base, found)} → {format_level(metric.candidate, found)}, "
        f"{format_difference(found)} at {found.level:.0%}, margin {metric.margin:.3g}"
    )
    lines = [
        headline,
        f"better is {metric.better}; unit: {metric.unit}",
        f"p {format_p(found.p)}, p of a regression (Holm) {format_p(metric.p_holm)}",
        f"prompts won/tied/lost: {format_counts(found)}",
        f"an unchanged model would be let through in {metric.passes_if_unchanged:.0%} of cases",
    ]
    if metric.needed_prompts is not None:
        lines.append(f"{metric.needed_prompts:,} prompts with as many seeds would let it through in 90%")
    if metric.reason:
        lines.append(f"why this margin: {visible(metric.reason)}")
    return Case(against, metric.name, outcome, headline, "\n".join(lines))


def _guard(against: Literal["base", "anchor"], guard: GuardResult) -> Case:
    headline = f"guard {guard.name}{' tripped' if guard.tripped else ''}: {visible(guard.message)}"
    lines = [headline, *map(visible, guard.prompts)]
    return Case(against, f"guard {guard.name}", "failure" if guard.tripped else "passed", headline, "\n".join(lines))


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
