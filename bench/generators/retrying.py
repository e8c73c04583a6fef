"""Trying again where that can help: exponential back-off, and the wait that a server asks for."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

Result = TypeVar("Result")

LONGEST_WAIT = 120.0
"""Seconds. A server that asks for more is not going to be ready in this run."""


class TransientError(Exception):
    """Raised where another attempt may succeed; `wait` is how many seconds the server asks for, if it does."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(reason)


class ExhaustedError(Exception):
    """Raised when no further attempt is made; its text says why, and what the last attempt met."""


@dataclass(frozen=True)
class Patience:
    """How long to try.

    Attributes:
        attempts: At most so many.
        backoff: Seconds before the second attempt, doubled before each further one; up to a quarter is added by
            chance, so that threads that failed together do not come back together.
        stop: Once set, nobody waits any longer.
    """

    attempts: int
    backoff: float
    stop: threading.Event = field(default_factory=threading.Event)

    def persist(self, attempt: Callable[[], Result]) -> Result:
        """Return what `attempt` returns once it does not raise `TransientError`.

        Raises:
            ExhaustedError: It did so as often as is allowed, the server asks for too long a wait, or `stop` is set.
        """
        for number in range(1, self.attempts + 1):
            try:
                return attempt()
            except TransientError as fault:
                if number == self.attempts:
                    times = f" ({number} attempts)" if number > 1 else ""
                    raise ExhaustedError(f"{fault}{times}") from None
                if fault.wait is not None and fault.wait > LONGEST_WAIT:
                    raise ExhaustedError(f"{fault}; the server asks to wait {fault.wait:.0f} s") from None
                wait = self.backoff * 2 ** (number - 1) * random.uniform(1, 1.25)
                if self.stop.wait(min(max(wait, fault.wait or 0), LONGEST_WAIT)):
                    raise ExhaustedError(f"{fault}; not tried again, as the run is ending") from None
        raise AssertionError("attempts are at least one")


def wait_asked_for(header: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, in either of its forms (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdecimal():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
        return max(0.0, (at - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
