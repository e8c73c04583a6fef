"""Parallel suites: each group of one has its translation in the other, so that their difference is a paired one."""

from __future__ import annotations

from collections.abc import Iterator

from prompts.lengths import count_characters
from prompts.suite import Prompt, Suite

MOST_ENGLISH = 40
"""Characters, white space not counted, of an English target whose Chinese twin has up to 24."""


def twin_faults(suite: Suite, twin: Suite) -> Iterator[tuple[str, str]]:
    """Yield a prompt's id and a sentence for each prompt of `suite` without exactly one like it in `twin`."""
    for prompt in suite.prompts:
        others = [other for other in twin.prompts if other.group == prompt.group]
        if len(others) != 1:
            yield prompt.id, f"group {prompt.group!r} has {len(others)} prompts in {twin.name}; it must have one"
            continue
        (other,) = others
        if other.size != prompt.size or len(other.regions) != len(prompt.regions):
            yield prompt.id, f"differs from its twin {other.id!r} in size or in the number of regions; make them equal"
        if (prompt.language, other.language) == ("zh", "en"):
            yield from _uneven(prompt, other)


def _uneven(chinese: Prompt, english: Prompt) -> Iterator[tuple[str, str]]:
    """For n Chinese characters, n to 3n + 3 English ones say about as much; beyond 40 they would not fit the place."""
    n, m = (sum(map(count_characters, prompt.targets)) for prompt in (chinese, english))
    most = min(3 * n + 3, MOST_ENGLISH)
    if not n <= m <= max(n, most):
        yield chinese.id, f"has {n} characters and its twin {english.id!r} {m}; the twin should have {n} to {most}"
