"""The `vlm` reader: a vision-language model behind an endpoint in the manner of OpenAI's chat completions.

Such models read what makes sense: they correct what is written wrong, more than any OCR engine does. They are a third
opinion beside two engines, not a judge.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metrics.readers.chat_endpoint import ChatEndpoint
from metrics.reading import Line, Reading, whole_picture
from prompts.errors import GlyphbenchError
from prompts.spec import Spec

INSTRUCTION_VERSION = 1
INSTRUCTION = """\
Transcribe all lettering in this picture, character by character, exactly as it is drawn.
Correct nothing: keep wrong, missing, doubled and swapped characters as they are, and keep simplified and traditional \
forms, capital and small letters, digits and punctuation as they are.
Translate nothing, explain nothing, leave nothing out. Write \N{REPLACEMENT CHARACTER} for a character that you \
cannot recognise.
Write one line of text for each line of lettering, in the order in which people read it, between <text> and </text>.
If there is no lettering in the picture, answer <text></text>."""

OPENAI = "https://api.openai.com/v1"
_ANSWER = re.compile(r"\s*<text>(.*)</text>\s*", re.DOTALL)
_PICTURE_LIMIT = 20_000_000
"""Bytes of a picture's PNG file: what OpenAI's endpoint takes is of this order."""


class VisionModelOptions(BaseModel):
    """Options of the reader."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = OPENAI
    key_env: str | None = None
    temperature: float | Literal["default"] = Field(0.0)
    max_tokens: int = Field(2048, ge=16, le=65536)
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    detail: Literal["auto", "low", "high"] = "high"
    attempts: int = Field(5, ge=1, le=20)
    timeout: float = Field(120.0, gt=0, le=3600)
    backoff: float = Field(1.0, ge=0, le=60)


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class VisionModelReader:
    """Asks a vision-language model for a verbatim transcription of each picture."""

    def __init__(self, spec: Spec) -> None:
        """Make a reader from `vlm:MODEL` or `vlm:MODEL?base_url=…&key_env=…`.

        Raises:
            GlyphbenchError: No model is named, options cannot be used, or the key or a package is missing.
        """
        # The spec is not repeated in these messages: it may hold a key that has been put where it must not be.
        if not spec.target:
            raise GlyphbenchError("--reader vlm: name a model: vlm:MODEL, with ?base_url=… for an endpoint of your own")
        self._model = spec.target
        url = urlsplit(spec.options.get("base_url", OPENAI))
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise GlyphbenchError("--reader vlm: base_url must begin with https:// or http:// and name a host")
        if url.username or url.password or url.query or url.fragment:
            raise GlyphbenchError(
                "--reader vlm: base_url must be an address alone, as it is kept in records; put the key into an "
                "environment variable and name that with key_env=NAME"
            )
        self._options = spec.validated(VisionModelOptions)
        self._endpoint = ChatEndpoint(
            url=f"{self._options.base_url.rstrip('/')}/chat/completions",
            key=self._key(url.hostname),
            attempts=self._options.attempts,
            timeout=self._options.timeout,
            backoff=self._options.backoff,
        )

    def _key(self, host: str) -> str | None:
        """Return the key, which only the endpoint that it is meant for gets to see."""
        name = self._options.key_env
        if name is None and host == urlsplit(OPENAI).hostname:
            name = "OPENAI_API_KEY"
        if name is None:
            return None
        key = os.environ.get(name, "").strip()
        if not key:
            raise GlyphbenchError(f"--reader vlm: the environment variable {name} must hold the key for {host}")
        return key

    @cached_property
    def signature(self) -> Mapping[str, str | int | float | bool]:
        """Endpoint, model, instruction and settings. What stands behind the model's name is the endpoint's affair."""
        options = self._options
        return {
            "engine": "vision-language model",
            "model": self._model,
            "endpoint": options.base_url,
            "instruction": f"{INSTRUCTION_VERSION}#{hashlib.sha256(INSTRUCTION.encode()).hexdigest()}",
            "temperature": options.temperature,
            "max_tokens": options.max_tokens,
            "detail": options.detail,
            "confidences": False,
            "places": False,
            "auto_corrects": True,
        }

    @property
    def characters(self) -> None:
        """None: a language model may write anything."""
        return

    def read(self, image: NDArray[np.uint8]) -> Reading:
        """Return the lines that the model answers, in its order, each with the whole picture as its place.

        Raises:
            GlyphbenchError: The picture is too large, the endpoint fails for good, or the answer is a refusal, is cut
                short or is no transcription.
        """
        answer = self._endpoint.ask(self._question(image))
        height, width = image.shape[:2]
        place = whole_picture(width, height)
        return Reading(width, height, tuple(Line(text, 1.0, place) for text in self._transcription(answer)))

    def close(self) -> None:
        """Close the connections."""
        self._endpoint.close()

    def _question(self, image: NDArray[np.uint8]) -> dict[str, Any]:
        options = self._options
        picture = {"type": "image_url", "image_url": {"url": _data_url(image), "detail": options.detail}}
        question: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": "user", "content": [{"type": "text", "text": INSTRUCTION}, picture]}],
            options.token_limit: options.max_tokens,
        }
        if options.temperature != "default":
            question["temperature"] = options.temperature
        return question

    def _transcription(self, answer: object) -> list[str]:
        """Return the lines of an answer; only an answer that says so means that there is no text."""
        try:
            choice = _Completion.model_validate(answer).choices[0]
        except ValidationError:
            raise GlyphbenchError(f"{self._model}: the answer is no chat completion: {answer!r:.200}") from None
        if choice.message.refusal:
            raise GlyphbenchError(f"{self._model} refuses: {choice.message.refusal:.200}")
        if choice.finish_reason not in {"stop", None}:
            remedy = f"; raise max_tokens={self._options.max_tokens}" if choice.finish_reason == "length" else ""
            raise GlyphbenchError(f"{self._model}: the answer ended early ({choice.finish_reason}){remedy}")
        found = _ANSWER.fullmatch(choice.message.content or "")
        if found is None:
            raise GlyphbenchError(f"{self._model} answers no transcription: {choice.message.content!r:.200}")
        return [line.strip() for line in found[1].splitlines() if line.strip()]


def _data_url(image: NDArray[np.uint8]) -> str:
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(image).save(content, "PNG")
    if content.tell() > _PICTURE_LIMIT:
        raise GlyphbenchError(f"the picture is {content.tell()} bytes as PNG; at most {_PICTURE_LIMIT} can be sent")
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode('ascii')}"
