"""What a checkpoint's run is worth beside its base: the entry of the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.gating.baseline import open_sheet
from bench.gating.judge import judge_gate
from bench.gating.policy import Policy
from bench.gating.result import GateResult
from bench.watching.checkpoints import Checkpoint
from bench.watching.history import Entry
from prompts.errors import GlyphbenchError

SHOWN = ("accuracy", "exact", "cer")
"""Metrics that the history has of every checkpoint, whatever the policy gates."""


@dataclass(frozen=True)
class Judge:
    """By what checkpoints are judged.

    Attributes:
        policy: Of the gate.
        bases: Run folders or baselines, by suite; of a suite without one, the first checkpoint that was evaluated.
        calibrations: Folder of the user's own calibrations.
    """

    policy: Policy
    bases: Mapping[str, Path]
    calibrations: Path

    @classmethod
    def of(cls, policy: Policy, bases: Sequence[Path], suites: Sequence[str], calibrations: Path) -> Judge:
        """Return the judge with each base under its suite.

        Raises:
            GlyphbenchError: A base cannot be read, is of no watched suite, or there are two of one.
        """
        found: dict[str, Path] = {}
        for path in bases:
            suite = open_sheet(path, calibrations).conditions.suite
            if suite not in suites:
                raise GlyphbenchError(f"--base {path} is of suite {suite}, which is not evaluated")
            if suite in found:
                raise GlyphbenchError(f"--base {path} and {found[suite]} are both of suite {suite}; give one")
            found[suite] = path
        return cls(policy, found, calibrations)

    def entry(
        self, checkpoint: Checkpoint, files: str, summary: Mapping[str, Any], seconds: float, first: Entry | None
    ) -> Entry:
        """Return the entry of an evaluated checkpoint.

        Args:
            checkpoint: What was evaluated.
            files: Its fingerprint.
            summary: Of the run, with its `folder`.
            seconds: That it took.
            first: The suite's first evaluated entry, the base where none was given.
        """
        suite = summary["suite"]["name"]
        numbers = dict(_own_numbers(summary, [*SHOWN, *(entry.name for entry in self.policy.metric)]))
        shared = {
            "checkpoint": checkpoint.name,
            "step": checkpoint.step,
            "suite": suite,
            "state": "evaluated",
            "seconds": round(seconds, 1),
            "finished": now(),
            "run": summary["folder"],
            "files": files,
            "signature": summary["signature"],
        }
        base = self.bases.get(suite)
        if base is None and first is None:
            return Entry(**shared, verdict="base", prompts=summary["counts"]["prompts"], numbers=numbers)
        base = base or Path(first.run if first else "")
        result = self._judged(base, Path(summary["folder"]), suite)
        return Entry(
            **shared,
            verdict=result.verdict,
            reason="; ".join(result.reasons),
            prompts=result.prompts,
            base=str(base),
            policy=str(result.policy["source"]),
            numbers=numbers | dict(_gated_numbers(result)),
        )

    def _judged(self, base: Path, run: Path, suite: str) -> GateResult:
        sheets = [open_sheet(path, self.calibrations) for path in (base, run)]
        anchor = None if self.policy.anchor is None else open_sheet(self.policy.anchor, self.calibrations)
        if anchor is not None and anchor.conditions.suite != suite:
            anchor = None
        return judge_gate(sheets[0], sheets[1], self.policy, anchor)


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _own_numbers(summary: Mapping[str, Any], names: Sequence[str]) -> Iterator[tuple[str, float]]:
    found = summary["metrics"][summary["profile"]]
    for name in dict.fromkeys(names):
        estimate = found.get(name, {})
        if "value" in estimate:
            yield name, estimate["value"]
            if estimate["low"] is not None:
                yield f"{name}_low", estimate["low"]
                yield f"{name}_high", estimate["high"]


def _gated_numbers(result: GateResult) -> Iterator[tuple[str, float]]:
    for metric in result.metrics:
        sign = 1 if metric.better == "higher" else -1
        yield f"{metric.name}_base", metric.base
        yield f"{metric.name}_margin", metric.margin
        yield f"{metric.name}_gain", sign * metric.difference.value + 0.0
        yield f"{metric.name}_gain_low", metric.gain_low
        yield f"{metric.name}_gain_high", metric.gain_high
