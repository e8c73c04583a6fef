"""`doctor --model`: one picture, and the same again."""

import base64
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bench.doctor import examine
from bench.finding import Finding
from bench.generators import Job, Picture
from bench.generators.model_table import models
from bench.probe import _compared, _Drawn, probe
from prompts.loading import find_suite
from prompts.suite import Size

PAINTERS = '''
import numpy as np

calls = 0


class Steady:
    def generate(self, prompt, seed, width, height):
        return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


class Restless(Steady):
    """One value of the second picture is by 7 off."""

    def generate(self, prompt, seed, width, height):
        global calls
        calls += 1
        picture = super().generate(prompt, seed, width, height)
        picture[0, 0, 0] = 100 if calls % 2 else 107
        return picture


class Blank:
    def generate(self, prompt, seed, width, height):
        return np.full((height, width, 3), 9, dtype=np.uint8)


class Broken:
    def generate(self, prompt, seed, width, height):
        raise RuntimeError("no weights")
'''


@pytest.fixture
def painter(tmp_path):
    path = tmp_path / "painters.py"
    path.write_text(PAINTERS)
    return lambda name: f"python:{path}:{name}"


def png(number):
    buffer = io.BytesIO()
    pixels = np.random.default_rng(number).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def test_the_typesetter_draws_the_same_twice():
    drawn, again = probe("typeset", None)
    assert (drawn.state, again.state) == ("ok", "ok")
    assert drawn.details["size"] == [512, 512]
    assert again.details["differing"] == 0
    assert "the same picture bit for bit" in again.says


def test_cogview4_draws_the_same_twice_with_a_model_that_is_loaded_anew(tiny_cogview4):
    drawn, again = probe(f"diffusers:{tiny_cogview4}?steps=2&device=cpu", None)
    assert (drawn.state, again.state) == ("ok", "ok"), (drawn.says, again.says)
    assert set(drawn.details["stages"]) >= {"encode", "denoise", "decode"}
    if drawn.details["peak_bytes"] is not None:  # the process may have been as large before
        assert "GB at the fullest moment (of the process)" in drawn.says
    assert again.details["differing"] == 0


def test_a_size_that_the_model_does_not_have_gives_way_to_its_nearest(tiny_cogview4, monkeypatch):
    smoke = find_suite("smoke")
    odd = replace(smoke, prompts=(replace(smoke.prompts[0], size=Size(500, 530)),))
    monkeypatch.setattr("bench.probe.find_suite", lambda name: odd)
    drawn, again = probe(f"diffusers:{tiny_cogview4}?steps=1&device=cpu", None)
    assert drawn.details["size"] == [512, 544]
    assert again.state == "ok"


def test_another_picture_from_the_same_seed_is_a_fault(painter):
    drawn, again = probe(painter("Restless"), None)
    assert (drawn.state, again.state) == ("ok", "fault")
    assert (again.details["differing"], again.details["most"]) == (1, 7)
    assert "1 of 786432 values differ, by 7 of 255 at most" in again.says


def test_only_the_exact_tier_promises_the_same_picture(painter, monkeypatch):
    monkeypatch.setattr("bench.probe.tier_of", lambda generator: "equivalent batch=4")
    _, again = probe(painter("Restless"), None)
    assert again.state == "absent"
    assert "equivalent batch=4" in again.says


def test_pictures_of_two_sizes_are_not_the_same():
    job = Job(find_suite("smoke").prompts[0], 0)
    one, other = (Picture(job, Image.new("RGB", (size, 8))) for size in (8, 9))
    found = _compared("twice", one, _Drawn(other, 1.0), "exact", is_local=True)
    assert (found.state, "of another size" in found.says) == ("fault", True)
    assert found.details["sizes"] == [[8, 8], [9, 8]]


def test_values_that_are_not_finite_are_a_fault(tiny_cogview4, monkeypatch):
    from bench.generators.diffusion.painter import Painter

    draw = Painter.draw
    monkeypatch.setattr(Painter, "draw", lambda *arguments: draw(*arguments) * float("nan"))
    [found] = probe(f"diffusers:{tiny_cogview4}?steps=1&device=cpu", None)
    assert (found.state, "100% of the values are not finite" in found.says) == ("fault", True)


@pytest.mark.parametrize(("name", "says"), [("Blank", "one colour throughout"), ("Broken", "no weights")])
def test_a_blank_or_missing_picture_is_a_fault(painter, name, says):
    found = list(probe(painter(name), None))
    assert found[0].state == "fault"
    assert says in found[0].says


def test_a_fault_ends_with_4_and_stands_in_the_json(painter, bench_command, tmp_path):
    arguments = ["doctor", "--reader", "ppocr", "--json", "--model"]
    done = bench_command(*arguments, painter("Restless"), cwd=tmp_path)
    assert done.returncode == 4, done.stderr
    *_, drawn, again = json.loads(done.stdout)
    assert (drawn["state"], again["state"]) == ("ok", "fault")


def test_existing_pictures_are_not_drawn(tmp_path):
    (tmp_path / "some-prompt").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "some-prompt" / "0.png")
    [found] = probe(f"folder:{tmp_path}", None)
    assert (found.state, "pictures that exist" in found.says) == ("absent", True)


def test_a_model_that_cannot_be_opened_is_a_fault():
    [found] = probe("typset", None)
    assert found.state == "fault"
    assert "typeset" in found.says


@pytest.fixture
def api(loopback):
    pytest.importorskip("httpx", reason='the extra "api" is not installed')
    loopback.answer = lambda request: (200, {"data": [{"b64_json": png(len(loopback.requests))}]})
    return f"openai:some-model?base_url={loopback.url}"


@pytest.mark.parametrize("budget", [None, 0, 1])
def test_a_paid_model_is_asked_for_nothing_without_a_budget_of_two(api, loopback, budget):
    [found] = probe(api, budget)
    assert found.state == "absent"
    assert "--budget 2" in found.says
    assert not loopback.requests


def test_a_paid_model_draws_twice_and_may_differ(api, loopback):
    drawn, again = probe(api, 2)
    assert len(loopback.requests) == 2
    assert (drawn.state, again.state) == ("ok", "absent")
    assert "to be expected of an API" in again.says


def test_failed_pictures_that_may_have_been_charged_count_towards_the_budget(api, loopback):
    loopback.answer = lambda request: (200, {"data": [{"b64_json": "AAAA"}]})
    [found] = probe(f"{api}&attempts=5&backoff=0", 2)
    assert found.state == "fault"
    assert len(loopback.requests) <= 2


def test_a_budget_needs_a_model(bench_command, tmp_path):
    done = bench_command("doctor", "--budget", "2", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")


def weights(monkeypatch, folder) -> Finding:
    monkeypatch.setenv("HF_HUB_CACHE", str(folder))
    return next(finding for finding in examine(["none"]) if finding.check == "weights")


def test_it_says_which_models_have_weights_here(monkeypatch, tmp_path):
    nothing = weights(monkeypatch, tmp_path)
    assert (nothing.state, str(tmp_path) in nothing.says) == ("absent", True)
    repository = models()["cogview4"].preset.hub[0].replace("/", "--")
    snapshot = tmp_path / f"models--{repository}" / "snapshots" / "c0ffee"
    (snapshot / "vae").mkdir(parents=True)
    (snapshot / "model_index.json").write_text('{"vae": ["diffusers", "AutoencoderKL"]}')
    assert "in part: cogview4" in weights(monkeypatch, tmp_path).says
    (snapshot / "vae" / "model.safetensors").write_bytes(b"0")
    found = weights(monkeypatch, tmp_path)
    assert (found.state, "complete: cogview4" in found.says) == ("ok", True)


def test_a_gpu_that_pytorch_cannot_use_is_said(monkeypatch):
    from bench.doctor import _accelerators

    monkeypatch.setattr("bench.doctor.find_spec", lambda name: object())
    monkeypatch.setattr("bench.doctor._usable_by_torch", list)
    assert _accelerators([]).says.startswith("none")
    found = _accelerators(["NVIDIA H100, 550.54, 81559 MiB"])
    assert (found.state, "PyTorch sees none" in found.says) == ("absent", True)
    monkeypatch.setattr("bench.doctor._usable_by_torch", lambda: ["NVIDIA H100, 81000 MiB, CUDA 12.4"])
    assert _accelerators(["NVIDIA H100, 550.54, 81559 MiB"]).state == "ok"
