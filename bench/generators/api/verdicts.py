"""What an error of an API means for the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["retry", "refused", "fault", "stop"]
"""`retry`: another attempt may succeed. `refused`: the model's own doing, an outcome. `fault`: this picture fails, with
the same question it would again. `stop`: so would every other picture, so no more are asked for."""


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One error that a provider documents.

    Attributes:
        code: As the provider writes it; with a `*` at its end, every code that begins so.
        verdict: What follows from it.
        meaning: In a few words.
    """

    code: str
    verdict: Verdict
    meaning: str

    def covers(self, code: str) -> bool:
        """Tell whether this row is about `code`; upper and lower case are the same."""
        known, said = self.code.lower(), code.lower()
        return said.startswith(known[:-1]) if known.endswith("*") else said == known


def judge(rows: Sequence[ErrorRow], codes: Sequence[str], status: int) -> tuple[Verdict, str]:
    """Return what follows from an error and, where the provider's table has it, what it means.

    The first row that covers any of `codes` holds; where none does, the HTTP status decides.
    """
    for row in rows:
        if any(row.covers(code) for code in codes):
            return row.verdict, row.meaning
    return by_status(status), ""


def by_status(status: int) -> Verdict:
    """Return what follows from an HTTP status alone.

    401, 402, 403 and 404 (no such model, no such address) would meet every picture; 408, 409, 425, 429 and 5xx pass.
    """
    if status in {401, 402, 403, 404}:
        return "stop"
    if status in {408, 409, 425, 429} or status >= 500:
        return "retry"
    return "fault"
