import json
import os
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

import bench.generators.model_table as table
from bench.generators.hub_cache import presence
from bench.generators.model_table import find_model, load_models, models, preset_of
from bench.generators.table import GENERATORS
from bench.plan import default_model
from prompts.errors import GlyphbenchError, UnknownNameError
from prompts.suite import Size
from reports.model_document import with_table

FILE = Path(table.__file__).parents[1] / "models.toml"

ASKED_FOR = {
    *("cogview4", "cogview4-control", "cogview3plus", "glm-image", "qwen-image", "z-image", "z-image-turbo"),
    *("flux-dev", "flux-schnell", "flux2-dev", "flux2-klein-4b", "sd3.5-large", "sd3.5-medium", "sd3.5-large-turbo"),
    *("kolors", "hunyuan-image", "hunyuan-image-distilled", "hunyuan-dit", "ovis-image", "longcat-image"),
    *("ernie-image", "ernie-image-turbo", "lumina2", "sana"),
}

ENTRY = """
[one]
title = "One"
pipeline = "OnePipeline"
hub = ["maker/one"]
steps = 4
native = [1024, 1024]
sizes = { multiple = 16, smallest = 512, largest = 2048, area = 2097152 }
limits = [{ tokenizer = "tokenizer", tokens = 77 }]
writes = ["zh"]
licence = "MIT"
parameters = { transformer = 2.0, text_encoder = 1.5 }
card = "https://example.org/one"
checked = 2026-11-25
[one.sources]
call = "its README"
sizes = "unverified: ours"
writes = "its README"
licence = "its README"
parameters = "its README"
"""


@pytest.fixture
def written(tmp_path):
    """Writes a table of models, with changes to the example, and returns its path."""

    def write(*changes, more=""):
        text = ENTRY
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "models.toml"
        path.write_text(text + more)
        return path

    return write


# The table that is shipped


def test_the_models_that_are_compared_are_in_the_table():
    assert models().keys() >= ASKED_FOR
    assert not models().keys() & GENERATORS.keys()


@pytest.mark.parametrize("name", models())
def test_every_fact_has_a_source_or_says_that_it_has_none(name):
    model = models()[name]
    assert all(len(source) > len("unverified: ") for source in model.sources.values())
    assert model.name == name
    assert model.preset.sizes.allows(model.native)
    assert model.gigabytes == pytest.approx(2 * sum(model.parameters.values()))
    assert model.largest_part < model.gigabytes
    assert date(2025, 1, 1) < model.checked
    doubted = {aspect for aspect, source in model.sources.items() if source.startswith("unverified")}
    assert set(model.unverified) == doubted


def test_cogview4_is_as_its_authors_say():
    model = find_model("cogview4")
    preset = model.preset
    assert (preset.steps, preset.guidance_argument, preset.guidance) == (50, "guidance_scale", 3.5)
    assert (preset.sizes.multiple, preset.sizes.smallest, preset.sizes.largest, preset.sizes.area) == (
        32,
        512,
        2048,
        2**21,
    )
    assert 30 < model.gigabytes < 32
    assert model.unverified == ()


def test_a_model_that_is_not_there_names_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown model 'glm-imag'; did you mean 'glm-image'"):
        find_model("glm-imag")


@pytest.mark.parametrize(("found", "model"), [("/usr/bin/nvidia-smi", "cogview4"), (None, "typeset")])
def test_the_default_model_is_cogview4_where_there_is_a_gpu(monkeypatch, found, model):
    monkeypatch.setattr("shutil.which", lambda _: found)
    assert default_model() == model


@pytest.mark.parametrize(
    ("pipeline", "source", "name"),
    [
        ("FluxPipeline", "black-forest-labs/FLUX.1-schnell", "flux-schnell"),
        ("FluxPipeline", "Black-Forest-Labs/flux.1-dev", "flux-dev"),
        ("CogView4Pipeline", "THUDM/CogView4-6B", "cogview4"),
        ("CogView4Pipeline", "someone/cogview4-tuned", "cogview4"),
        ("ZImagePipeline", "Tongyi-MAI/Z-Image-Turbo", "z-image-turbo"),
    ],
)
def test_a_checkpoints_preset_is_found_by_id_or_by_class_without_a_word(pipeline, source, name, caplog):
    assert preset_of(pipeline, source).name == name
    assert caplog.text == ""


def test_a_class_of_several_models_gets_the_first_and_a_warning(caplog):
    assert preset_of("StableDiffusion3Pipeline", "someone/tuned").name == "sd3.5-large"
    assert "as sd3.5-large, sd3.5-large-turbo and sd3.5-medium are: it is called like sd3.5-large" in caplog.text
    assert "(28 steps, guidance_scale 3.5)" in caplog.text
    assert "--model sd3.5-large-turbo:someone/tuned" in caplog.text


def test_a_class_of_no_model_has_no_preset():
    assert preset_of("KandinskyPipeline", "someone/else") is None


# Files with faults


def test_an_entry_becomes_a_model(written):
    model = load_models(written())["one"]
    assert (model.name, model.native, model.gigabytes, model.largest_part) == ("one", Size(1024, 1024), 7.0, 4.0)
    assert model.preset.guidance_argument is None
    assert model.unverified == ("sizes",)


def test_all_faults_are_told_at_once(written):
    path = written(
        ("steps = 4", "steps = 0"),
        ('writes = ["zh"]', 'writes = ["fr"]'),
        ('licence = "MIT"', 'license = "MIT"'),
        ('sizes = "unverified: ours"\n', ""),
        more=ENTRY.replace("one", "two").replace("maker/two", "Maker/One").replace("[1024, 1024]", "[1000, 1000]"),
    )
    with pytest.raises(GlyphbenchError) as caught:
        load_models(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    for fault in (
        "two.hub: Maker/One belongs to one already",
        "one.steps: Input should be greater than 0, got 0",
        "one.writes.0: ",
        "one.license: unknown key; did you mean 'licence'?",
        "one.sources: must be given for call, licence, parameters, sizes, writes; they lack sizes",
        "two: the native size [1000, 1000] breaks the model's own rule",
    ):
        assert fault in message


def test_a_guidance_that_is_given_twice_is_a_fault(written):
    twice = 'steps = 4\nguidance = { argument = "scale", value = 3.0 }\narguments = { scale = 2.0 }'
    with pytest.raises(GlyphbenchError, match="one: scale is given twice, by guidance and in arguments"):
        load_models(written(("steps = 4", twice)))


def test_a_file_that_is_no_toml_or_not_there(tmp_path):
    (tmp_path / "models.toml").write_text("[one")
    for path in (tmp_path / "models.toml", tmp_path / "missing.toml"):
        with pytest.raises(GlyphbenchError, match=f"{path}: cannot be read as TOML"):
            load_models(path)


# The hub's cache


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of the hub, and a function that puts a file of a repository into it."""
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    snapshot = tmp_path / "hub" / "models--maker--one" / "snapshots" / ("1" * 40)

    def put(name, content=""):
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).write_text(content)

    return put


INDEX = json.dumps(
    {
        "_class_name": "OnePipeline",
        "transformer": ["diffusers", "OneTransformer"],
        "tokenizer": ["transformers", "OneTokenizer"],
        "image_encoder": [None, None],
    }
)


def test_a_pipeline_is_in_the_cache_when_all_its_parts_and_shards_are(cache):
    hub = ["other/one", "maker/one"]
    assert presence(hub) == "absent"
    cache("model_index.json", INDEX)
    assert presence(hub) == "in part"
    cache("tokenizer/tokenizer.json")
    cache("transformer/config.json")
    assert presence(hub) == "in part"
    shards = {"weight_map": {"a": "model-1-of-2.safetensors", "b": "model-2-of-2.safetensors"}}
    cache("transformer/model.safetensors.index.json", json.dumps(shards))
    cache("transformer/model-1-of-2.safetensors")
    assert presence(hub) == "in part"
    cache("transformer/model-2-of-2.safetensors")
    assert presence(hub) == "complete"
    assert presence(["maker/two"]) == "absent"


def test_one_file_of_weights_is_enough_and_a_dangling_link_is_none(cache, tmp_path):
    cache("model_index.json", INDEX)
    cache("tokenizer/tokenizer.json")
    cache("transformer/model.safetensors")
    assert presence(["maker/one"]) == "complete"
    [file] = tmp_path.rglob("model.safetensors")
    file.unlink()
    file.symlink_to(tmp_path / "blob-that-was-removed")
    assert presence(["maker/one"]) == "in part"


# The command


def test_models_lists_them_and_shows_one(bench_command, tmp_path):
    environment = {**os.environ, "HF_HOME": str(tmp_path), "COLUMNS": "200"}
    listed = bench_command("models", cwd=tmp_path, env=environment)
    assert listed.returncode == 0
    row = next(line for line in listed.stdout.splitlines() if "qwen-image " in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "qwen-image",
        "zh, en",
        "Apache-2.0",
        "1328x1328",
        "58",
        "50",
        "4",
        "absent",
    ]
    assert "`models NAME` has the sources" in listed.stderr
    page = bench_command("models", "flux-schnell", cwd=tmp_path, env=environment).stdout
    assert re.search(r"^licence +Apache-2\.0$", page, re.MULTILINE)
    assert re.search(r"^call +4 steps, no guidance, guidance_scale=0\.0, true_cfg_scale=1\.0", page, re.MULTILINE)
    assert "tokenizer: 77 tokens, of the beginning alone" in page
    assert "sources\n  call       https://" in page
    unknown = bench_command("models", "flux", cwd=tmp_path, env=environment)
    assert unknown.returncode == 2
    assert "did you mean 'flux-dev'" in unknown.stderr


def test_models_as_json_has_all_that_is_known(bench_command, tmp_path):
    done = bench_command("models", "--json", cwd=tmp_path)
    every = json.loads(done.stdout)
    assert [entry["name"] for entry in every] == list(tomllib.loads(FILE.read_text(encoding="utf-8")))
    [one] = [entry for entry in every if entry["name"] == "longcat-image"]
    assert one["call"]["enable_prompt_rewrite"] is False
    assert one["call"]["guidance_scale"] == 4.0
    assert one["sizes"] == {"multiple": 16, "smallest": 512, "largest": 2048, "area": 2097152}
    assert one == json.loads(bench_command("models", "longcat-image", "--json", cwd=tmp_path).stdout)


def test_the_documentation_has_the_table_as_it_is():
    page = (FILE.parents[1] / "docs" / "models.md").read_text(encoding="utf-8")
    assert page == with_table(page), "run: python -m reports.model_document docs/models.md"


def test_the_documentation_names_every_class_that_models_share():
    page = (FILE.parents[1] / "docs" / "models.md").read_text(encoding="utf-8")
    shared = {}
    for name, model in models().items():
        shared.setdefault(model.preset.pipeline, []).append(f"`{name}`")
    rows = [
        f"| `{pipeline}` | {', '.join(names)} | {names[0]} |" for pipeline, names in shared.items() if len(names) > 1
    ]
    assert rows
    assert [row for row in rows if row not in page] == []
