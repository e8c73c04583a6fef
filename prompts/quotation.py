"""The quotation marks around the targets of a prompt.

One style a suite, because some models draw what stands in quotes by its letters (GLM-Image, HunyuanImage, LongCat-Image
tokenise it in another way), so that a stray or other mark changes what is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from prompts.suite import Quoting

MARKS: dict[Quoting, tuple[str, str]] = {"curly": ("“", "”"), "straight": ('"', '"')}
"""Opening and closing marks; a suite with the style `none` goes by no rule."""

_ANY_MARK = re.compile('["“”„«»「」『』‘’]')


def quotation_faults(text: str, targets: Sequence[str], style: Quoting) -> Iterator[str]:
    """Yield a sentence for each breach of the rule: every target once in the suite's marks, and nothing else in any."""
    if style == "none":
        return
    opening, closing = MARKS[style]
    span = re.compile(f"{opening}([^{opening}{closing}]*){closing}")
    quoted, wanted = Counter(span.findall(text)), Counter(targets)
    for target in dict.fromkeys((*targets, *quoted)):
        if quoted[target] < wanted[target]:
            yield f"target {target!r} does not stand in the text as {opening}{target}{closing}; quote it exactly"
        elif wanted[target] == 0:
            yield f"quotes {target!r}, which no region asks for; add a region or take the marks away"
        elif quoted[target] > wanted[target]:
            yield f"target {target!r} is quoted {quoted[target]} times; quote it once for each of its regions"
    rest = span.sub("", text)
    if strays := sorted(set(_ANY_MARK.findall(rest))):
        yield f"has {' '.join(strays)} beside the suite's marks {opening} {closing}; take it away"
    if rest.count("'") > 1:
        yield "has more than one apostrophe, which some models take for quotation marks; word it with one at most"
