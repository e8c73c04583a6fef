"""Characters of a kai hand as their single strokes: vectors of the npm package hanzi-writer-data, unpacked.

They serve as a check from outside: strokes that are not cut by our own hand. The design is near to AR PL UKai, which is
in the training; the characters are not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from read_specimens import Found, Recorder, read_picture
from specimens import Case, lively, plain, texts

from bench.generators.typeset.damage import DAMAGES, Glyph, as_coverage, change
from bench.generators.typeset.faces import Face
from metrics.readers.ppocr import PPOCRReader
from prompts.spec import Spec

GROUP = "true strokes"
_EM, _UNITS = 224, 1024
_DONORS = "永字福春国学酒我是中文道德"
_FACE = Face("kai by strokes", "", "", "")


@lru_cache(maxsize=512)
def glyph(folder: Path, character: str) -> Glyph | None:
    """Return a character with its strokes, None where the package has none."""
    file = folder / f"{character}.json"
    if not file.exists():
        return None
    strokes = []
    for path in json.loads(file.read_text())["strokes"]:
        points = np.array(_outline(path)) / _UNITS * _EM
        places = np.stack([_EM // 2 + points[:, 0], 3 * _EM // 2 - points[:, 1]], axis=1).round().astype(np.int32)
        drawn = np.zeros((2 * _EM, 2 * _EM), np.uint8)
        cv2.fillPoly(drawn, [places], 1)
        strokes.append(drawn > 0)
    return Glyph(np.logical_or.reduce(strokes), tuple(strokes))


def _outline(path: str) -> list[tuple[float, float]]:
    """Return the points of an SVG path of moves, lines and curves (M, L, Q, C, Z, all absolute)."""
    points: list[tuple[float, float]] = []
    for command, numbers in re.findall(r"([MLQCZ])([^MLQCZ]*)", path):
        values = [float(number) for number in numbers.split()]
        corners = list(zip(values[::2], values[1::2], strict=True))
        if command in "ML":
            points += corners
        elif command in "QC":
            ends = np.array([points[-1], *corners])
            for share in np.linspace(0.2, 1, 5):
                between = ends
                while len(between) > 1:
                    between = between[:-1] * (1 - share) + between[1:] * share
                points.append((float(between[0, 0]), float(between[0, 1])))
    return points


def damaged(folder: Path, character: str, kind: str, rng: np.random.Generator) -> np.ndarray | None:
    """Return a character's ink with a damage of that kind, None where it cannot be damaged so."""
    right = glyph(folder, character)
    for _ in range(150):
        ink = DAMAGES[kind].damage(right, rng, lambda: glyph(folder, _DONORS[rng.integers(len(_DONORS))]))
        if ink is not None and DAMAGES[kind].least <= change(right.ink, ink) <= DAMAGES[kind].most:
            return ink
    return None


def picture(folder: Path, case: Case, kind: str | None) -> np.ndarray | None:
    """Return the case as a picture (RGB); None where its character cannot be damaged so."""
    rng, size = np.random.default_rng([case.seed, 0]), case.size
    pitch = round(float(rng.uniform(1.02, 1.2)) * size)
    width, height = max(512, len(case.text) * pitch + 4 * size), max(320, 4 * size)
    canvas = np.zeros((height, width), np.float32)
    x, y = (width - len(case.text) * pitch) // 2, round(height / 2 + 0.38 * size)
    for position, character in enumerate(case.text):
        ink = glyph(folder, character).ink
        if kind and position == case.position:
            ink = damaged(folder, character, kind, np.random.default_rng([case.seed, 1]))
            if ink is None:
                return None
        top, left = y - 3 * size // 2, x + position * pitch - size // 2
        place = canvas[top : top + 2 * size, left : left + 2 * size]
        np.maximum(place, np.asarray(as_coverage(ink, size), np.float32) / 255, out=place)
    return plain(canvas, rng) if case.is_plain else lively(canvas, size, rng)


def cases(folder: Path, count: int, seed: int) -> Iterator[Case]:
    """Yield cases as `specimens.cases` does, with characters that the network was not trained with."""
    rng, source, made = np.random.default_rng(seed), texts(seed, is_chinese=True), 0
    while made < count:
        text = next(source)
        places = [i for i, c in enumerate(text) if ord(c) % 5 == 3 and c != "一"]
        if not places or any(glyph(folder, c) is None for c in text):
            continue
        position = int(rng.choice(places))
        if made % 2:
            text, position = text[position], 0
        size = int(rng.choice([24, 32, 48, 64, 96]))
        yield Case(_FACE, size, text, position, int(rng.integers(2**31)), bool(rng.random() < 0.4))
        made += 1


def measure(folder: Path, count: int, seed: int) -> list[Found]:
    """Return what is read at `count` places, drawn right and in every kind of damage."""
    reader, recorder = PPOCRReader(Spec.parse("ppocr")), Recorder()
    reader._shapes = recorder
    found: list[Found] = []
    for case in cases(folder, count, seed):
        for kind in (None, *DAMAGES):
            found += read_picture(reader, recorder, case, GROUP, kind, picture(folder, case, kind))
    return found
