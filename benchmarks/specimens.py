"""Lines of lettering in which one character may be malformed, painted in plain and in more lively ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from bench.generators.typeset.damage import as_coverage, damaged_mask, glyph_of
from bench.generators.typeset.faces import FACES, Face, TypesettingError, coverage, font
from prompts.loading import find_suite


class OwnFace(Face):
    """A face from a font file of one's own."""

    __slots__ = ()

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.file)


def own_face(name: str, folder: Path, file: str) -> Face:
    """Return the face of a file somewhere below `folder`."""
    return OwnFace(name, "", str(next(folder.rglob(file))), "")


def sans(weight: int) -> Face:
    """Return the shipped variable sans at a weight."""
    known = FACES["sans-400"]
    return Face(f"sans {weight}", known.package, known.file, known.licence, known.index, weight)


@dataclass(frozen=True)
class Case:
    """A place for a character: the same one is drawn right and in every kind of damage, all else being equal."""

    face: Face
    size: int
    text: str
    position: int
    seed: int
    is_plain: bool

    @property
    def target(self) -> str:
        """The character."""
        return self.text[self.position]


def texts(seed: int, is_chinese: bool) -> Iterator[str]:
    """Yield pieces of the suites' texts, Han or letters and digits alone, in a random order, again and again."""
    suite = find_suite("zh_text" if is_chinese else "en_text")
    pattern = r"[一-鿿]{1,8}" if is_chinese else r"[A-Za-z0-9]{3,12}"
    pieces = [
        piece for prompt in suite.prompts for region in prompt.regions for piece in re.findall(pattern, region.text)
    ]
    rng = np.random.default_rng(seed)
    while True:
        yield from (pieces[i] for i in rng.permutation(len(pieces)))


def cases(faces: list[Face], count: int, seed: int, is_wanted: Callable[[str], bool]) -> Iterator[Case]:
    """Yield cases, the faces in turn; half of the Chinese ones stand alone. The places are those of wanted characters.

    Faces without Han get English.
    """
    rng, made = np.random.default_rng(seed), 0
    sources = {is_chinese: texts(seed, is_chinese) for is_chinese in (True, False)}
    while made < count:
        face = faces[made % len(faces)]
        is_chinese = ord("国") in coverage(face.path, face.index)
        text = next(sources[is_chinese])
        known = coverage(face.path, face.index)
        # A 一 that stands alone is no lettering to a reader, but a line.
        places = [i for i, c in enumerate(text) if is_wanted(c) and c != "一"]
        if not places or any(ord(c) not in known for c in text):
            continue
        position = int(rng.choice(places))
        if is_chinese and made // len(faces) % 2:
            text, position = text[position], 0
        size = int(rng.choice([24, 32, 48, 64, 96]))
        yield Case(face, size, text, position, int(rng.integers(2**31)), bool(rng.random() < 0.4))
        made += 1


def picture(case: Case, kind: str | None) -> np.ndarray | None:
    """Return the case as a picture (RGB), its character damaged or right; None where it cannot be damaged so."""
    rng = np.random.default_rng([case.seed, 0])
    try:
        mask = _mask(case, kind, round(float(rng.uniform(1.02, 1.2)) * case.size))
    except TypesettingError:
        return None
    return plain(mask, rng) if case.is_plain else lively(mask, case.size, rng)


def _mask(case: Case, kind: str | None, pitch: int) -> np.ndarray:
    size, rng = case.size, np.random.default_rng([case.seed, 1])
    width, height = max(512, len(case.text) * pitch + 4 * size), max(320, 4 * size)
    canvas = Image.new("L", (width, height))
    gap = pitch - size
    widths = [round(font(case.face, size).getlength(c)) + gap for c in case.text]
    steps = [sum(widths[:position]) for position in range(len(widths))]
    x, y = (width - sum(widths)) // 2, round(height / 2 + 0.38 * size)
    for position, character in enumerate(case.text):
        at = (x + steps[position], y)
        if position != case.position:
            ImageDraw.Draw(canvas).text(at, character, fill=255, font=font(case.face, size), anchor="ls")
            continue
        if kind:
            drawn = damaged_mask(case.face, size, character, kind, rng)
        else:
            drawn = as_coverage(glyph_of(case.face, character).ink, size)
        layer = Image.new("L", canvas.size)
        layer.paste(drawn, (at[0] - size // 2, at[1] - 3 * size // 2))
        canvas = Image.fromarray(np.maximum(np.asarray(canvas), np.asarray(layer)))
    return np.asarray(canvas, np.float32) / 255


def plain(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return lettering in grey on grey."""
    dark, light = rng.uniform(0, 60), rng.uniform(200, 255)
    ground, ink = (light, dark) if rng.random() < 0.7 else (dark, light)
    level = ground * (1 - mask) + ink * mask
    return np.repeat(level[..., None], 3, axis=2).round().astype(np.uint8)


def lively(mask: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return lettering in colour: tilted, on a shaded and rough ground, with outline or shadow, out of focus."""
    height, width = mask.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-4, 4)), 1.0)
    turn[0, 1] += rng.uniform(-0.08, 0.08)
    mask = cv2.warpAffine(mask, turn, (width, height), flags=cv2.INTER_LINEAR)
    ground, ink = rng.uniform(0, 255, 3), rng.uniform(0, 255, 3)
    while abs((ground - ink) @ [0.3, 0.59, 0.11]) < 70:
        ground, ink = rng.uniform(0, 255, 3), rng.uniform(0, 255, 3)
    shade = np.linspace(-1, 1, width)[None, :, None] * rng.uniform(-25, 25, 3)
    clouds = cv2.resize(rng.normal(0, 1, (6, 9)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    painted = ground + shade + clouds[..., None] * rng.uniform(0, 14)
    extra = rng.random()
    if extra < 0.2:
        radius = max(1, round(size * 0.03))
        wide = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))[
            ..., None
        ]
        painted = painted * (1 - wide) + (255 - ink) * wide
    elif extra < 0.4:
        shift = np.array([[1, 0, 0.04 * size], [0, 1, 0.04 * size]])
        shadow = cv2.GaussianBlur(cv2.warpAffine(mask, shift, (width, height)), (0, 0), 0.02 * size + 0.3)[..., None]
        painted = painted * (1 - 0.6 * shadow)
    painted = painted * (1 - mask[..., None]) + ink * mask[..., None]
    painted = cv2.GaussianBlur(painted, (0, 0), float(rng.uniform(0.1, 0.02 * size + 0.2)))
    painted = painted + rng.normal(0, rng.uniform(0, 8), painted.shape)
    return painted.clip(0, 255).round().astype(np.uint8)
