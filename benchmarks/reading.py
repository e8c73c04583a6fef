"""How fast and how right readers are, on the same pictures in the same run.

    python benchmarks/reading.py                         # a quick look
    python benchmarks/reading.py --pictures 12 --write   # the tables of docs/reading.md
    python benchmarks/reading.py --only 'ppocr;v6-small, 1'

Contenders: PaddleOCR called image by image, with either engine and one or two threads; RapidOCR as it comes, where it
is installed (pip install --no-deps rapidocr omegaconf antlr4-python3-runtime==4.9.3); and the embedded reader with
character evidence, in as many processes of one thread as there are cores. Pictures are drawn beforehand by the
typesetter and lie in memory as arrays, so that decoding files is not measured. All pictures are read once for the
errors; then, in each round, all contenders in turn read the first `--timed` pictures of each category against the
clock.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reading_tables import Errors, write_tables

from bench.calibration.categories import categories
from bench.generators import Job, Picture
from bench.generators.table import open_generator
from bench.reading_pool import default_workers
from metrics.judgement import judge
from metrics.profiles import PROFILES
from metrics.readers import EvidenceReader, open_reader
from metrics.readers.paddle_carried import CARRIED
from metrics.reading import Line, Reading, whole_picture
from prompts.suite import Prompt

PROFILE = PROFILES["standard"]
PAGE = Path(__file__).parent.parent / "docs" / "reading.md"


@dataclass
class Contender:
    """A way of reading: what to call it, the reader's spec, and in how many processes of how many threads it runs."""

    name: str
    spec: str
    processes: int = 1
    threads: int = 1
    speeds: list[float] = field(default_factory=list)
    """Pictures per second in each round."""
    work: list[float] = field(default_factory=list)
    """CPU seconds a picture in each round, over all threads: other work on the machine hardly changes it."""

    @property
    def reads_like(self) -> str:
        """The same for contenders that differ in threads and processes alone."""
        return re.sub(r"[?&]threads=\d+$", "", self.spec)

    @property
    def is_paddle(self) -> bool:
        """Whether it is PaddleOCR itself."""
        return self.spec.startswith("paddleocr")

    def open(self, folder: Path) -> ProcessPoolExecutor:
        """Return its processes, each with the pictures in memory and the reader opened by its first task."""
        # Engines read these once, when they are imported.
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ[name] = str(self.threads)
        pool = ProcessPoolExecutor(
            self.processes, get_context("spawn"), initializer=_prepare, initargs=(self.spec, folder)
        )
        pool.submit(_read, 0).result()
        return pool


class RapidOCRReader:
    """RapidOCR as it comes."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        self._engine = RapidOCR()
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)

    def read(self, image: NDArray[np.uint8]) -> Reading:
        """Return what it reads in `image` (RGB)."""
        found = self._engine(np.ascontiguousarray(image[:, :, ::-1]))
        height, width = image.shape[:2]
        if found.boxes is None:
            return Reading(width, height)
        lines = zip(found.txts, found.scores, found.boxes, strict=True)
        return Reading(
            width, height, tuple(Line(text, float(score), _corners(box, width, height)) for text, score, box in lines)
        )


def _corners(box: NDArray[np.float32] | None, width: int, height: int) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in box) if box is not None else whole_picture(width, height)


_state: dict[str, Any] = {}


def _prepare(spec: str, folder: Path) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _state["pictures"] = np.load(folder / "pictures.npy")
    _state["prompts"] = _prompts(folder)
    _state["reader"] = RapidOCRReader() if spec == "rapidocr" else open_reader(spec)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone: it holds gigabytes."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _prompts(folder: Path) -> list[Prompt]:
    import pickle

    return pickle.loads((folder / "prompts.pickle").read_bytes())


def _read(number: int) -> tuple[Reading, float]:
    """Return what is read in a picture, and the CPU seconds that it took on all threads of this process."""
    reader, image = _state["reader"], _state["pictures"][number]
    start = time.process_time()
    if isinstance(reader, EvidenceReader):
        reading, _ = reader.weigh(image, _state["prompts"][number], PROFILE)
    else:
        reading = reader.read(image)
    return reading, time.process_time() - start


def contenders() -> Iterator[Contender]:
    """Yield whoever can be measured on this machine."""
    cores = default_workers()
    evidence = "with" if isinstance(open_reader("ppocr"), EvidenceReader) else "without"
    yield Contender(f"ppocr, {evidence} character evidence, {cores} × 1", "ppocr", cores)
    yield Contender(f"ppocr, {evidence} character evidence, 1 × 1", "ppocr")
    for threads in (1, 2) if find_spec("paddleocr") else ():
        yield Contender(
            f"PaddleOCR, ONNX Runtime, v6-small, 1 × {threads}", f"paddleocr?threads={threads}", threads=threads
        )
    for threads in (1, 2) if find_spec("paddle") and CARRIED["paddle", "PP-OCRv4_mobile_det"].installed else ():
        spec = f"paddleocr?engine=paddle&models=v4-mobile&threads={threads}"
        yield Contender(f"PaddleOCR, Paddle, v4-mobile, 1 × {threads}", spec, threads=threads)
    if find_spec("rapidocr"):
        yield Contender("RapidOCR as it comes", "rapidocr", threads=cores)


def draw(names: Sequence[str], pictures: int, seed: int, folder: Path) -> list[Prompt]:
    """Draw so many pictures of each category, from a seed on, keep them in `folder`, and return their prompts."""
    import pickle

    prompts, images = [], []
    for name in names:
        category = categories()[name]
        chosen = [category.prompts[i % len(category.prompts)] for i in range(pictures)]
        jobs = [Job(prompt, seed + i) for i, prompt in enumerate(chosen)]
        for outcome in open_generator(category.spec).generate(jobs):
            if isinstance(outcome, Picture):
                prompts.append(outcome.job.prompt)
                images.append(np.asarray(outcome.image.convert("RGB")))
            else:
                print(f"not drawn: {outcome.job.prompt.id}: {outcome.reason}", file=sys.stderr)
    np.save(folder / "pictures.npy", np.stack(images))
    (folder / "prompts.pickle").write_bytes(pickle.dumps(prompts))
    return prompts


def count(prompts: Sequence[Prompt], readings: Sequence[Reading]) -> Errors:
    """Return edit distance and target length of each picture; every character counts, whether a reader knows it."""
    judged = [judge(prompt, reading, PROFILE, None) for prompt, reading in zip(prompts, readings, strict=True)]
    return np.array([[judgement.errors, judgement.target] for judgement in judged], float)


def measure(
    found: Sequence[Contender], prompts: Sequence[Prompt], timed: int, rounds: int, folder: Path
) -> list[Errors]:
    """Return the errors of each contender on each picture; their speeds are noted with them."""
    subset = _first_of_each(prompts, timed)
    with ExitStack() as stack:
        pools = [stack.enter_context(contender.open(folder)) for contender in found]
        errors: dict[str, Errors] = {}
        for contender, pool in zip(found, pools, strict=True):
            if contender.reads_like in errors:
                list(pool.map(_read, subset))
                continue
            readings = [reading for reading, _ in pool.map(_read, range(len(prompts)))]
            errors[contender.reads_like] = count(prompts, readings)
            wrong, length = errors[contender.reads_like].sum(0)
            print(f"{contender.name}: {wrong:.0f} errors, {length:.0f} characters", file=sys.stderr, flush=True)
        for number in range(rounds):
            for contender, pool in zip(found, pools, strict=True):
                start = time.perf_counter()
                answers = list(pool.map(_read, subset))
                contender.speeds.append(len(subset) / (time.perf_counter() - start))
                contender.work.append(sum(seconds for _, seconds in answers) / len(subset))
            told = ", ".join(f"{contender.speeds[-1]:.2f}" for contender in found)
            print(f"round {number + 1}: {told} pictures/s", file=sys.stderr, flush=True)
    return [errors[contender.reads_like] for contender in found]


def _first_of_each(prompts: Sequence[Prompt], number: int) -> list[int]:
    seen: dict[str, int] = {}
    chosen = []
    for i, prompt in enumerate(prompts):
        (category,) = prompt.tags
        seen[category] = seen.get(category, 0) + 1
        if seen[category] <= number:
            chosen.append(i)
    return chosen


def main() -> None:
    """Draw, measure, print; with --write also into the documentation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=4, help="of each category, for the errors")
    parser.add_argument("--timed", type=int, default=1, help="of each category, for the speed")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=9700, help="of the first picture of each category")
    parser.add_argument("--only", help="contenders with one of these in their name, separated by semicolons")
    parser.add_argument("--categories", help="names, separated by commas; else all")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    options = parser.parse_args()
    names = options.categories.split(",") if options.categories else list(categories())
    words = options.only.split(";") if options.only else [""]
    found = [contender for contender in contenders() if any(word in contender.name for word in words)]
    if not found:
        parser.error(f"no contender has one of these in its name: {options.only}")
    with tempfile.TemporaryDirectory(prefix="glyphbench-") as folder:
        prompts = draw(names, options.pictures, options.seed, Path(folder))
        errors = measure(found, prompts, options.timed, options.rounds, Path(folder))
    page = write_tables(found, prompts, errors, options)
    print(page)
    if options.write:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
