"""What the gate does when the truth is known: false alarms, coverage of the interval, losses caught.

    python benchmarks/gate_simulation.py [--runs 2000] [--seed 20261125]

Character accuracies of two checkpoints on the same prompts and seeds are simulated, and judged by the very functions
that `gate` and `compare` use. A picture's accuracy is min(1, max(0, prompt + checkpoint + noise)), all three normal: a
strong effect of the prompt that both checkpoints share, a small one of the prompt on each checkpoint, and noise over
seeds that the two share with correlation 0.5. About a third of the accuracies is 1, one in thirty is 0. Without a loss
the checkpoints are exchangeable, so that the true difference is exactly 0; with one, the worse checkpoint's effect is
lowered until the true difference, which has a closed form, is what is wanted.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from bench.comparison.alignment import Aligned
from bench.comparison.conditions import Conditions
from bench.comparison.contender import Contender
from bench.comparison.sheet import PromptFacts, ScoreSheet
from bench.gating.metric import judge_metrics
from bench.gating.policy import GatedMetricEntry, Policy
from metrics.paired import Scores

MIDDLE, PROMPT, NOISE, INTERACTION, SHARED = 0.815, 0.335, 0.295, 0.1, 0.5
MARGIN = 0.03
SIZES = ((50, 4), (100, 4), (400, 4))
LOSSES = (0.0, MARGIN, 2 * MARGIN)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tally:
    """Shares of simulated comparisons, 0..1.

    Attributes:
        prompts: A comparison's.
        seeds: A prompt's.
        loss: The true loss.
        runs: Comparisons simulated.
        alarms: Two-sided p up to 0.05.
        covered: The 95% interval holds the true difference.
        passed: Verdict pass.
        regressed: Verdict regressed.
        deviation: Mean over comparisons of the standard deviation of a prompt's difference.
    """

    prompts: int
    seeds: int
    loss: float
    runs: int
    alarms: float
    covered: float
    passed: float
    regressed: float
    deviation: float


def expected(shift: float) -> float:
    """Return the mean accuracy of a checkpoint whose effect is `shift`: that of a normal value cut to 0..1."""
    mean, deviation = MIDDLE + shift, np.sqrt(PROMPT**2 + NOISE**2 + INTERACTION**2 / 2)
    low, high = (0 - mean) / deviation, (1 - mean) / deviation
    inner = mean * (stats.norm.cdf(high) - stats.norm.cdf(low))
    inner += deviation * (stats.norm.pdf(low) - stats.norm.pdf(high))
    return float(inner + stats.norm.sf(high))


def shift_for(loss: float) -> float:
    """Return the effect with which a checkpoint is worse by `loss`."""
    if loss == 0:
        return 0.0
    return float(optimize.brentq(lambda shift: expected(0) - expected(shift) - loss, -1, 0, xtol=1e-12))


def accuracies(prompts: int, seeds: int, loss: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the accuracies of base and candidate, [prompts, seeds] each."""
    prompt = rng.normal(MIDDLE, PROMPT, (prompts, 1))
    common = rng.normal(size=(prompts, seeds)) * np.sqrt(SHARED)
    sides = []
    for shift in (0.0, shift_for(loss)):
        own = rng.normal(0, INTERACTION / np.sqrt(2), (prompts, 1))
        noise = common + rng.normal(size=(prompts, seeds)) * np.sqrt(1 - SHARED)
        sides.append(np.clip(prompt + own + shift + NOISE * noise, 0, 1))
    return sides[0], sides[1]


def judged(prompts: int, seeds: int, loss: float, runs: int, seed: int) -> Tally:
    """Return what becomes of `runs` comparisons of this size with this true loss."""
    rng = np.random.default_rng([seed, prompts, seeds, round(1e6 * loss)])
    facts = tuple(PromptFacts(f"p{n:04}", f"p{n:04}", "zh", "1", ()) for n in range(prompts))
    policy = Policy(metric=(GatedMetricEntry(name="accuracy", margin=MARGIN),))
    counts = np.zeros(4)
    deviation = 0.0
    for _ in range(runs):
        base, candidate = (_sheet(table, facts) for table in accuracies(prompts, seeds, loss, rng))
        (found,) = judge_metrics(Aligned(base, candidate, facts, base.seeds, ()), policy)
        low, high = found.difference.low, found.difference.high
        assert low is not None
        assert high is not None
        counts += (
            found.difference.p <= 0.05,
            low <= -loss <= high,
            found.verdict == "pass",
            found.verdict == "regressed",
        )
        deviation += (found.difference.error or 0.0) * np.sqrt(prompts) / runs
    return Tally(prompts, seeds, loss, runs, *(counts / runs).tolist(), deviation)


def _sheet(table: Floats, facts: tuple[PromptFacts, ...]) -> ScoreSheet:
    conditions = Conditions(
        "simulated", "1", "0", len(facts), len(facts), tuple(range(table.shape[1])), "", "", {}, "", {}
    )
    scores = {"accuracy": Scores(table, np.ones_like(table))}
    return ScoreSheet(Contender("", "", ""), "", conditions, facts, scores, np.zeros(table.shape, np.bool_), {}, {})


def tallies(runs: int, seed: int, sizes: Sequence[tuple[int, int]] = SIZES) -> Iterator[Tally]:
    """Yield the tally of every size and loss."""
    for prompts, seeds in sizes:
        for loss in LOSSES:
            yield judged(prompts, seeds, loss, runs, seed)


def main() -> None:
    """Simulate, and print a Markdown table with the Monte Carlo error of its shares."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20261125)
    arguments = parser.parse_args()
    base, _ = accuracies(200_000, 4, 0.0, np.random.default_rng(arguments.seed))
    print(f"accuracies: mean {base.mean():.3f}, {(base == 1).mean():.1%} at 1, {(base == 0).mean():.1%} at 0")
    print(
        f"margin {MARGIN}, {arguments.runs} comparisons a row, Monte Carlo error of a share of 5%: "
        f"{np.sqrt(0.05 * 0.95 / arguments.runs):.2%}\n"
    )
    print("| prompts × seeds | true loss | p ≤ 0.05 | interval holds the truth | pass | regressed | deviation |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for tally in tallies(arguments.runs, arguments.seed):
        print(
            f"| {tally.prompts} × {tally.seeds} | {tally.loss:.2f} | {tally.alarms:.1%} | {tally.covered:.1%} | "
            f"{tally.passed:.1%} | {tally.regressed:.1%} | {tally.deviation:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
