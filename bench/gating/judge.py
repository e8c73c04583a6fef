"""The verdict of a gate, from two score sheets and a policy: a pure function of the three."""

from __future__ import annotations

from bench.comparison.sheet import ScoreSheet
from bench.gating.policy import Policy
from bench.gating.result import GateResult


def judge_gate(base: ScoreSheet, candidate: ScoreSheet, policy: Policy) -> GateResult:
    """Return whether the candidate is no worse than its base; the same arguments give the same result, bit for bit.

    Args:
        base: From `bench.gating.baseline.open_sheet(path)`: a run folder or a blessed baseline.
        candidate: Likewise.
        policy: From `bench.gating.policy.read_policy(path)`, or `DEFAULT_POLICY`.
    """
    raise NotImplementedError
