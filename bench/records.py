"""The records of a run folder: what became of each picture, how long it took, what was read in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from metrics.evidence import CharacterEvidence
from metrics.reading import Reading

SampleStatus = Literal["ok", "blank", "refused", "infra"]


class SampleKey(NamedTuple):
    """Which picture: prompt id and seed."""

    prompt: str
    seed: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What became of one picture. The last record for a (prompt, seed) holds.

    Attributes:
        prompt: Prompt id.
        seed: Of the picture.
        status: `ok`; `blank` (one colour throughout) or `refused`, the model's own doing, scored as nothing read; or
            `infra`, a fault of ours, never scored, tried again on the next run.
        file: Path of the picture below the run folder; None where there is none.
        sha256: Of the file's bytes.
        width: In pixels.
        height: In pixels.
        reason: Why there is no picture.
        details: What the generator recorded about the picture.
    """

    prompt: str
    seed: int
    status: SampleStatus
    file: str | None = None
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    reason: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> SampleKey:
        """Which picture."""
        return SampleKey(self.prompt, self.seed)

    @property
    def is_final(self) -> bool:
        """Whether it is done: anything but a fault of ours."""
        return self.status != "infra"


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """What a reader saw in one picture, bound to the very file by its digest.

    `evidence` is that of the target characters under the suite's profile; None where the reader gives none.
    """

    prompt: str
    seed: int
    sha256: str
    reading: Reading
    evidence: tuple[CharacterEvidence, ...] | None = None

    @property
    def key(self) -> SampleKey:
        """Which picture."""
        return SampleKey(self.prompt, self.seed)
