"""`command:CMD`: any program that reads what to paint from its input and names the files that it wrote."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bench.generators import JSON, Failure, Job, Outcome
from bench.generators.label import label
from bench.generators.line_process import LineProcess, ProcessGoneError
from bench.generators.outside_image import picture_from
from bench.generators.quoting import quotable
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt
from prompts.validation import describe_faults

GIVEN_UP_AFTER = 3
"""So many times in a row may the program end without one answer; it is then not started again."""


class CommandOptions(BaseModel):
    """What may follow `command:CMD?`.

    Attributes:
        version: Of the program or its weights: a run goes on only with the same.
        timeout: Seconds for a picture; the first one also has to load the model.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str | None = None
    timeout: float = Field(600, gt=0, le=86_400)


class Reply(BaseModel):
    """One line of the program's output: the file of a picture, or why there is none."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str | None = None
    image: str | None = None
    refused: str | None = None
    error: str | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Reply:
        if sum(value is not None for value in (self.image, self.refused, self.error)) != 1:
            raise ValueError("must have one of image, refused and error")
        return self


class CommandGenerator:
    """Keeps the program running from picture to picture, and starts it again after it ended."""

    is_model = True

    def __init__(self, spec: Spec) -> None:
        self._options = spec.validated(CommandOptions)
        try:
            self._command = shlex.split(spec.target)
        except ValueError as error:
            raise GlyphbenchError(f"--model {spec.text!r}: the command cannot be split into words: {error}") from None
        if not self._command:
            raise GlyphbenchError(f"--model {spec.text!r}: a program is written command:CMD")

    @property
    def name(self) -> str:
        """The program's or script's own name."""
        scripts = [word for word in self._command[1:2] if not word.startswith("-")]
        is_interpreter = Path(self._command[0]).stem.startswith(("python", "node", "bash", "sh"))
        program = scripts[0] if scripts and is_interpreter else self._command[0]
        return label(Path(program).stem, otherwise="command")

    @property
    def identity(self) -> Mapping[str, JSON]:
        """The command line, and the version that the user gives; what the program does is known to it alone."""
        return {"kind": "command", "command": list(self._command), "version": self._options.version}

    def seeds(self, prompts: Sequence[Prompt]) -> None:
        """Return None: any seed can be asked for."""

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise `GlyphbenchError` where there is no such program."""
        if shutil.which(self._command[0]) is None:
            raise GlyphbenchError(f"command: there is no program {self._command[0]!r} that can be started")

    def generate(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield one outcome for each job, in order."""
        program = _Program(self._command, self._options.timeout)
        silent, last = 0, ""
        try:
            for job in jobs:
                if silent >= GIVEN_UP_AFTER:
                    yield Failure(job, "infra", f"the command ended {silent} times without an answer: {last}")
                    continue
                try:
                    answer = program.ask(_question(job))
                except (ProcessGoneError, OSError) as error:
                    silent, last = silent + 1, str(error)
                    yield Failure(job, "infra", f"the command gave no picture: {error}")
                    continue
                silent = 0
                outcome = _outcome(job, answer)
                if outcome is None:
                    # Out of step: nobody could tell which answer belongs to which question.
                    program.end(kill=True)
                    outcome = Failure(job, "infra", f"the command answered out of turn: {_shown(answer)}")
                yield outcome
        finally:
            program.end()


class _Program:
    """The program, started when it is needed and again after it ended."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self._command, self._timeout = command, timeout
        self._process: LineProcess | None = None

    def ask(self, line: str) -> bytes:
        """Return the answer to one line.

        Raises:
            OSError: It cannot be started.
            ProcessGoneError: It ended without an answer. One that had answered before, and ended in good order, is
                asked again first: a program may be made for a single picture.
        """
        answered_before = self._process is not None
        try:
            return self._ask(line)
        except ProcessGoneError as error:
            if not (answered_before and error.finished):
                raise
        return self._ask(line)

    def _ask(self, line: str) -> bytes:
        self._process = self._process or LineProcess(self._command)
        try:
            return self._process.ask(line, self._timeout)
        except ProcessGoneError:
            self._process = None
            raise

    def end(self, *, kill: bool = False) -> None:
        """End the program if it runs."""
        if self._process is not None:
            self._process.end(kill=kill)
            self._process = None


def _question(job: Job) -> str:
    width, height = job.prompt.size
    question = {"id": _name(job), "prompt": job.prompt.text, "seed": job.seed, "width": width, "height": height}
    return json.dumps(question)


def _name(job: Job) -> str:
    return f"{job.prompt.id}/{job.seed}"


def _outcome(job: Job, answer: bytes) -> Outcome | None:
    """Return what the program's answer says became of a job; None where it is an answer to another question."""
    try:
        reply = Reply.model_validate_json(answer)
    except ValidationError as error:
        faults = "; ".join(describe_faults(error, Reply))
        return Failure(job, "infra", quotable(f"the command's answer cannot be used: {faults}: {_shown(answer)}"))
    if reply.id is not None and reply.id != _name(job):
        return None
    if reply.image is not None:
        return picture_from(job, reply.image, {"file": quotable(reply.image)})
    status: Literal["infra", "refused"] = "refused" if reply.refused is not None else "infra"
    return Failure(job, status, quotable(str(reply.refused if reply.refused is not None else reply.error)))


def _shown(answer: bytes) -> str:
    return quotable(answer.decode("utf-8", "replace"), 200)
