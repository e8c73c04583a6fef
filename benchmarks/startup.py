"""How long the command line takes to answer, beside an empty Python in the same run.

    python benchmarks/startup.py

The goal is `python -m bench --help` under 0.4 s on a quiet machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 11


def seconds(command: list[str]) -> float:
    """Return how long a command takes, in seconds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Time both in turn, so that a busy moment meets both, and print medians and their ratio."""
    commands = {"python -c pass": ["-c", "pass"], "python -m bench --help": ["-m", "bench", "--help"]}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, arguments in commands.items():
            times[name].append(seconds([sys.executable, *arguments]))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:24} {median:.3f} s (median of {ROUNDS}, {min(times[name]):.3f} to {max(times[name]):.3f})")
    empty, helped = medians.values()
    print(f"ratio {helped / empty:.1f}")


if __name__ == "__main__":
    main()
