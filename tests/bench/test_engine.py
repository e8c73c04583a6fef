"""CogView4's engine gives the pictures of the plain pipeline, whatever it does to be faster."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from bench.generators import Failure, Job, Picture, Resumable, Tiered
from bench.generators.diffusion.generator import DiffusersGenerator
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt, Size

torch = pytest.importorskip("torch", reason='the extra "cogview" is not installed')
pytest.importorskip("diffusers", reason='the extra "cogview" is not installed')

SMALL, WIDE = Size(64, 64), Size(96, 64)
TEXTS = ("写着“福”", "海报上写着“恭喜发财，万事如意”，红底金字", "a sign that reads “OPEN 24 HOURS”", "写着“寿”")


def opened(folder, options=""):
    return DiffusersGenerator(Spec.parse(f"diffusers:{folder}?steps=3&size_rule=none&device=cpu{options}"))


def all_jobs(sizes=(SMALL, WIDE), seeds=(0, 7)):
    prompts = [Prompt(f"p{n}-{size.width}", text, "zh", "g", size) for size in sizes for n, text in enumerate(TEXTS)]
    return [Job(prompt, seed) for prompt in prompts for seed in seeds]


def pictures(generator, jobs, folder=None):
    if folder is not None:
        generator.work_in(folder)
    outcomes = list(generator.generate(jobs))
    assert {o.job for o in outcomes} == set(jobs)
    assert all(isinstance(o, Picture) for o in outcomes), outcomes
    return {o.job: np.asarray(o.image).astype(int) for o in outcomes}


def plain_pipeline(folder, dtype="float32"):
    from diffusers import CogView4Pipeline

    pipeline = CogView4Pipeline.from_pretrained(folder, dtype=getattr(torch, dtype))
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def plain(pipeline, job, **arguments):
    size = {"width": job.prompt.size.width, "height": job.prompt.size.height}
    options = {"num_inference_steps": 3, "guidance_scale": 3.5, **size, **arguments}
    noise = torch.Generator("cpu").manual_seed(job.seed)
    return np.asarray(pipeline(job.prompt.text, generator=noise, **options).images[0]).astype(int)


def furthest(one, other):
    return max(int(np.abs(one[job] - other[job]).max()) for job in one)


@pytest.fixture(scope="module")
def naive(tiny_cogview4):
    """The pictures that the naive loop makes, by dtype."""
    return {
        dtype: {job: plain(pipeline, job) for job in all_jobs()}
        for dtype in ("float32", "bfloat16")
        for pipeline in [plain_pipeline(tiny_cogview4, dtype)]
    }


# The tiers


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("kept", [False, True])
def test_one_picture_a_batch_is_the_naive_loop_bit_for_bit(tiny_cogview4, naive, dtype, kept, tmp_path):
    generator = opened(tiny_cogview4, f"&dtype={dtype}")
    assert generator.tier == "exact"
    ours = pictures(generator, all_jobs(), tmp_path / "work" if kept else None)
    assert list(ours) == all_jobs()
    assert furthest(ours, naive[dtype]) == 0


def test_four_pictures_a_batch_differ_by_one_at_most(tiny_cogview4, naive):
    generator = opened(tiny_cogview4, "&batch=4")
    assert generator.tier == "equivalent(batch=4)"
    outcomes = list(generator.generate(all_jobs()))
    assert furthest({o.job: np.asarray(o.image).astype(int) for o in outcomes}, naive["float32"]) <= 1
    assert max(o.details["batch"] for o in outcomes) == 4


def test_prompts_of_unequal_length_in_one_plain_call_give_other_pictures_and_ours_do_not(tiny_cogview4, naive):
    short, long = Job(Prompt("s", TEXTS[0], "zh", "s", SMALL), 0), Job(Prompt("l", TEXTS[1], "zh", "l", SMALL), 0)
    together = plain_pipeline(tiny_cogview4)(
        [short.prompt.text, long.prompt.text],
        generator=[torch.Generator("cpu").manual_seed(0) for _ in range(2)],
        num_inference_steps=3, guidance_scale=3.5, width=64, height=64,
    ).images  # fmt: skip
    alone = {
        job: next(p for j, p in naive["float32"].items() if j.prompt.text == job.prompt.text) for job in (short, long)
    }
    assert np.abs(np.asarray(together[0]).astype(int) - alone[short]).max() > 5
    assert furthest(pictures(opened(tiny_cogview4, "&batch=2"), [short, long]), alone) <= 1


def test_without_guidance_nothing_is_encoded_for_it(tiny_cogview4):
    job = all_jobs()[0]
    ours = pictures(opened(tiny_cogview4, "&guidance=1"), [job])
    assert np.array_equal(ours[job], plain(plain_pipeline(tiny_cogview4), job, guidance_scale=1.0))


def test_each_text_is_encoded_once_and_the_encoder_is_gone_before_the_transformer_comes(tiny_cogview4, monkeypatch):
    from bench.generators.diffusion import engine, parts

    seen = []
    encode, load = engine.encode, parts.load_model
    monkeypatch.setattr(engine, "encode", lambda t, e, text, d: (seen.append(text), encode(t, e, text, d))[1])
    monkeypatch.setattr(
        parts, "load_model", lambda c, part, *rest: (seen.append(f"load {part}"), load(c, part, *rest))[1]
    )
    generator = opened(tiny_cogview4)
    release = generator.driver.parts.release
    monkeypatch.setattr(
        generator.driver.parts, "release", lambda *names: (seen.append(f"drop {names}"), release(*names))
    )
    pictures(generator, all_jobs())
    assert seen == [
        "drop ('painter', 'decoder')", "load text_encoder", *TEXTS, "", "drop ('encoder',)",
        "load transformer", "load vae",
    ]  # fmt: skip


def test_the_table_of_positions_is_computed_once_a_size(tiny_cogview4):
    from bench.generators.diffusion.rope import TABLES, CachedRope

    class Counting(torch.nn.Module):
        calls = 0

        def forward(self, hidden_states):
            self.calls += 1
            return (hidden_states.mean().reshape(1), hidden_states.sum().reshape(1))

    counting = Counting()
    rope = CachedRope(counting)
    one, other = torch.ones(1, 4, 8, 8), torch.ones(3, 4, 8, 6)
    assert rope(one) is rope(one)
    assert rope(other)[0] == 1
    assert counting.calls == 2
    for height in range(10, 10 + TABLES):
        rope(torch.ones(1, 4, height, 8))
    rope(one)
    assert counting.calls == 3 + TABLES


# Unfinished work


def test_work_that_was_kept_is_taken_up_and_gives_the_same_picture(tiny_cogview4, naive, tmp_path, monkeypatch):
    from bench.generators.diffusion.painter import Painter

    jobs = all_jobs((SMALL,))
    first = opened(tiny_cogview4)
    first.work_in(tmp_path / "work")
    stream = first.generate(jobs)
    for job in jobs[:3]:
        assert next(stream).job == job
    stream.close()
    for job in jobs[:2]:
        first.recorded(job)
    kept = sorted(file.name.partition("-")[0] for file in (tmp_path / "work").iterdir())
    assert kept.count("latents") == 1
    assert kept.count("text") == len(TEXTS) + 1
    drawn = []
    draw = Painter.draw
    monkeypatch.setattr(Painter, "draw", lambda self, *a: (drawn.append(a[2]), draw(self, *a))[1])
    second = opened(tiny_cogview4)
    ours = pictures(second, jobs[2:], tmp_path / "work")
    assert len(drawn) == len(jobs) - 3
    assert furthest(ours, naive["float32"]) == 0
    for job in jobs[2:]:
        second.recorded(job)
    assert not (tmp_path / "work").exists()


def test_damaged_and_foreign_work_is_computed_anew(tiny_cogview4, naive, tmp_path):
    jobs = all_jobs((SMALL,))[:2]
    generator = opened(tiny_cogview4)
    pictures(generator, jobs, tmp_path)
    files = sorted(tmp_path.iterdir())
    for number, file in enumerate(files):
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content if number % 2 else content[:-8])
    (tmp_path / "latents-of-another-model.safetensors").write_bytes(b"")
    (tmp_path / "text-cut-off.part").write_bytes(b"half")
    ours = pictures(opened(tiny_cogview4), jobs, tmp_path)
    assert furthest(ours, {job: naive["float32"][job] for job in jobs}) == 0
    assert sorted(tmp_path.iterdir()) == files


def test_work_of_another_model_dtype_or_tier_is_not_taken_up(tiny_cogview4):
    job = all_jobs()[0]
    options = ["", "&dtype=bfloat16", "&guidance=2", "&batch=2", "&guidance_until=0.5"]
    keys = {opened(tiny_cogview4, option).driver._keys.latents(job) for option in options}
    assert len(keys) == len(options)


# Failures


class Starving:
    """Draws as a painter does, but runs out of memory beyond so many pictures."""

    def __init__(self, monkeypatch, most):
        from bench.generators.diffusion.painter import Painter

        draw = Painter.draw
        self.sizes = []

        def starve(painter, embeddings, *rest):
            self.sizes.append(len(embeddings))
            if len(embeddings) > most:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB\nmore")
            return draw(painter, embeddings, *rest)

        monkeypatch.setattr(Painter, "draw", starve)


def test_out_of_memory_halves_the_batch_and_says_so_in_the_records(tiny_cogview4, naive, monkeypatch, caplog):
    starving = Starving(monkeypatch, most=1)
    jobs = [job for job in all_jobs((SMALL,), seeds=(0, 7, 8, 9)) if job.prompt.text in (TEXTS[0], TEXTS[3])]
    with caplog.at_level(logging.WARNING):
        outcomes = list(opened(tiny_cogview4, "&batch=4").generate(jobs))
    assert starving.sizes == [4, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    assert {o.job for o in outcomes} == set(jobs)
    assert all(o.details == {"batch": 1, "halved_from": 4} for o in outcomes)
    assert "out of memory with 4 pictures a batch of 64x64; halved" in caplog.text
    for outcome in outcomes:
        if outcome.job in naive["float32"]:
            assert np.array_equal(np.asarray(outcome.image), naive["float32"][outcome.job])


def test_out_of_memory_in_the_exact_tier_fails_with_a_plan(tiny_cogview4, monkeypatch):
    from bench.generators.diffusion.batches import Batch
    from bench.generators.diffusion.engine import Engine
    from bench.generators.diffusion.memory import LAYOUTS

    Starving(monkeypatch, most=0)
    generator, job = opened(tiny_cogview4), all_jobs()[0]
    [outcome] = generator.generate([job])
    assert isinstance(outcome, Failure)
    assert outcome.status == "infra"
    assert outcome.reason.startswith("out of memory at 64x64 (CUDA out of memory. Tried to allocate 9 GiB); ")
    engine = Engine(generator.driver.parts, LAYOUTS[1], generator.driver.anatomy, {"guidance_scale": 1}, None, 1, "cpu")
    engine._device = "cuda"
    told = engine._reason(torch.cuda.OutOfMemoryError("full"), Batch(SMALL, (job,)))
    assert "the layout phases takes about 0.8 GB" in told
    assert "memory=1GB (turns)" in told


def test_latents_that_are_not_numbers_are_our_fault_and_leave_batch_mates_alone(tiny_cogview4, monkeypatch):
    from bench.generators.diffusion.painter import Painter

    jobs = all_jobs((SMALL,), seeds=(0, 7))[:2]
    clean = pictures(opened(tiny_cogview4, "&batch=2"), jobs)
    draw = Painter.draw

    def spoil(painter, *arguments):
        latents = draw(painter, *arguments)
        latents[0, 0, 0, 0] = float("nan")
        return latents

    monkeypatch.setattr(Painter, "draw", spoil)
    broken, whole = opened(tiny_cogview4, "&batch=2").generate(jobs)
    assert (broken.status, broken.job) == ("infra", jobs[0])
    assert "not finite in the transformer's result, before it was decoded" in broken.reason
    assert np.array_equal(np.asarray(whole.image), clean[jobs[1]])


def test_a_text_that_cannot_be_encoded_fails_its_pictures_alone(tiny_cogview4, monkeypatch):
    from bench.generators.diffusion import engine

    encode = engine.encode

    def fail(tokenizer, encoder, text, device):
        if text == TEXTS[1]:
            raise RuntimeError("no such text")
        return encode(tokenizer, encoder, text, device)

    monkeypatch.setattr(engine, "encode", fail)
    outcomes = list(opened(tiny_cogview4).generate(all_jobs((SMALL,))))
    failed = [o for o in outcomes if isinstance(o, Failure)]
    assert {o.job.prompt.text for o in failed} == {TEXTS[1]}
    assert failed[0].reason == "the text cannot be encoded: RuntimeError: no such text"
    assert len(outcomes) - len(failed) == 6


# Layouts


def test_every_layout_gives_the_same_pictures(tiny_cogview4, naive, monkeypatch):
    from bench.generators.diffusion import driver
    from bench.generators.diffusion.memory import LAYOUTS

    for layout in LAYOUTS:
        monkeypatch.setattr(driver, "_ON_CPU", layout)
        outcomes = list(opened(tiny_cogview4).generate(all_jobs((SMALL,))[1:4]))
        found = {o.job: np.asarray(o.image).astype(int) for o in outcomes}
        assert len(found) == 3
        # Streamed weights lie elsewhere in memory, where the CPU may sum in another order.
        assert furthest(found, naive["float32"]) <= (1 if "streamed" in layout.name else 0), layout.name
        assert {e.details["layout"] for o in outcomes for e in o.efforts} == {layout.name}


def test_seconds_and_memory_of_each_stage_come_with_the_picture(tiny_cogview4):
    outcomes = list(opened(tiny_cogview4, "&batch=2").generate(all_jobs((SMALL,))))
    stages = [[effort.stage for effort in o.efforts] for o in outcomes]
    assert sorted(map(len, stages)) == [2] * 4 + [3] * 4
    assert all(found[-2:] == ["denoise", "decode"] for found in stages)
    for effort in (e for o in outcomes for e in o.efforts):
        assert effort.seconds > 0
        assert effort.peak_bytes >= 0
        assert effort.details["peak_of"] == "process"


# What the generator says of itself


def test_lossy_options_make_another_model_and_equivalent_ones_another_tier(tiny_cogview4):
    base = opened(tiny_cogview4)
    same = opened(tiny_cogview4, "&batch=8&compile=true")
    lossy = opened(tiny_cogview4, "&first_block_cache=0.1")
    assert same.identity == base.identity
    assert same.tier == "equivalent(batch=8,compile)"
    assert lossy.identity == {**base.identity, "lossy": {"first_block_cache": 0.1}}
    assert lossy.tier == "lossy(first_block_cache=0.1)"
    assert isinstance(base, Tiered)
    assert isinstance(base, Resumable)


def test_the_engine_is_for_cogview4_alone(tiny_cogview4, tmp_path):
    import json
    import shutil

    folder = Path(shutil.copytree(tiny_cogview4, tmp_path / "other"))
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | {"_class_name": "FluxPipeline"}))
    with pytest.raises(GlyphbenchError, match="batch: made for CogView4Pipeline, without effect on FluxPipeline"):
        opened(folder, "&batch=4")
