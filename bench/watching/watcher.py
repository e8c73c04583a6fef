"""The watcher: looks for checkpoints, evaluates each that is complete once, and writes down what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from bench.errors import EXIT_RUN_FAILED, EXIT_USAGE
from bench.watching.attempts import FILE as ATTEMPTS
from bench.watching.attempts import Attempts
from bench.watching.checkpoints import Checkpoint, find_checkpoints, fingerprint
from bench.watching.completeness import Rule, unfinished
from bench.watching.evaluation import Evaluation
from bench.watching.history import FILE as HISTORY
from bench.watching.history import Entry, History
from bench.watching.judging import Judge, now
from bench.watching.template import Template
from prompts.errors import GlyphbenchError


@dataclass(frozen=True)
class Watch:
    """What is watched, and how.

    Attributes:
        folder: Of the training run.
        template: Of the model spec.
        suites: Names of the suites.
        options: Further arguments of `run`, the suites and the folder of its runs among them.
        judge: By what checkpoints are judged.
        place: Folder of the history.
        pattern: That names of checkpoints match.
        rule: When one is complete.
        attempts: How often an evaluation is begun before the checkpoint is given up.
        again: Names of checkpoints that are to be evaluated though they were already, or given up.
        ignored: Folders that are no checkpoints, such as that of the runs.
    """

    folder: Path
    template: Template
    suites: tuple[str, ...]
    options: tuple[str, ...]
    judge: Judge
    place: Path
    pattern: str = "*"
    rule: Rule = field(default_factory=Rule)
    attempts: int = 2
    again: frozenset[str] = frozenset()
    ignored: tuple[Path, ...] = ()


class Watcher:
    """Looks as often as it is told; what it knows is on disk, so that another process goes on where it stopped."""

    def __init__(
        self, watch: Watch, evaluate: Callable[[Sequence[str], Path], Evaluation], tell: Callable[[str], None]
    ) -> None:
        self.watch = watch
        self._evaluate = evaluate
        self._tell = tell
        self._told: set[str] = set()
        self._again = set(watch.again)
        self.failed = 0
        watch.place.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(watch.place / ".lock", timeout=0)
        self.history = History(watch.place / HISTORY)
        self._attempts = Attempts(watch.place / ATTEMPTS)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the history's lock while the block runs; it is freed when the process ends, however it ends.

        Raises:
            GlyphbenchError: Another watcher has it.
        """
        try:
            self._lock.acquire()
        except Timeout:
            raise GlyphbenchError(f"{self.watch.place}: another watcher is at work; stop it first") from None
        try:
            # Another watcher may have written since this one was made.
            self.history = History(self.history.path)
            yield
        finally:
            self._lock.release()

    def look(self) -> Iterator[tuple[Entry, ...]]:
        """Yield the entries of each checkpoint that came to an end, one after the other, in the order of their steps.

        After each one the folder is looked at anew, because evaluations take long and trainers remove old checkpoints.
        """
        passed: set[str] = set()
        while (checkpoint := self._next(passed)) is not None:
            passed.add(checkpoint.name)
            if entries := self._evaluated(checkpoint):
                yield entries

    def _next(self, passed: set[str]) -> Checkpoint | None:
        """Return the first checkpoint that is complete, wants evaluation, and was not tried in this look."""
        ignored = {path.resolve() for path in (*self.watch.ignored, self.watch.place)}
        for checkpoint in find_checkpoints(self.watch.folder, self.watch.pattern):
            if checkpoint.name in passed or checkpoint.path.resolve() in ignored:
                continue
            if not self._wants(checkpoint):
                continue
            if why := unfinished(checkpoint.path, self.watch.rule):
                self._say_once(f"{checkpoint.name}: {why}")
                continue
            return checkpoint
        return None

    def _wants(self, checkpoint: Checkpoint) -> bool:
        """Return whether a checkpoint is to be evaluated: it is new, or has failed and was written anew since."""
        if checkpoint.name in self._again:
            return True
        last = [self.history.last(checkpoint.name, suite) for suite in self.watch.suites]
        if None in last:
            return True
        found = _fingerprint(checkpoint)
        if found is None or all(entry is not None and entry.files == found for entry in last):
            return False
        if any(entry is not None and entry.state == "failed" for entry in last):
            return True
        self._say_once(
            f"{checkpoint.name}: has changed since it was evaluated; --again {checkpoint.name} evaluates it anew"
        )
        return False

    def _evaluated(self, checkpoint: Checkpoint) -> tuple[Entry, ...]:
        """Return the entries of a checkpoint, which are in the history then; none where it is to be tried again."""
        files = _fingerprint(checkpoint)
        if files is None:
            return ()
        begun = self._attempts.of(checkpoint.name)
        self._attempts.begin(checkpoint.name)
        start = time.monotonic()
        try:
            if begun < self.watch.attempts:
                evaluation = self._evaluation(checkpoint)
            else:
                evaluation = Evaluation(EXIT_RUN_FAILED, (), f"its evaluation took the watcher down {begun} times")
            entries = self._entries(checkpoint, files, evaluation, time.monotonic() - start)
        except BaseException:
            # Whatever is raised here is not the checkpoint's doing.
            self._attempts.undo(checkpoint.name)
            raise
        if entries:
            self.history.append(entries)
            self._attempts.forget(checkpoint.name)
            self._again.discard(checkpoint.name)
        return entries

    def _evaluation(self, checkpoint: Checkpoint) -> Evaluation:
        try:
            spec = self.watch.template.filled(checkpoint.path)
        except GlyphbenchError as error:
            return Evaluation(EXIT_USAGE, (), str(error))
        log = self.watch.place / f"{checkpoint.name}.log"
        self._tell(f"{checkpoint.name}: being evaluated; {log} has its words")
        return self._evaluate([*self.watch.options, "--model", spec], log)

    def _entries(self, checkpoint: Checkpoint, files: str, evaluation: Evaluation, seconds: float) -> tuple[Entry, ...]:
        if not evaluation.code:
            return tuple(
                self.watch.judge.entry(
                    checkpoint, files, summary, seconds / len(evaluation.summaries), self._first(summary)
                )
                for summary in evaluation.summaries
            )
        self.failed += 1
        begun = self._attempts.of(checkpoint.name)
        if begun < self.watch.attempts:
            self._tell(f"{checkpoint.name}: failed, attempt {begun} of {self.watch.attempts}: {evaluation.reason}")
            return ()
        return tuple(
            Entry(
                checkpoint.name,
                checkpoint.step,
                suite,
                "failed",
                reason=evaluation.reason,
                seconds=round(seconds / len(self.watch.suites), 1),
                finished=now(),
                files=files,
            )
            for suite in self.watch.suites
        )

    def _first(self, summary: object) -> Entry | None:
        """Return the suite's first evaluated entry."""
        suite = summary["suite"]["name"]  # type: ignore[index]
        evaluated = (each for each in self.history.entries if each.suite == suite and each.state == "evaluated")
        return next(evaluated, None)

    def _say_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(text)


def _fingerprint(checkpoint: Checkpoint) -> str | None:
    try:
        return fingerprint(checkpoint.path)
    except OSError:
        return None
