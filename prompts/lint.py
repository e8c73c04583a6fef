"""What is poor in a suite that can be used: the rules behind `suites --check`.

A suite passes here whether it came from a file or was put together in code, so that rules which the loader holds for
files (names, relations) stand here too.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

from prompts.characters import look_alikes, unsafe_characters
from prompts.lengths import count_characters
from prompts.names import name_fault
from prompts.places import place_faults, wording_faults
from prompts.quotation import quotation_faults
from prompts.relations import relation_faults
from prompts.suite import Box, Prompt, Region, Suite
from prompts.twins import pair_faults, twin_faults

ALIKE = 90.0
"""Share (%) of characters that two prompts have in common, in order, from which on they count as near-identical."""

CONFUSABLE = 75.0
"""Share (%) of characters that two texts of one prompt have in common, in order, from which on lettering with a mistake
could be either of them."""

ALIKE_TAG = "alike"
"""Of prompts whose texts are confusable on purpose."""

_TOUCHING = 1e-6
"""Overlaps below this share of the picture are rounding: neighbouring cells share an edge."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: the suite, the prompt's id (empty for the suite as a whole), the rule, and what to do."""

    suite: str
    prompt: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.suite}: {self.prompt + ': ' if self.prompt else ''}{self.message} [{self.rule}]"


Fault = tuple[str, str]
"""A prompt's id, or an empty text, and a sentence."""


def lint(*suites: Suite) -> list[Finding]:
    """Return all findings in `suites`, in their order; twins are compared where both suites are given."""
    by_name = {suite.name: suite for suite in suites}
    findings = []
    for suite in suites:
        faults = [(rule, fault) for rule, check in RULES.items() for fault in check(suite)]
        if suite.twin in by_name:
            faults += [("twin", fault) for fault in twin_faults(suite, by_name[suite.twin])]
        order = {prompt.id: number for number, prompt in enumerate(suite.prompts)}
        faults.sort(key=lambda item: order.get(item[1][0], -1))
        findings += [Finding(suite.name, prompt, rule, message) for rule, (prompt, message) in faults]
    return findings


def _provenance(suite: Suite) -> Iterator[Fault]:
    for key in ("title", "source", "licence"):
        if not getattr(suite, key).strip():
            yield "", f"has no {key}; say it in the head"


def _names(suite: Suite) -> Iterator[Fault]:
    uses = Counter(prompt.id.casefold() for prompt in suite.prompts)
    for prompt in suite.prompts:
        if fault := name_fault(prompt.id):
            yield prompt.id, f"id {fault}"
        if uses[prompt.id.casefold()] > 1:
            yield prompt.id, "shares its id with another prompt (case does not count); give each its own"


def _characters(suite: Suite) -> Iterator[Fault]:
    for prompt in suite.prompts:
        captions = (region.caption for region in prompt.regions if region.caption)
        for text in dict.fromkeys((prompt.text, *prompt.targets, *captions)):
            yield from ((prompt.id, f"{_short(text)}: {fault}") for fault in unsafe_characters(text))
            if text != " ".join(text.split()):
                yield prompt.id, f"{_short(text)}: has white space at an end, or twice in a row; take it out"
        for target in dict.fromkeys(prompt.targets):
            yield from ((prompt.id, f"{_short(target)}: {fault}") for fault in look_alikes(target))


def _quoting(suite: Suite) -> Iterator[Fault]:
    for prompt in suite.prompts:
        yield from ((prompt.id, fault) for fault in quotation_faults(prompt.text, prompt.targets, suite.quoting))


def _duplicates(suite: Suite) -> Iterator[Fault]:
    """Two prompts that ask for the same are one cluster of the statistics, so they belong to one group."""
    targets = {prompt.id: tuple(map(_folded, prompt.targets)) for prompt in suite.prompts}
    for first, second in combinations(suite.prompts, 2):
        if first.group == second.group:
            continue
        if targets[first.id] and targets[first.id] == targets[second.id]:
            yield second.id, f"has the target of {first.id!r}; change one, or give both one group"
        elif fuzz.ratio(first.text, second.text, score_cutoff=ALIKE):
            yield second.id, f"reads nearly like {first.id!r}; change one, or give both one group"


def _regions(suite: Suite) -> Iterator[Fault]:
    for prompt in suite.prompts:
        for number, region in enumerate(prompt.regions, start=1):
            if not region.text.strip() and not (region.caption or "").strip():
                yield prompt.id, f"region {number} has neither text nor caption; give it one"
        for relation in prompt.relations:
            ends = (relation.subject, relation.object)
            if ends[0] == ends[1] or not all(0 <= end < len(prompt.regions) for end in ends):
                stated = f"{ends[0] + 1} {relation.kind} {ends[1] + 1}"
                yield prompt.id, f"relation '{stated}' does not join two regions of this prompt; count them from 1"


def _confusables(suite: Suite) -> Iterator[Fault]:
    """Find texts like another one in the picture: miswritten, they cannot be told apart, and nor can their places."""
    for prompt in suite.prompts:
        if ALIKE_TAG in prompt.tags:
            continue
        for one, other in combinations(dict.fromkeys(map(_folded, prompt.targets)), 2):
            if one in other or other in one or fuzz.ratio(one, other) >= CONFUSABLE:
                what = f"asks for {_short(one)} and {_short(other)}, which are hard to tell apart"
                yield prompt.id, f"{what}; change one, or tag the prompt {ALIKE_TAG!r}"


def _relations(suite: Suite) -> Iterator[Fault]:
    for prompt in suite.prompts:
        yield from ((prompt.id, fault) for fault in relation_faults(prompt))


def _places(suite: Suite) -> Iterator[Fault]:
    for prompt in suite.prompts:
        yield from ((prompt.id, fault) for fault in place_faults(prompt))


def _wording(suite: Suite) -> Iterator[Fault]:
    for prompt in suite.prompts:
        yield from ((prompt.id, fault) for fault in wording_faults(prompt))


def _overlaps(suite: Suite) -> Iterator[Fault]:
    for prompt in suite.prompts:
        nested = {frozenset((r.subject, r.object)) for r in prompt.relations if r.kind == "inside"}
        for (i, first), (j, second) in combinations(enumerate(prompt.regions), 2):
            if frozenset((i, j)) not in nested and _share(first, second) > _TOUCHING:
                yield (
                    prompt.id,
                    f"regions {i + 1} and {j + 1} overlap in `where`; part them, or relate them by 'inside'",
                )


def _sizes(suite: Suite) -> Iterator[Fault]:
    """CogView4's rule: sides that are multiples of 32 in 512..2048, at most 2²¹ pixels (its model card)."""
    for prompt in suite.prompts:
        width, height = prompt.size
        sides_fit = all(side % 32 == 0 and 512 <= side <= 2048 for side in prompt.size)
        if not sides_fit or width * height > 2**21:
            what = f"size {width}×{height} is none that CogView4 makes"
            yield prompt.id, f"{what}; take multiples of 32 in 512..2048 with at most {2**21} pixels"


def _lengths(suite: Suite) -> Iterator[Fault]:
    if suite.length is None:
        return
    fewest, most = suite.length
    for prompt in suite.prompts:
        characters = _length(prompt)
        if not fewest <= characters <= most:
            yield prompt.id, f"asks for {characters} characters; the suite's head says {fewest} to {most}"


RULES: dict[str, Callable[[Suite], Iterator[Fault]]] = {
    "provenance": _provenance,
    "names": _names,
    "characters": _characters,
    "quoting": _quoting,
    "duplicates": _duplicates,
    "regions": _regions,
    "confusables": _confusables,
    "relations": _relations,
    "places": _places,
    "wording": _wording,
    "overlaps": _overlaps,
    "sizes": _sizes,
    "lengths": _lengths,
    "pairs": pair_faults,
}
"""The rules that look at one suite by itself; `twin` looks at two."""


def _length(prompt: Prompt) -> int:
    return sum(map(count_characters, prompt.targets))


def _folded(target: str) -> str:
    return "".join(unicodedata.normalize("NFKC", target).casefold().split())


def _share(first: Region, second: Region) -> float:
    """Return the share of the picture that the places of two regions have in common."""
    a, b = first.box, second.box
    if a is None or b is None:
        return 0.0
    common = Box(max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom))
    return max(0.0, common.right - common.left) * max(0.0, common.bottom - common.top)


def _short(text: str) -> str:
    return repr(text if len(text) <= 24 else text[:23] + "…")
