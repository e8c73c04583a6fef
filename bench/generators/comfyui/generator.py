"""`comfyui:WORKFLOW.json`: a user's exported workflow on a running ComfyUI, the prompt, seed and size bound into it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bench.digest import digest_of
from bench.generators import JSON, Failure, Job, Outcome, Picture
from bench.generators.bounded_http import BoundedClient, require_httpx
from bench.generators.comfyui.binding import WANTED, bind
from bench.generators.comfyui.server import Server, ServerError
from bench.generators.comfyui.workflow import Workflow
from bench.generators.image_file import ImageFileError, decode_image
from bench.generators.label import label
from bench.generators.quoting import quotable
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt

PREFIX = "glyphbench"
"""Of the files that ComfyUI saves."""


class ComfyUIOptions(BaseModel):
    """What may follow `comfyui:WORKFLOW.json?`.

    Attributes:
        server: Where ComfyUI listens.
        prompt, negative, seed, width, height: Places such as `6.inputs.text`, `@Title.inputs.text`,
            `#Class.inputs.text`, joined by commas; `none` for what is to stay as it is. Guessed unless given.
        negative_text: Put where the negative prompt goes; without it the workflow's own stays.
        output: The node whose picture counts, where several save one.
        timeout: Seconds for a picture.
        poll: Seconds between questions whether it is done.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    server: str = "http://127.0.0.1:8188"
    prompt: str | None = None
    negative: str | None = None
    seed: str | None = None
    width: str | None = None
    height: str | None = None
    negative_text: str | None = None
    output: str | None = None
    timeout: float = Field(600, gt=0, le=86_400)
    poll: float = Field(0.5, gt=0, le=60)

    @field_validator("server")
    @classmethod
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username is not None:
            raise ValueError("must be an address such as http://127.0.0.1:8188")
        return value.rstrip("/")


class ComfyUIGenerator:
    """Queues one graph a picture and waits for it."""

    is_model = True

    def __init__(self, spec: Spec) -> None:
        require_httpx("--model comfyui:")
        if not spec.target:
            raise GlyphbenchError(f"--model {spec.text!r}: a workflow is written comfyui:WORKFLOW.json")
        self._options = spec.validated(ComfyUIOptions)
        self._path = Path(spec.target).expanduser()
        self._workflow = Workflow.read(self._path)
        if self._options.output is not None and self._options.output not in self._workflow.nodes:
            raise GlyphbenchError(f"{self._path}: output={self._options.output}: the workflow has no such node")
        said = {name: value for name in WANTED if (value := getattr(self._options, name)) is not None}
        try:
            self._binding = bind(self._workflow, said)
        except GlyphbenchError as error:
            raise GlyphbenchError(f"{self._path}: {error}") from None
        if self._options.negative_text is not None and not self._binding["negative"]:
            raise GlyphbenchError(f"{self._path}: no place for negative_text; say so with negative=NODE.inputs.NAME")

    @property
    def name(self) -> str:
        """The workflow file's own name."""
        return label(self._path.stem, otherwise="comfyui")

    @cached_property
    def identity(self) -> Mapping[str, JSON]:
        """The workflow's digest, where everything goes, and the server's version where it tells.

        The weights that the workflow names are known to the server alone.

        Raises:
            GlyphbenchError: The server does not answer.
        """
        with BoundedClient(self._options.timeout) as client:
            try:
                version = self._server(client).version()
            except ServerError as error:
                raise GlyphbenchError(f"comfyui: {error}") from None
        return {
            "kind": "comfyui",
            "workflow": digest_of(self._workflow.nodes),
            "binding": {name: [str(place) for place in places] for name, places in self._binding.items()},
            "negative_text": self._options.negative_text,
            "output": self._options.output,
            "comfyui": version,
        }

    def seeds(self, prompts: Sequence[Prompt]) -> None:
        """Return None: any seed can be made."""

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise `GlyphbenchError` where the server does not answer; what the workflow can do it alone knows."""
        self.identity  # noqa: B018 - asks the server

    def generate(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield one outcome for each job, in order."""
        with BoundedClient(self._options.timeout) as client:
            server = self._server(client)
            for job in jobs:
                yield self._outcome(server, job)

    def _outcome(self, server: Server, job: Job) -> Outcome:
        try:
            content, node = server.picture(self._graph(job), self._options.output)
            image, notes = decode_image(content)
        except (ServerError, ImageFileError) as error:
            what = "the picture " if isinstance(error, ImageFileError) else ""
            return Failure(job, "infra", quotable(f"{what}{error}"))
        if self._binding["width"] and self._binding["height"] and image.size != job.prompt.size:
            made, asked = image.size, job.prompt.size
            return Failure(
                job, "infra", f"the picture is {made[0]}x{made[1]} where {asked[0]}x{asked[1]} was asked for"
            )
        digest = hashlib.sha256(content).hexdigest()
        details: dict[str, JSON] = {"node": quotable(node), "sha256": digest, "conversions": notes}
        if not self._binding["seed"]:
            details["seed_supported"] = False
        if image.size != job.prompt.size:
            details["size asked for"] = list(job.prompt.size)
        return Picture(job, image, details)

    def _graph(self, job: Job) -> dict[str, JSON]:
        """Return the graph for one job; its files' names are new each time, lest ComfyUI skip a graph that it knows."""
        given: dict[str, object] = {
            "prompt": job.prompt.text,
            "negative": self._options.negative_text,
            "seed": job.seed,
            "width": job.prompt.size.width,
            "height": job.prompt.size.height,
        }
        values = {
            place: given[name] for name, places in self._binding.items() for place in places if given[name] is not None
        }
        for place in self._workflow.named("filename_prefix"):
            values[place] = f"{PREFIX}/{job.prompt.id}-{job.seed}-{uuid4().hex[:8]}"
        return self._workflow.filled(values)

    def _server(self, client: BoundedClient) -> Server:
        return Server(self._options.server, client, self._options.timeout, self._options.poll)
