"""Names of unfinished work: the same for the same work, another as soon as anything differs that decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.digest import digest_of
from bench.generators import JSON, Job

_DIGITS = 32


class Keys:
    """Names for the work of one model on one machine.

    Args:
        decides: All that decides the numbers beside text, seed and size: the model's identity, tier, device and the
            versions of the libraries.
    """

    def __init__(self, decides: Mapping[str, JSON]) -> None:
        self._base = digest_of(decides)

    def text(self, text: str) -> str:
        """Return the key of a text's embedding."""
        return f"text-{digest_of([self._base, text])[:_DIGITS]}"

    def latents(self, job: Job) -> str:
        """Return the key of a picture's latents."""
        return f"latents-{digest_of([self._base, job.prompt.text, job.seed, *job.prompt.size])[:_DIGITS]}"

    def all_of(self, jobs: Sequence[Job], *, negative: bool) -> set[str]:
        """Return every key that `jobs` may need; with the empty text's where there is guidance."""
        texts = {job.prompt.text for job in jobs} | ({""} if negative and jobs else set())
        return {self.text(text) for text in texts} | {self.latents(job) for job in jobs}
