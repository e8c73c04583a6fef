"""One table of several runs: suites as groups, runs as rows, metrics with their intervals as columns.

Within a suite, all runs stand on the prompts and seeds that all of them have, and a value stands out only where it is
the best and told apart from every other one: sign-flip tests of each two runs, adjusted by Holm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.comparison.comparing import unfinished_remarks
from bench.comparison.leaderboard import rank
from bench.comparison.sheet import ScoreSheet
from bench.gating.baseline import sheet_by
from metrics.score import Missing, Score
from metrics.statistics import Estimate, Measured, estimate
from metrics.table import METRICS, find_metric
from reports.formats import format_count

if TYPE_CHECKING:
    from bench.run import Run

COLUMNS = ("accuracy", "exact", "pick@k", "cer")
"""Metrics that a table has unless others are asked for."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One metric of one run.

    Attributes:
        found: Its value with interval, or why there is none.
        is_best: Whether it is the best of its suite and told apart from every other one.
    """

    found: Estimate | Missing
    is_best: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """One run.

    Attributes:
        name: Tells it from the other rows of its suite.
        model: Name of its model.
        run: Name of its folder.
        signature: Everything that can change its headline.
        cells: In the order of the table's metrics.
    """

    name: str
    model: str
    run: str
    signature: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class SuiteRows:
    """The runs of one suite.

    Attributes:
        suite: Its name.
        version: Its version.
        profile: Text profile of the scores.
        reader: Whose scores these are.
        prompts: That all of the runs have.
        seeds: That all of the runs have.
        rows: The runs, as they were named.
    """

    suite: str
    version: str
    profile: str
    reader: str
    prompts: int
    seeds: int
    rows: tuple[TableRow, ...]

    @property
    def title(self) -> str:
        """Suite, reader and size, in words."""
        extent = f"{format_count(self.prompts, 'prompt')} × {format_count(self.seeds, 'seed')}"
        return f"{self.suite} {self.version}, {extent}, read by {self.reader}"


@dataclass(frozen=True, slots=True)
class RunTable:
    """Several runs.

    Attributes:
        metrics: Names of the columns.
        groups: One for each suite, in the order in which they were first named.
        level: Nominal coverage of the intervals, in 0..1; 1 − level is that of the tests.
        remarks: What was allowed to differ, what was left out, what is not complete.
    """

    metrics: tuple[str, ...]
    groups: tuple[SuiteRows, ...]
    level: float
    remarks: tuple[str, ...]

    @property
    def notes(self) -> list[str]:
        """What has to be known to read the table, and the remarks, a sentence each."""
        found = [f"Brackets: {self.level:.0%} intervals over prompt groups, seeds averaged first."]
        if any(len(group.rows) > 1 for group in self.groups):
            found.append(
                "Bold: the best of its suite where it differs from every other one (paired sign-flip tests over prompt "
                f"groups, adjusted over all pairs of a column by Holm, at {1 - self.level:.2g})."
            )
        return found + self._other_extents() + list(self.remarks)

    def label(self, metric: str) -> str:
        """Return the name of a metric as it stands at its column."""
        seeds = {min(4, group.seeds) for group in self.groups}
        return metric.replace("@k", f"@{seeds.pop()}") if len(seeds) == 1 else metric

    def _other_extents(self) -> list[str]:
        """Return the columns that rest on fewer prompts than their suite has."""
        found = []
        for group in self.groups:
            for at, metric in enumerate(self.metrics):
                cells = [row.cells[at].found for row in group.rows]
                counts = {cell.prompts for cell in cells if isinstance(cell, Estimate)}
                if counts and counts != {group.prompts}:
                    told = " and ".join(map(str, sorted(counts)))
                    found.append(f"{group.suite}: {self.label(metric)} is over {told} of {group.prompts} prompts.")
        return found


def run_table(
    runs: Sequence[Run],
    metrics: Sequence[str] = COLUMNS,
    reader: str | None = None,
    allow: Iterable[str] = (),
    level: float = 0.95,
) -> RunTable:
    """Return the table of one or more runs.

    Args:
        runs: In the order of the rows.
        metrics: Names, in the order of the columns.
        reader: Whose scores count; None for each run's first.
        allow: Conditions in which runs of a suite may differ (`bench.comparison.conditions.KEYS`).
        level: Nominal coverage of the intervals, in 0..1.

    Raises:
        GlyphbenchError: Two runs of a suite are not comparable; the message says why and what to do.
        UnknownNameError: There is no such metric.
    """
    names = tuple(find_metric(metric).name for metric in dict.fromkeys(metrics))
    suites: dict[str, list[Run]] = {}
    for run in runs:
        suites.setdefault(run.manifest.suite.name, []).append(run)
    remarks: list[str] = []
    groups = tuple(_suite_rows(own, names, reader, tuple(allow), level, remarks) for own in suites.values())
    return RunTable(names, groups, level, tuple(dict.fromkeys(remarks)))


def _suite_rows(
    runs: Sequence[Run],
    metrics: Sequence[str],
    reader: str | None,
    allow: tuple[str, ...],
    level: float,
    remarks: list[str],
) -> SuiteRows:
    sheets = [sheet_by(run, reader) for run in runs]
    columns, extent = [], (len(sheets[0].prompts), len(sheets[0].seeds))
    for metric in metrics:
        cells, ranked = _column(sheets, metric, allow, level, remarks)
        columns.append(cells)
        extent = min(extent, ranked) if ranked else extent
    names = _names(runs)
    first = sheets[0].conditions
    rows = tuple(
        TableRow(name, run.manifest.model.name, run.folder.path.name, run.signature, cells)
        for name, run, cells in zip(names, runs, zip(*columns, strict=True), strict=True)
    )
    return SuiteRows(first.suite, first.suite_version, runs[0].suite.profile, first.reader, *extent, rows)


def _column(
    sheets: Sequence[ScoreSheet], metric: str, allow: tuple[str, ...], level: float, remarks: list[str]
) -> tuple[tuple[Cell, ...], tuple[int, int] | None]:
    """Return the cells of one metric, and how many prompts and seeds the runs have in common where that was asked."""
    scored = [sheet for sheet in sheets if metric in sheet.scores]
    cells: dict[int, Cell] = {}
    extent = None
    if len(scored) > 1:
        board = rank(scored, allow, metric, level)
        best = board.clear_best
        cells = {id(scored[place.number]): Cell(place.estimate, place is best) for place in board.places}
        remarks += board.remarks
        extent = board.prompts, board.seeds
    elif scored:
        cells = {id(scored[0]): Cell(_estimate(scored[0], metric, level))}
        remarks += unfinished_remarks(scored[0])
    absent = Cell(Missing(f"no picture has a score of {metric}"))
    return tuple(cells.get(id(sheet), absent) for sheet in sheets), extent


def _estimate(sheet: ScoreSheet, metric: str, level: float) -> Estimate | Missing:
    """Return the estimate of a run that is compared with no other."""
    scores = sheet.scores[metric]
    measured = [
        Measured(
            prompt.id,
            prompt.group,
            tuple(Score(n, d) for n, d in zip(numerators, denominators, strict=True) if n == n),
        )
        for prompt, numerators, denominators in zip(
            sheet.prompts, scores.numerators.tolist(), scores.denominators.tolist(), strict=True
        )
    ]
    return estimate(METRICS[metric], measured, min(4, len(sheet.seeds)), level)


def _names(runs: Sequence[Run]) -> list[str]:
    """Return the models' names, with the folders' where these are needed, and with what is no model marked as such."""
    counts = Counter(run.manifest.model.name for run in runs)
    found = []
    for run in runs:
        model = run.manifest.model
        name = model.name if counts[model.name] == 1 else f"{model.name} ({run.folder.path.name})"
        found.append(name if model.is_model else f"{name}, instrument check")
    return found
