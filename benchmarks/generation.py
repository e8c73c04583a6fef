"""How fast CogView4 draws here, beside the naive loop in the same run, and how much memory each layout takes.

    python benchmarks/generation.py

On any machine a tiny model with random weights is timed on one thread of the processor: the loop that calls the
pipeline once a picture, and ours. Goals: equivalent tier with 8 pictures a batch at 64x64 at least 2.5 times as fast,
exact tier at least 0.95 times. The floors and layouts of the full model are computed on shapes alone.

Where there is a CUDA device, a full-size model with random weights (33 GB, written to --folder and removed) is timed at
1024x1024: the resident loop, the loop with model offload, ours. Goals: exact at least 1.05 times as fast as the first
and 1.7 times as the second, with identical pictures; equivalent 1.25 and 2 times; half of the FLOP floor.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from cogview4_models import FULL, TINY, outlines, save_model
from diffusers import CogView4Pipeline
from torch.utils.flop_counter import FlopCounterMode

from bench.generators import Job, Picture
from bench.generators.diffusion.anatomy import measure
from bench.generators.diffusion.generator import DiffusersGenerator
from bench.generators.diffusion.memory import GB, LAYOUTS, Demand, layout_table, peak
from prompts.spec import Spec
from prompts.suite import Prompt, Size

TEXTS = (
    "写着“福”",
    "写着“寿”",
    "招牌上写着“营业中”",
    "招牌上写着“晨光咖啡”",
    'a sign that reads "OPEN"',
    'a shop window with "SALE"',
    "海报上写着“恭喜发财，万事如意”，红底金字",
    'a neon sign that reads "OPEN 24 HOURS"',
)
STEPS, GUIDANCE = 50, 3.5
Drawn = dict[Job, np.ndarray]


def jobs_of(size: Size, seeds: int, texts: Sequence[str] = TEXTS) -> list[Job]:
    """Return a job for each text and seed."""
    return [Job(Prompt(f"p{n}", t, "zh", f"p{n}", size), seed) for n, t in enumerate(texts) for seed in range(seeds)]


def naive(pipeline: Any, jobs: Sequence[Job], steps: int) -> Drawn:  # noqa: ANN401 - untyped
    """Draw as the documentation does: one call a picture."""
    found = {}
    for job in jobs:
        images = pipeline(
            job.prompt.text,
            width=job.prompt.size.width,
            height=job.prompt.size.height,
            num_inference_steps=steps,
            guidance_scale=GUIDANCE,
            generator=torch.Generator("cpu").manual_seed(job.seed),
        ).images
        found[job] = np.asarray(images[0])
    return found


def ours(folder: Path, jobs: Sequence[Job], steps: int, options: str) -> Drawn:
    """Draw with a new generator, unfinished work kept on disk as in a run; loading its parts is included."""
    text = f"diffusers:{folder}?size_rule=none&steps={steps}&guidance={GUIDANCE}{options}"
    return drawn_by(DiffusersGenerator(Spec.parse(text)), jobs)


def drawn_by(generator: DiffusersGenerator, jobs: Sequence[Job]) -> Drawn:
    """Draw with a generator."""
    found = {}
    with tempfile.TemporaryDirectory() as work:
        generator.work_in(Path(work) / "unfinished")
        for outcome in generator.generate(jobs):
            if not isinstance(outcome, Picture):
                raise SystemExit(outcome.reason)
            found[outcome.job] = np.asarray(outcome.image)
            generator.recorded(outcome.job)
    return found


def timed(draw: Callable[[], Drawn]) -> tuple[float, float, Drawn]:
    """Return the seconds that drawing takes, those of the processor, and the pictures."""
    start, worked = time.perf_counter(), time.process_time()
    found = draw()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start, time.process_time() - worked, found


def difference(one: Drawn, other: Drawn) -> int:
    """Return the largest difference of any value, of 255."""
    return max(int(np.abs(one[job].astype(int) - other[job].astype(int)).max()) for job in one)


def compare_tiny(rounds: int, seeds: int, steps: int) -> None:
    """Time the naive loop and both tiers in turn, so that a busy moment meets all, and print medians.

    Processor time is what another program on the machine disturbs least.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "tiny"
        save_model(TINY, folder, torch.float32, "cpu")
        pipeline = CogView4Pipeline.from_pretrained(folder)
        pipeline.set_progress_bar_config(disable=True)
        jobs = jobs_of(Size(64, 64), seeds)
        ways: dict[str, Callable[[], Drawn]] = {
            "naive loop": lambda: naive(pipeline, jobs, steps),
            "exact, batch 1": lambda: ours(folder, jobs, steps, "&device=cpu"),
            "equivalent, batch 8": lambda: ours(folder, jobs, steps, "&device=cpu&batch=8"),
        }
        seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        pictures: dict[str, Drawn] = {}
        for number in range(rounds + 1):
            for name, draw in ways.items():
                *taken, pictures[name] = timed(draw)
                if number:  # The first round warms up.
                    seconds[name].append((taken[0], taken[1]))
    print(f"tiny model, float32, one thread, 64x64, {steps} steps, {len(jobs)} pictures, {rounds} rounds")
    for name, values in seconds.items():
        told = []
        for kind, place in (("on the clock", 0), ("of processor time", 1)):
            own = [value[place] for value in values]
            ratios = [base[place] / value for base, value in zip(seconds["naive loop"], own, strict=True)]
            told.append(
                f"{statistics.median(own) / len(jobs) * 1000:6.1f} ms {kind}, {statistics.median(ratios):.2f}x "
                f"({min(ratios):.2f} to {max(ratios):.2f})"
            )
        far = difference(pictures["naive loop"], pictures[name])
        print(f"  {name:20} {'   '.join(told)}   largest difference {far} of 255")


@cache
def flops(size: Size, tokens: int = 128) -> float:
    """Return the operations that one picture takes at 50 steps with guidance, counted on the full model's shapes."""
    parts = outlines(FULL, torch.bfloat16)
    height, width = size.height // 8, size.width // 8
    total = 0.0
    with torch.device("meta"), torch.no_grad():
        for length in (tokens, 16):
            pair = torch.ones(1, 2, dtype=torch.bfloat16)
            with FlopCounterMode(display=False) as counter:
                parts["transformer"](
                    hidden_states=torch.ones(1, 16, height, width, dtype=torch.bfloat16),
                    encoder_hidden_states=torch.ones(1, length, FULL.encoder_width, dtype=torch.bfloat16),
                    timestep=torch.ones(1), original_size=pair, target_size=pair, crop_coords=pair,
                    image_rotary_emb=(torch.ones(height * width // 4, 128), torch.ones(height * width // 4, 128)),
                )  # fmt: skip
            total += counter.get_total_flops() * STEPS
        with FlopCounterMode(display=False) as counter:
            parts["vae"].decode(torch.ones(1, 16, height, width, dtype=torch.bfloat16))
    return total + counter.get_total_flops()


def show_full() -> None:
    """Print what the full model needs at the least, on shapes alone."""
    sizes = [Size(512, 512), Size(1024, 1024), Size(2048, 1024)]
    print("full model, bfloat16: operations a picture, 50 steps with guidance")
    for size in sizes:
        print(f"  {size.width}x{size.height}: {flops(size) / 1e15:.2f} PFLOP")
    print("estimated peak of each layout, one picture a batch")
    for row in layout_table(measure(outlines(FULL, torch.bfloat16)), [Demand(size) for size in sizes]):
        print("  " + "   ".join(f"{value:>16}" for value in row.values()))


def matrix_speed() -> float:
    """Return the operations a second that this device reaches on large bfloat16 products: the floor's yardstick."""
    one = torch.randn(8192, 8192, dtype=torch.bfloat16, device="cuda")
    for _ in range(3):
        one @ one
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(20):
        one @ one
    torch.cuda.synchronize()
    return 20 * 2 * 8192**3 / (time.perf_counter() - start)


def compare_full(folder: Path, pictures: int) -> None:
    """Time the full model with the naive loops and ours on a CUDA device; print seconds, ratios, floor and memory."""
    size, speed = Size(1024, 1024), matrix_speed()
    save_model(FULL, folder, torch.bfloat16, "cuda")
    _free()
    jobs = jobs_of(size, pictures, TEXTS[:1])
    results = {
        "resident loop": _loop(folder, jobs, offload=False),
        "exact": _driven(folder, jobs, ""),
        "equivalent, batch 2, compiled": _driven(folder, jobs, "&batch=2&compile=true"),
        "offload loop": _loop(folder, jobs, offload=True),
        "resident loop again": _loop(folder, jobs, offload=False),
    }
    resident, offload = results["resident loop"], results["offload loop"]
    print(f"full model on {torch.cuda.get_device_name()}, 1024x1024, {STEPS} steps, {len(jobs)} pictures")
    print(f"  large bfloat16 products reach {speed / 1e12:.0f} TFLOP/s")
    for name, (seconds, found, most) in results.items():
        print(
            f"  {name:30} {seconds:6.2f} s a picture   {resident[0] / seconds:.2f}x resident   "
            f"{offload[0] / seconds:.2f}x offload   floor {flops(size) / speed / seconds:.0%}   "
            f"peak {most / GB:.1f} GB   largest difference {difference(resident[1], found)} of 255"
        )
    anatomy = measure(outlines(FULL, torch.bfloat16))
    print("peak memory of each layout, 1024x1024, measured over 4 steps, and as planned")
    for layout in LAYOUTS:
        planned = peak(layout, anatomy, Demand(size))
        most = _driven(folder, jobs[:1], f"&memory={planned // GB + 1}GB", steps=4)[2]
        print(f"  {layout.name:20} measured {most / GB:5.1f} GB   planned {planned / GB:5.1f} GB")


def _loop(folder: Path, jobs: Sequence[Job], *, offload: bool) -> tuple[float, Drawn, int]:
    """Return seconds a picture, pictures and peak of the naive loop, after one picture to warm up."""
    pipeline = CogView4Pipeline.from_pretrained(folder, dtype=torch.bfloat16)
    pipeline.set_progress_bar_config(disable=True)
    if offload:
        pipeline.enable_model_cpu_offload()
    else:
        pipeline.to("cuda")
    naive(pipeline, jobs[:1], 2)
    torch.cuda.reset_peak_memory_stats()
    seconds, _, found = timed(partial(naive, pipeline, jobs, STEPS))
    most = torch.cuda.max_memory_allocated()
    pipeline.remove_all_hooks()
    del pipeline
    _free()
    return seconds / len(jobs), found, most


def _driven(folder: Path, jobs: Sequence[Job], options: str, steps: int = STEPS) -> tuple[float, Drawn, int]:
    """Return seconds a picture, pictures and peak of ours, after a first pass that loads and compiles."""
    text = f"diffusers:{folder}?steps={steps}&guidance={GUIDANCE}{options}"
    generator = DiffusersGenerator(Spec.parse(text))
    drawn_by(generator, jobs)
    peaks: list[int] = []
    start = time.perf_counter()
    found = {}
    for outcome in generator.generate(jobs):
        if not isinstance(outcome, Picture):
            raise SystemExit(outcome.reason)
        found[outcome.job] = np.asarray(outcome.image)
        peaks += [effort.peak_bytes or 0 for effort in outcome.efforts]
    seconds = time.perf_counter() - start
    del generator
    _free()
    return seconds / len(jobs), found, max(peaks)


def _free() -> None:
    gc.collect()
    torch.cuda.empty_cache()


def main() -> None:
    """Run what this machine can."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="of the tiny model")
    parser.add_argument("--seeds", type=int, default=8, help="pictures of each of 8 texts, with the tiny model")
    parser.add_argument("--steps", type=int, default=10, help="of the tiny model")
    parser.add_argument("--pictures", type=int, default=4, help="of the full model, a loop")
    parser.add_argument("--folder", type=Path, help="where the full model is written; else a temporary one")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for library in (diffusers, transformers):
        library.utils.logging.disable_progress_bar()
        library.utils.logging.set_verbosity_error()
    compare_tiny(asked.rounds, asked.seeds, asked.steps)
    show_full()
    if not torch.cuda.is_available():
        print("no CUDA device: the full model was not timed")
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        compare_full(Path(place) / "full", asked.pictures)


if __name__ == "__main__":
    main()
