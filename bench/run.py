"""A run on disk, for scoring, reports and notebooks."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.agreement import SampleAgreement, compare_readers
from bench.config import CALIBRATIONS
from bench.effort_table import effort_rows, making_times
from bench.files import write_json, write_whole
from bench.manifest import Manifest
from bench.prompt_fit import align_run, alignment_frame, alignment_path
from bench.reader_record import ReaderRecord
from bench.records import ReadingRecord, Sample, SampleKey
from bench.run_folder import RunFolder
from bench.scoring import score_run, scores_path
from bench.signature import sign
from bench.summary import summarise_run
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt, Suite

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """One run folder, read; what is derived is computed when first asked for.

    `calibrations` is the folder of the user's own calibrations, which need not exist.
    """

    folder: RunFolder
    manifest: Manifest
    suite: Suite
    calibrations: Path = CALIBRATIONS
    _readings: dict[str, Mapping[SampleKey, ReadingRecord]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def open(cls, path: Path, calibrations: Path = CALIBRATIONS) -> Run:
        """Return the run in the folder `path`; raises `GlyphbenchError` where there is none that can be read."""
        folder = RunFolder(path)
        return cls(folder, folder.manifest, folder.read_suite(), calibrations)

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompts that this run asks for: the first `limit` of its suite."""
        return self.suite.prompts[: self.manifest.limit]

    @cached_property
    def samples(self) -> dict[SampleKey, Sample]:
        """What became of each picture."""
        return self.folder.samples()

    @cached_property
    def efforts(self) -> list[dict[str, Any]]:
        """What pictures took, by size and layout in memory, as `bench.effort_table.EffortRow` has it."""
        return effort_rows((line for _, line in self.folder.timings_journal.records()), self.samples)

    @cached_property
    def making(self) -> dict[str, Any] | None:
        """Seconds in which pictures were made and recorded: median, total, how many; None where none was timed."""
        return making_times(line for _, line in self.folder.timings_journal.records())

    @cached_property
    def readers(self) -> tuple[ReaderRecord, ...]:
        """The readers that have read this run, the first one first."""
        return tuple(ReaderRecord.read(self.folder.path, reader8) for reader8 in self.manifest.readers)

    @property
    def reader(self) -> ReaderRecord:
        """The first reader; raises `GlyphbenchError` where none has read yet."""
        if not self.readers:
            raise GlyphbenchError(f"{self.folder.path}: no reader has read this run yet; the same run command goes on")
        return self.readers[0]

    def readings_by(self, reader: ReaderRecord) -> Mapping[SampleKey, ReadingRecord]:
        """Return what one of the run's readers saw."""
        if reader.short not in self._readings:
            self._readings[reader.short] = self.folder.readings(reader.short)
        return self._readings[reader.short]

    @property
    def readings(self) -> Mapping[SampleKey, ReadingRecord]:
        """What the first reader saw."""
        return self.readings_by(self.reader)

    @cached_property
    def agreements(self) -> tuple[tuple[SampleAgreement, ...], ...]:
        """How the first reader agrees with each of the others, picture by picture."""
        return tuple(tuple(compare_readers(self, self.reader, other)) for other in self.readers[1:])

    def scores_by(
        self, reader: ReaderRecord, profile: str | None = None, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return the scores by one of the run's readers, as `bench.scoring.score_run` describes them.

        Args:
            reader: One of `readers`.
            profile: Of the scores; without one, those of every profile.
            columns: That are wanted; without any, all.
        """
        import pandas as pd

        path = scores_path(self.folder.path, reader)
        # Scores are derived: a file that is missing or damaged is made good from the readings.
        try:
            filters = [("profile", "==", profile)] if profile else None
            return pd.read_parquet(path, filters=filters, columns=list(columns) if columns else None)
        except (OSError, ValueError):
            rows = score_run(self, reader)
            rows = rows[rows["profile"] == profile].reset_index(drop=True) if profile else rows
            return rows[list(columns)] if columns else rows

    @cached_property
    def scores(self) -> pd.DataFrame:
        """All scores by the first reader: a row for each prompt, seed, profile and metric (`docs/notebooks.md`)."""
        return self.scores_by(self.reader)

    @cached_property
    def characters(self) -> pd.DataFrame:
        """What the first reader made of each target character of each picture, a row each (`docs/notebooks.md`)."""
        from bench.characters import character_frame

        return character_frame(self, self.reader)

    @cached_property
    def alignment(self) -> dict[str, Any] | None:
        """How its pictures fit their prompts, as `bench.prompt_fit.align_run` has it; None where no tower scored."""
        for identity in self.manifest.towers.values():
            try:
                found: dict[str, Any] = json.loads(alignment_path(self.folder.path, identity).read_bytes())
            except (OSError, ValueError):
                # Derived: what is missing or damaged is made good from the vectors.
                return align_run(self, identity)
            return found
        return None

    @property
    def alignment_scores(self) -> pd.DataFrame | None:
        """All scores by the first tower, in the columns of `scores`; None where no tower scored."""
        return None if self.alignment is None else alignment_frame(self, self.alignment)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Estimates with intervals, breakdowns, what was left out, and the signature."""
        return summarise_run(self)

    @property
    def signature(self) -> str:
        """Everything that can change the headline, in one line."""
        return sign(self)

    def score(self) -> None:
        """Score from the readings and vectors on disk, by every reader and tower, and keep scores and summary there.

        Older scores stay.
        """
        for reader in self.readers:
            buffer = io.BytesIO()
            score_run(self, reader).to_parquet(buffer, index=False)
            write_whole(scores_path(self.folder.path, reader), buffer.getvalue())
        for identity in self.manifest.towers.values():
            align_run(self, identity)
        self.__dict__.pop("alignment", None)
        self.write_summary()

    def signed(self) -> Run:
        """Return this run with its signature in the manifest, where a reader has read."""
        if not self.readers:
            return self
        signed = self.manifest.model_copy(update={"signature": self.signature})
        return Run(self.folder, signed, self.suite, self.calibrations)

    def write_summary(self) -> None:
        """Keep the summary in the run folder."""
        write_json(self.folder.path / "summary.json", self.summary)
