"""Draws the characters that the network of `metrics/readers/intactness.py` is trained with, right and malformed.

Fonts (all free): those that Glyphbench installs, and in a folder of one's own the files of the Debian packages
fonts-wqy-zenhei, fonts-arphic-gbsn00lp, fonts-arphic-ukai, fonts-lxgw-wenkai and of the npm packages noto-serif-sc,
zcool-kuaile, zcool-qingke-huangyou, zcool-xiaowei, ma-shan-zheng, long-cang, zhi-mang-xing (all @fontsource), unpacked.
None of them is shipped; the trained weights are.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from bench.generators.typeset.damage import DAMAGES, Glyph, change, taken_apart
from bench.generators.typeset.faces import FACES
from bench.generators.typeset.parts import halves, moved

EM, WINDOW = 128, 160
"""Pixels to the em, and sides of the square in which a character is kept, its em box in the middle."""
_LEAST = 0.045  # Change below which random damage does not count as damage.


@dataclass(frozen=True)
class Design:
    """A face, at one weight: its file, or where the face comes in slices, the file for each character."""

    name: str
    path: Path | None
    slices: tuple[tuple[int, int, Path], ...] = ()
    index: int = 0
    weight: int | None = None

    def file(self, character: str) -> Path | None:
        """Return the file with the character's glyph, None where there is none."""
        code = ord(character)
        if self.path is not None:
            return self.path if code in _coverage(self.path, self.index) else None
        return next((path for low, high, path in self.slices if low <= code <= high), None)

    def draw(self, character: str, em: int = EM) -> tuple[np.ndarray, float] | None:
        """Return the ink on a square of 2 em, origin at (em // 2, 3 * em // 2), and the advance; None without one."""
        path = self.file(character)
        if path is None:
            return None
        loaded = _font(path, em, self.index, self.weight)
        canvas = Image.new("L", (2 * em, 2 * em))
        ImageDraw.Draw(canvas).text((em // 2, 3 * em // 2), character, fill=255, font=loaded, anchor="ls")
        ink = np.asarray(canvas) > 127
        return (ink, loaded.getlength(character)) if ink.any() else None


@cache
def _coverage(path: Path, index: int) -> frozenset[int]:
    with TTFont(path, fontNumber=index, lazy=True) as file:
        return frozenset(file.getBestCmap())


@lru_cache(maxsize=256)
def _font(path: Path, em: int, index: int, weight: int | None) -> ImageFont.FreeTypeFont:
    loaded = ImageFont.truetype(path, em, index=index, layout_engine=ImageFont.Layout.BASIC)
    if weight is not None:
        loaded.set_variation_by_axes([weight])
    return loaded


def packaged(name: str) -> Design:
    """Return a face of the typesetter as a design."""
    face = FACES[name]
    return Design(name, face.path, index=face.index, weight=face.weight)


def sliced(folder: Path, name: str, weight: int = 400) -> Design:
    """Return a face of an unpacked @fontsource package."""
    (package,) = folder.rglob(f"fontsource-{name}-*/unicode.json")
    slices = []
    for key, ranges in json.loads(package.read_text()).items():
        path = package.parent / "files" / f"{name}-{key.strip('[]')}-{weight}-normal.woff2"
        for span in ranges.split(","):
            low, _, high = span.strip().removeprefix("U+").partition("-")
            slices.append((int(low, 16), int(high or low, 16), path))
    return Design(f"{name}-{weight}", None, tuple(slices))


def training_designs(folder: Path) -> list[tuple[Design, int]]:
    """Return the designs to train with and how many characters of each."""

    def found(name: str, file: str) -> Design:
        return Design(name, next(folder.rglob(file)))

    sans = FACES["sans-400"]
    weights = [Design(f"sans-{w}", sans.path, index=2, weight=w) for w in (100, 300, 400, 500, 700, 900)]
    return [
        *((design, 600) for design in weights),
        (packaged("serif"), 1000),
        *((sliced(folder, "noto-serif-sc", w), 500) for w in (600, 900)),
        (found("zenhei", "wqy-zenhei.ttc"), 1000),
        (found("song", "gbsn00lp.ttf"), 1000),
        (found("wenkai", "LXGWWenKai-Regular.ttf"), 1200),
        (found("wenkai-bold", "LXGWWenKai-Bold.ttf"), 600),
        (sliced(folder, "zcool-kuaile"), 700),
        (sliced(folder, "zcool-qingke-huangyou"), 700),
        (sliced(folder, "ma-shan-zheng"), 1000),
        (sliced(folder, "long-cang"), 500),
        (sliced(folder, "zhi-mang-xing"), 300),
        (sliced(folder, "zcool-xiaowei"), 400),
        (found("kai", "ukai.ttc"), 1000),
        *((packaged(name), 0) for name in FACES if name.startswith("latin")),
    ]


def windowed(ink: np.ndarray, advance: float) -> np.ndarray:
    """Return the window around a character's em box."""
    x, y = round(EM / 2 + advance / 2), round(1.12 * EM)
    half = WINDOW // 2
    padded = np.pad(ink, half)
    return padded[y : y + WINDOW, x : x + WINDOW]


def random_damage(glyph: Glyph, rng: np.random.Generator) -> np.ndarray:
    """Return ink with one to three small faults of any sort: what models make is not among the ten kinds alone."""
    strokes = list(glyph.strokes)
    for _ in range(rng.choice([1, 2, 3], p=[0.6, 0.25, 0.15])):
        number = int(rng.integers(len(strokes)))
        stroke = strokes[number]
        if not stroke.any():
            continue
        fault = rng.integers(9)
        if fault == 0:
            strokes[number] = np.zeros_like(stroke)
        elif fault == 1:
            strokes[number] = halves(stroke, int(rng.integers(2)))[int(rng.integers(2))]
        elif fault == 2:
            strokes[number] = moved(stroke, rng.normal(0, 0.1, 2) * EM, rng.normal(0, 10), rng.uniform(0.7, 1.2))
        elif fault == 3:
            strokes.append(moved(stroke, rng.normal(0, 0.2, 2) * EM, rng.uniform(-90, 90), rng.uniform(0.5, 1.1)))
        elif fault == 4:
            strokes[number] = moved(stroke, np.zeros(2), rng.choice([-1, 1]) * rng.uniform(15, 60), 1.0)
        elif fault == 5:
            strokes[number] = moved(
                stroke, np.zeros(2), 0.0, rng.choice([rng.uniform(0.3, 0.6), rng.uniform(1.3, 1.7)])
            )
        elif fault == 6:
            strokes[number] = (
                cv2.dilate(stroke.astype(np.uint8), np.ones((3, 3)), iterations=int(rng.integers(2, 5))) > 0
            )
        elif fault == 7:
            return _blotted(np.logical_or.reduce(strokes), rng)
        else:
            chosen = rng.random(len(strokes)) < 0.4
            if chosen.any():
                part = np.logical_or.reduce([s for s, c in zip(strokes, chosen, strict=True) if c])
                rest = [s for s, c in zip(strokes, chosen, strict=True) if not c]
                strokes = [*rest, moved(part, rng.normal(0, 0.08, 2) * EM, rng.normal(0, 8), rng.uniform(0.7, 1.2))]
    return np.logical_or.reduce(strokes)


def _blotted(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return ink with a spot where it has run together, or is wiped away."""
    rows, columns = np.nonzero(ink)
    at = int(rng.integers(len(rows)))
    spot = np.zeros(ink.shape, np.uint8)
    axes = (int(rng.uniform(0.08, 0.22) * EM), int(rng.uniform(0.08, 0.22) * EM))
    cv2.ellipse(spot, (int(columns[at]), int(rows[at])), axes, float(rng.uniform(0, 180)), 0, 360, 1, -1)
    if rng.random() < 0.5:
        return ink & (spot == 0)
    closed = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)) > 0
    return ink | (closed & (spot > 0))


def damaged_inks(glyph: Glyph, donors: list[Glyph], rng: np.random.Generator, count: int) -> Iterator[np.ndarray]:
    """Yield malformed versions: of the ten kinds and of any sort, about half and half."""
    names = list(DAMAGES)
    weights = np.array([3, 1, 0.5, 3, 2.5, 1.5, 1, 1.2, 1.5, 0.5])
    for _ in range(count * 6):
        if count == 0:
            return
        if rng.random() < 0.55:
            kind = DAMAGES[names[rng.choice(len(names), p=weights / weights.sum())]]
            least, most = kind.least, kind.most
            ink = kind.damage(glyph, rng, lambda: donors[rng.integers(len(donors))])
        else:
            least, most = _LEAST, 2.0
            ink = random_damage(glyph, rng)
        if ink is not None and ink.any() and least <= change(glyph.ink, ink) <= most:
            count -= 1
            yield ink


def hanzi() -> list[str]:
    """Return the 6,763 characters of GB 2312, the common ones first."""
    codes = (bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return list("".join(code.decode("gb2312", errors="ignore") for code in codes))


def is_held_out(character: str) -> bool:
    """Return whether a character is kept from training: one in five."""
    return ord(character) % 5 == 3


def build(folder: Path, target: Path, seed: int = 1) -> None:
    """Draw everything and write it to `target` (npz)."""
    rng = np.random.default_rng(seed)
    common = [c for c in hanzi()[:3755] if not is_held_out(c)]
    rare = [c for c in hanzi()[3755:] if not is_held_out(c)]
    latin = list(string.ascii_letters + string.digits)
    intact, damaged, characters, designs, owners = [], [], [], [], []
    for number, (design, count) in enumerate(training_designs(folder)):
        many = int(0.85 * count)
        chosen = [*rng.choice(common, many, replace=False), *rng.choice(rare, count - many, replace=False), *latin]
        recent: list[Glyph] = []
        for character in rng.permutation(chosen):
            drawn = design.draw(str(character))
            if drawn is None:
                continue
            glyph = taken_apart(drawn[0])
            if not glyph.strokes:
                continue
            recent = [*recent[-20:], glyph]
            intact.append(np.packbits(windowed(glyph.ink, drawn[1])))
            characters.append(str(character))
            designs.append(number)
            for ink in damaged_inks(glyph, recent, rng, 4 if ord(character) > 127 else 2):
                damaged.append(np.packbits(windowed(ink, drawn[1])))
                owners.append(len(intact) - 1)
        print(design.name, len(intact), len(damaged), flush=True)
    np.savez(
        target,
        intact=np.array(intact),
        damaged=np.array(damaged),
        characters=np.array(characters),
        designs=np.array(designs),
        owners=np.array(owners),
    )


if __name__ == "__main__":
    import sys

    build(Path(sys.argv[1]), Path(sys.argv[2]))
