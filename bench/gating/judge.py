"""The verdict of a gate, from two score sheets and a policy: a pure function of the three."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from bench.comparison.alignment import Aligned, align, forbidden, refusal
from bench.comparison.sheet import ScoreSheet, surrounding_remarks
from bench.errors import EXIT_NO_VERDICT, EXIT_REGRESSION
from bench.gating.guards import guard_obstacle, judge_guard
from bench.gating.metric import FEWEST_CLUSTERS, judge_metrics, metric_obstacle
from bench.gating.policy import GuardEntry, Policy
from bench.gating.result import GatedMetric, GateResult, Verdict

WEAKEST = 0.5
"""Chance that an unchanged model passes, below which a policy is refused: such a gate says nothing."""


def judge_gate(base: ScoreSheet, candidate: ScoreSheet, policy: Policy, anchor: ScoreSheet | None = None) -> GateResult:
    """Return whether the candidate is no worse than its base; the same arguments give the same result, bit for bit.

    Args:
        base: From `bench.gating.baseline.open_sheet(path)`: a run folder or a blessed baseline.
        candidate: Likewise.
        policy: From `bench.gating.policy.read_policy(path)`, or `DEFAULT_POLICY`.
        anchor: The fixed base that the candidate is judged against as well; the worse of both verdicts holds.
    """
    judged = _judge(base, candidate, policy)
    if anchor is None:
        return judged
    fixed = _judge(anchor, candidate, policy)
    reasons = [f"against the fixed anchor {anchor.contender.source}: {reason}" for reason in fixed.reasons]
    if fixed.verdict == "regressed" and not fixed.reasons:
        reasons = [f"regressed against the fixed anchor {anchor.contender.source}"]
    verdict = min((judged.verdict, fixed.verdict), key=_SEVERITY.index)
    reasons = [*judged.reasons, *reasons]
    return replace(judged, verdict=verdict, exit_code=exit_code(verdict, policy), reasons=tuple(reasons), anchor=fixed)


_SEVERITY: tuple[Verdict, ...] = ("regressed", "no verdict", "inconclusive", "pass")


def exit_code(verdict: Verdict, policy: Policy) -> int:
    """Return what a command with this verdict ends with."""
    if verdict == "inconclusive":
        return EXIT_NO_VERDICT if policy.on_inconclusive == "fail" else 0
    return {"pass": 0, "regressed": EXIT_REGRESSION, "no verdict": EXIT_NO_VERDICT}[verdict]


def _judge(base: ScoreSheet, candidate: ScoreSheet, policy: Policy) -> GateResult:
    wrong, allowed = forbidden(base, candidate, policy.allow)
    remarks = [f"allowed: {mismatch.says}" for mismatch in allowed] + surrounding_remarks(base, candidate)
    reasons = _suite_faults(base, candidate, policy)
    if wrong:
        reasons += refusal(base, candidate, wrong)[:-1]
    reasons += _incomplete(base) + _incomplete(candidate)
    aligned = align(base, candidate)
    remarks += [f"left out: {what}" for what in aligned.left_out]
    if base.contender == candidate.contender:
        remarks.append(f"both sides are {base.contender.source}: a run is no worse than itself, whatever it is")
    empty = _result(base, candidate, policy, aligned, remarks)
    if not wrong:
        reasons += _too_little(aligned, policy)
    if reasons:
        return replace(empty, reasons=tuple(reasons))
    metrics = judge_metrics(aligned, policy)
    for metric in metrics:
        if without := len(aligned.prompts) - metric.difference.prompts:
            remarks.append(f"{metric.name}: {without} of {len(aligned.prompts)} prompts have no score in either run")
    guards = tuple(judge_guard(entry, aligned) for entry in policy.guard)
    if not any(guard.name == "lost" for guard in guards):
        lost = judge_guard(GuardEntry(name="lost"), aligned)
        remarks += [f"{lost.message.partition(';')[0]}: {', '.join(lost.prompts)}"] if lost.prompts else []
    tripped = [guard.message for guard in guards if guard.tripped]
    weak = [] if policy.accept_weak else _weak(metrics, policy)
    verdict: Verdict
    if tripped or any(metric.verdict == "regressed" for metric in metrics):
        verdict, weak = "regressed", []
    elif weak:
        verdict = "no verdict"
    else:
        verdict = "pass" if all(metric.verdict == "pass" for metric in metrics) else "inconclusive"
    return replace(
        empty,
        verdict=verdict,
        exit_code=exit_code(verdict, policy),
        metrics=metrics,
        guards=guards,
        remarks=tuple(remarks),
        reasons=tuple(tripped + weak),
    )


def _result(
    base: ScoreSheet, candidate: ScoreSheet, policy: Policy, aligned: Aligned, remarks: Sequence[str]
) -> GateResult:
    """Return the result as it is where nothing can be judged."""
    return GateResult(
        verdict="no verdict",
        exit_code=EXIT_NO_VERDICT,
        metrics=(),
        guards=(),
        reasons=(),
        remarks=tuple(remarks),
        base=base.contender,
        candidate=candidate.contender,
        policy=policy.content,
        prompts=len(aligned.prompts),
        seeds=aligned.seeds_a_prompt,
    )


def _suite_faults(base: ScoreSheet, candidate: ScoreSheet, policy: Policy) -> list[str]:
    faults = []
    for sheet in (base, candidate):
        conditions, source = sheet.conditions, sheet.contender.source
        if policy.suite is not None and conditions.suite != policy.suite:
            faults.append(f"{source} is of suite {conditions.suite}; the policy is about {policy.suite}")
        elif policy.digest is not None and not conditions.suite_digest.startswith(policy.digest):
            faults.append(f"{source} is of {conditions.suite_label}; the policy is about digest {policy.digest}")
    return faults


def _incomplete(sheet: ScoreSheet) -> list[str]:
    source = sheet.contender.source
    found = [f"{source} is not complete: {count} × {reason}" for reason, count in sheet.unfinished.items()][:5]
    if found:
        found.append(f"the command that started {source} goes on with it")
    if sheet.conditions.is_partial:
        found.append(
            f"{source} is a partial run ({sheet.conditions.asked} of {sheet.conditions.whole} prompts); run it without "
            "--limit"
        )
    return found


def _too_little(aligned: Aligned, policy: Policy) -> list[str]:
    found = []
    if len(aligned.prompts) < policy.min_prompts:
        found.append(f"{len(aligned.prompts)} prompts were compared; the policy demands {policy.min_prompts}")
    if aligned.prompts:
        found += filter(None, (metric_obstacle(aligned, entry.name, policy) for entry in policy.metric))
        found += [f"guard {entry.name}: {why}" for entry in policy.guard if (why := guard_obstacle(entry, aligned))]
    groups = len({prompt.group for prompt in aligned.prompts})
    if groups < FEWEST_CLUSTERS and len(aligned.prompts) >= policy.min_prompts:
        found.append(f"{groups} prompt groups are too few to judge by; {FEWEST_CLUSTERS} are needed")
    return list(dict.fromkeys(found))


def _weak(metrics: Sequence[GatedMetric], policy: Policy) -> list[str]:
    """Return why the policy asks more than these runs can tell, for each metric of which that holds."""
    found = []
    for metric in metrics:
        if metric.passes_if_unchanged < WEAKEST:
            needed = "no number of prompts" if metric.needed_prompts is None else f"{metric.needed_prompts:,} prompts"
            found.append(
                f"{metric.name}: a margin of {metric.margin:g} is too narrow for this suite: even an unchanged model "
                f"would pass in {math.floor(100 * metric.passes_if_unchanged)}% of all cases only; {needed} with as "
                "many seeds would do, or a wider margin, or accept_weak = true"
            )
    return found
