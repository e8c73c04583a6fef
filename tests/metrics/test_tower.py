"""The real path of a tower: open_clip, a checkpoint of our own, and the same numbers by transformers."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

pytest.importorskip("open_clip")

from metrics.towers.tower import Tower, load_tower
from prompts.errors import GlyphbenchError

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "assets" / "tiny_tower"


@pytest.fixture(scope="module")
def tower() -> Tower:
    return load_tower(f"{FOLDER}?languages=zh,en")


def test_a_400_character_prompt_is_scored_whole(tower: Tower) -> None:
    clause = "左边有一个红色的圆形。"
    text = (clause * 40)[:400]
    long, short = tower.texts([text, clause], "zh")
    assert len(text) == 400
    assert short.pieces == 1
    assert long.pieces > 400 // 40
    changed = tower.texts([text[:-11] + "下方是黑色的十字。"], "zh")[0]
    assert float(changed.vector @ long.vector) < 1 - 1e-6


def test_a_folder_must_state_its_languages_and_be_one() -> None:
    with pytest.raises(GlyphbenchError, match="languages"):
        load_tower(str(FOLDER))
    with pytest.raises(GlyphbenchError, match="holds none of"):
        load_tower("./nowhere?languages=zh")


def test_a_language_that_it_does_not_know_is_refused() -> None:
    english = load_tower(f"{FOLDER}?languages=en")
    with pytest.raises(GlyphbenchError, match="knows en"):
        english.texts(["红色"], "zh")


def test_the_cosine_is_that_of_transformers(tower: Tower, scenes: ModuleType) -> None:
    import torch

    other = _as_transformers(tower)
    generator = np.random.default_rng(11)
    scene = (scenes.Thing("red", "circle", "left"), scenes.Thing("blue", "cross", "right"))
    picture, text = scenes.draw(scene, generator), scenes.caption(scene, "en", generator)
    pixels = torch.from_numpy(np.asarray(picture, np.float32).copy()).permute(2, 0, 1)[None] / 127.5 - 1
    ids = tower.loaded.tokenizer.tokenizer(text, return_tensors="pt").input_ids
    with torch.inference_mode():
        out = other(input_ids=ids, pixel_values=pixels)
    theirs = float(torch.nn.functional.cosine_similarity(out.image_embeds, out.text_embeds))
    ours = float(tower.pictures([picture])[0] @ tower.texts([text], "en")[0].vector)
    assert ours == pytest.approx(theirs, abs=1e-5)


def _as_transformers(tower: Tower) -> Any:
    """The tower's weights in transformers' own CLIP."""
    from transformers import CLIPConfig, CLIPModel

    state = tower.loaded.model.state_dict()
    shared = {"hidden_size": 96, "intermediate_size": 384, "num_attention_heads": 3, "num_hidden_layers": 3}
    shared |= {"hidden_act": "gelu"}  # type: ignore[dict-item]
    words = len(state["token_embedding.weight"])
    text = shared | {"vocab_size": words, "max_position_embeddings": 40, "eos_token_id": words - 1}
    config = CLIPConfig(text_config=text, vision_config=shared | {"image_size": 48, "patch_size": 8}, projection_dim=64)
    other = CLIPModel(config).eval()
    renamed = {
        "text_model.embeddings.token_embedding.weight": state["token_embedding.weight"],
        "text_model.embeddings.position_embedding.weight": state["positional_embedding"],
        "text_projection.weight": state["text_projection"].T,
        "visual_projection.weight": state["visual.proj"].T,
        "vision_model.embeddings.class_embedding": state["visual.class_embedding"],
        "vision_model.embeddings.position_embedding.weight": state["visual.positional_embedding"],
        "vision_model.embeddings.patch_embedding.weight": state["visual.conv1.weight"],
        "logit_scale": state["logit_scale"],
    }
    norms = {
        "ln_final": "text_model.final_layer_norm",
        "visual.ln_pre": "vision_model.pre_layrnorm",
        "visual.ln_post": "vision_model.post_layernorm",
    }
    layers = {}
    for source, target in (("transformer", "text_model"), ("visual.transformer", "vision_model")):
        for n in range(3):
            layers[f"{source}.resblocks.{n}."] = f"{target}.encoder.layers.{n}."
    parts = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2"}
    for kind in ("weight", "bias"):
        renamed |= {f"{b}.{kind}": state[f"{a}.{kind}"] for a, b in norms.items()}
        for a, b in layers.items():
            renamed |= {f"{b}{to}.{kind}": state[f"{a}{of}.{kind}"] for of, to in parts.items()}
            renamed[f"{b}self_attn.out_proj.{kind}"] = state[f"{a}attn.out_proj.{kind}"]
            thirds = state[f"{a}attn.in_proj_{kind}"].chunk(3)
            renamed |= {f"{b}self_attn.{p}_proj.{kind}": t for p, t in zip("qkv", thirds, strict=True)}
    missing, unexpected = other.load_state_dict(renamed, strict=False)
    assert not unexpected
    assert all(name.endswith("position_ids") for name in missing)
    return other
