"""A comparison of two languages for people: the sentence, the table, as lines and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from metrics.table import HEADLINE
from reports.differences import format_difference, format_level, format_p, format_signed
from reports.formats import format_count
from reports.text_tables import TextTable, escape_markdown
from reports.visible_text import visible

if TYPE_CHECKING:
    from bench.comparison.languages import LanguageComparison, LanguageGap


def language_lines(found: LanguageComparison) -> Iterator[str]:
    """Yield a comparison of two languages, a line each: the sentence first."""
    yield from language_sentences(found)
    yield ""
    yield from language_table(found).lines()
    yield ""
    yield from _language_notes(found)


def language_markdown(found: LanguageComparison) -> str:
    """Return a comparison of two languages as Markdown."""
    sentences = "\n\n".join(escape_markdown(line) for line in language_sentences(found))
    notes = "\n".join(f"- {escape_markdown(line)}" for line in _language_notes(found))
    return f"{sentences}\n\n{language_table(found).markdown()}\n{notes}\n"


def language_sentences(found: LanguageComparison) -> Iterator[str]:
    """Yield what is to be said first: which language is behind, by how much, and what of it is the reader's."""
    gap = next((gap for gap in found.gaps if gap.metric == HEADLINE), None)
    if gap is None:
        yield f"no {HEADLINE} to compare"
        return
    first, second = found.languages
    # Behind is the lower one; a gap of nothing is told in the order of the runs.
    sign = 1 if gap.difference.value >= 0 else -1
    behind = first if sign > 0 else second
    decimals = 2 if (gap.difference.error or 1) > 0.0095 else 3
    low, high = gap.difference.low, gap.difference.high
    interval = ""
    if low is not None and high is not None:
        ends = sorted((sign * low, sign * high))
        interval = f" [{_plain(ends[0], decimals)}, {_plain(ends[1], decimals)}]"
    yield (
        f"{visible(behind)} is behind by {abs(gap.difference.value):.{decimals}f}{interval} in {HEADLINE}"
        f"{_readers_part(gap, sign, decimals)}"
    )
    if low is not None and high is not None and low <= 0 <= high:
        yield "the interval holds 0: these runs cannot tell which language is behind"


def _readers_part(gap: LanguageGap, sign: int, decimals: int) -> str:
    if gap.reader is None:
        return "; what of it is the reader's is not known"
    part = sign * gap.reader
    if round(abs(part), decimals) == 0:
        return f", of which the reader accounts for {0:.{decimals}f}"
    if part > 0:
        return f", of which the reader accounts for {part:.{decimals}f}"
    return f"; the reader reads this language better by {-part:.{decimals}f}, so that the true gap is rather wider"


def _plain(value: float, decimals: int) -> str:
    text = f"{abs(value):.{decimals}f}"
    return f"−{text}" if value < 0 and text.strip("0.") else text


def language_table(found: LanguageComparison) -> TextTable:
    """Return one row for each metric: both languages, the difference, both ceilings of the reader."""
    first, second = found.languages
    rows = []
    for gap in found.gaps:
        ceilings = [ceiling.values.get(gap.metric) for ceiling in found.ceilings]
        levels = format_level(gap.base, gap.difference), format_level(gap.candidate, gap.difference)
        beside = ["—" if ceiling is None else f"{ceiling.value:.3f}" for ceiling in ceilings]
        own = "—" if gap.reader is None else format_signed(gap.reader, 3)
        rows.append((gap.metric, *levels, format_difference(gap.difference), format_p(gap.difference.p), *beside, own))
    header = ("metric", first, second, "difference", "p", f"ceiling {first}", f"ceiling {second}", "the reader's")
    title = f"{format_count(found.groups, 'group')} × {format_count(found.seeds, 'seed')}"
    return TextTable(title, header, tuple(rows), frozenset({0}))


def _language_notes(found: LanguageComparison) -> Iterator[str]:
    for label, side, ceiling in zip(found.languages, (found.base, found.candidate), found.ceilings, strict=True):
        yield f"{visible(label)}: {visible(side.name)} ({visible(side.source)})"
        if ceiling.note:
            yield f"note: ceiling of {ceiling.suite}: {visible(ceiling.note)}"
    for remark in found.remarks:
        yield f"note: {visible(remark)}"
    yield f"method: {found.method}"
