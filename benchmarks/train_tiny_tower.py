"""Trains the small bilingual open_clip tower that the tests use: `python benchmarks/train_tiny_tower.py FOLDER`.

Scenes are one or two coloured shapes at places of a picture, captioned in Chinese and English; a part of them are crops
around one shape, captioned without a place. One colour-shape-place combination in five (`held_out`) is never drawn in
training. Everything is drawn from `SEED`.
"""

from __future__ import annotations

import itertools
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

SEED = 5
STEPS = 1000
BATCH = 96
CLOSE = 24
"""Of a batch, so many pictures are crops around one shape."""
SIDE = 48
REACH = 0.25
"""A crop reaches so far from the middle of its place to each side, as a fraction of the picture."""
COLOURS = {
    "red": ("红色", (215, 35, 40)),
    "green": ("绿色", (30, 150, 60)),
    "blue": ("蓝色", (40, 70, 210)),
    "yellow": ("黄色", (240, 205, 30)),
    "purple": ("紫色", (140, 50, 170)),
    "black": ("黑色", (20, 20, 20)),
}
SHAPES = {"circle": "圆形", "square": "正方形", "triangle": "三角形", "cross": "十字"}
PLACES = {
    "left": ("左边", (0.25, 0.5)),
    "right": ("右边", (0.75, 0.5)),
    "top": ("上方", (0.5, 0.25)),
    "bottom": ("下方", (0.5, 0.75)),
}
CLOSE_ENGLISH = ("a {0} {1}", "there is a {0} {1}", "one {0} {1}")
CLOSE_CHINESE = ("一个{0}的{1}", "{0}{1}", "画面是{0}的{1}")
ENGLISH = ("a {0} {1} on the {2}", "there is a {0} {1} at the {2}", "the {2} shows a {0} {1}")
CHINESE = ("{2}有一个{0}的{1}", "一个{0}{1}在{2}", "画面{2}是{0}的{1}")


@dataclass(frozen=True, slots=True)
class Thing:
    """One shape of a scene, in the English words of the tables above."""

    colour: str
    shape: str
    place: str


Scene = tuple[Thing, ...]


def held_out(thing: Thing) -> bool:
    """Whether a combination is kept for the test: a Latin square, so that every colour, shape and place is trained."""
    colour, shape, place = (list(table).index(word) for table, word in _indexed(thing))
    return (colour + 2 * shape + 3 * place) % 5 == 0


def _indexed(thing: Thing) -> list[tuple[dict[str, Any], str]]:
    return [(COLOURS, thing.colour), (SHAPES, thing.shape), (PLACES, thing.place)]


def combinations(*, held: bool) -> list[Thing]:
    """Return all combinations that are held out, or all that are not, in a fixed order."""
    return [thing for words in itertools.product(COLOURS, SHAPES, PLACES) if held_out(thing := Thing(*words)) == held]


def draw(scene: Scene, generator: np.random.Generator, side: int = SIDE) -> Image.Image:
    """Return a picture of the scene: sizes, positions and the ground vary a little."""
    ground = tuple(int(value) for value in generator.integers(225, 256, 3))
    picture = Image.new("RGB", (side, side), ground)
    pen = ImageDraw.Draw(picture)
    for thing in scene:
        x, y = (side * (at + generator.uniform(-0.04, 0.04)) for at in PLACES[thing.place][1])
        r = side * generator.uniform(0.13, 0.18)
        colour = COLOURS[thing.colour][1]
        if thing.shape == "circle":
            pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        elif thing.shape == "square":
            pen.rectangle((x - r, y - r, x + r, y + r), fill=colour)
        elif thing.shape == "triangle":
            pen.polygon([(x, y - r), (x - r, y + r), (x + r, y + r)], fill=colour)
        else:
            pen.rectangle((x - r, y - r / 3, x + r, y + r / 3), fill=colour)
            pen.rectangle((x - r / 3, y - r, x + r / 3, y + r), fill=colour)
    return picture


def caption(scene: Scene, language: str, generator: np.random.Generator) -> str:
    """Return the scene in words, in one of several wordings."""
    clauses = [_clause(thing, language, generator, CHINESE if language == "zh" else ENGLISH) for thing in scene]
    return "，".join(clauses) + "。" if language == "zh" else ", ".join(clauses) + "."


def close_caption(thing: Thing, language: str, generator: np.random.Generator) -> str:
    """Return one shape in words that leave its place out."""
    clause = _clause(thing, language, generator, CLOSE_CHINESE if language == "zh" else CLOSE_ENGLISH)
    return f"{clause}。" if language == "zh" else f"{clause}."


def _clause(thing: Thing, language: str, generator: np.random.Generator, wordings: tuple[str, ...]) -> str:
    words = (thing.colour, thing.shape, thing.place)
    if language == "zh":
        words = (COLOURS[thing.colour][0], SHAPES[thing.shape], PLACES[thing.place][0])
    return wordings[generator.integers(len(wordings))].format(*words)


def box_of(thing: Thing) -> tuple[float, float, float, float]:
    """Return the part of a picture around a shape's place: left, top, right, bottom as fractions of it."""
    x, y = PLACES[thing.place][1]
    return x - REACH, y - REACH, x + REACH, y + REACH


def draw_close(scene: Scene, generator: np.random.Generator) -> Image.Image:
    """Return the crop around the first shape of a scene; its neighbour may reach into it."""
    side = round(SIDE / (2 * REACH))
    edges = tuple(round(edge * side) for edge in box_of(scene[0]))
    return draw(scene, generator, side).crop(edges)


def places_changed(scene: Scene) -> Scene:
    """Return the scene with its two shapes in each other's place; one of a single shape stays as it is."""
    return tuple(replace(thing, place=other.place) for thing, other in zip(scene, reversed(scene), strict=True))


def random_scene(things: list[Thing], generator: np.random.Generator) -> Scene:
    """Return one or two of `things`, at different places."""
    first = things[generator.integers(len(things))]
    if generator.random() < 0.4:
        return (first,)
    others = [thing for thing in things if thing.place != first.place]
    return (first, others[generator.integers(len(others))])


def tokenizer() -> Any:  # noqa: ANN401 - transformers has no stub for it
    """Return a tokenizer of words and Chinese characters over the captions' vocabulary."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    wordings = (
        " ".join((*ENGLISH, *CLOSE_ENGLISH, *COLOURS, *SHAPES, *PLACES))
        .translate(str.maketrans("", "", "{}012"))
        .split()
    )
    characters = "".join(
        (
            *CHINESE,
            *CLOSE_CHINESE,
            *(v[0] for v in COLOURS.values()),
            *SHAPES.values(),
            *(v[0] for v in PLACES.values()),
        )
    )
    words = sorted({*wordings, *(c for c in characters if c >= "一"), ",", ".", "，", "。"})
    vocabulary = {word: index for index, word in enumerate(["<pad>", "<unk>", "<bos>", *words, "<eos>"])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True, handle_chinese_chars=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>", special_tokens=[("<bos>", 2), ("<eos>", vocabulary["<eos>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", unk_token="<unk>", bos_token="<bos>", eos_token="<eos>"
    )


def configuration(vocabulary: int) -> dict[str, Any]:
    """Return open_clip's description of the model."""
    return {
        "model_cfg": {
            "embed_dim": 64,
            "vision_cfg": {"image_size": SIDE, "layers": 3, "width": 96, "head_width": 32, "patch_size": 8},
            "text_cfg": {
                "context_length": 40,
                "vocab_size": vocabulary,
                "hf_tokenizer_name": "tiny",
                "tokenizer_kwargs": {"clean": "whitespace"},
                "width": 96,
                "heads": 3,
                "layers": 3,
            },
        },
        "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "resize_mode": "squash"},
    }


def _batch(
    things: list[Thing], step: int, generator: np.random.Generator
) -> tuple[npt.NDArray[np.float32], list[str], npt.NDArray[np.float32]]:
    """Return pictures (batch, side, side, 3) in 0..255, their captions, and which captions hold for which pictures."""
    pixels, texts, told = [], [], []
    scene: Scene = ()
    for i in range(BATCH):
        # Without its opposite in the batch, a scene is found by its colours and shapes alone, wherever they stand.
        opposite = places_changed(scene) if i > CLOSE and i % 2 else ()
        known = opposite and not any(map(held_out, opposite))
        scene = opposite if known else random_scene(things, generator)
        language = "zh" if (i // 2 + step) % 2 else "en"
        if i < CLOSE:
            pixels.append(np.asarray(draw_close(scene, generator), np.float32))
            texts.append(close_caption(scene[0], language, generator))
            told.append({(scene[0].colour, scene[0].shape)})
        else:
            pixels.append(np.asarray(draw(scene, generator), np.float32))
            texts.append(caption(scene, language, generator))
            told.append({(thing.colour, thing.shape, thing.place) for thing in scene})
    same = np.array([[a == b for b in told] for a in told], np.float32)
    return np.stack(pixels), texts, same


def train(folder: Path) -> None:
    """Train the model and write it to `folder` as open_clip's `local-dir:` wants it."""
    import torch
    from open_clip import CLIP
    from safetensors.torch import save_file

    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    generator = np.random.default_rng(SEED)
    words = tokenizer()
    config = configuration(len(words))
    model_cfg = config["model_cfg"]
    model = CLIP(model_cfg["embed_dim"], model_cfg["vision_cfg"], model_cfg["text_cfg"])
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1.5e-3, total_steps=STEPS, pct_start=0.1)
    things = combinations(held=False)
    for step in range(STEPS):
        pixels, texts, same = _batch(things, step, generator)
        pictures = model.encode_image(torch.from_numpy(pixels).permute(0, 3, 1, 2) / 127.5 - 1, normalize=True)
        wanted = torch.from_numpy(same / same.sum(1, keepdims=True))
        ids = words(texts, padding="max_length", max_length=40, return_tensors="pt").input_ids
        fits = model.logit_scale.exp().clamp(max=50) * pictures @ model.encode_text(ids, normalize=True).T
        cross_entropy = torch.nn.functional.cross_entropy
        loss = (cross_entropy(fits, wanted) + cross_entropy(fits.T, wanted)) / 2
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 0 or step == STEPS - 1:
            print(step, f"{loss.item():.3f}", flush=True)
        if step == STEPS - 1:
            folder.mkdir(parents=True, exist_ok=True)
            save_file(
                {k: v.half().contiguous() for k, v in model.state_dict().items()},
                folder / "open_clip_model.safetensors",
            )
            (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n")
            words.save_pretrained(folder)


if __name__ == "__main__":
    train(Path(sys.argv[1]))
