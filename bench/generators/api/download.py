"""Fetching a picture from the address that an API gave: bounded, over few redirects, and never with the key."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urljoin, urlsplit

from bench.generators.bounded_http import BoundedClient, TransferError
from bench.generators.retrying import TransientError, wait_asked_for

IMAGE_LIMIT = 2**26
"""Bytes of a picture at most; one of 4096² as PNG has about 30 million."""

_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})


class DownloadError(Exception):
    """Raised where an address gives no picture; its text says why."""


def fetch_image(client: BoundedClient, url: str, *, https_only: bool) -> bytes:
    """Return the bytes at `url`.

    Raises:
        DownloadError: The address is not one to go to, or answers with an error.
        TransientError: Another attempt may succeed.
    """
    for _ in range(_REDIRECTS + 1):
        _check_address(url, https_only=https_only)
        try:
            answer = client.send("GET", url, limit=IMAGE_LIMIT)
        except TransferError as error:
            if error.lasting:
                raise DownloadError(f"the picture cannot be downloaded: {error}") from None
            raise TransientError(f"the picture cannot be downloaded: {error}") from None
        if answer.status in _MOVED and "location" in answer.headers:
            url = urljoin(url, answer.headers["location"])
            continue
        if answer.status in {408, 425, 429} or answer.status >= 500:
            wait = wait_asked_for(answer.headers.get("retry-after"))
            raise TransientError(f"the picture cannot be downloaded: HTTP {answer.status}", wait)
        if answer.status != 200:
            raise DownloadError(f"the picture cannot be downloaded: HTTP {answer.status}")
        return answer.content
    raise DownloadError(f"the picture's address leads on more than {_REDIRECTS} times")


def _check_address(url: str, *, https_only: bool) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise DownloadError("the picture's address is no address") from None
    if parts.scheme not in ({"https"} if https_only else {"http", "https"}) or not host or parts.username:
        raise DownloadError(f"the picture's address is not one to go to: {parts.scheme}://{host or ''}")


def decode_base64(text: str) -> bytes:
    """Return the bytes of a picture that came as base64.

    Raises:
        DownloadError: It is no base64, or too long.
    """
    if len(text) > IMAGE_LIMIT * 4 // 3 + 4:
        raise DownloadError(f"the picture is longer than {IMAGE_LIMIT:,} bytes")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise DownloadError("the picture is no base64") from None
