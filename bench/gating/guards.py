"""Guards: counts that may not grow beyond what is allowed, whatever the averages say."""

from __future__ import annotations

import numpy as np

from bench.comparison.alignment import Aligned
from bench.gating.policy import GuardEntry
from bench.gating.result import GuardResult

UNCHANGED = 0.99
"""An unchanged model stays within what `lost` allows at least this often."""

_NAMED = 100


def guard_obstacle(entry: GuardEntry, aligned: Aligned) -> str | None:
    """Return why a guard cannot be judged on these runs, or None where it can."""
    if entry.name != "lost":
        return None
    if "exact" not in aligned.metrics:
        return "exact, which it counts by, has no score in both runs"
    if count := aligned.one_sided("exact"):
        return f"exact, which it counts by, is there in one run only {count} times"
    return None


def judge_guard(entry: GuardEntry, aligned: Aligned) -> GuardResult:
    """Return what one guard of a policy says."""
    return _blank(entry, aligned) if entry.name == "blank" else _lost(entry, aligned)


def _blank(entry: GuardEntry, aligned: Aligned) -> GuardResult:
    base, candidate = aligned.empty()
    pictures = len(aligned.prompts) * aligned.seeds_a_prompt
    allowed = base + _more(entry, pictures)
    tripped = candidate > allowed
    message = f"{candidate} of {pictures} pictures blank or refused, {base} in the base; {allowed} are allowed"
    return GuardResult("blank", base, candidate, pictures, allowed, tripped, message)


def _lost(entry: GuardEntry, aligned: Aligned) -> GuardResult:
    """Return which prompts went from exact on every seed to exact on none.

    A model that gets a prompt right with the chance q loses it so with q^K·(1−q)^K, which is 4^−K at most; the count
    over P prompts is then at most binomial (P, 4^−K).
    """
    prompts, seeds = len(aligned.prompts), aligned.seeds_a_prompt
    lost: tuple[str, ...] = ()
    if "exact" in aligned.metrics:
        pairs = aligned.pairs("exact")
        base, candidate = pairs.values
        lost = tuple(pairs.prompts[place] for place in np.flatnonzero((base > 1 - 1e-9) & (candidate < 1e-9)))
        prompts = len(pairs.prompts)
    if entry.max_count is None and entry.max_increase is None:
        from scipy import stats

        allowed = int(stats.binom.ppf(UNCHANGED, prompts, 4.0**-seeds)) if prompts else 0
    else:
        allowed = _more(entry, prompts)
    order = {prompt.id: place for place, prompt in enumerate(aligned.prompts)}
    named = tuple(sorted(lost, key=order.__getitem__)[:_NAMED])
    message = f"{len(lost)} of {prompts} prompts went from always right to never right; {allowed} are allowed"
    return GuardResult("lost", 0, len(lost), prompts, allowed, len(lost) > allowed, message, named)


def _more(entry: GuardEntry, of: int) -> int:
    if entry.max_count is not None:
        return entry.max_count
    # Nine digits: 0.07 of 100 is not to fall short of 7.
    return int(round((entry.max_increase or 0.0) * of, 9))
