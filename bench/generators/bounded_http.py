"""HTTP with servers that are not trusted: answers bounded in size and time, no redirect followed, no key passed on."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from prompts.errors import GlyphbenchError

if TYPE_CHECKING:
    import httpx

CONNECT_S = 20.0
"""Seconds until a server that does not answer the door is given up."""


def require_httpx(what: str) -> None:
    """Raise `GlyphbenchError` where httpx, which `what` needs, is not installed."""
    if find_spec("httpx") is None:
        raise GlyphbenchError(f"{what} needs the package httpx: run  pip install 'glyphbench[api]'")


class TransferError(Exception):
    """Raised where no whole answer came.

    Attributes:
        sent: Whether the server may have got the question, and so may have made (and charged) what was asked for.
        lasting: Whether the same question would fail again in the same way.
    """

    def __init__(self, reason: str, *, sent: bool, lasting: bool = False) -> None:
        self.sent = sent
        self.lasting = lasting
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class BoundedClient:
    """Asks over HTTP, from any number of threads."""

    def __init__(self, timeout: float) -> None:
        """Prepare to ask; each exchange may take `timeout` seconds, however the bytes drip."""
        import httpx

        self._timeout = timeout
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_S)),
            follow_redirects=False,
            verify=_certificates(),
            # Compressed, a few bytes could become any number.
            headers={"Accept-Encoding": "identity"},
        )

    def __enter__(self) -> BoundedClient:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def send(
        self, method: str, url: str, *, limit: int, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return the answer to one question.

        Args:
            method: `GET` or `POST`.
            url: Where to.
            limit: Bytes of the answer at most.
            body: Sent as JSON, unless it is None.
            headers: Of this question alone.

        Raises:
            TransferError: The server cannot be reached, breaks off, takes too long, or sends too much.
        """
        import httpx

        content: dict[str, Any] = {} if body is None else {"json": body}
        end = time.monotonic() + self._timeout
        try:
            with self._client.stream(method, url, headers=dict(headers or {}), **content) as response:
                return Answer(response.status_code, _lowered(response), _content(response, limit, end))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise TransferError(_named(error), sent=False) from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise TransferError(_named(error), sent=False, lasting=True) from None
        except httpx.TransportError as error:
            raise TransferError(_named(error), sent=True) from None


@cache
def _certificates() -> ssl.SSLContext:
    """Return the certificates that servers are judged by; loading them takes longer than most answers."""
    import httpx

    context: ssl.SSLContext = httpx.create_ssl_context()
    return context


def _lowered(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _content(response: httpx.Response, limit: int, end: float) -> bytes:
    """Return the body as it was sent, if it stays within `limit` bytes and ends before `end`."""
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.strip().lower() not in {"", "identity"}:
        raise TransferError(f"the answer is compressed ({encoding[:40]}) although that was not asked for", sent=True)
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > limit:
            raise TransferError(f"the answer is longer than {limit:,} bytes", sent=True, lasting=True)
        if time.monotonic() > end:
            raise TransferError("the answer did not end in time", sent=True)
    return bytes(content)


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
