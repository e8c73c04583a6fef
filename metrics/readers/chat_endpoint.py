"""Asking an HTTP endpoint that may be busy: tries again where that can help, and keeps the key to itself."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from prompts.errors import GlyphbenchError

if TYPE_CHECKING:
    import httpx

_ANSWER_LIMIT = 4_000_000
"""Bytes of an answer; a transcription has a few thousand."""
_LONGEST_WAIT = 120.0
"""Seconds; an endpoint that asks for more is not going to be ready in this run."""
_TRANSIENT = frozenset({408, 409, 425, 429})
_SPENT = "insufficient_quota"
"""What OpenAI's endpoint, and those like it, say with HTTP 429 where waiting does not help."""


class _TransientError(Exception):
    """Raised where another attempt may succeed; `wait` is how many seconds the endpoint asks for, if it does."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(reason)


@dataclass(frozen=True)
class ChatEndpoint:
    """An endpoint that takes a question as JSON and gives an answer as JSON.

    Attributes:
        url: Where questions are posted.
        key: Sent as a bearer token; never written, and blotted out of whatever the endpoint says.
        attempts: How often a question is asked at most.
        timeout: Seconds until an attempt is given up.
        backoff: Seconds before the second attempt, doubled before each further one.
    """

    url: str
    key: str | None = field(repr=False)
    attempts: int
    timeout: float
    backoff: float

    def __post_init__(self) -> None:
        if find_spec("httpx") is None:
            raise GlyphbenchError("the reader 'vlm' needs the package httpx: run  pip install 'glyphbench[api]'")

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return httpx.Client(timeout=self.timeout, headers=headers, follow_redirects=False)

    def ask(self, question: dict[str, Any]) -> object:
        """Return the answer to a question.

        Attempts are repeated where the endpoint cannot be reached, is busy (429, 408) or fails (5xx); not where the key
        is not accepted (401, 403), the account is spent, or the question is refused.

        Raises:
            GlyphbenchError: No answer after all attempts, or none that can be hoped for.
        """
        for attempt in range(1, self.attempts + 1):
            try:
                return self._ask_once(question)
            except _TransientError as fault:
                wait = self.backoff * 2 ** (attempt - 1) if fault.wait is None else fault.wait
                if attempt == self.attempts:
                    raise GlyphbenchError(f"{self.url}: {fault}, {attempt} times; try again later") from None
                if wait > _LONGEST_WAIT:
                    raise GlyphbenchError(f"{self.url}: {fault}, and asks to wait {wait:.0f} s; try later") from None
            time.sleep(wait)
        raise AssertionError("attempts are at least one")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask_once(self, question: dict[str, Any]) -> object:
        import httpx

        try:
            with self._client.stream("POST", self.url, json=question) as response:
                content = self._content(response)
                status, wait = response.status_code, _wait(response.headers.get("Retry-After"))
        except httpx.TransportError as error:
            raise _TransientError(self._without_key(f"{type(error).__name__}: {error}")) from None
        said = self._without_key(content.decode("utf-8", "replace"))
        if status == 402 or (status in _TRANSIENT and _SPENT in said):
            raise GlyphbenchError(f"{self.url}: the account behind the key is spent (HTTP {status}): {said:.300}")
        if status in _TRANSIENT or status >= 500:
            raise _TransientError(f"HTTP {status}: {said:.300}", wait)
        if status in {401, 403}:
            raise GlyphbenchError(f"{self.url}: the key is not accepted (HTTP {status}): {said:.300}")
        if status != 200:
            raise GlyphbenchError(f"{self.url}: HTTP {status}: {said:.300}")
        try:
            return json.loads(said)
        except ValueError:
            raise _TransientError(f"the answer is no JSON: {said!r:.200}") from None

    def _content(self, response: httpx.Response) -> bytes:
        content = b""
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > _ANSWER_LIMIT:
                raise GlyphbenchError(f"{self.url}: the answer is longer than {_ANSWER_LIMIT} bytes")
        return content

    def _without_key(self, text: str) -> str:
        return text.replace(self.key, "[key]") if self.key else text


def _wait(header: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, in either of its forms (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
