"""A run of drawn scenes, scored by the small bilingual tower at the command line."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from bench.cli import app

pytest.importorskip("open_clip")

ROOT = Path(__file__).parents[2]
TOWER = f"{ROOT / 'tests' / 'assets' / 'tiny_tower'}?languages=zh,en"
SCENES = 20


@pytest.fixture(scope="module")
def scenes() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_tiny_tower", ROOT / "benchmarks" / "train_tiny_tower.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def aligned(scenes: ModuleType, folder: Path, language: str, *, shift: int = 0, mirror: bool = False) -> dict[str, Any]:
    """Draw held-out scenes, run a suite of their captions over them, and return what `align` says.

    With `shift`, pictures belong to another prompt; with `mirror`, they are turned by 180 degrees.
    """
    generator = np.random.default_rng(2027)
    things = scenes.combinations(held=True)
    drawn: list[Any] = []
    while len(drawn) < SCENES:
        scene = scenes.random_scene(things, generator)
        if len(scene) == 2 and set(scene) not in [set(other) for other in drawn]:
            drawn.append(scene)
    (folder / "pictures").mkdir(parents=True)
    lines = [f'name = "scenes"\nversion = "1"\nlanguage = "{language}"\nsize = [96, 96]\nseeds = 1\n']
    for number, scene in enumerate(drawn):
        picture = scenes.draw(drawn[(number + shift) % SCENES], generator, 96)
        (picture.rotate(180) if mirror else picture).save(folder / "pictures" / f"scene_{number:02}.png")
        text = json.dumps(scenes.caption(scene, language, generator), ensure_ascii=False)
        lines.append(f'[[prompt]]\nid = "scene_{number:02}"\ntext = {text}\n')
        for thing in scene:
            x, y = scenes.PLACES[thing.place][1]
            box = [x - 0.25, y - 0.25, x + 0.25, y + 0.25]
            words = json.dumps(scenes.caption((thing,), language, generator), ensure_ascii=False)
            lines.append(f"[[prompt.region]]\ncaption = {words}\nwhere = {box}\n")
    (folder / "scenes.toml").write_text("\n".join(lines), encoding="utf-8")
    runner = CliRunner()
    arguments = ["--suite", str(folder / "scenes.toml"), "--model", f"folder:{folder / 'pictures'}"]
    made = runner.invoke(app, ["run", *arguments, "--out", str(folder / "runs")])
    assert made.exit_code == 0, made.output
    (run,) = (path.parent for path in (folder / "runs").glob("*/manifest.json"))
    runner.invoke(app, ["align", str(run), "--tower", TOWER], catch_exceptions=False)
    (embeddings,) = run.glob("embeddings.*.jsonl")
    kept = embeddings.read_bytes()
    told = runner.invoke(app, ["align", str(run), "--tower", TOWER, "--json"])
    assert told.exit_code == 0, told.output
    assert embeddings.read_bytes() == kept, "a second scoring asks the tower for nothing"
    outcome: dict[str, Any] = json.loads(told.stdout)
    return outcome


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_right_caption_is_first_and_shuffled_ones_fall_to_chance(
    scenes: ModuleType, tmp_path: Path, language: str
) -> None:
    right = aligned(scenes, tmp_path / "right", language)
    shuffled = aligned(scenes, tmp_path / "shuffled", language, shift=7)
    first = [picture["rank"] == 1 for picture in right["pictures"]]
    assert np.mean(first) >= 0.9
    assert right["estimates"]["clip_lift"]["value"] > 0.95
    assert np.mean([picture["rank"] == 1 for picture in shuffled["pictures"]]) <= 0.15
    assert 0.25 < shuffled["estimates"]["clip_lift"]["value"] < 0.75
    turned = aligned(scenes, tmp_path / "turned", language, mirror=True)
    assert turned["estimates"]["clip"]["value"] < right["estimates"]["clip"]["value"] - 0.1
    assert right["estimates"]["region_clip"]["value"] > shuffled["estimates"]["region_clip"]["value"] + 0.2
    print(language, np.mean(first), {k: v.get("value", v) for k, v in right["estimates"].items()})
