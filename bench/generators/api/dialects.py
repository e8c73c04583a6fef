"""How an API is asked and how it answers: in the manner of OpenAI, or of DashScope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from bench.generators import JSON


@dataclass(frozen=True, slots=True)
class Question:
    """One picture to be asked for: `size` as the provider writes it, `seed` where the provider takes one."""

    model: str
    prompt: str
    size: str
    seed: int | None
    parameters: Mapping[str, JSON]

    @property
    def stated(self) -> dict[str, JSON]:
        """All that is stated beside model and prompt."""
        seed = {} if self.seed is None else {"seed": self.seed}
        return {"size": self.size, **seed, **self.parameters}


@dataclass(frozen=True, slots=True)
class Found:
    """Where the picture is: in the answer itself as base64, or at an address; and what else was said about it."""

    base64: str | None = None
    url: str | None = None
    remarks: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a provider says is wrong: its codes, the one that says most first, and its words."""

    codes: tuple[str, ...]
    words: str

    def __str__(self) -> str:
        return ": ".join(filter(None, ["/".join(self.codes), self.words])) or "no reason given"


class Dialect(Protocol):
    """One shape of questions and answers. An answer is what its JSON says, whatever that is."""

    def address(self, base_url: str, model: str) -> str:
        """Return where a picture by `model` is asked for."""

    def headers(self, model: str) -> Mapping[str, str]:
        """Return the headers of a question beside its key."""

    def body(self, question: Question) -> dict[str, JSON]:
        """Return the question as JSON."""

    def complaint(self, answer: object) -> Complaint | None:
        """Return what the answer complains about, if it does; it may do so with HTTP status 200."""

    def task(self, answer: object) -> str | None:
        """Return the address below the base URL to look at again, where the picture is still being made."""

    def found(self, answer: object) -> Found | None:
        """Return the picture, if the answer has one."""

    def request_id(self, answer: object) -> str | None:
        """Return the provider's name for this exchange, if the answer has it."""


class OpenAIDialect:
    """`POST …/images/generations`, as OpenAI, Zhipu, Ark and CogKit's server have it."""

    def address(self, base_url: str, model: str) -> str:
        """Return the one address."""
        return f"{base_url}/images/generations"

    def headers(self, model: str) -> Mapping[str, str]:
        """Return no headers."""
        return {}

    def body(self, question: Question) -> dict[str, JSON]:
        """Return the question, everything on one level."""
        return {"model": question.model, "prompt": question.prompt, **question.stated}

    def complaint(self, answer: object) -> Complaint | None:
        """Return what stands under `error`, at the top or in place of the picture; FastAPI has `detail` instead."""
        said = _get(answer, "error") or _get(answer, "data", 0, "error")
        if isinstance(said, Mapping):
            return Complaint(_codes(said.get("code"), said.get("type")), _words(said.get("message")))
        detail = said or (None if _get(answer, "data") else _get(answer, "detail"))
        return Complaint((), _words(detail)) if detail else None

    def task(self, answer: object) -> str | None:
        """Return None: answers come with the picture."""
        return None

    def found(self, answer: object) -> Found | None:
        """Return the first picture under `data`."""
        entry = _get(answer, "data", 0)
        base64, url = _get(entry, "b64_json"), _get(entry, "url")
        if isinstance(url, str) and url.startswith("data:"):
            base64, url = url.partition(";base64,")[2], None
        if not any(isinstance(value, str) and value for value in (base64, url)):
            return None
        remarks = {
            "revised_prompt": _get(entry, "revised_prompt"),
            "content_filter": _get(answer, "content_filter"),
            "usage": _get(answer, "usage"),
        }
        return Found(_text(base64), _text(url), _present(remarks))

    def request_id(self, answer: object) -> str | None:
        """Return Zhipu's."""
        return _text(_get(answer, "request_id")) or _text(_get(answer, "id"))


class DashScopeDialect:
    """`POST …/multimodal-generation/generation`; older Wan models have tasks that are looked at again and again."""

    tasked = ("wanx", "wan2.1", "wan2.2", "wan2.5")
    """What the names of models with tasks begin with."""

    def address(self, base_url: str, model: str) -> str:
        """Return where `model` is asked."""
        if model.startswith(self.tasked):
            return f"{base_url}/services/aigc/text2image/image-synthesis"
        return f"{base_url}/services/aigc/multimodal-generation/generation"

    def headers(self, model: str) -> Mapping[str, str]:
        """Return the header without which a model with tasks is not answered."""
        return {"X-DashScope-Async": "enable"} if model.startswith(self.tasked) else {}

    def body(self, question: Question) -> dict[str, JSON]:
        """Return the question: the prompt under `input`, all else under `parameters`."""
        asked: dict[str, Any] = {"messages": [{"role": "user", "content": [{"text": question.prompt}]}]}
        parameters = question.stated
        if question.model.startswith(self.tasked):
            asked = {"prompt": question.prompt}
            if (negative := parameters.pop("negative_prompt", None)) is not None:
                asked["negative_prompt"] = negative
        return {"model": question.model, "input": asked, "parameters": parameters}

    def complaint(self, answer: object) -> Complaint | None:
        """Return `code` and `message`, at the top, under `output`, or in place of the picture."""
        for place in (answer, _get(answer, "output"), _get(answer, "output", "results", 0)):
            if code := _get(place, "code"):
                return Complaint(_codes(code), _words(_get(place, "message")))
        status = _get(answer, "output", "task_status")
        if status in ("FAILED", "CANCELED", "UNKNOWN"):
            return Complaint((f"task {status}",), "")
        return None

    def task(self, answer: object) -> str | None:
        """Return the address of the task while it waits or runs."""
        if _get(answer, "output", "task_status") not in ("PENDING", "RUNNING"):
            return None
        name = _text(_get(answer, "output", "task_id"))
        return f"/tasks/{name}" if name and name.replace("-", "").isalnum() else None

    def found(self, answer: object) -> Found | None:
        """Return the first picture of the first choice, or of a task's results."""
        contents = _get(answer, "output", "choices", 0, "message", "content")
        images = [_text(_get(part, "image")) for part in contents] if isinstance(contents, list) else []
        urls = [*images, _text(_get(answer, "output", "results", 0, "url"))]
        remarks = {
            "usage": _get(answer, "usage"),
            "revised_prompt": _get(answer, "output", "results", 0, "actual_prompt"),
        }
        return next((Found(url=url, remarks=_present(remarks)) for url in urls if url), None)

    def request_id(self, answer: object) -> str | None:
        """Return what stands at the top."""
        return _text(_get(answer, "request_id"))


def _get(value: object, *path: str | int) -> JSON:
    """Return what stands at `path` in JSON from outside, or None where there is no such place."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return cast("JSON", value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _codes(*values: object) -> tuple[str, ...]:
    """Return the codes that are there; Zhipu and others send numbers too."""
    return tuple(str(value) for value in values if value not in (None, "") and isinstance(value, str | int))


def _words(value: object) -> str:
    return "" if value is None else str(value)


def _present(remarks: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: value for name, value in remarks.items() if value not in (None, "", [], {})}
