"""Parallel prompts: each group has one in Chinese and its translation in English, so that their difference is paired.

The two stand in two suites that name each other, or in one.
"""

from __future__ import annotations

from collections.abc import Iterator

from prompts.lengths import count_characters
from prompts.suite import Prompt, Suite

MOST_ENGLISH, MOST_CHINESE = 40, 24
"""Characters, white space not counted, of an English text whose Chinese twin has at most so many."""

Fault = tuple[str, str]


def twin_faults(suite: Suite, twin: Suite) -> Iterator[Fault]:
    """Yield a prompt's id and a sentence for each prompt of `suite` without exactly one like it in `twin`."""
    for prompt in suite.prompts:
        others = [other for other in twin.prompts if other.group == prompt.group]
        if len(others) != 1:
            yield prompt.id, f"group {prompt.group!r} has {len(others)} prompts in {twin.name}; it must have one"
            continue
        yield from _differences(prompt, others[0])


def pair_faults(suite: Suite) -> Iterator[Fault]:
    """Yield a prompt's id and a sentence for each pair of twins within `suite` that is incomplete or uneven.

    A suite in which no group holds a Chinese and an English prompt has no such pairs, and prompts that are `mixed`
    belong to none. In a group of several, the first Chinese prompt is the twin of the first English one, and so on.
    """
    groups: dict[str, list[Prompt]] = {}
    for prompt in suite.prompts:
        if prompt.language != "mixed":
            groups.setdefault(prompt.group, []).append(prompt)
    if not any(len({prompt.language for prompt in prompts}) > 1 for prompts in groups.values()):
        return
    for group, prompts in groups.items():
        chinese, english = ([prompt for prompt in prompts if prompt.language == language] for language in ("zh", "en"))
        if len(chinese) != len(english):
            has = f"{len(chinese)} Chinese and {len(english)} English prompts"
            yield prompts[0].id, f"group {group!r} has {has}; other groups have as many of each, so should this"
            continue
        for one, other in zip(chinese, english, strict=True):
            yield from _differences(one, other)
            yield from _rearrangements(one, other)


def _differences(prompt: Prompt, twin: Prompt) -> Iterator[Fault]:
    """Yield what makes two prompts of different suites hard to compare; their texts may be arranged in other ways."""
    if twin.size != prompt.size or len(twin.regions) != len(prompt.regions):
        yield prompt.id, f"differs from its twin {twin.id!r} in size or in the number of regions; make them equal"
    elif (prompt.language, twin.language) == ("zh", "en"):
        yield from _uneven(prompt, twin)


def _rearrangements(prompt: Prompt, twin: Prompt) -> Iterator[Fault]:
    """Yield what is arranged differently in two prompts of one suite; it is there to compare arrangements."""
    for number, (one, other) in enumerate(zip(prompt.regions, twin.regions, strict=False), start=1):
        if (one.where, one.orientation, bool(one.text)) != (other.where, other.orientation, bool(other.text)):
            what = "in place, in orientation, or in having a text"
            yield prompt.id, f"region {number} differs from that of its twin {twin.id!r} {what}; make them equal"
    if set(prompt.relations) != set(twin.relations):
        yield prompt.id, f"differs from its twin {twin.id!r} in its relations; make them equal"


def _uneven(chinese: Prompt, english: Prompt) -> Iterator[Fault]:
    """For n Chinese characters, n to 3n + 3 English ones say about as much.

    Beyond 40 they would not fit the place of 24 Chinese ones.
    """
    if len(chinese.targets) != len(english.targets):
        yield chinese.id, f"asks for another number of texts than its twin {english.id!r}; make them equal"
        return
    for one, other in zip(chinese.targets, english.targets, strict=True):
        n, m = count_characters(one), count_characters(other)
        most = 3 * n + 3 if n > MOST_CHINESE else min(3 * n + 3, MOST_ENGLISH)
        if not n <= m <= most:
            yield chinese.id, f"has {n} characters and its twin {english.id!r} {m}; the twin should have {n} to {most}"
