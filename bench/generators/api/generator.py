"""Pictures by models behind an image API: `openai:MODEL`, `zhipu:MODEL`, `ark:MODEL`, `dashscope:MODEL`."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urlsplit

from bench.allowance import Allowance
from bench.generators import JSON, Failure, Job, Outcome, Picture, Undone
from bench.generators.api.dialects import Question
from bench.generators.api.exchange import BudgetSpentError, Exchange, FaultError, RefusedError, StopError
from bench.generators.api.key import Key, find_key
from bench.generators.api.providers import PROVIDERS
from bench.generators.api.sizes import SizeRule, written
from bench.generators.bounded_http import BoundedClient, require_httpx
from bench.generators.image_file import ImageFileError, decode_image
from bench.generators.in_order import in_order
from bench.generators.label import label
from bench.generators.listing import first_of
from bench.generators.retrying import Patience
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Box, Prompt, Size

_FORMATS = {b"\x89PNG": "PNG", b"\xff\xd8": "JPEG", b"RIFF": "WebP"}

LOST_IN_A_ROW = 5
"""So many pictures that fail one after the other, each after all its attempts, mean that the server is gone."""


class ApiGenerator:
    """Asks a provider for one picture at a time, or for several at a time where the run allows it."""

    is_model = True

    def __init__(self, spec: Spec) -> None:
        self._provider = PROVIDERS[spec.kind]
        if not spec.target:
            raise GlyphbenchError(f"--model {spec.text!r}: a model of an API is written {spec.kind}:MODEL")
        self._kind, self._model = spec.kind, spec.target
        self._options = spec.validated(self._provider.options)
        if getattr(self._options, "guidance_scale", None) is not None and "seedream-3" not in self._model:
            raise GlyphbenchError(f"--model {spec.text!r}: only Seedream 3.0 takes guidance_scale; leave it out")
        self._base_url = self._options.base_url or self._provider.base_url
        require_httpx(f"--model {spec.kind}:")
        self._patience = Patience(self._options.attempts, self._options.backoff)
        self._stopped: str | None = None
        self._lost = 0
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's own name."""
        return label(self._model.rpartition("/")[2], otherwise=self._kind)

    @property
    def identity(self) -> Mapping[str, JSON]:
        """Provider, address, model, and every field of the question beside the prompt.

        Which weights answer behind a model's name cannot be known: each picture's record has the date instead.
        """
        size = self._options.size
        return {
            "kind": "api",
            "provider": self._kind,
            "base_url": self._base_url,
            "model": self._model,
            "parameters": dict(self._parameters),
            "seed_supported": self._takes_seed,
            "size": size if isinstance(size, str) else written(size),
            "watermark": self._watermark,
            "mask": self._mask and list(self._mask),
        }

    def seeds(self, prompts: Sequence[Prompt]) -> None:
        """Return None: any seed can be asked for, if only to number the pictures."""

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise `GlyphbenchError` where there is no key, or with the sizes that the model cannot make."""
        self._key  # noqa: B018 - found, or told what is missing
        rule = self._rule
        sizes = {self._size(job.prompt): job for job in jobs}
        wrong = {size: job for size, job in sizes.items() if rule is not None and not rule.allows(size)}
        if rule is not None and wrong:
            example = written(rule.nearest(next(iter(wrong))))
            lines = [
                f"{written(s)} (prompt {j.prompt.id}); nearest: {written(rule.nearest(s))}" for s, j in wrong.items()
            ]
            raise GlyphbenchError(
                f"{self._kind}:{self._model} does not make every size that is asked for; its sizes are {rule}\n    "
                f"{first_of(lines, chr(10) + '    ')}\n  Append ?size=nearest (after other options: &size=nearest) "
                f"to ask for the nearest, or a size for all, such as ?size={example}"
            )

    def nearest_size(self, size: Size) -> Size:
        """Return the size of the model's that is nearest to `size`; `size` itself where no rule is known."""
        return size if self._rule is None or self._rule.allows(size) else self._rule.nearest(size)

    def generate(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield one outcome for each job, in order, one question at a time."""
        for outcome in self.generate_within(jobs, Allowance()):
            yield Failure(outcome.job, "infra", outcome.reason) if isinstance(outcome, Undone) else outcome

    def generate_within(self, jobs: Sequence[Job], allowance: Allowance) -> Iterator[Outcome | Undone]:
        """Yield one outcome for each job, in order, as many at a time and as many altogether as are allowed."""
        self._patience.stop.clear()
        self._stopped, self._lost = None, 0
        with BoundedClient(self._options.timeout) as client:
            try:
                yield from in_order(lambda job: self._outcome(job, client, allowance), jobs, allowance.concurrency)
            finally:
                self._patience.stop.set()

    def _outcome(self, job: Job, client: BoundedClient, allowance: Allowance) -> Outcome | Undone:
        if self._stopped is not None or self._patience.stop.is_set():
            return Undone(job, self._stopped or "the run is ending")
        exchange = Exchange(
            self._provider, self._base_url, self._key, client, self._patience, job, allowance, self._options.timeout
        )
        question = self._question(job)
        try:
            content, about = exchange.picture(question)
            outcome: Outcome = self._picture(job, content, {**about, "parameters": question.stated})
        except RefusedError as error:
            outcome = Failure(job, "refused", self._key.blotted(str(error)))
        except BudgetSpentError as error:
            return Undone(job, str(error))
        except (FaultError, ImageFileError) as error:
            outcome = Failure(job, "infra", self._key.blotted(self._faulty(error)))
        self._count(outcome, exhausted=exchange.exhausted)
        return outcome

    def _faulty(self, error: Exception) -> str:
        """Return what went wrong, and see to it that nothing more is asked for where that would be in vain."""
        reason = f"the picture {error}" if isinstance(error, ImageFileError) else str(error)
        if isinstance(error, StopError):
            with self._lock:
                self._stopped = self._key.blotted(reason)
        return reason

    def _count(self, outcome: Outcome, *, exhausted: bool) -> None:
        """Stop asking once many pictures in a row have failed after all their attempts."""
        with self._lock:
            self._lost = self._lost + 1 if exhausted else 0
            if self._lost >= LOST_IN_A_ROW and isinstance(outcome, Failure) and self._stopped is None:
                self._stopped = f"{self._lost} pictures in a row failed, the last one thus: {outcome.reason}"

    def _question(self, job: Job) -> Question:
        size = written(self._size(job.prompt), self._provider.times)
        seed = job.seed if self._takes_seed else None
        return Question(self._model, job.prompt.text, size, seed, self._parameters)

    def _picture(self, job: Job, content: bytes, about: Mapping[str, JSON]) -> Outcome:
        image, notes = decode_image(content)
        asked = self._size(job.prompt)
        if image.size != asked:
            raise FaultError(
                f"the picture is {image.width}x{image.height} where {written(asked)} was asked for; if the server "
                "makes this size alone, append size= with it"
            )
        details: dict[str, JSON] = {
            "provider": self._kind,
            "model": self._model,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "seed_supported": self._takes_seed,
            "format": next((name for start, name in _FORMATS.items() if content.startswith(start)), "unknown"),
            "sha256": hashlib.sha256(content).hexdigest(),
            "conversions": notes,
            "size": [image.width, image.height],
            "watermark": self._watermark,
            **about,
        }
        if image.size != job.prompt.size:
            details["size asked for"] = list(job.prompt.size)
        if self._mask is not None:
            details["mask"] = list(self._mask)
        blotted = self._key.blotted_in(details)
        return Picture(job, image, blotted if isinstance(blotted, Mapping) else {})

    def _size(self, prompt: Prompt) -> Size:
        """Return the size to ask for."""
        size = self._options.size
        if size == "prompt" or (size == "nearest" and self._rule is None):
            return prompt.size
        if isinstance(size, Size):
            return size
        assert self._rule is not None
        return self._rule.nearest(prompt.size)

    @cached_property
    def _key(self) -> Key:
        """The key that this server gets: a provider's own key goes to its own servers alone."""
        host = urlsplit(self._base_url).hostname
        if self._options.key_env is not None:
            return find_key([self._options.key_env], needed=True)
        return find_key(self._provider.keys, needed=True) if host in self._provider.hosts else Key(None)

    @cached_property
    def _rule(self) -> SizeRule | None:
        """What sizes the model has; another server's models of the same name may have others."""
        return self._provider.rule_for(self._model) if self._is_own_server else None

    @property
    def _is_own_server(self) -> bool:
        return urlsplit(self._base_url).hostname in self._provider.hosts

    @cached_property
    def _parameters(self) -> Mapping[str, JSON]:
        return {**self._options.parameters(self._model), **self._options.extra}

    @property
    def _takes_seed(self) -> bool:
        return getattr(self._options, "seed", None) == "send" or self._provider.takes_seed(self._model)

    @property
    def _watermark(self) -> str | None:
        """Whether the provider's mark is `off` or `kept`; None where there is none to speak of."""
        if self._provider.mark is None:
            return None
        return "kept" if self._options.keeps_watermark else "off"

    @property
    def _mask(self) -> Box | None:
        """What the reader is not to see: what the user says, else the mark's place where it is kept."""
        kept = self._provider.mark if self._options.keeps_watermark else None
        return self._options.mask or kept
