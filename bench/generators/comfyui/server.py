"""A running ComfyUI: queue a graph, wait for it, fetch its picture. Nothing that it says is taken on trust."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bench.generators.bounded_http import Answer, BoundedClient, TransferError

IMAGE_LIMIT = 2**26
"""Bytes of a picture at most."""

WORDS_LIMIT = 2**24
"""Bytes of any other answer; a history repeats the whole graph."""

_SAID = 300
_UNREACHABLE = 5
"""So often in a row may the server not answer while a picture is being made."""


class ServerError(Exception):
    """Raised where there is no picture; its text says why."""


@dataclass
class Server:
    """A server at an address, and how often (in seconds) it is asked whether it is done."""

    url: str
    client: BoundedClient
    timeout: float
    poll: float = 0.5
    stop: threading.Event = field(default_factory=threading.Event)

    def version(self) -> str | None:
        """Return the server's version where it tells."""
        try:
            answer = self.client.send("GET", f"{self.url}/system_stats", limit=WORDS_LIMIT)
        except TransferError as error:
            raise ServerError(f"{self.url} does not answer: {error}; start ComfyUI, or name it with server=") from None
        system = _mapping(_mapping(_parsed(answer)).get("system"))
        version = system.get("comfyui_version")
        return version if isinstance(version, str) and len(version) < 100 else None

    def picture(self, graph: Mapping[str, Any], output: str | None) -> tuple[bytes, str]:
        """Return the bytes of the picture that a graph makes, and the node that put it out.

        Args:
            graph: Nodes with everything filled in.
            output: The node whose picture counts; None for the last one that saves a picture.

        Raises:
            ServerError: The graph is not accepted, a node fails, there is no picture, or it takes too long.
        """
        name = self._queue(graph)
        try:
            outputs = self._finished(name)
        except BaseException:
            self._withdraw(name)
            raise
        node, image = _chosen(outputs, output)
        query = urlencode({key: image.get(key, "") for key in ("filename", "subfolder", "type")})
        answer = self._send("GET", f"/view?{query}", IMAGE_LIMIT)
        if answer.status != 200:
            raise ServerError(f"the picture cannot be fetched: HTTP {answer.status}")
        return answer.content, node

    def _queue(self, graph: Mapping[str, Any]) -> str:
        answer = self._send("POST", "/prompt", WORDS_LIMIT, {"prompt": graph, "client_id": "glyphbench"})
        said = _mapping(_parsed(answer))
        faults = list(_node_errors(said))
        if answer.status != 200 or faults:
            error = _mapping(said.get("error"))
            words = [str(error.get("message", "")), str(error.get("details", "")), *faults]
            told = "; ".join(filter(None, words)) or _start(answer)
            raise ServerError(f"the workflow is not accepted (HTTP {answer.status}): {told[: 4 * _SAID]}")
        name = said.get("prompt_id")
        if not isinstance(name, str) or not name.replace("-", "").isalnum():
            raise ServerError(f"an answer without a prompt_id: {_start(answer)}")
        return name

    def _finished(self, name: str) -> Mapping[str, Any]:
        """Return what the nodes put out, once the server is done."""
        end, silent = time.monotonic() + self.timeout, 0
        while time.monotonic() < end:
            try:
                answer = self.client.send("GET", f"{self.url}/history/{name}", limit=WORDS_LIMIT)
                silent = 0
            except TransferError as error:
                silent += 1
                if silent >= _UNREACHABLE:
                    raise ServerError(f"the server no longer answers: {error}") from None
                answer = Answer(0, {}, b"{}")
            entry = _mapping(_mapping(_parsed(answer)).get(name))
            status = _mapping(entry.get("status"))
            if status.get("status_str") == "error":
                raise ServerError(_execution_error(status))
            if status.get("completed") is True or (entry.get("outputs") and not status):
                return _mapping(entry.get("outputs"))
            if self.stop.wait(self.poll):
                raise ServerError("the run is ending")
        raise ServerError(f"not done after {self.timeout:g} s; give it longer with timeout=")

    def _withdraw(self, name: str) -> None:
        """Take what nobody waits for any longer out of the queue; what is running already runs on."""
        with contextlib.suppress(TransferError):
            self.client.send("POST", f"{self.url}/queue", limit=WORDS_LIMIT, body={"delete": [name]})

    def _send(self, method: str, path: str, limit: int, body: object = None) -> Answer:
        try:
            return self.client.send(method, self.url + path, limit=limit, body=body)
        except TransferError as error:
            raise ServerError(f"{self.url} does not answer: {error}") from None


def _chosen(outputs: Mapping[str, Any], wanted: str | None) -> tuple[str, Mapping[str, Any]]:
    """Return the picture that counts; previews, which ComfyUI calls temp, are none."""
    saved = [
        (node, image)
        for node, output in outputs.items()
        for image in _list(_mapping(output).get("images"))
        if isinstance(image, Mapping) and image.get("type") != "temp" and isinstance(image.get("filename"), str)
    ]
    if wanted is not None:
        saved = [(node, image) for node, image in saved if node == wanted]
    nodes = list(dict.fromkeys(node for node, _ in saved))
    if not saved:
        temp = " but previews" if any(_mapping(output).get("images") for output in outputs.values()) else ""
        raise ServerError(f"the workflow saved no picture{temp}; it needs a node such as Save Image")
    if len(nodes) > 1:
        raise ServerError(f"the nodes {', '.join(nodes)} each saved a picture; say which counts with output=NODE")
    if len(saved) > 1:
        raise ServerError(f"node {nodes[0]} saved {len(saved)} pictures for one seed; set its batch size to 1")
    return saved[0]


def _execution_error(status: Mapping[str, Any]) -> str:
    for message in _list(status.get("messages")):
        if (
            isinstance(message, list)
            and len(message) == 2
            and message[0] in ("execution_error", "execution_interrupted")
        ):
            said = _mapping(message[1])
            node = f"node {said.get('node_id')} ({said.get('node_type')})"
            if message[0] == "execution_interrupted":
                return f"{node} was interrupted"
            words = f"{said.get('exception_type', '')}: {said.get('exception_message', '')}".strip(": \n")
            return f"{node} failed: {words}"[: 4 * _SAID]
    return "the workflow failed, and the server does not say why"


def _node_errors(said: Mapping[str, Any]) -> Iterator[str]:
    for node, entry in _mapping(said.get("node_errors")).items():
        errors = _list(_mapping(entry).get("errors"))
        words = [f"{_mapping(e).get('message', '')} ({_mapping(e).get('details', '')})" for e in errors]
        yield f"node {node} ({_mapping(entry).get('class_type', '')}): {', '.join(words)}"


def _parsed(answer: Answer) -> object:
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        return None


def _start(answer: Answer) -> str:
    return repr(answer.content[:_SAID].decode("utf-8", "replace"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
