"""One picture asked of an API: question, attempts, answer, download."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.allowance import Allowance
from bench.generators import JSON, Job
from bench.generators.api.dialects import Found, Question
from bench.generators.api.download import IMAGE_LIMIT, DownloadError, decode_base64, fetch_image
from bench.generators.api.key import Key
from bench.generators.api.providers import Provider
from bench.generators.api.verdicts import judge
from bench.generators.bounded_http import Answer, BoundedClient, TransferError
from bench.generators.quoting import quotable
from bench.generators.retrying import ExhaustedError, Patience, TransientError, wait_asked_for

ANSWER_LIMIT = IMAGE_LIMIT * 4 // 3 + 2**20
"""Bytes of an answer at most: a picture as base64, and some words."""

SAID_LIMIT = 300
"""Characters of a server's own words that an error repeats."""

_POLL_S = 1.0


class RefusedError(Exception):
    """Raised where the model declines: an outcome, not a fault."""


class BudgetSpentError(Exception):
    """Raised where a picture may not be asked for any more."""


class FaultError(Exception):
    """Raised where there is no picture through a fault of ours or of the server's."""


class StopError(FaultError):
    """Raised where every other picture would fail in the same way."""


@dataclass
class Exchange:
    """How one job's picture comes about; `exhausted` says afterwards whether all attempts failed for passing reasons.

    Every attempt that the server may charge is counted in the allowance, before it is made.
    """

    provider: Provider
    base_url: str
    key: Key
    client: BoundedClient
    patience: Patience
    job: Job
    allowance: Allowance
    timeout: float
    exhausted: bool = False
    attempts: int = 0

    def picture(self, question: Question) -> tuple[bytes, dict[str, JSON]]:
        """Return the bytes of the picture, and what is to be recorded about how it came.

        Raises:
            RefusedError: The provider declines the prompt or its picture.
            BudgetSpentError: It may not be asked for.
            StopError: No other picture would come either.
            FaultError: There is none.
        """
        try:
            found, request_id = self.patience.persist(lambda: self._ask(question))
            content = self.patience.persist(lambda: self._content(found))
        except ExhaustedError as error:
            self.exhausted = True
            raise FaultError(str(error)) from None
        except DownloadError as error:
            raise FaultError(str(error)) from None
        return content, {"request_id": request_id, "attempts": self.attempts, **_recordable(found.remarks)}

    def _ask(self, question: Question) -> tuple[Found, str | None]:
        """Ask once."""
        if not self.allowance.take(self.job.prompt.id, self.job.seed):
            if self.attempts:
                raise FaultError("no answer, and the budget allows no further attempt; raise --budget to go on")
            raise BudgetSpentError("the budget of paid pictures is spent; raise --budget to go on")
        self.attempts += 1
        dialect = self.provider.dialect
        try:
            answer = self.client.send(
                "POST",
                dialect.address(self.base_url, question.model),
                limit=ANSWER_LIMIT,
                body=dialect.body(question),
                headers={**self.key.headers, **dialect.headers(question.model)},
            )
        except TransferError as error:
            if not error.sent:
                self.allowance.give_back(self.job.prompt.id, self.job.seed)
            raise (FaultError(str(error)) if error.lasting else TransientError(str(error))) from None
        return self._judged(answer)

    def _judged(self, answer: Answer) -> tuple[Found, str | None]:
        """Return the picture that an answer has, if need be after looking again; raise an error as what it means."""
        end = time.monotonic() + self.timeout
        while True:
            said = _parsed(answer.content)
            self._raise_complaint(answer, said)
            dialect = self.provider.dialect
            request_id = self._request_id(answer, said)
            if found := dialect.found(said):
                return found, request_id
            task = dialect.task(said)
            if task is not None and time.monotonic() > end:
                raise FaultError(f"the picture was begun, but not done after {self.timeout:g} s{_under(request_id)}")
            if task is None:
                raise FaultError(f"an answer without a picture{_under(request_id)}: {self._start(answer.content)}")
            if self.patience.stop.wait(_POLL_S):
                raise FaultError("the run is ending")
            answer = self._look_again(task)

    def _look_again(self, task: str) -> Answer:
        """Return how a task stands; asking that costs nothing and is tried again by itself."""

        def look() -> Answer:
            try:
                answer = self.client.send("GET", self.base_url + task, limit=ANSWER_LIMIT, headers=self.key.headers)
            except TransferError as error:
                raise TransientError(str(error)) from None
            if answer.status == 429 or answer.status >= 500:
                raise TransientError(f"HTTP {answer.status}", wait_asked_for(answer.headers.get("retry-after")))
            return answer

        try:
            return self.patience.persist(look)
        except ExhaustedError as error:
            raise FaultError(f"the picture was begun, but not got: {error}") from None

    def _raise_complaint(self, answer: Answer, said: object) -> None:
        """Raise what an answer complains about as what follows from it."""
        complaint = self.provider.dialect.complaint(said)
        if complaint is None and 200 <= answer.status < 300:
            if said is None:
                raise TransientError(f"the answer is no JSON: {self._start(answer.content)}")
            return
        codes, words = (complaint.codes, str(complaint)) if complaint else ((), self._start(answer.content))
        verdict, meaning = judge(self.provider.errors, codes, answer.status)
        request = _under(self._request_id(answer, said))
        reason = f"{meaning + ': ' if meaning else ''}HTTP {answer.status}, {self._quotable(words)}{request}"
        if verdict == "refused":
            raise RefusedError(reason)
        if meaning or (answer.status < 500 and answer.status != 408):
            # Without words that we know, a gateway may have given up on a server that went on to make the picture.
            self.allowance.give_back(self.job.prompt.id, self.job.seed)
        if verdict == "retry":
            raise TransientError(reason, wait_asked_for(answer.headers.get("retry-after")))
        raise StopError(reason) if verdict == "stop" else FaultError(reason)

    def _request_id(self, answer: Answer, said: object) -> str | None:
        for name in self.provider.request_ids:
            if name in answer.headers:
                return self._quotable(answer.headers[name])
        named = self.provider.dialect.request_id(said)
        return None if named is None else self._quotable(named)

    def _content(self, found: Found) -> bytes:
        if found.base64 is not None:
            return decode_base64(found.base64)
        return fetch_image(self.client, str(found.url), https_only=urlsplit(self.base_url).scheme == "https")

    def _start(self, content: bytes) -> str:
        return self._quotable(content[: 64 * SAID_LIMIT].decode("utf-8", "replace"))

    def _quotable(self, text: str) -> str:
        """Return a server's words as an error may repeat them; the key goes before they are cut, lest a part stay."""
        return quotable(self.key.blotted(text), SAID_LIMIT)


def _parsed(content: bytes) -> object:
    """Return what JSON says, or None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _recordable(remarks: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Return a server's remarks if they can be written down as JSON: no infinities, no halves of characters."""
    try:
        json.dumps(remarks, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return {"remarks": "left out: they cannot be written as JSON"}
    return remarks


def _under(request_id: str | None) -> str:
    return f" (request {request_id})" if request_id else ""
