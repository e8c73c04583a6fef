"""What may follow an API's model, `openai:MODEL?…`, and how it goes over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Json, field_validator, model_validator

from bench.generators import JSON
from prompts.suite import Box, Size

_RESERVED = frozenset({"model", "prompt", "n", "size", "seed", "input", "messages", "parameters", "stream"})
"""What a question says by itself."""


def _size(value: object) -> object:
    if isinstance(value, str) and value not in {"prompt", "nearest"}:
        width, times, height = value.partition("x")
        if not (times and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
            raise ValueError(f"must be prompt, nearest, or width x height such as 1328x1328; got {value!r}")
        return Size(int(width), int(height))
    return value


def _mask(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


class ApiOptions(BaseModel):
    """What every API has.

    Attributes:
        base_url: The server, up to what all its addresses have in front; the provider's own unless given.
        key_env: The environment variable that holds the key.
        size: `prompt`: each prompt's own size; `nearest`: the nearest size that the model can make; or one size for
            all, such as 1328x1328.
        timeout: Seconds for a picture, from question to answer; the download has as many again.
        attempts: How often a picture is asked for at most, where trying again can help.
        backoff: Seconds before the second attempt, doubled before each further one.
        mask: A rectangle that the reader does not see (left, top, right, bottom as fractions of the picture).
        extra: A JSON object with further fields of the question.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str | None = None
    key_env: str | None = Field(None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    size: Annotated[Literal["prompt", "nearest"] | Size, BeforeValidator(_size)] = "prompt"
    timeout: float = Field(180, gt=0, le=3600)
    attempts: int = Field(5, ge=1, le=20)
    backoff: float = Field(2, ge=0, le=60)
    mask: Annotated[Box, BeforeValidator(_mask)] | None = None
    extra: Json[dict[str, Any]] = {}

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an address such as http://127.0.0.1:8000/v1")
        if parts.username is not None or parts.password is not None:
            raise ValueError("may not hold a password; put the key into the environment and name it with key_env=")
        return value.rstrip("/")

    @field_validator("mask")
    @classmethod
    def _is_rectangle(cls, value: Box | None) -> Box | None:
        if value is not None and not (0 <= value.left < value.right <= 1 and 0 <= value.top < value.bottom <= 1):
            raise ValueError("must be left,top,right,bottom in 0..1, such as 0.7,0.9,1,1")
        return value

    @model_validator(mode="after")
    def _extra_is_further(self) -> ApiOptions:
        if taken := sorted((_RESERVED | self.parameters("").keys()) & self.extra.keys()):
            raise ValueError(f"extra: {', '.join(taken)} is said by the question itself")
        return self

    def parameters(self, model: str) -> Mapping[str, JSON]:
        """Return the fields of the question for `model`, beside prompt, size and seed."""
        return {}

    @property
    def keeps_watermark(self) -> bool:
        """Whether the provider's visible mark is left in the picture."""
        return False


def _given(**fields: JSON) -> dict[str, JSON]:
    return {name: value for name, value in fields.items() if value is not None}


class OpenAIOptions(ApiOptions):
    """OpenAI's own, and of servers that speak as OpenAI's does; what is not given is left to the server.

    Attributes:
        quality: `low`, `medium` or `high`; `standard` or `hd` for DALL-E 3.
        output_format: Of GPT-Image models.
        moderation: Of GPT-Image models.
        response_format: `url` or `b64_json`, for servers that have both; GPT-Image models take none.
        seed: `send` where the server takes one; OpenAI's own does not.
    """

    quality: Literal["low", "medium", "high", "standard", "hd"] | None = None
    output_format: Literal["png", "jpeg", "webp"] | None = None
    moderation: Literal["auto", "low"] | None = None
    response_format: Literal["url", "b64_json"] | None = None
    seed: Literal["omit", "send"] = "omit"

    def parameters(self, model: str) -> Mapping[str, JSON]:
        """Return the options that are given."""
        return _given(
            n=1,
            quality=self.quality,
            output_format=self.output_format,
            moderation=self.moderation,
            response_format=self.response_format,
        )


class MarkedOptions(ApiOptions):
    """Of providers that can draw a visible mark into the picture.

    Attributes:
        watermark: `off`, or `kept` where the account may not switch it off: its corner is then hidden from the reader.
    """

    watermark: Literal["off", "kept"] = "off"

    @property
    def keeps_watermark(self) -> bool:
        """Whether the provider's visible mark is left in the picture."""
        return self.watermark == "kept"


class ZhipuOptions(MarkedOptions):
    """Of CogView-4 and GLM-Image online.

    Attributes:
        quality: `hd` takes about 20 s, `standard` 5 to 10 s; GLM-Image has `hd` alone.
    """

    quality: Literal["hd", "standard"] | None = None

    def parameters(self, model: str) -> Mapping[str, JSON]:
        """Return the options that are given, and whether a mark is drawn."""
        return _given(quality=self.quality, watermark_enabled=self.keeps_watermark)


class ArkOptions(MarkedOptions):
    """Of Seedream on Volcengine Ark.

    Attributes:
        guidance_scale: Of Seedream 3.0 alone.
        response_format: How the picture comes.
    """

    guidance_scale: float | None = Field(None, ge=1, le=10)
    response_format: Literal["url", "b64_json"] = "b64_json"

    def parameters(self, model: str) -> Mapping[str, JSON]:
        """Return the options; one picture rather than a series, where the model knows series."""
        return _given(
            watermark=self.keeps_watermark,
            response_format=self.response_format,
            guidance_scale=self.guidance_scale,
            sequential_image_generation=None if "seedream-3" in model else "disabled",
        )


class DashScopeOptions(MarkedOptions):
    """Of Qwen-Image and Wan on DashScope; the prompt is never rewritten.

    Attributes:
        negative_prompt: What is not to be seen.
    """

    negative_prompt: str | None = None

    def parameters(self, model: str) -> Mapping[str, JSON]:
        """Return the options that are given; `prompt_extend` would have the prompt rewritten by a language model."""
        return _given(n=1, prompt_extend=False, watermark=self.keeps_watermark, negative_prompt=self.negative_prompt)
