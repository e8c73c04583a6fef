"""Runs with CogView4 that are killed in any phase go on to the same pictures and lose no finished latents."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import signal
import time

import pytest

import bench
from bench.config import Settings
from bench.plan import plan_runs
from bench.records import SampleKey
from bench.runner import execute
from prompts.errors import GlyphbenchError

torch = pytest.importorskip("torch", reason='the extra "cogview" is not installed')
pytest.importorskip("diffusers", reason='the extra "cogview" is not installed')

STEPS = 6


def planned(tiny, out, **settings):
    model = f"diffusers:{tiny}?steps={STEPS}&device=cpu"
    chosen = {"suite": ("smoke",), "model": model, "seeds": (0,), "out": out, **settings}
    [plan] = plan_runs(Settings(**chosen), workers=1)
    return plan


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "images").rglob("*.png"))
    }


@pytest.fixture
def drawn(monkeypatch):
    """The seeds of every batch that this process denoises."""
    from bench.generators.diffusion.painter import Painter

    draw, seen = Painter.draw, []
    monkeypatch.setattr(Painter, "draw", lambda painter, *a: (seen.append(a[2]), draw(painter, *a))[1])
    return seen


@pytest.fixture(scope="module")
def whole(tiny_cogview4, tmp_path_factory):
    """A run that was not interrupted."""
    plan = planned(tiny_cogview4, tmp_path_factory.mktemp("whole"))
    result = execute(plan)
    assert not result.failures
    assert not (plan.folder() / "unfinished").exists()
    return plan.folder()


def count(folder, pattern):
    return len(list(folder.glob(pattern)))


PHASES = {
    "encode": lambda folder: count(folder, "unfinished/text-*.safetensors") >= 2,
    "denoise": lambda folder: count(folder, "unfinished/text-*.safetensors") >= 9,
    "decode": lambda folder: count(folder, "unfinished/latents-*.safetensors") >= 1,
    "write": lambda folder: count(folder, "images/*/*.png") >= 2,
}
"""What tells that a phase has begun."""


def test_a_run_killed_in_every_phase_goes_on_to_the_same_pictures(tiny_cogview4, whole, tmp_path, drawn):
    draw = random.Random(20261125)
    plan = planned(tiny_cogview4, tmp_path)
    folder = plan.folder()
    # Forked, because what takes longest is importing PyTorch.
    fork = multiprocessing.get_context("fork")
    for has_begun in PHASES.values():
        process = fork.Process(target=execute, args=(plan,))
        process.start()
        while process.is_alive() and not has_begun(folder):
            time.sleep(0.001)
        time.sleep(draw.uniform(0, 0.15))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL
    recorded = bench.load_run(folder).samples
    again = planned(tiny_cogview4, tmp_path)
    keys = [again.generator.driver._keys.latents(j) for j in again.jobs if (j.prompt.id, j.seed) not in recorded]
    lost = [key for key in keys if not (folder / "unfinished" / f"{key}.safetensors").is_file()]
    assert 0 < len(lost) < len(again.jobs)
    assert not execute(again).failures
    assert len(drawn) == len(lost)
    assert digests(folder) == digests(whole)
    assert bench.load_run(folder).samples == bench.load_run(whole).samples
    assert not (folder / "unfinished").exists()
    assert json.loads((folder / "manifest.json").read_text())["status"] == "complete"


def test_latents_left_by_a_kill_are_decoded_and_not_drawn_again(tiny_cogview4, whole, tmp_path, drawn, monkeypatch):
    from bench.generators.diffusion.decoding import Decoder

    plan = planned(tiny_cogview4, tmp_path, limit=2)
    folder = plan.folder()

    def interrupt(decoder, latents):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Decoder, "start", interrupt)
        with pytest.raises(KeyboardInterrupt):
            execute(plan)
    assert len(drawn) == count(folder, "unfinished/latents-*.safetensors") == 1
    execute(planned(tiny_cogview4, tmp_path, limit=2))
    assert len(drawn) == 2
    assert digests(folder).items() < digests(whole).items()
    # A kill between the last record and the removal of what was kept for it.
    (folder / "unfinished").mkdir()
    (folder / "unfinished" / "latents-of-a-recorded-picture.safetensors").write_bytes(b"")
    manifest = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(manifest.replace('"complete"', '"started"'))
    execute(planned(tiny_cogview4, tmp_path, limit=2))
    assert not (folder / "unfinished").exists()


def test_tier_and_memory_are_settings_and_the_tier_is_in_the_records(tiny_cogview4, whole, tmp_path):
    plan = planned(tiny_cogview4, tmp_path, batch=4, limit=2)
    assert plan.spec.endswith(f"steps={STEPS}&device=cpu&batch=4")
    run = execute(plan).run
    assert run.manifest.tier == "equivalent(batch=4)"
    assert "|tier:equivalent(batch=4)|" in run.signature
    assert "|tier:exact|" in bench.load_run(whole).signature
    assert {sample.details["batch"] for sample in run.samples.values()} <= {1, 2}
    exact = planned(tiny_cogview4, tmp_path, tier="exact", limit=2)
    assert exact.model_digest == plan.model_digest
    assert exact.id8 != plan.id8
    assert planned(tiny_cogview4, tmp_path, limit=2).id8 == exact.id8
    with pytest.raises(GlyphbenchError, match="memory lays out a CUDA device"):
        planned(tiny_cogview4, tmp_path, memory="24GB")
    with pytest.raises(GlyphbenchError, match="tier: "):
        plan_runs(Settings(suite=("smoke",), model="typeset", tier="exact", out=tmp_path), workers=1)


def test_seconds_and_peaks_of_every_stage_are_recorded(whole):
    lines = [json.loads(line) for line in (whole / "timings.jsonl").read_text().splitlines()]
    stages = {stage: [line for line in lines if line["stage"] == stage] for stage in ("encode", "denoise", "decode")}
    samples = bench.load_run(whole).samples
    for stage, found in stages.items():
        assert {SampleKey(line["prompt"], line["seed"]) for line in found} == samples.keys(), stage
        for line in found:
            assert line["seconds"] > 0
            assert line["peak_bytes"] >= 0
            assert (line["peak_of"], line["layout"]) == ("process", "phases")
    assert {line["batch"] for line in stages["denoise"]} == {1}


def test_the_report_shows_seconds_and_memory_by_size_and_layout(whole, tmp_path):
    from reports.page import write_page

    run = bench.load_run(whole)
    [row] = run.efforts
    assert (row["layout"], row["width"], row["height"], row["batch"]) == ("phases", 512, 512, 1)
    assert row["pictures"] == len(run.samples)
    assert row["seconds"].keys() == {"encode", "denoise", "decode"}
    page = write_page(run).read_text(encoding="utf-8")
    assert 'id="effort"' in page
    assert f"{row['seconds']['denoise']:.2f} s" in page
    assert f"{row['peak_bytes'] / 1e9:.2f} GB" in page
    assert "by how much the process grew" in page
    [plan] = plan_runs(Settings(suite=("smoke",), model="typeset", seeds=(0,), limit=1, out=tmp_path), workers=1)
    other = execute(plan).run
    assert other.efforts == []
    assert '<th scope="col" class="number">denoise' not in write_page(other).read_text(encoding="utf-8")
