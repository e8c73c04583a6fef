"""One checkpoint's evaluation, in a process of its own: the device's memory is freed, and a crash is its own alone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import EXIT_INTERRUPTED
from bench.summary import UNFINISHED
from bench.watching.child import CODE

_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How `run` ended.

    Attributes:
        code: Its exit code, 0 where all is done; below 0 the signal that killed it.
        summaries: What it printed with `--json`: one a suite, with `folder`; empty where it did not come so far.
        reason: Why it failed; "" else.
    """

    code: int
    summaries: tuple[Mapping[str, Any], ...] = ()
    reason: str = ""


def evaluate(arguments: Sequence[str], log: Path) -> Evaluation:
    """Return how `run` with these arguments ended; what it says on stderr is added to the file `log`.

    Raises:
        KeyboardInterrupt: It was interrupted.
    """
    command = [sys.executable, "-c", CODE, json.dumps(sys.path), "run", *arguments, "--json"]
    with log.open("ab") as told:
        begun = told.tell()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told) as process:
            assert process.stdout is not None
            try:
                output = process.stdout.read()
                code = process.wait()
            except BaseException:
                _end(process)
                raise
    if code == EXIT_INTERRUPTED:
        raise KeyboardInterrupt
    summaries = _summaries(output)
    if not code:
        return Evaluation(code, summaries)
    return Evaluation(code, summaries, _reason(code, summaries, _lines(log, begun)))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _lines(log: Path, begun: int) -> list[str]:
    with log.open("rb") as file:
        file.seek(begun)
        return file.read().decode(errors="replace").splitlines()


def _summaries(output: bytes) -> tuple[Mapping[str, Any], ...]:
    try:
        found = json.loads(output)
    except ValueError:
        return ()
    return tuple(found) if isinstance(found, list) else ()


def _reason(code: int, summaries: Sequence[Mapping[str, Any]], told: Sequence[str]) -> str:
    """Return why it failed: by its summary, by its last error and the lines that belong to it, or by its signal."""
    undone = [
        f"{entry['samples']} × {entry['reason']}"
        for summary in summaries
        for entry in summary["left_out"]
        if entry["reason"].startswith(UNFINISHED)
    ]
    if undone:
        return "; ".join(undone)
    errors = [place for place, line in enumerate(told) if line.startswith("error: ")]
    if errors:
        return "\n".join(told[errors[-1] :]).removeprefix("error: ")
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}; perhaps memory ran out"
    return (told[-1] if told else "") or f"exit code {code}"
