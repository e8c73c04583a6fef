"""Can this model draw here, and the same picture again? One picture, drawn twice with the same seed."""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.allowance import PAID, Allowance, Ledger
from bench.finding import Finding
from bench.generators import Generator, Job, Outcome, PaidGenerator, Picture, Sized, Undone, tier_of
from bench.generators.folder import FolderGenerator
from bench.generators.table import open_generator
from bench.recording_stage import is_blank
from prompts.errors import GlyphbenchError
from prompts.loading import find_suite

SEED = 0
PICTURES = 2
"""The probe, and the same again."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What came of one job, and how long it took altogether, loading included."""

    outcome: Outcome | Undone
    seconds: float


def probe(spec: str, budget: int | None) -> Iterator[Finding]:
    """Yield what came of drawing one picture of the suite `smoke`, and of drawing it again.

    Args:
        spec: Of the model.
        budget: How many paid pictures may be asked for; a paid model draws nothing with less than two.
    """
    check = f"model {spec}"
    try:
        generator = open_generator(spec)
        if left_out := _left_out(generator, budget):
            yield Finding(check, "absent", left_out)
            return
        with tempfile.TemporaryDirectory(prefix="glyphbench-") as folder:
            allowance = Allowance(ledger=Ledger(Path(folder) / PAID, budget))
            job = _job(generator)
            tier, is_local = tier_of(generator), not isinstance(generator, PaidGenerator)
            first = _drawn(generator, job, allowance)
            yield _probed(check, first)
            del generator
            if isinstance(first.outcome, Picture):
                _free_memory()
                second = _drawn(open_generator(spec), job, allowance)
                yield _compared(f"{check}, same seed twice", first.outcome, second, tier, is_local=is_local)
    except (GlyphbenchError, OSError, ValueError) as error:
        yield Finding(check, "fault", str(error))


def _left_out(generator: Generator, budget: int | None) -> str | None:
    """Return why nothing is drawn; None where it can be."""
    if isinstance(generator, FolderGenerator):
        return "no probe: it gives pictures that exist, and draws none"
    if isinstance(generator, PaidGenerator) and (budget is None or budget < PICTURES):
        return (
            f"no probe and no second picture with the same seed: each may be charged; with --budget {PICTURES} "
            "or more both are asked for"
        )
    return None


def _job(generator: Generator) -> Job:
    """Return the job that is drawn, at the size nearest to the prompt's own that the model has.

    Raises:
        GlyphbenchError: The generator cannot do it.
    """
    prompt = find_suite("smoke").prompts[0]
    size = generator.nearest_size(prompt.size) if isinstance(generator, Sized) else prompt.size
    job = Job(replace(prompt, size=size), SEED)
    generator.check([job])
    return job


def _drawn(generator: Generator, job: Job, allowance: Allowance) -> _Drawn:
    start = time.perf_counter()
    found: list[Outcome | Undone]
    if isinstance(generator, PaidGenerator):
        found = list(generator.generate_within([job], allowance))
    else:
        found = list(generator.generate([job]))
    if len(found) != 1:
        raise GlyphbenchError(f"one picture was asked for, and {len(found)} outcomes came")
    return _Drawn(found[0], time.perf_counter() - start)


def _free_memory() -> None:
    """Give back what a dropped generator held: two models at once may not fit."""
    gc.collect()
    if "torch" in sys.modules:
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _probed(check: str, drawn: _Drawn) -> Finding:
    """Return how the first picture came out."""
    outcome = drawn.outcome
    if not isinstance(outcome, Picture):
        status = "undone" if isinstance(outcome, Undone) else outcome.status
        return Finding(check, "fault", f"no picture ({status}): {outcome.reason}", {"status": status})
    image = outcome.image
    # A process that had been larger before grows by 0: that says nothing about the model.
    peaks = [(effort.peak_bytes, effort.details.get("peak_of")) for effort in outcome.efforts if effort.peak_bytes]
    peak, of = max(peaks, key=itemgetter(0), default=(None, None))
    details = {
        "prompt": outcome.job.prompt.id,
        "seed": SEED,
        "size": list(image.size),
        "seconds": drawn.seconds,
        "stages": {effort.stage: effort.seconds for effort in outcome.efforts},
        "peak_bytes": peak,
        "peak_of": of,
        "blank": is_blank(image),
    }
    memory = "" if peak is None else f", {peak / 1e9:.3g} GB at the fullest moment{f' (of the {of})' if of else ''}"
    says = f"drew {image.width}x{image.height} in {drawn.seconds:.3g} s, loading included{memory}"
    if is_blank(image):
        return Finding(check, "fault", f"{says}; but it is blank: one colour throughout", details)
    return Finding(check, "ok", says, details)


def _compared(check: str, first: Picture, again: _Drawn, tier: str, *, is_local: bool) -> Finding:
    """Return whether the second picture is the first, bit for bit."""
    if not isinstance(again.outcome, Picture):
        return Finding(check, "fault", f"no second picture: {again.outcome.reason}")
    details = {"tier": tier, "seconds": again.seconds, **_difference(first.image, again.outcome.image)}
    if not details["differing"]:
        return Finding(check, "ok", f"the same picture bit for bit, in {again.seconds:.3g} s", details)
    if details["sizes"][0] != details["sizes"][1]:
        says = "another picture, of another size"
    else:
        says = (
            f"another picture: {details['differing']} of {details['values']} values differ, by {details['most']} of "
            "255 at most"
        )
    if not is_local:
        return Finding(check, "absent", f"{says}; to be expected of an API, most of which take no seed", details)
    if tier != "exact":
        return Finding(check, "absent", f"{says}; only the exact tier promises the same ({tier})", details)
    return Finding(check, "fault", f"{says}; what does the model draw its noise from, beside the seed?", details)


def _difference(first: Image.Image, second: Image.Image) -> dict[str, Any]:
    """Return how many values (three a pixel) differ and by how much at most; of two sizes, all do."""
    sizes = [list(first.size), list(second.size)]
    one, other = (np.asarray(image.convert("RGB")).astype(np.int16) for image in (first, second))
    if one.shape != other.shape:
        return {"sizes": sizes, "values": one.size, "differing": one.size, "most": None}
    apart = np.abs(one - other)
    return {"sizes": sizes, "values": one.size, "differing": int((apart > 0).sum()), "most": int(apart.max())}
