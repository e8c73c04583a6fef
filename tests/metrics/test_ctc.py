"""CTC weights against the sum over every path, and where the sums are defined otherwise."""

from itertools import groupby, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.ctc import log_likelihood, weigh


def steps_of(seed, count, labels):
    return np.random.default_rng(seed).dirichlet(np.full(labels, 0.4), count)


def brute(steps, expected):
    """Sum of all paths that spell the string, one symbol for each set of columns."""
    symbols = dict.fromkeys(frozenset(columns) for columns in expected)
    merged = [frozenset({0}), *symbols]
    total = 0.0
    for path in product(range(len(merged)), repeat=len(steps)):
        spelt = [merged[label] for label, _ in groupby(path) if label]
        if spelt == [frozenset(columns) for columns in expected]:
            total += np.prod([steps[t, sorted(merged[label])].sum() for t, label in enumerate(path)])
    return total


strings = st.lists(st.sampled_from([(1,), (2,), (3, 4)]), max_size=3)


@given(st.integers(0, 10**6), st.integers(1, 5), strings)
@settings(max_examples=60, deadline=None)
def test_likelihood_is_the_sum_over_all_paths(seed, count, expected):
    steps = steps_of(seed, count, 6)
    assert np.exp(log_likelihood(steps, expected)) == pytest.approx(brute(steps, expected), rel=1e-6, abs=1e-13)


@given(st.integers(0, 10**6), st.integers(1, 5), strings.filter(bool))
@settings(max_examples=60, deadline=None)
def test_a_characters_probability_is_against_every_other_and_none(seed, count, expected):
    steps = steps_of(seed, count, 6)
    whole = brute(steps, expected)
    for i, weight in enumerate(weigh(steps, expected)):
        others = {
            c: brute(steps, [*expected[:i], (c,), *expected[i + 1 :]]) for c in range(1, 6) if c not in expected[i]
        }
        if any(set(n) & {c} and n != (c,) for n in expected for c in others):
            continue  # A rival that is one of several columns of a neighbour: the paths of two alphabets mix.
        gone = brute(steps, expected[:i] + expected[i + 1 :])
        if whole == 0:
            assert (weight.probability, weight.doubt, weight.rival) == (0.0, 1.0, None)
            continue
        total = whole + gone + sum(others.values())
        assert weight.probability == pytest.approx(whole / total, rel=1e-6)
        assert weight.doubt == pytest.approx(1 - whole / total, rel=1e-6, abs=1e-12)
        best = max([gone, *others.values()])
        assert weight.rival_probability == pytest.approx(best / total, rel=1e-6)
        assert weight.rival == next((c for c, value in others.items() if value == best and value > gone), None)


def sure(path, labels=8, rest=1e-4):
    steps = np.full((len(path), labels), rest)
    steps[np.arange(len(path)), path] = 1 - rest * (labels - 1)
    return steps


def test_long_lines_neither_underflow_nor_lose_their_place():
    path = [label for _ in range(400) for label in (0, 1, 0, 2, 3)]
    weights = weigh(sure(path), [(1,), (2,), (3,)] * 400)
    assert min(weight.probability for weight in weights) > 0.999
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(weights))
    assert weights[-1].end == pytest.approx(len(path), abs=1)
    wrong = weigh(sure(path), [(4,), (5,), (6,)] * 400)
    assert all(0 <= weight.probability < 0.01 and weight.doubt > 0.99 for weight in wrong)


def test_a_character_in_the_place_of_another_is_doubted_alone_and_the_other_named():
    weights = weigh(sure([0, 1, 0, 2, 0, 3, 0]), [(1,), (4,), (3,)])
    assert [weight.probability > 0.99 for weight in weights] == [True, False, True]
    assert (weights[1].rival, weights[1].rival_probability) == (2, pytest.approx(1, abs=1e-3))
    assert weights[1].start <= 3.5 <= weights[1].end


def test_a_missing_character_has_nothing_for_its_rival():
    weight = weigh(sure([0, 1, 0, 0, 0, 3, 0]), [(1,), (2,), (3,)])[1]
    assert (weight.rival, weight.probability < 0.01, weight.rival_probability > 0.9) == (None, True, True)


def test_columns_of_one_character_add_up():
    steps = np.array([[0.1, 0.45, 0.45], [0.98, 0.01, 0.01]])
    assert weigh(steps, [(1, 2)])[0].probability > 0.85
    assert weigh(steps, [(1,)])[0].probability < 0.5


def test_the_same_character_twice_needs_a_blank_between():
    assert log_likelihood(np.ones((2, 2)) / 2, [(1,), (1,)]) == -np.inf
    assert weigh(sure([1, 0, 1]), [(1,), (1,)])[1].probability > 0.99
    assert weigh(sure([0, 1, 1]), [(1,), (1,)])[1].probability < 0.01


def test_an_unknown_character_has_no_probability_and_costs_its_neighbours_none():
    weights = weigh(sure([0, 1, 0, 5, 0, 3, 0]), [(1,), (), (3,)])
    assert [round(weight.probability, 2) for weight in weights] == [1, 0, 1]
    assert (weights[1].doubt, weights[1].rival) == (1.0, 5)


def test_what_the_steps_cannot_hold_is_defined():
    weights = weigh(sure([1, 2]), [(1,), (2,), (3,)])
    assert [(weight.probability, weight.rival) for weight in weights] == [(0.0, None)] * 3
    assert (weights[0].start, weights[-1].end) == (0, 2)
    assert weigh(sure([1, 2]), []) == ()
    assert weigh(np.empty((0, 3)), [(1,)])[0].probability == 0.0


def test_doubt_keeps_its_resolution_near_zero():
    near, nearer = (weigh(sure([0, 1, 0], rest=rest), [(1,)])[0] for rest in (1e-9, 1e-11))
    assert 0 < nearer.doubt < near.doubt < 1e-6
