"""Paints characters of a bank as they might stand in pictures: the examples that the network learns from."""

from __future__ import annotations

import cv2
import numpy as np
from character_bank import BANK_SIDE, EM, Bank

from metrics.readers.references import ROOM, SIDE
from metrics.readers.windows import WINDOW, ink_planes

CELLS = SIDE // 4
"""Cells of the reference's room, in both directions, for each of which it is told whether ink is wrong there."""

SAME = {
    frozenset(pair) for pair in ("cC", "oO", "sS", "vV", "wW", "xX", "zZ", "0O", "0o", "pP", "kK", "uU", "lI", "1l")
}

_LEANING = 0.3
"""Share of the examples from lines on a shallow curve."""


def example(bank: Bank, rng: np.random.Generator) -> tuple[np.ndarray, str, float, np.ndarray, float, np.ndarray]:
    """Return a window's ink plane, the character expected, whether it is right, where not (and whether known), how."""
    number = int(bank.usable[rng.integers(len(bank.usable))])
    character, right = str(bank.characters[number]), bank.intact(number)
    draw, label, known, drawn = rng.random(), 1.0, 1.0, right
    if draw < 0.47:
        damaged = bank.damaged(number, rng)
        if damaged is not None:
            drawn, label = damaged, 0.0
    elif draw < 0.54:
        other = bank.other(character, rng)
        if frozenset((other, character)) not in SAME:
            character, label, known = other, 0.0, 0.0
    faults = _faults(right, drawn) if known else np.zeros((CELLS, CELLS), np.float32)
    window, theta = painted(bank, number, drawn, rng)
    return ink_planes(window[None])[0], character, label, faults, known, theta


def _faults(right: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return for each cell of the reference's room whether ink is wrong there."""
    soft = [cv2.GaussianBlur(ink.astype(np.float32), (0, 0), 0.02 * EM) for ink in (right, drawn)]
    margin = round((BANK_SIDE - ROOM * EM) / 2)
    wrong = np.abs(soft[0] - soft[1])[margin:-margin, margin:-margin]
    return (cv2.resize(wrong, (CELLS, CELLS), interpolation=cv2.INTER_AREA) > 0.12).astype(np.float32)


def painted(bank: Bank, number: int, drawn: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a window (RGB) with the character between neighbours, and the affine map from reference to window."""
    canvas, centre = _set(bank, number, drawn, rng)
    if rng.random() < 0.3:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
        canvas = (cv2.dilate if rng.random() < 0.6 else cv2.erode)(canvas, kernel, iterations=int(rng.integers(1, 3)))
    if rng.random() < 0.15:
        canvas = _bent(canvas, rng)
    height = float(np.exp(rng.uniform(np.log(26), np.log(110))))
    size = round(min(height, 96))
    map_, theta = _placement(size, centre, rng)
    mask = _warped(canvas, map_, size)
    if rng.random() < 0.05:  # Hollow letters.
        mask = np.clip(_warped(cv2.dilate(canvas, np.ones((5, 5), np.uint8)), map_, size) - mask, 0, 1)
    picture = _coloured(mask, canvas, map_, size, rng)
    picture = _roughened(picture, rng)
    interpolation = cv2.INTER_AREA if size > WINDOW else cv2.INTER_LINEAR
    return cv2.resize(picture, (WINDOW, WINDOW), interpolation=interpolation), theta


def _set(bank: Bank, number: int, drawn: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return ink with neighbours to the left and right, and where the character's em box has its middle."""
    canvas = np.zeros((BANK_SIDE, 3 * BANK_SIDE), np.uint8)
    canvas[:, BANK_SIDE : 2 * BANK_SIDE] = drawn
    right = bank.intact(number)
    inked = np.flatnonzero(right.any(axis=0))
    gap = float(rng.uniform(0.02, 0.3)) * EM
    for side in (-1, 1):
        if rng.random() < 0.3:
            continue
        other = bank.neighbour(number, rng)
        columns = np.flatnonzero(other.any(axis=0))
        if side > 0:
            left = round(BANK_SIDE + inked[-1] + gap)
        else:
            left = round(BANK_SIDE + inked[0] - gap - (columns[-1] - columns[0]) - 1)
        piece = other[:, columns[0] : columns[-1] + 1]
        left, skip = max(left, 0), max(-left, 0)
        piece = piece[:, skip : skip + canvas.shape[1] - left]
        canvas[:, left : left + piece.shape[1]] |= piece
    # The reader's place is the middle of the ink rather than of the em box.
    return canvas, np.array([1.5 * BANK_SIDE, BANK_SIDE / 2])


def _bent(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return ink on a slightly uneven sheet; gentler than any damage."""
    height, width = canvas.shape
    knots = rng.normal(0, 0.012 * EM, (2, 3, 7)).astype(np.float32)
    dx, dy = (cv2.resize(knot, (width, height), interpolation=cv2.INTER_CUBIC) for knot in knots)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return cv2.remap(canvas, x + dx, y + dy, cv2.INTER_NEAREST)


def _placement(size: int, centre: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the map from canvas to window in pixels (3 × 3), and from reference to window, both in −1..1 (2 × 3)."""
    # A line on a shallow curve is read as a straight one: its characters lean, are small, and stand high or low.
    leans = rng.random() < _LEANING
    share = float(rng.uniform(0.34, 0.75) if leans else np.clip(rng.normal(0.67, 0.08), 0.46, 0.9))
    stretch = np.exp(rng.normal(0, 0.06, 2))
    angle, shear = (
        np.deg2rad(rng.uniform(-26, 26) if leans else rng.normal(0, 2.5)),
        rng.normal(0, 0.04) if rng.random() < 0.85 else rng.uniform(-0.3, 0.3),
    )
    linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.array(
        [[1, shear], [0, 1]]
    )
    linear = linear * stretch * share * size / EM
    at = size * (0.5 + np.array([rng.normal(0.0, 0.06), rng.normal(0.01, 0.09 if leans else 0.03)]))
    map_ = np.eye(3)
    map_[:2, :2], map_[:2, 2] = linear, at - linear @ centre
    if rng.random() < 0.3:
        tilt = np.eye(3)
        tilt[2, :2] = rng.normal(0, 0.0015, 2) * 64 / size
        tilt[:2, 2] = 0
        shift = np.eye(3)
        shift[:2, 2] = -at
        back = np.eye(3)
        back[:2, 2] = at
        map_ = back @ tilt @ shift @ map_
    half = ROOM * EM / 2
    theta = np.concatenate([linear * half / (size / 2), ((at / (size / 2)) - 1)[:, None]], axis=1)
    return map_, theta.astype(np.float32)


def _warped(canvas: np.ndarray, map_: np.ndarray, size: int) -> np.ndarray:
    scale = float(np.sqrt(abs(np.linalg.det(map_[:2, :2]))))
    reduced, map_ = canvas.astype(np.float32), map_.copy()
    if scale < 0.6:
        factor = 2 if scale > 0.3 else 4
        height, width = canvas.shape
        reduced = cv2.resize(reduced, (width // factor, height // factor), interpolation=cv2.INTER_AREA)
        map_ = map_ @ np.array([[factor, 0, (factor - 1) / 2], [0, factor, (factor - 1) / 2], [0, 0, 1]])
    return cv2.warpPerspective(reduced, map_, (size, size), flags=cv2.INTER_LINEAR)


def _colour(rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.35:
        return np.repeat(rng.choice([rng.uniform(0, 60), rng.uniform(190, 255)]), 3)
    return rng.uniform(0, 255, 3)


def _coloured(
    mask: np.ndarray, canvas: np.ndarray, map_: np.ndarray, size: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the ink painted on a ground, with outline, shadow or glow now and then."""
    ground, ink = _colour(rng), _colour(rng)
    least = rng.uniform(35, 140)
    while np.abs(ground - ink).max() < least:
        ground, ink = _colour(rng), _colour(rng)
    picture = np.broadcast_to(ground, (size, size, 3)).astype(np.float32)
    if rng.random() < 0.4:
        picture = picture + _pattern(size, rng) * rng.uniform(5, 45)
    extra = rng.random()
    if extra < 0.15:
        wide = cv2.dilate(canvas, np.ones((3, 3), np.uint8), iterations=int(rng.integers(2, 5)))
        layer = _warped(wide, map_, size)[..., None]
        picture = picture * (1 - layer) + _colour(rng) * layer
    elif extra < 0.35:
        offset = rng.uniform(-0.06, 0.06, 2) * size
        moved = cv2.warpAffine(mask, np.array([[1, 0, offset[0]], [0, 1, offset[1]]]), (size, size))
        layer = cv2.GaussianBlur(moved, (0, 0), rng.uniform(0.3, 0.04 * size + 0.31))[..., None] * rng.uniform(0.3, 1)
        picture = picture * (1 - layer) + _colour(rng) * rng.uniform(0, 0.7) * layer
    elif extra < 0.42:
        layer = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.03, 0.12) * size)[..., None] * rng.uniform(0.3, 0.9)
        picture = picture * (1 - layer) + (0.5 * ink + 0.5 * _colour(rng)) * layer
    cover = mask[..., None]
    paint = np.broadcast_to(ink, (size, size, 3)).astype(np.float32)
    if rng.random() < 0.3:
        paint = paint + _pattern(size, rng) * rng.uniform(5, 40)
    return picture * (1 - cover) + paint * cover


def _pattern(size: int, rng: np.random.Generator) -> np.ndarray:
    """Return a gradient, clouds, grain or stripes, about −1..1."""
    kind = rng.integers(4)
    if kind == 0:
        way = rng.normal(0, 1, 2)
        x, y = np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size))
        plane = (way[0] * x + way[1] * y) / np.abs(way).sum()
    elif kind == 1:
        n = int(rng.integers(3, 9))
        plane = cv2.resize(rng.normal(0, 0.6, (n, n)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    elif kind == 2:
        plane = rng.normal(0, 0.5, (size, size))
    else:
        x, y = np.meshgrid(np.arange(size), np.arange(size))
        angle = rng.uniform(0, np.pi)
        plane = np.sin((np.cos(angle) * x + np.sin(angle) * y) * rng.uniform(0.15, 1.2) + rng.uniform(0, 6)) * 0.6
    return plane.astype(np.float32)[..., None] * (1 if rng.random() < 0.6 else rng.uniform(0.2, 1, 3))


def _roughened(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.6:
        picture = cv2.GaussianBlur(picture, (0, 0), 0.2 + abs(rng.normal(0, 0.6)) * (len(picture) / 64) ** 0.5)
    if rng.random() < 0.4:
        picture = picture + rng.normal(0, rng.uniform(1, 12), picture.shape)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))])
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return picture
