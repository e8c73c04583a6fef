"""A short version of `benchmarks/gate_simulation.py`: the gate keeps its word where the truth is known."""

import importlib.util
import math
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gate_simulation.py"
RUNS = 400


@pytest.fixture(scope="module")
def simulation():
    spec = importlib.util.spec_from_file_location("gate_simulation", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def slack(share):
    """Four standard errors of a share of `RUNS`, and one point for the bias of small samples."""
    return 4 * math.sqrt(share * (1 - share) / RUNS) + 0.01


def test_the_true_loss_is_what_was_asked_for(simulation):
    base, candidate = simulation.accuracies(400_000, 1, 0.06, np.random.default_rng(1))
    assert base.mean() == pytest.approx(simulation.expected(0), abs=0.002)
    assert base.mean() - candidate.mean() == pytest.approx(0.06, abs=0.002)
    assert 0.3 < (base == 1).mean() < 0.37
    assert 0.01 < (base == 0).mean() < 0.05


@pytest.mark.parametrize("prompts", [50, 100])
def test_false_alarms_and_coverage_are_nominal(simulation, prompts):
    tally = simulation.judged(prompts, 4, 0.0, RUNS, 7)
    assert tally.alarms == pytest.approx(0.05, abs=slack(0.05))
    assert tally.covered == pytest.approx(0.95, abs=slack(0.95))
    assert tally.regressed <= 0.05 + slack(0.05)


def test_a_loss_of_twice_the_margin_is_caught(simulation):
    tally = simulation.judged(100, 4, 2 * simulation.MARGIN, RUNS, 7)
    assert tally.regressed >= 0.95
    assert tally.passed == 0
    assert tally.covered == pytest.approx(0.95, abs=slack(0.95))
