"""What one curve of a figure is of: a run by one reader, or its part in one language; and how it is called."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bench.calibration.lookup import find_calibration
from bench.calibration.result import Calibration
from bench.comparison.languages import LANGUAGES
from bench.comparison.sheet import ScoreSheet
from bench.gating.baseline import sheet_by
from bench.reader_record import ReaderRecord
from metrics.score import Missing, Score
from metrics.statistics import Estimate, Measured, estimate
from metrics.table import METRICS
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt
from reports.charts import THIN
from reports.figures.figure import Request
from reports.figures.fonts import drawable

if TYPE_CHECKING:
    from bench.run import Run


@dataclass(frozen=True)
class Series:
    """One run's prompts in one language.

    Attributes:
        label: What tells it from the other series of the figure.
        run: It is of.
        sheet: Its scores.
        language: Of its prompts.
        rows: Places of its prompts in the run, and so in the sheet.
    """

    label: str
    run: Run
    sheet: ScoreSheet
    language: str
    rows: tuple[int, ...]

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """All of the run's prompts, those in other languages too."""
        return self.run.prompts

    @property
    def groups(self) -> frozenset[str]:
        """Of its prompts."""
        return frozenset(self.prompts[row].group for row in self.rows)

    @property
    def reader(self) -> ReaderRecord:
        """Whose scores these are."""
        return next(reader for reader in self.run.readers if reader.name == self.sheet.conditions.reader)

    @cached_property
    def calibration(self) -> Calibration | None:
        """What speaks for the reader on the run's suite; None where nothing does."""
        return find_calibration(self.run.suite, self.reader, self.run.calibrations).calibration

    def estimate(
        self, metric: str, rows: Sequence[int], level: float, columns: Sequence[int] | None = None
    ) -> Estimate | Missing:
        """Return the estimate of a metric over the prompts in these places, and the seeds in these; all without any."""
        if metric not in self.sheet.scores:
            return Missing(f"no score of {metric}")
        scores = self.sheet.scores[metric].at(list(rows), columns)
        measured = [
            Measured(
                self.sheet.prompts[place].id,
                self.sheet.prompts[place].group,
                tuple(Score(n, d) for n, d in zip(numerators, denominators, strict=True) if not math.isnan(n)),
            )
            for place, numerators, denominators in zip(
                rows, scores.numerators.tolist(), scores.denominators.tolist(), strict=True
            )
        ]
        return estimate(METRICS[metric], measured, min(4, len(self.sheet.seeds)), level)

    def facts(self) -> dict[str, str]:
        """Return the columns that every table of a figure begins with."""
        return {
            "run": self.run.folder.path.name,
            "model": self.run.manifest.model.name,
            "suite": self.run.manifest.suite.name,
            "language": self.language,
            "reader": self.sheet.conditions.reader,
        }


def series_of(request: Request) -> list[Series]:
    """Return a series for each run and each language that it asks in.

    Raises:
        GlyphbenchError: A run was not read by the reader that is asked for.
    """
    found = [
        (run, sheet, language, tuple(place for place, p in enumerate(run.prompts) if p.language == language))
        for run in request.runs
        for sheet in [sheet_by(run, request.reader)]
        for language in sorted({prompt.language for prompt in run.prompts}, key=list(LANGUAGES).index)
    ]
    return _named(found)


def whole_runs(request: Request) -> list[Series]:
    """Return a series for each run, whatever languages it asks in.

    Raises:
        GlyphbenchError: A run was not read by the reader that is asked for.
    """
    return _named(
        [
            (run, sheet_by(run, request.reader), run.suite.language, tuple(range(len(run.prompts))))
            for run in request.runs
        ]
    )


def _named(found: Sequence[tuple[Run, ScoreSheet, str, tuple[int, ...]]]) -> list[Series]:
    labels = labels_of([(run, sheet, language) for run, sheet, language, _ in found])
    return [Series(label, *each) for label, each in zip(labels, found, strict=True)]


def labels_of(parts: Sequence[tuple[Run, ScoreSheet, str]]) -> list[str]:
    """Return names by as few of model, suite, language, reader and folder as tell all parts apart, the model always."""
    tellers: list[Callable[[tuple[Run, ScoreSheet, str]], str]] = [
        lambda part: part[0].manifest.model.name,
        lambda part: LANGUAGES.get(part[2], part[2]),
        lambda part: part[0].manifest.suite.name,
        lambda part: part[1].conditions.reader,
        lambda part: part[0].folder.path.name,
    ]
    chosen = [[teller(part) for part in parts] for teller in tellers[:1]]
    for teller in tellers[1:]:
        names = [teller(part) for part in parts]
        told = len(set(zip(*chosen, strict=True)))
        if told == len(parts):
            break
        if len(set(zip(*chosen, names, strict=True))) > told:
            chosen.append(names)
    return [drawable(", ".join(names)) for names in zip(*chosen, strict=True)]


def estimate_columns(found: Estimate) -> dict[str, Any]:
    """Return an estimate as columns of a figure's table; an interval that there is none of is left empty."""
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "prompts": found.prompts,
        "samples": found.samples,
        "thin": found.prompts < THIN,
        "interval": found.method,
        "level": found.level,
    }


def demand(figure: str, *, there: bool, what: str) -> None:
    """Check that a figure can be drawn; `what` it wants is the message.

    Raises:
        GlyphbenchError: It cannot.
    """
    if not there:
        raise GlyphbenchError(f"figure {figure}: {what}")
