"""Fit of pictures and prompts as a part of `run`: settings, records, absent weights, models on the hub."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from bench.cli import app
from bench.journal import Journal
from bench.run import Run
from metrics.score import Missing
from metrics.towers import tower as towers
from metrics.towers.languages import SUGGESTED, languages_of
from metrics.towers.source import DEFAULT, DEFAULT_REPOSITORY, TowerSource, default_source
from prompts.errors import GlyphbenchError

TINY = Path(__file__).parents[1] / "assets" / "tiny_tower"
NOT_THERE = ("config.json", "processor_config.json", "tokenizer.model", "added_tokens.json", "special_tokens_map.json")
LONG = ("左边有一个红色的圆形。" * 40)[:400]


@pytest.fixture
def suite(tmp_path):
    """The arguments of a run of two prompts, one of 400 characters, over pictures that exist."""
    lines = ['name = "fit"\nversion = "1"\nlanguage = "zh"\nsize = [96, 96]\nseeds = 1\n']
    (tmp_path / "pictures").mkdir()
    for name, text, colour in (("long", LONG, "red"), ("short", "右边有一个蓝色的十字。", "blue")):
        lines.append(f'[[prompt]]\nid = "{name}"\ntext = "{text}"\n')
        Image.new("RGB", (96, 96), colour).save(tmp_path / "pictures" / f"{name}.png")
    (tmp_path / "fit.toml").write_text("\n".join(lines), encoding="utf-8")
    model = f"folder:{tmp_path / 'pictures'}"
    return ["run", "--suite", str(tmp_path / "fit.toml"), "--model", model, "--out", str(tmp_path / "runs")]


def invoke(*arguments):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def only_run(tmp_path):
    (manifest,) = (tmp_path / "runs").glob("*/manifest.json")
    return Run.open(manifest.parent)


@pytest.fixture
def no_loading(monkeypatch):
    """Returns a switch after which loading a tower fails."""

    def forbidden(source):
        raise AssertionError(f"{source.spec} was loaded")

    return lambda: monkeypatch.setattr(towers, "_load", forbidden)


def test_a_run_scores_by_its_tower_and_again_without_tower_or_pictures(suite, tmp_path, no_loading):
    pytest.importorskip("open_clip")
    done = invoke(*suite, "--tower", f"{TINY}?languages=zh,en")
    assert "clip_lift" in done.stderr
    run = only_run(tmp_path)
    pieces = {picture["prompt"]: picture["pieces"] for picture in run.alignment["pictures"]}
    assert pieces["short"] == 1
    assert pieces["long"] > 400 // 40
    assert run.summary["alignment"]["prompts_in_pieces"] == {"long": pieces["long"]}
    assert run.summary["alignment"]["estimates"]["clip"]["samples"] == 2
    (tower8,) = run.manifest.towers
    assert f"|tower:tiny_tower#{tower8}|" in run.manifest.signature
    frame = run.alignment_scores
    assert list(frame.columns) == [*run.scores.columns, "tower"]
    assert (frame["value"].isna() == frame["missing"].notna()).all()

    no_loading()
    invoke(*suite, "--tower", f"{TINY}?languages=zh,en")
    invoke("align", run.folder.path, "--tower", f"{TINY}?languages=zh,en")
    before = json.loads((run.folder.path / "summary.json").read_text())
    assert before["alignment"]["tower"] == run.manifest.towers[tower8]
    for derived in (*run.folder.path.glob("alignment.*"), *run.folder.path.glob("scores.*")):
        derived.unlink()
    shutil.rmtree(run.folder.path / "images")
    invoke("score", run.folder.path)
    after = json.loads((run.folder.path / "summary.json").read_text())
    assert after["alignment"] == before["alignment"]
    (run.folder.path / f"embeddings.{tower8}.jsonl").unlink()
    invoke("score", run.folder.path)
    missing = json.loads((run.folder.path / "summary.json").read_text())["alignment"]["estimates"]["clip"]
    assert "value" not in missing
    reasons = {picture["scores"]["clip"]["missing"] for picture in Run.open(run.folder.path).alignment["pictures"]}
    assert all("python -m bench align" in reason for reason in reasons)


def test_without_weights_the_run_says_once_what_is_left_out(suite, tmp_path, monkeypatch):
    monkeypatch.setattr("metrics.towers.source.cached_weights", lambda repository: None)
    done = invoke(*suite)
    assert done.stderr.count("left out") == 1
    (line,) = [line for line in done.stderr.splitlines() if "left out" in line]
    for part in (
        "clip, clip_lift, region_clip",
        "no weights",
        "pip install 'glyphbench[clip]'",
        "--tower",
        SUGGESTED[0],
    ):
        assert part in line
    run = only_run(tmp_path)
    assert run.alignment is None
    assert run.summary["alignment"]["missing"].startswith("no weights: ")
    assert "tower:" not in run.manifest.signature


def test_tower_none_switches_it_off(suite, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCH_TOWER", "none")
    assert "left out" not in invoke(*suite).stderr
    assert only_run(tmp_path).summary["alignment"] is None


def test_a_monolingual_tower_is_refused_before_anything_is_drawn(suite, tmp_path):
    open_clip = pytest.importorskip("open_clip")
    with pytest.raises(GlyphbenchError, match="knows en") as refused:
        CliRunner().invoke(app, [*suite, "--tower", "ViT-B-32?pretrained=openai"], catch_exceptions=False)
    assert not (tmp_path / "runs").exists()
    for spec in SUGGESTED:
        assert spec in str(refused.value)
        source = TowerSource.parse(spec)
        assert source.languages == {"zh", "en"}
        assert (source.name, source.tag) in open_clip.list_pretrained()
    (config,) = {open_clip.pretrained.get_pretrained_cfg(*DEFAULT.split("?pretrained="))["hf_hub"]}
    assert config == f"{DEFAULT_REPOSITORY}/"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("ViT-B-16-SigLIP2-265?pretrained=webli", "knows no model of this name"),
        ("ViT-B-16-SigLIP2-256", "open_clip has for this model: webli"),
        ("hf-hub:someone/model", "say which languages"),
        ("ViT-B-32?pretraned=openai", "did you mean 'pretrained'"),
    ],
)
def test_a_tower_that_cannot_be_is_refused(spec, message):
    pytest.importorskip("open_clip")
    with pytest.raises(GlyphbenchError, match=message):
        TowerSource.parse(spec).check()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("ViT-B-16-SigLIP2-256", {"zh", "en"}),
        ("ViT-B-16-SigLIP-i18n-256", {"zh", "en"}),
        ("xlm-roberta-large-ViT-H-14", {"zh", "en"}),
        ("nllb-clip-base-siglip", {"zh", "en"}),
        ("ViT-B-16-SigLIP-256", {"en"}),
        ("ViT-L-14", {"en"}),
    ],
)
def test_languages_by_name(name, known):
    assert languages_of(name) == known


@pytest.fixture
def hub(tmp_path):
    """An environment whose hub cache holds the small tower as open_clip's default and as a model of its own."""
    home = tmp_path / "hub"
    for repository in (DEFAULT_REPOSITORY, "someone/tiny"):
        folder = home / "hub" / f"models--{repository.replace('/', '--')}"
        shutil.copytree(TINY, folder / "snapshots" / "0123abc")
        # The hub's own cache keeps also what it was asked for and does not have.
        for name in NOT_THERE:
            (folder / ".no_exist" / "0123abc").mkdir(parents=True, exist_ok=True)
            (folder / ".no_exist" / "0123abc" / name).touch()
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text("0123abc")
    config = home / "hub" / "models--someone--tiny" / "snapshots" / "0123abc" / "open_clip_config.json"
    content = json.loads(config.read_text())
    content["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = "someone/tiny"
    config.write_text(json.dumps(content))
    return os.environ | {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1"}


def test_a_model_from_the_cache_of_the_hub(suite, tmp_path, hub, bench_command):
    pytest.importorskip("open_clip")
    done = bench_command(*suite, "--tower", "hf-hub:someone/tiny?languages=zh,en", cwd=tmp_path, env=hub)
    assert done.returncode == 0, done.stderr
    summary = only_run(tmp_path).summary["alignment"]
    assert summary["tower"].startswith("hf-hub:someone/tiny#")
    assert summary["estimates"]["clip"]["samples"] == 2
    gone = bench_command(*suite, "--tower", "hf-hub:someone/other?languages=zh", cwd=tmp_path, env=hub)
    assert gone.returncode == 2
    assert "its weights cannot be had" in gone.stderr


def test_the_default_is_found_without_torch(hub):
    pytest.importorskip("open_clip")
    script = (
        "import sys; from metrics.towers.source import default_source; print(default_source()); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], env=hub, capture_output=True, text=True, check=True)
    found, torch = done.stdout.splitlines()
    assert "TowerSource" in found
    assert torch == "False"


def test_help_imports_neither_torch_nor_open_clip():
    script = (
        "import sys; from bench.cli import app\ntry: app(['--help'])\nexcept SystemExit: pass\n"
        "assert not {'torch', 'open_clip', 'huggingface_hub'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)


def test_without_open_clip_the_default_is_missing(monkeypatch):
    monkeypatch.setattr("metrics.towers.source.find_spec", lambda name: None)
    assert default_source() == Missing("no weights: open_clip is not installed")
    with pytest.raises(GlyphbenchError, match=r"pip install 'glyphbench\[clip\]'"):
        TowerSource.parse(DEFAULT).check()


def test_a_batch_of_records_is_one_wait_for_the_disk(tmp_path, monkeypatch):
    waits = []
    monkeypatch.setattr("bench.journal.os.fsync", waits.append)
    journal = Journal(tmp_path / "journal.jsonl")
    journal.extend([{"n": 1}, {"n": 2}])
    journal.extend([])
    assert [record["n"] for _, record in journal.records()] == [1, 2]
    assert len(waits) == 1
