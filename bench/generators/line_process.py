"""A program that is asked by lines on its standard input and answers by lines on its standard output."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from queue import Empty, Queue
from typing import IO

from bench.generators.quoting import quotable

LINE_LIMIT = 2**20
"""Bytes of a line at most."""

LAST_LINES = 8
"""Of what the program says, kept for errors."""

_FAREWELL_S = 5.0


class ProcessGoneError(Exception):
    """Raised where the program ended or had to be ended; its text says how, with its last lines.

    `finished` says whether it ended by itself and in good order.
    """

    def __init__(self, reason: str, *, finished: bool = False) -> None:
        self.finished = finished
        super().__init__(reason)


class LineProcess:
    """One running program; not for several threads.

    Answers are the lines that begin with `{`; all else that it prints is kept as its last lines.
    """

    def __init__(self, command: Sequence[str]) -> None:
        """Start it, without a shell and in a session of its own, so that it can be ended with all that it starts.

        Raises:
            OSError: It cannot be started.
        """
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        self._answers: Queue[bytes | None] = Queue()
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._readers = [
            threading.Thread(target=self._collect, args=(pipe, answers), daemon=True)
            for pipe, answers in ((self._process.stdout, self._answers), (self._process.stderr, None))
        ]
        for reader in self._readers:
            reader.start()

    def ask(self, line: str, timeout: float) -> bytes:
        """Return the next answer to one line.

        Raises:
            ProcessGoneError: The program ended, or was ended because it took more than `timeout` seconds or had said
                more than was asked.
        """
        assert self._process.stdin is not None
        self._check_in_step()
        try:
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        except OSError:
            raise self._obituary() from None
        try:
            answer = self._answers.get(timeout=timeout)
        except Empty:
            self.end(kill=True)
            raise ProcessGoneError(f"no answer in {timeout:g} s, so it was ended{self._words()}") from None
        if answer is None:
            raise self._obituary()
        return answer

    def _check_in_step(self) -> None:
        """Raise `ProcessGoneError` where an answer is left over: the next ones would all belong to other questions."""
        with contextlib.suppress(Empty):
            left = self._answers.get_nowait()
            if left is None:
                raise self._obituary()
            self.end(kill=True)
            said = quotable(left.decode("utf-8", "replace"), 200)
            raise ProcessGoneError(f"it answered more than once to one question, so it was ended: {said}")

    def end(self, *, kill: bool = False) -> None:
        """End the program: by closing its input, then by force where it does not go; at once if `kill`."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0 if kill else _FAREWELL_S)
        self._kill_session()
        self._process.wait()
        for reader in self._readers:
            reader.join(_FAREWELL_S)
        for pipe, reader in zip((self._process.stdout, self._process.stderr), self._readers, strict=True):
            if pipe is not None and not reader.is_alive():
                pipe.close()

    def _kill_session(self) -> None:
        """End by force whatever is left of the program and of what it started."""
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def _collect(self, pipe: IO[bytes], answers: Queue[bytes | None] | None) -> None:
        for line in iter(lambda: pipe.readline(LINE_LIMIT), b""):
            if answers is not None and line.startswith(b"{"):
                answers.put(line)
            elif line.strip():
                self._last.append(quotable(line.decode("utf-8", "replace"), 300))
        if answers is not None:
            answers.put(None)

    def _obituary(self) -> ProcessGoneError:
        """Return how the program ended."""
        self.end()
        code = self._process.returncode
        return ProcessGoneError(f"it ended with exit code {code}{self._words()}", finished=code == 0)

    def _words(self) -> str:
        return f"; its last lines: {' | '.join(self._last)}" if self._last else ", and said nothing"
