"""`comfyui:`: bindings on the workflows that people export, and a server in this process that speaks ComfyUI's API."""

import io
import json
import urllib.parse
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from bench.generators import Failure, Job, Picture
from bench.generators.comfyui import server as server_module
from bench.generators.comfyui.binding import bind
from bench.generators.comfyui.workflow import Workflow
from bench.generators.table import open_generator
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt, Size

pytestmark = pytest.mark.skipif(find_spec("httpx") is None, reason="httpx is not installed (extra 'api')")

SIZE = Size(64, 48)


def node(kind, title="", **inputs):
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": title or kind}}


def classic():
    """What ComfyUI's first template exports."""
    return {
        "3": node("KSampler", seed=1, steps=20, cfg=8, sampler_name="euler", scheduler="normal", denoise=1,
                  model=["4", 0], positive=["6", 0], negative=["7", 0], latent_image=["5", 0]),
        "4": node("CheckpointLoaderSimple", ckpt_name="a.safetensors"),
        "5": node("EmptyLatentImage", width=512, height=512, batch_size=1),
        "6": node("CLIPTextEncode", "Positive", text="a cat", clip=["4", 1]),
        "7": node("CLIPTextEncode", "Negative", text="ugly", clip=["4", 1]),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
    }  # fmt: skip


def flux():
    """A sampler in parts: noise, guider and latent by themselves, the prompt from a node of its own."""
    return {
        "1": node("RandomNoise", noise_seed=5),
        "2": node("BasicGuider", model=["9", 0], conditioning=["3", 0]),
        "3": node("FluxGuidance", guidance=3.5, conditioning=["4", 0]),
        "4": node("CLIPTextEncode", text=["10", 0], clip=["8", 0]),
        "5": node("EmptySD3LatentImage", width=["11", 0], height=["12", 0], batch_size=1),
        "6": node("SamplerCustomAdvanced", noise=["1", 0], guider=["2", 0], latent_image=["5", 0]),
        "7": node("SaveImage", filename_prefix="f", images=["6", 0]),
        "8": node("DualCLIPLoader", clip_name1="a"),
        "9": node("UNETLoader", unet_name="b"),
        "10": node("PrimitiveStringMultiline", value="a dog"),
        "11": node("PrimitiveInt", value=1024),
        "12": node("PrimitiveInt", value=768),
    }


def two_samplers():
    """Base and refiner, one seed from a primitive for the first, its own for the second, control in between."""
    graph = classic()
    graph["3"]["inputs"]["seed"] = ["20", 0]
    graph["20"] = node("PrimitiveNode", "Seed", value=3)
    graph["12"] = node("ControlNetApplyAdvanced", positive=["6", 0], negative=["7", 0], strength=1)
    graph["13"] = node("KSamplerAdvanced", noise_seed=9, positive=["12", 0], negative=["12", 1], latent_image=["3", 0])
    graph["8"]["inputs"]["samples"] = ["13", 0]
    return graph


def wrapper():
    """The node that brings CogView4 into ComfyUI by way of diffusers."""
    return {
        "1": node(
            "CogView4", prompt="a cat", seed=0, guidance_scale=3.5, batch_size=1, steps=30, width=512, height=512
        ),
        "2": node("SaveImage", filename_prefix="c", images=["1", 0]),
    }


GUESSES = {
    "classic": (classic, {"prompt": ["6.inputs.text"], "negative": ["7.inputs.text"], "seed": ["3.inputs.seed"],
                          "width": ["5.inputs.width"], "height": ["5.inputs.height"]}),
    "flux": (flux, {"prompt": ["10.inputs.value"], "negative": [], "seed": ["1.inputs.noise_seed"],
                    "width": ["11.inputs.value"], "height": ["12.inputs.value"]}),
    "two samplers": (two_samplers, {"prompt": ["6.inputs.text"], "negative": ["7.inputs.text"],
                                    "seed": ["13.inputs.noise_seed", "20.inputs.value"],
                                    "width": ["5.inputs.width"], "height": ["5.inputs.height"]}),
    "wrapper": (wrapper, {"prompt": ["1.inputs.prompt"], "negative": [], "seed": ["1.inputs.seed"],
                          "width": ["1.inputs.width"], "height": ["1.inputs.height"]}),
}  # fmt: skip


@pytest.mark.parametrize("name", GUESSES)
def test_where_everything_goes_is_guessed(name):
    make, expected = GUESSES[name]
    binding = bind(Workflow(make()), {})
    assert {wanted: sorted(map(str, places)) for wanted, places in binding.items()} == expected


def test_places_can_be_said_by_id_title_and_class():
    graph = Workflow(two_samplers())
    said = {
        "prompt": "@Negative.inputs.text",
        "negative": "none",
        "seed": "@Seed.inputs.value, #KSamplerAdvanced.inputs.noise_seed",
    }
    binding = bind(graph, said)
    assert list(map(str, binding["prompt"])) == ["7.inputs.text"]
    assert binding["negative"] == ()
    assert list(map(str, binding["seed"])) == ["20.inputs.value", "13.inputs.noise_seed"]
    # A linked input is bound where its value stands.
    assert list(map(str, bind(graph, {"seed": "3.inputs.seed"})["seed"])) == ["20.inputs.value"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"prompt": "6.text"}, "a place is written NODE.inputs.NAME"),
        ({"prompt": "6.inputs.txt"}, "node 6 (CLIPTextEncode) has: text, clip"),
        ({"prompt": "@Nobody.inputs.text"}, "its nodes are: 3 KSampler “KSampler”"),
        ({"seed": "99.inputs.seed"}, "the workflow has no such place"),
    ],
)
def test_a_place_that_is_not_there_is_told_with_what_is(said, expected):
    with pytest.raises(GlyphbenchError) as caught:
        bind(Workflow(classic()), said)
    assert expected in str(caught.value)


def test_what_cannot_be_guessed_must_be_said():
    graph = classic()
    del graph["5"]["inputs"]["width"]
    with pytest.raises(GlyphbenchError, match=r"where width goes; say so with width=NODE\.inputs\.NAME"):
        bind(Workflow(graph), {})
    assert bind(Workflow(graph), {"width": "none"})["width"] == ()


def test_a_circle_of_links_is_left():
    graph = {"1": node("A", text=["2", 0]), "2": node("B", text=["1", 0]), "3": node("KSampler", positive=["1", 0])}
    with pytest.raises(GlyphbenchError, match="where prompt, seed, width, height go"):
        bind(Workflow(graph), {})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"nodes": [], "links": []}', "the format in which ComfyUI saves workflows for itself; in ComfyUI choose"),
        ("[]", "not a workflow"),
        ("{}", "not a workflow"),
        ('{"1": {"class_type": "A"}}', "not a workflow"),
        ("{", "not JSON"),
    ],
)  # fmt: skip
def test_other_files_are_refused_with_the_way_to_the_right_one(content, expected, tmp_path):
    path = tmp_path / "flow.json"
    path.write_text(content)
    with pytest.raises(GlyphbenchError) as caught:
        Workflow.read(path)
    assert expected in str(caught.value)
    assert "Workflow → Export (API)" in str(caught.value)


def encoded(size=SIZE):
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


class Comfy:
    """What the server answers; a test changes its parts."""

    def __init__(self, loopback):
        self.queued, self.waits = [], 1
        self.entry = {
            "status": {"status_str": "success", "completed": True, "messages": []},
            "outputs": {
                "8": {"images": [{"filename": "t.png", "subfolder": "", "type": "temp"}]},
                "9": {"images": [{"filename": "a b.png", "subfolder": "glyphbench", "type": "output"}]},
            },
        }
        self.view = (200, encoded())
        self.prompt = (200, {"prompt_id": "p-1", "number": 1, "node_errors": {}})
        loopback.answer = self.answer

    def answer(self, request):
        path = request["path"]
        if path == "/system_stats":
            return 200, {"system": {"comfyui_version": "0.3.68"}}
        if path == "/prompt":
            self.queued.append(request["json"]["prompt"])
            self.left = self.waits
            return self.prompt
        if path == "/queue":
            self.withdrawn = request["json"]
            return 200, {}
        if path == "/history/p-1":
            self.left -= 1
            return 200, {} if self.left >= 0 else {"p-1": self.entry}
        self.viewed = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
        return self.view


@pytest.fixture
def comfy(loopback):
    return Comfy(loopback)


def opened(loopback, tmp_path, graph=None, options=""):
    path = tmp_path / "my flow.json"
    path.write_text(json.dumps(graph or classic()))
    return open_generator(f"comfyui:{path}?server={loopback.url}&poll=0.01{options}")


def jobs(count=1):
    return [Job(Prompt(f"p{n}", f"a sign “{n}”", "en", "g", SIZE), 10 + n) for n in range(count)]


def test_prompt_seed_and_size_arrive_and_the_saved_picture_comes_back(loopback, comfy, tmp_path):
    generator = opened(loopback, tmp_path)
    generator.check(jobs(2))
    outcomes = list(generator.generate(jobs(2)))
    assert all(isinstance(outcome, Picture) for outcome in outcomes), outcomes
    first, second = comfy.queued
    assert first["6"]["inputs"]["text"] == "a sign “0”"
    assert first["7"]["inputs"]["text"] == "ugly"
    assert first["3"]["inputs"]["seed"] == 10
    assert (first["5"]["inputs"]["width"], first["5"]["inputs"]["height"]) == SIZE
    assert first["9"]["inputs"]["filename_prefix"] != second["9"]["inputs"]["filename_prefix"]
    assert comfy.viewed == {"filename": ["a b.png"], "subfolder": ["glyphbench"], "type": ["output"]}
    assert outcomes[0].details["node"] == "9"
    assert generator.name == "my-flow"
    assert generator.identity["comfyui"] == "0.3.68"


def test_the_same_picture_is_never_the_same_graph(loopback, comfy, tmp_path):
    """ComfyUI skips a graph that it has just run."""
    generator = opened(loopback, tmp_path)
    list(generator.generate(jobs()))
    list(generator.generate(jobs()))
    assert comfy.queued[0] != comfy.queued[1]


def test_identity_follows_workflow_binding_and_texts(loopback, comfy, tmp_path):
    identity = opened(loopback, tmp_path).identity
    other = classic()
    other["3"]["inputs"]["steps"] = 21
    changed = [
        opened(loopback, tmp_path, other).identity,
        opened(loopback, tmp_path, options="&prompt=7.inputs.text").identity,
        opened(loopback, tmp_path, options="&negative_text=blur").identity,
    ]
    assert identity not in changed
    assert opened(loopback, tmp_path).identity == identity


def test_a_negative_text_goes_where_the_negative_prompt_goes(loopback, comfy, tmp_path):
    list(opened(loopback, tmp_path, options="&negative_text=blur").generate(jobs()))
    assert comfy.queued[0]["7"]["inputs"]["text"] == "blur"
    with pytest.raises(GlyphbenchError, match="no place for negative_text"):
        opened(loopback, tmp_path, wrapper(), "&negative_text=blur")


def failure(generator):
    (failed,) = generator.generate(jobs())
    assert isinstance(failed, Failure)
    assert failed.status == "infra"
    return failed.reason


def test_a_workflow_that_is_not_accepted_names_its_nodes(loopback, comfy, tmp_path):
    errors = [{"message": "Value not in list", "details": "ckpt_name: 'a' not in []"}]
    faulty = {"4": {"class_type": "CheckpointLoaderSimple", "errors": errors}}
    error = {"message": "Prompt outputs failed validation", "details": ""}
    comfy.prompt = (400, {"error": error, "node_errors": faulty})
    reason = failure(opened(loopback, tmp_path))
    assert reason == (
        "the workflow is not accepted (HTTP 400): Prompt outputs failed validation; node 4 (CheckpointLoaderSimple): "
        "Value not in list (ckpt_name: 'a' not in [])"
    )


def test_a_node_that_fails_is_named(loopback, comfy, tmp_path):
    said = {
        "node_id": "3",
        "node_type": "KSampler",
        "exception_type": "OutOfMemoryError",
        "exception_message": "no\nroom \ud83d",
    }
    comfy.entry = {"status": {"status_str": "error", "completed": False, "messages": [["execution_error", said]]}}
    assert failure(opened(loopback, tmp_path)) == "node 3 (KSampler) failed: OutOfMemoryError: no room"
    comfy.entry = {"status": {"status_str": "error", "messages": [["execution_interrupted", said], 7]}}
    assert failure(opened(loopback, tmp_path)) == "node 3 (KSampler) was interrupted"


def test_which_picture_counts_is_never_a_guess(loopback, comfy, tmp_path):
    saved = comfy.entry["outputs"]["9"]["images"]
    comfy.entry["outputs"] = {"8": comfy.entry["outputs"]["8"]}
    assert "saved no picture but previews" in failure(opened(loopback, tmp_path))
    comfy.entry["outputs"] = {"9": {"images": saved}, "8": {"images": saved}}
    assert "the nodes 9, 8 each saved a picture; say which counts with output=NODE" in failure(
        opened(loopback, tmp_path)
    )
    (picture,) = opened(loopback, tmp_path, options="&output=9").generate(jobs())
    assert isinstance(picture, Picture)
    comfy.entry["outputs"] = {"9": {"images": saved * 2}}
    assert "set its batch size to 1" in failure(opened(loopback, tmp_path))
    with pytest.raises(GlyphbenchError, match="output=99: the workflow has no such node"):
        opened(loopback, tmp_path, options="&output=99")


BROKEN = {
    "no prompt_id": ("prompt", (200, {}), "an answer without a prompt_id"),
    "an id that leads elsewhere": ("prompt", (200, {"prompt_id": "../x"}), "an answer without a prompt_id"),
    "no image": ("view", (200, b"<html>"), "the picture is not a PNG, JPEG or WebP image"),
    "another size": ("view", (200, encoded((32, 32))), "the picture is 32x32 where 64x48 was asked for"),
    "gone": ("view", (404, b""), "the picture cannot be fetched: HTTP 404"),
    "odd": ("entry", {"status": [], "outputs": [1]}, "saved no picture"),
    "odd outputs": (
        "entry",
        {"status": {"completed": True}, "outputs": {"9": {"images": [3, {"filename": 4}]}}},
        "saved no picture",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_is_a_fault_of_that_picture(name, loopback, comfy, tmp_path):
    part, value, expected = BROKEN[name]
    setattr(comfy, part, value)
    assert expected in failure(opened(loopback, tmp_path, options="&timeout=0.3"))


def test_what_takes_too_long_is_taken_out_of_the_queue(loopback, comfy, tmp_path):
    comfy.waits = 10**6
    reason = failure(opened(loopback, tmp_path, options="&timeout=0.2"))
    assert reason == "not done after 0.2 s; give it longer with timeout="
    assert comfy.withdrawn == {"delete": ["p-1"]}


def test_a_picture_larger_than_any_is_not_read(loopback, comfy, tmp_path, monkeypatch):
    monkeypatch.setattr(server_module, "IMAGE_LIMIT", 1000)
    assert "the answer is longer than 1,000 bytes" in failure(opened(loopback, tmp_path))


def test_a_server_that_is_not_there_is_told_before_work_starts(loopback, tmp_path):
    generator = opened(loopback, tmp_path)
    loopback.close()
    with pytest.raises(GlyphbenchError, match=r"does not answer: .*; start ComfyUI, or name it with server="):
        generator.check(jobs())
    loopback.__init__()
