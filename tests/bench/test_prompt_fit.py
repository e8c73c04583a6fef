"""A run of drawn scenes, scored by the small bilingual tower at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import scipy.stats
from typer.testing import CliRunner

from bench.cli import app

pytest.importorskip("open_clip")

ROOT = Path(__file__).parents[2]
TOWER = f"{ROOT / 'tests' / 'assets' / 'tiny_tower'}?languages=zh,en"
SCENES = 20
SEED = 90210
"""Of the scenes drawn here: none of them, nor any of their combinations, was drawn in training."""


def held_out_scenes(scenes: ModuleType, generator: np.random.Generator) -> list[Any]:
    """Return pairs of shapes that differ in colour and shape, each in a held-out combination."""
    things = scenes.combinations(held=True)
    drawn: list[Any] = []
    while len(drawn) < SCENES:
        scene = scenes.random_scene(things, generator)
        told = {(thing.colour, thing.shape) for thing in scene}
        if len(told) == 2 and set(scene) not in [set(other) for other in drawn]:
            drawn.append(scene)
    return drawn


def aligned(
    scenes: ModuleType,
    folder: Path,
    language: str,
    *,
    order: Sequence[int] = range(SCENES),
    change: Callable[[Any], Any] = lambda scene: scene,
) -> dict[str, Any]:
    """Draw held-out scenes, run a suite of their captions over them, and return what `align` says.

    `order` says which scene's picture each prompt gets; `change` says what is drawn in place of a scene that is told.
    """
    generator = np.random.default_rng(SEED)
    told = held_out_scenes(scenes, generator)
    (folder / "pictures").mkdir(parents=True)
    lines = [f'name = "scenes"\nversion = "1"\nlanguage = "{language}"\nsize = [96, 96]\nseeds = 1\n']
    for number, scene in enumerate(told):
        picture = scenes.draw(change(told[order[number]]), generator, 96)
        picture.save(folder / "pictures" / f"scene_{number:02}.png")
        text = json.dumps(scenes.caption(scene, language, generator), ensure_ascii=False)
        lines.append(f'[[prompt]]\nid = "scene_{number:02}"\ntext = {text}\n')
        for thing in scene:
            words = json.dumps(scenes.close_caption(thing, language, generator), ensure_ascii=False)
            lines.append(f"[[prompt.region]]\ncaption = {words}\nwhere = {list(scenes.box_of(thing))}\n")
    (folder / "scenes.toml").write_text("\n".join(lines), encoding="utf-8")
    runner = CliRunner()
    arguments = ["--suite", str(folder / "scenes.toml"), "--model", f"folder:{folder / 'pictures'}"]
    made = runner.invoke(app, ["run", *arguments, "--out", str(folder / "runs")])
    assert made.exit_code == 0, made.output
    (run,) = (path.parent for path in (folder / "runs").glob("*/manifest.json"))
    runner.invoke(app, ["align", str(run), "--tower", TOWER], catch_exceptions=False)
    (embeddings,) = run.glob("embeddings.*.jsonl")
    kept = embeddings.read_bytes()
    again = runner.invoke(app, ["align", str(run), "--tower", TOWER, "--json"])
    assert again.exit_code == 0, again.output
    assert embeddings.read_bytes() == kept, "a second scoring asks the tower for nothing"
    outcome: dict[str, Any] = json.loads(again.stdout)
    return outcome


def value(outcome: dict[str, Any], metric: str) -> float:
    return float(outcome["estimates"][metric]["value"])


def first_share(outcome: dict[str, Any]) -> float:
    return float(np.mean([picture["rank"] == 1 for picture in outcome["pictures"]]))


@pytest.fixture(scope="module", params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def right(scenes: ModuleType, tmp_path_factory: pytest.TempPathFactory, language: str) -> dict[str, Any]:
    return aligned(scenes, tmp_path_factory.mktemp("right") / language, language)


def test_the_right_caption_of_twenty_is_first(right: dict[str, Any]) -> None:
    assert first_share(right) >= 0.9
    assert value(right, "clip_lift") > 0.95


def test_crops_find_their_captions(right: dict[str, Any]) -> None:
    assert value(right, "region_clip") >= 0.9


def test_shuffled_captions_fall_to_chance(
    scenes: ModuleType, tmp_path: Path, right: dict[str, Any], language: str
) -> None:
    order = np.random.default_rng(SEED).permutation(SCENES).tolist()
    shuffled = aligned(scenes, tmp_path / "shuffled", language, order=order)
    # Were each caption first in 1 of 20, a share above this would be seen once in a thousand times.
    assert first_share(shuffled) <= scipy.stats.binom.ppf(0.999, SCENES, 1 / SCENES) / SCENES
    assert 0.3 < value(shuffled, "clip_lift") < 0.7
    assert value(shuffled, "region_clip") < value(right, "region_clip") - 0.4


def test_a_composition_with_changed_places_loses(
    scenes: ModuleType, tmp_path: Path, right: dict[str, Any], language: str
) -> None:
    changed = aligned(scenes, tmp_path / "changed", language, change=scenes.places_changed)
    pairs = zip(right["pictures"], changed["pictures"], strict=True)
    won = [a["scores"]["clip"]["numerator"] > b["scores"]["clip"]["numerator"] for a, b in pairs]
    assert np.mean(won) >= 0.9
    # In every place stands what the other caption tells.
    assert value(changed, "region_clip") <= 0.1
