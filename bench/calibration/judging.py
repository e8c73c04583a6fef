"""Compares readings with prompts as one reader's, under one profile: the same for what is read and what is true."""

from __future__ import annotations

from dataclasses import dataclass

from bench.calibration.observing import Observation
from bench.reader_record import ReaderRecord
from bench.scoring import judge_sample
from metrics.evidence import CharacterEvidence
from metrics.judgement import Judgement
from metrics.profiles import Profile
from metrics.reading import Reading
from prompts.suite import Prompt


@dataclass(frozen=True, slots=True)
class Judge:
    """A reader's alphabet and a profile."""

    reader: ReaderRecord
    profile: Profile

    def __call__(
        self, prompt: Prompt, reading: Reading, evidence: tuple[CharacterEvidence, ...] | None = None
    ) -> Judgement:
        """Return how `reading` compares with what `prompt` asks for."""
        return judge_sample(prompt, reading, self.profile, self.reader, evidence)

    def seen(self, observation: Observation) -> Judgement:
        """Return how what was read in a picture compares with what was asked for."""
        return self(observation.prompt, observation.reading, observation.evidence)
