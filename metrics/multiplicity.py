"""Several tests at once: adjusted p values."""

from __future__ import annotations

from collections.abc import Sequence


def holm(ps: Sequence[float]) -> list[float]:
    """Return p values adjusted so that the chance of any false alarm stays at the level, whatever depends on what.

    Sorted ascending, the i-th of n is multiplied by n − i + 1, and none is less than the one before. Source: S. Holm,
    "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979).
    """
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = highest
    return adjusted


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Return q values: among the differences with a q up to 0.05, one in twenty is expected to be none.

    Source: Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", Journal of the Royal Statistical
    Society B 57 (1995).
    """
    from scipy import stats

    return [] if not ps else [float(q) for q in stats.false_discovery_control(ps, method="bh")]
