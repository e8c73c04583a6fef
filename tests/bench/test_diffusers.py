from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import numpy as np
import pytest

from bench.generators import Failure, Job, Picture
from bench.generators.diffusion.generator import DiffusersGenerator
from bench.generators.model_table import models
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt, Size

ROOT = Path(__file__).parents[2]
SMALL = Size(64, 64)
RULE = models()["cogview4"].preset.sizes
UNASKED = {"max_sequence_length": 1024, "crops_coords_top_left": [0, 0]}
"""What `CogView4Pipeline` is called with whatever is asked for."""


def prompt(text="一家咖啡馆的招牌，上面写着“晨光”", size=SMALL, name="cafe"):
    return Prompt(name, text, "zh", name, size)


def opened(target, options="steps=2&size_rule=none&device=cpu"):
    return DiffusersGenerator(Spec.parse(f"diffusers:{target}?{options}"))


def drawn(generator, *jobs):
    outcomes = list(generator.generate(jobs))
    assert [outcome.job for outcome in outcomes] == list(jobs)
    return outcomes


def pixels(generator, job):
    [outcome] = drawn(generator, job)
    assert isinstance(outcome, Picture), outcome.reason
    assert outcome.image.mode == "RGB"
    return np.asarray(outcome.image)


def plain(folder, job, dtype="float32", **arguments):
    """Return the picture of the pipeline as its documentation calls it."""
    import torch
    from diffusers import CogView4Pipeline

    pipeline = CogView4Pipeline.from_pretrained(folder, dtype=getattr(torch, dtype))
    pipeline.set_progress_bar_config(disable=True)
    noise = torch.Generator("cpu").manual_seed(job.seed)
    size = {"width": job.prompt.size.width, "height": job.prompt.size.height}
    return np.asarray(pipeline(job.prompt.text, generator=noise, **size, **arguments).images[0])


@pytest.fixture
def changed(tiny_cogview4, tmp_path):
    """A copy of the tiny checkpoint, to be spoilt."""
    return Path(shutil.copytree(tiny_cogview4, tmp_path / "changed"))


def rewrite(file, change):
    """Change the tensors of a safetensors file."""
    from safetensors.torch import load_file, save_file

    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file, metadata={"format": "pt"})


@pytest.fixture(scope="module")
def generator(tiny_cogview4):
    return opened(tiny_cogview4)


# Pictures


@pytest.mark.parametrize(("dtype", "size"), [("float32", SMALL), ("float32", Size(96, 48)), ("bfloat16", SMALL)])
def test_the_picture_is_that_of_a_plain_call_bit_for_bit(tiny_cogview4, dtype, size):
    job = Job(prompt(size=size), 12345)
    ours = pixels(opened(tiny_cogview4, f"steps=3&size_rule=none&device=cpu&dtype={dtype}"), job)
    assert ours.shape == (size.height, size.width, 3)
    assert np.array_equal(ours, plain(tiny_cogview4, job, dtype, num_inference_steps=3, guidance_scale=3.5))
    assert ours.std() > 1


def test_the_same_seed_gives_the_same_picture_whatever_went_before(tiny_cogview4, generator):
    first, second = Job(prompt(), 1), Job(prompt("a sign that says “EXIT”", name="exit"), 2**63)
    one_way = [np.asarray(outcome.image) for outcome in drawn(generator, first, second, first)]
    afresh = pixels(opened(tiny_cogview4), second)
    assert np.array_equal(one_way[0], one_way[2])
    assert np.array_equal(one_way[1], afresh)


def test_other_seeds_prompts_steps_and_guidance_give_other_pictures(tiny_cogview4, generator):
    pictures = [
        pixels(generator, Job(prompt(), 1)),
        pixels(generator, Job(prompt(), 2)),
        pixels(generator, Job(prompt("一家书店的招牌，上面写着“晨光”"), 1)),
        pixels(opened(tiny_cogview4, "steps=3&size_rule=none&device=cpu"), Job(prompt(), 1)),
        pixels(opened(tiny_cogview4, "steps=2&guidance=9&size_rule=none&device=cpu"), Job(prompt(), 1)),
    ]
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)


def test_the_dtype_is_really_that_of_all_weights(tiny_cogview4):
    import torch

    generator = opened(tiny_cogview4, "dtype=bfloat16&device=cpu")
    parts = generator.pipeline.components
    models = {name: part for name, part in parts.items() if isinstance(part, torch.nn.Module)}
    assert models.keys() == {"text_encoder", "transformer", "vae"}
    assert {weight.dtype for part in models.values() for weight in part.parameters()} == {torch.bfloat16}


# What the generator says of itself


def test_identity_is_what_was_asked(tiny_cogview4, changed):
    generator = opened(tiny_cogview4, "size_rule=none&device=cpu")
    assert generator.name == "tiny-cogview4"
    assert generator.is_model
    assert generator.seeds([prompt()]) is None
    assert dict(generator.identity) == {
        "kind": "diffusers",
        "pipeline": "CogView4Pipeline",
        "weights": opened(changed).identity["weights"],
        "arguments": {"num_inference_steps": 50, "guidance_scale": 3.5, **UNASKED},
        "dtype": "float32",
        "device": "cpu",
        "size_rule": "none",
    }
    assert json.loads(json.dumps(generator.identity)) == dict(generator.identity)
    assert opened(tiny_cogview4).identity["arguments"] == {
        "num_inference_steps": 2,
        "guidance_scale": 3.5,
        **UNASKED,
    }


def test_identity_changes_with_one_number_of_one_tensor(tiny_cogview4, changed):
    before = opened(changed).identity["weights"]
    assert before == opened(tiny_cogview4).identity["weights"]
    (changed / "README.md").write_text("not a part of the pipeline")
    shutil.rmtree(changed / "vae")
    (changed / "vae").symlink_to(tiny_cogview4 / "vae")
    assert opened(changed).identity["weights"] == before

    def nudge(tensors):
        tensors["proj_out.bias"][0] += 1

    rewrite(changed / "transformer" / "diffusion_pytorch_model.safetensors", nudge)
    assert opened(changed).identity["weights"] != before


def test_a_pipeline_without_a_preset_is_called_with_its_own_defaults_and_this_is_said(
    tiny_cogview4, monkeypatch, caplog
):
    monkeypatch.setattr("bench.generators.diffusion.generator.preset_of", lambda *_: None)
    with caplog.at_level(logging.WARNING):
        generator = opened(tiny_cogview4, "steps=2")
    assert "CogView4Pipeline has no preset" in caplog.text
    assert generator.identity["arguments"] == {
        "num_inference_steps": 2,
        "guidance_scale": 5.0,
        **UNASKED,
    }
    job = Job(prompt(), 1)
    generator.check([job])
    assert np.array_equal(pixels(generator, job), plain(tiny_cogview4, job, num_inference_steps=2, guidance_scale=5.0))


# Options


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("step=3", "did you mean 'steps'"),
        ("steps=0", "steps: "),
        ("guidance=inf", "guidance: "),
        ("dtype=int8", "dtype: "),
        ("device=gpu", "device: "),
        ("offload=disk", "offload: "),
        ("device=cpu&offload=model", "on a CPU it means nothing"),
        ("device=cuda:999", "sees .* CUDA devices"),
        ("revision=v2&device=cpu", "is a folder, where revision=v2 means nothing"),
    ],
)
def test_options_that_cannot_be(tiny_cogview4, options, expected):
    with pytest.raises(GlyphbenchError, match=expected):
        opened(tiny_cogview4, options)


def test_an_option_that_the_call_does_not_take_is_an_error(changed):
    index = json.loads((changed / "model_index.json").read_text())
    (changed / "model_index.json").write_text(json.dumps(index | {"_class_name": "Kandinsky3Pipeline"}))
    opened(changed, "guidance=2&device=cpu")
    (changed / "model_index.json").write_text(json.dumps(index | {"_class_name": "StableCascadeCombinedPipeline"}))
    with pytest.raises(GlyphbenchError, match="takes no guidance_scale; leave that option out"):
        opened(changed, "guidance=2&device=cpu")


def test_a_pipeline_that_draws_nothing_from_text_is_refused(changed):
    index = json.loads((changed / "model_index.json").read_text())
    (changed / "model_index.json").write_text(json.dumps(index | {"_class_name": "DDPMPipeline"}))
    with pytest.raises(GlyphbenchError, match=r"DDPMPipeline does not draw .* takes no prompt, width, height"):
        opened(changed)


# Sizes, prompts and seeds, before work starts


@pytest.mark.parametrize("size", [(512, 512), (1024, 1024), (2048, 1024), (1024, 2048), (1440, 1440)])
def test_sizes_that_cogview4_was_made_for(size):
    assert RULE.allows(Size(*size))
    assert RULE.nearest(Size(*size)) == size


@pytest.mark.parametrize(
    ("size", "nearest"),
    [
        ((500, 1024), (512, 1024)),
        ((1000, 1000), (992, 992)),
        ((1024, 1030), (1024, 1024)),
        ((2080, 512), (2048, 512)),
        ((2048, 1056), (2048, 1024)),
        ((64, 64), (512, 512)),
        ((1472, 1472), (1440, 1440)),
        ((4096, 4096), (1440, 1440)),
        ((1, 3000), (512, 2048)),
    ],
)
def test_the_nearest_legal_size(size, nearest):
    assert not RULE.allows(Size(*size))
    assert RULE.nearest(Size(*size)) == nearest
    assert RULE.allows(Size(*nearest))


def test_all_that_cannot_be_drawn_is_named_before_work_starts(tiny_cogview4):
    generator = opened(tiny_cogview4, "device=cpu")
    fine = prompt(size=Size(512, 512), name="fine")
    wrong = [prompt(size=Size(1000, 1000), name=f"p{number}") for number in range(12)]
    long = prompt("长" * 341, Size(512, 512), "long")  # three bytes each, and two special tokens
    longest = prompt("长" * 340 + "!!", Size(512, 512), "longest")
    generator.check([Job(fine, 0), Job(longest, 2**64 - 1)])
    with pytest.raises(GlyphbenchError) as caught:
        generator.check([Job(p, seed) for p in (fine, *wrong, long, longest) for seed in (0, 2**64)])
    message = str(caught.value)
    assert "seeds that are not from 0 to 2⁶⁴ − 1: 18446744073709551616" in message
    assert "1000x1000 (nearest 992x992) for 12 prompts: p0, p1" in message
    assert "p9, and 2 more" in message
    assert "from 512 to 2048 in steps of 32, together at most 2,097,152 pixels" in message
    assert "more than 1024 tokens, which would be cut off: long (1025)" in message
    assert "fine" not in message
    assert "longest" not in message


# Pictures that fail


def test_weights_that_are_not_numbers_fail_the_picture_and_not_the_score(changed):
    def spoil(tensors):
        tensors["proj_out.weight"].fill_(float("nan"))

    rewrite(changed / "transformer" / "diffusion_pytorch_model.safetensors", spoil)
    [outcome] = drawn(opened(changed), Job(prompt(), 1))
    assert isinstance(outcome, Failure)
    assert outcome.status == "infra"
    assert "100% of the values are not finite" in outcome.reason


def test_pixels_are_checked_for_size_and_numbers():
    from bench.generators.diffusion.faults import fault_in

    good = np.zeros((1, 48, 64, 3), np.float32)
    assert fault_in(good, Size(64, 48)) is None
    assert fault_in(good, Size(72, 48)) == "asked for 72x48, the pipeline drew 64x48"
    good[0, 0, 0, 0] = np.inf
    assert "not finite" in fault_in(good, Size(64, 48))


def test_a_size_that_the_pipeline_refuses_and_one_that_does_not_fit_leave_the_others_alone(generator):
    refused = Job(prompt(size=Size(60, 64), name="refused"), 1)
    enormous = Job(prompt(size=Size(2**26, 2**26), name="enormous"), 1)
    good = Job(prompt(), 1)
    first, second, third = drawn(generator, refused, enormous, good)
    assert first.status == second.status == "infra"
    assert first.reason.startswith("ValueError: `height` and `width` have to be divisible by 16")
    assert second.reason.startswith("out of memory at 67108864x67108864")
    assert "the main memory does not hold it" in second.reason
    assert np.array_equal(third.image, pixels(generator, good))


def test_an_interrupt_passes_through(tiny_cogview4, monkeypatch):
    from diffusers import CogView4Transformer2DModel

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    generator = opened(tiny_cogview4)
    monkeypatch.setattr(CogView4Transformer2DModel, "forward", interrupt)
    with pytest.raises(KeyboardInterrupt):
        drawn(generator, Job(prompt(), 1))


# Checkpoints that cannot be used


@pytest.mark.parametrize("text", ["diffusers:", "diffusers", "diffusers:?steps=2"])
def test_a_spec_without_a_checkpoint(text):
    with pytest.raises(GlyphbenchError, match="written diffusers:FOLDER or diffusers:OWNER/NAME"):
        DiffusersGenerator(Spec.parse(text))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (None, None, "no folder"),
        ("model.safetensors", "weights", "is a file; give the folder"),
        ("folder/other.json", "{}", "it has no model_index.json"),
        ("folder/model_index.json", "{", "not JSON"),
        ("folder/model_index.json", "[]", "names no pipeline class"),
        ("folder/model_index.json", '{"_class_name": "CogView9Pipeline"}', "which diffusers .* does not have"),
        ("folder/model_index.json", '{"_class_name": "UNet2DModel"}', "cannot use UNet2DModel"),
        ("folder/model_index.json", '{"_class_name": ["mine", "Mine"]}', "code of its own, which is never run"),
    ],
)
def test_what_is_no_pipeline(tmp_path, name, content, expected):
    pytest.importorskip("diffusers", reason='the extra "cogview" is not installed')
    target = tmp_path / "nowhere"
    if name is not None:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
        target = tmp_path / Path(name).parts[0]
    with pytest.raises(GlyphbenchError, match=expected):
        opened(target)


def test_faults_of_all_parts_come_at_once(changed):
    shutil.rmtree(changed / "scheduler")
    weights = changed / "transformer" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    (changed / "tokenizer" / "transformers.py").write_text("raise SystemExit")
    with pytest.raises(GlyphbenchError) as caught:
        opened(changed)
    message = str(caught.value)
    assert "scheduler: no such folder" in message
    assert "transformer: its weights are pickled" in message
    assert "tokenizer: needs code of its own (transformers.py)" in message


def test_parts_from_elsewhere_are_refused(changed):
    index = json.loads((changed / "model_index.json").read_text())
    (changed / "model_index.json").write_text(json.dumps(index | {"vae": ["antigravity", "Flyer"]}))
    with pytest.raises(GlyphbenchError, match=r"the part vae is antigravity\.Flyer, code outside"):
        opened(changed)


@pytest.mark.parametrize(
    ("file", "tensor"),
    [
        ("text_encoder/model.safetensors", "layers.0.mlp.down_proj.weight"),
        ("transformer/diffusion_pytorch_model.safetensors", "proj_out.weight"),
        ("vae/diffusion_pytorch_model.safetensors", "decoder.conv_in.weight"),
    ],
)
def test_weights_that_would_be_drawn_at_random_are_an_error(changed, file, tensor):
    rewrite(changed / file, lambda tensors: tensors.pop(tensor))
    with pytest.raises(GlyphbenchError, match=f"lack 1 of the weights of .*, such as {tensor}; they would be random"):
        drawn(opened(changed), Job(prompt(), 1))


@pytest.mark.parametrize(
    "file", ["text_encoder/model.safetensors", "transformer/diffusion_pytorch_model.safetensors", "vae/config.json"]
)
def test_a_damaged_part_is_an_error_with_its_name(changed, file):
    content = (changed / file).read_bytes()
    (changed / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(GlyphbenchError, match=f"{Path(file).parent} cannot be loaded"):
        drawn(opened(changed), Job(prompt(), 1))


# The hub, and an installation without the extra


def cached(home, repository, references, files=()):
    """Lay out what the hub's client leaves in its cache; return the folder of the snapshots."""
    place = home / "hub" / f"models--{repository.replace('/', '--')}"
    (place / "refs").mkdir(parents=True)
    for name, commit in references.items():
        (place / "refs" / name).write_text(commit)
        (place / "snapshots" / commit).mkdir(parents=True)
        for file, content in dict(files).items():
            (place / "snapshots" / commit / file).write_text(content)
    return place / "snapshots"


def run(code, given="", **environment):
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


HUB = """
import hashlib, json, sys, warnings
warnings.simplefilter("error")
from bench.generators import Job
from bench.generators.diffusion.generator import DiffusersGenerator
from bench.generators.model_table import models
from prompts.spec import Spec
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt, Size

def message(spec):
    try:
        DiffusersGenerator(Spec.parse(spec))
    except GlyphbenchError as error:
        return str(error)

options = "steps=2&size_rule=none&device=cpu"
generator = DiffusersGenerator(Spec.parse(f"diffusers:someone/tiny?{options}"))
job = Job(Prompt("cafe", "“晨光”", "zh", "cafe", Size(64, 64)), 7)
generator.check([job])
[outcome] = generator.generate([job])
named = DiffusersGenerator(Spec.parse(f"diffusers:someone/tiny?{options}&revision=v2"))
print(json.dumps({
    "name": generator.name,
    "weights": generator.identity["weights"],
    "named": named.identity["weights"],
    "pixels": hashlib.sha256(outcome.image.tobytes()).hexdigest(),
    "unknown": message("diffusers:someone/else"),
    "revision": message("diffusers:someone/tiny?revision=v3"),
}))
"""


def test_a_pipeline_in_the_hubs_cache_is_used_offline_and_pinned_to_its_commit(tiny_cogview4, tmp_path, network_log):
    main, other = "1" * 40, "2" * 40
    snapshots = cached(tmp_path, "someone/tiny", {"main": main, "v2": other})
    for commit in (main, other):
        shutil.copytree(tiny_cogview4, snapshots / commit, dirs_exist_ok=True)
    found = json.loads(run(HUB, HF_HOME=str(tmp_path), HF_HUB_OFFLINE="1"))
    job = Job(prompt("“晨光”"), 7)
    assert found["name"] == "tiny"
    assert found["weights"] == f"someone/tiny@{main}"
    assert found["named"] == f"someone/tiny@{other}"
    assert found["pixels"] == hashlib.sha256(pixels(opened(tiny_cogview4), job).tobytes()).hexdigest()
    assert "HF_HUB_OFFLINE is set" in found["unknown"]
    assert "does not hold someone/else" in found["unknown"]
    assert "does not hold someone/tiny at v3" in found["revision"]
    assert not network_log.exists()


SPOKEN = """
import sys, time
time.sleep = lambda seconds: None  # the hub's client waits between its attempts
from bench.generators.diffusion.checkpoint import find_checkpoint
from prompts.errors import GlyphbenchError
for spec in sys.stdin.read().split():
    target, _, revision = spec.partition("@")
    try:
        found = find_checkpoint(target, revision or None)
        print(found.source, found.commit, found.pipeline)
    except GlyphbenchError as error:
        print(error)
"""


class Hub(BaseHTTPRequestHandler):
    """Answers as the Hugging Face hub does for files that are not there."""

    ERRORS: ClassVar = {
        "/no/model/": "RepoNotFound",
        "/some/dataset/": "EntryNotFound",
        "/a/model/": "RevisionNotFound",
    }

    def do_HEAD(self):
        [error] = [error for start, error in self.ERRORS.items() if self.path.startswith(start)]
        self.send_response(404)
        self.send_header("X-Error-Code", error)
        self.send_header("X-Repo-Commit", "3" * 40)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *_):
        pass


def test_what_the_hub_does_not_have(tmp_path):
    pytest.importorskip("huggingface_hub", reason='the extra "cogview" is not installed')
    with HTTPServer(("127.0.0.1", 0), Hub) as hub:
        Thread(target=hub.serve_forever, daemon=True).start()
        said = run(
            SPOKEN,
            "no/model some/dataset a/model@v9",
            HF_HOME=str(tmp_path),
            HF_ENDPOINT=f"http://127.0.0.1:{hub.server_port}",
        )
        hub.shutdown()
    missing, dataset, revision = said.splitlines()
    assert missing.startswith("no folder no/model, and no such model on the Hugging Face hub")
    assert dataset == "some/dataset on the Hugging Face hub is no diffusers pipeline: it has no model_index.json"
    assert revision == "a/model on the Hugging Face hub has no revision 'v9'"


def test_a_hub_that_cannot_be_reached(tmp_path):
    pytest.importorskip("huggingface_hub", reason='the extra "cogview" is not installed')
    cached(tmp_path, "someone/tiny", {"main": "1" * 40}, {"model_index.json": '{"_class_name": "CogView4Pipeline"}'})
    with HTTPServer(("127.0.0.1", 0), Hub) as closed:
        address = f"http://127.0.0.1:{closed.server_port}"
    said = run(SPOKEN, "someone/tiny someone/else", HF_HOME=str(tmp_path), HF_ENDPOINT=address)
    found, unknown = said.splitlines()
    assert found == f"someone/tiny {'1' * 40} CogView4Pipeline"
    assert "the Hugging Face hub cannot be reached" in unknown
    assert "hf download someone/else --local-dir DIR" in unknown


MISSING = """
import sys
sys.modules["torch"] = None
from bench.generators.diffusion.generator import DiffusersGenerator
from bench.generators.model_table import models
from prompts.spec import Spec
from prompts.errors import GlyphbenchError
try:
    DiffusersGenerator(Spec.parse("diffusers:THUDM/CogView4-6B"))
except GlyphbenchError as error:
    print(error)
"""


def test_without_the_extra_one_sentence_names_the_command():
    said = run(MISSING)
    assert said.count("\n") == 1
    assert 'pip install "glyphbench[cogview]"' in said
