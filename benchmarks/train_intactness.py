"""Trains the network of `metrics/readers/intactness.py` and writes it as ONNX.

    python benchmarks/drawn_characters.py FONTS BANK.npz
    python benchmarks/train_intactness.py BANK.npz --target metrics/readers/intactness.onnx --minutes 25

Needs torch, and onnx for the last step. A character drawn right, or malformed, is put into a line between neighbours
and painted on a ground as it might stand in a picture; the network sees it beside the references of the character that
it should be. It is told whether it is right, where not, and how it lies in its window.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from metrics.readers.references import ROOM, SIDE, has_reference, reference
from metrics.readers.windows import WINDOW, ink_plane

EM, BANK_SIDE = 128, 160  # As the bank was drawn (benchmarks/drawn_characters.py).
CELLS = SIDE // 4


class Bank:
    """Drawn characters, unpacked when asked for."""

    def __init__(self, paths: list[Path]) -> None:
        files = [np.load(path) for path in paths]
        self._intact, self._damaged, self.characters = (
            np.concatenate([file[name] for file in files]) for name in ("intact", "damaged", "characters")
        )
        self.designs = np.concatenate([file["designs"] + 100 * number for number, file in enumerate(files)])
        offsets = np.cumsum([0, *(len(file["intact"]) for file in files)])[:-1]
        owners = np.concatenate([file["owners"] + offset for file, offset in zip(files, offsets, strict=True)])
        starts = np.searchsorted(owners, np.arange(len(self._intact)))
        self._spans = np.stack([starts, np.append(starts[1:], len(owners))], axis=1)
        self.usable = np.array([i for i, c in enumerate(self.characters) if has_reference(str(c))])
        self._of_design = {d: np.flatnonzero(self.designs == d) for d in np.unique(self.designs)}
        self._alike = self._look_alikes()

    def _look_alikes(self) -> dict[str, list[str]]:
        """Return for each character those whose reference is most like its own."""
        names = sorted({str(c) for c in self.characters if has_reference(str(c))})
        small = np.stack([cv2.resize(reference(c)[0], (16, 16), interpolation=cv2.INTER_AREA).ravel() for c in names])
        small = cv2.blur(small.astype(np.float32).reshape(-1, 16, 16).transpose(1, 2, 0).copy().reshape(16, -1), (1, 1))
        vectors = small.reshape(16, 16, -1).reshape(256, -1).T
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        nearest = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:9]
        return {c: [names[j] for j in row] for c, row in zip(names, nearest, strict=True)}

    def intact(self, number: int) -> np.ndarray:
        """Return a character's ink as it should be."""
        return np.unpackbits(self._intact[number]).reshape(BANK_SIDE, BANK_SIDE)

    def damaged(self, number: int, rng: np.random.Generator) -> np.ndarray | None:
        """Return one of its malformed versions, None where there is none."""
        low, high = self._spans[number]
        return None if low == high else np.unpackbits(self._damaged[rng.integers(low, high)]).reshape(BANK_SIDE, -1)

    def neighbour(self, number: int, rng: np.random.Generator) -> np.ndarray:
        """Return the ink of another character of the same design and script."""
        group = self._of_design[self.designs[number]]
        for _ in range(8):
            other = int(group[rng.integers(len(group))])
            if (ord(str(self.characters[other])) > 127) == (ord(str(self.characters[number])) > 127):
                break
        return self.intact(other)

    def other(self, character: str, rng: np.random.Generator) -> str:
        """Return a wrong character: half of the time one that looks alike."""
        if rng.random() < 0.5:
            return self._alike[character][rng.integers(8)]
        wide = ord(character) > 127
        while True:
            found = str(self.characters[self.usable[rng.integers(len(self.usable))]])
            if found != character and (ord(found) > 127) == wide:
                return found


SAME = {
    frozenset(pair) for pair in ("cC", "oO", "sS", "vV", "wW", "xX", "zZ", "0O", "0o", "pP", "kK", "uU", "lI", "1l")
}


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
    return ink_plane(window), character, label, faults, known, theta


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
    share = float(np.clip(rng.normal(0.67, 0.08), 0.46, 0.9))
    stretch = np.exp(rng.normal(0, 0.06, 2))
    angle, shear = (
        np.deg2rad(rng.normal(0, 2.5)),
        rng.normal(0, 0.04) if rng.random() < 0.85 else rng.uniform(-0.3, 0.3),
    )
    linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.array(
        [[1, shear], [0, 1]]
    )
    linear = linear * stretch * share * size / EM
    at = size * (0.5 + np.array([rng.normal(0.0, 0.06), rng.normal(0.01, 0.03)]))
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


def block(inside: int, outside: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    """Return a convolution with its normalisation and activation."""
    layers = nn.Conv2d(inside, outside, size, stride, size // 2, bias=False)
    return nn.Sequential(layers, nn.BatchNorm2d(outside), nn.ReLU())


class Aligner(nn.Module):
    """Finds how the reference's room lies in the window."""

    def __init__(self) -> None:
        super().__init__()
        self.both = nn.Sequential(block(12, 32), block(32, 48, 2), block(48, 64, 2))
        self.last = nn.Sequential(nn.Flatten(), nn.Linear(64 * 16, 64), nn.ReLU(), nn.Linear(64, 6))

    def forward(self, window: torch.Tensor, references: torch.Tensor) -> torch.Tensor:
        """Return affine maps (N, 2, 3) from the reference's room to the window, both in −1..1."""
        small = functional.pixel_unshuffle(functional.avg_pool2d(window, 2), 2)
        other = functional.interpolate(references, size=(32, 32), mode="bilinear", align_corners=False)
        found = self.last(self.both(torch.cat([small, functional.pixel_unshuffle(other, 2)], 1))).float()
        usual = torch.tensor([0.8, 0.0, 0.0, 0.0, 0.8, 0.0], device=found.device)
        return (usual + 0.3 * found).reshape(-1, 2, 3)


class Comparer(nn.Module):
    """Compares a window with the references of the character that it should show."""

    def __init__(self) -> None:
        super().__init__()
        self.aligner = Aligner()
        self.window, self.reference = block(4, 24), block(4, 24)
        self.join = nn.Sequential(block(24 * 5, 32, size=1), block(32, 32), block(32, 64, 2))
        self.first = nn.Sequential(block(64, 64), block(64, 64))
        self.map = nn.Conv2d(64, 1, 1)
        self.deep = nn.Sequential(block(64, 96, 2), block(96, 96))
        self.verdict = nn.Sequential(nn.Linear(64 * 2 + 96 * 2 + 2, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 1))
        along = (torch.arange(SIDE) + 0.5) / SIDE * 2 - 1
        base = torch.stack(
            [along[None].expand(SIDE, SIDE), along[:, None].expand(SIDE, SIDE), torch.ones(SIDE, SIDE)], -1
        )
        self.register_buffer("base", base.reshape(1, SIDE * SIDE, 3))

    def forward(self, window: torch.Tensor, references: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Take windows (N, 1, 64, 64), references (N, 2, 48, 48); return logits, fault maps, affine maps."""
        theta = self.aligner(window, references)
        grid = (self.base @ theta.detach().transpose(1, 2)).reshape(-1, SIDE, SIDE, 2)
        laid = functional.grid_sample(window.float(), grid, align_corners=False, padding_mode="border")
        ours = self.window(functional.pixel_unshuffle(laid, 2))
        sans, serif = (self.reference(functional.pixel_unshuffle(references[:, i : i + 1], 2)) for i in (0, 1))
        joined = self.join(torch.cat([ours, sans, serif, (ours - sans).abs(), (ours - serif).abs()], 1))
        joined = joined + self.first(joined)
        faults = self.map(joined)
        deep, flat = self.deep(joined), faults.flatten(1)
        pools = [pool(x) for x in (joined, deep) for pool in (lambda x: x.mean((2, 3)), lambda x: x.amax((2, 3)))]
        pooled = torch.cat([*pools, flat.amax(1, keepdim=True), flat.mean(1, keepdim=True)], 1)
        return self.verdict(pooled)[:, 0].float(), faults[:, 0].float(), theta


def batch(bank: Bank, rng: np.random.Generator, count: int) -> tuple[torch.Tensor, ...]:
    """Return windows, references, whether they are right, where not, whether that is known, and affine maps."""
    rows = [example(bank, rng) for _ in range(count)]
    references = np.stack([reference(row[1]) for row in rows]).astype(np.float32) / 255
    columns = [np.stack([row[i] for row in rows]) for i in (0, 2, 3, 4, 5)]
    planes, labels, faults, known, theta = (torch.from_numpy(np.asarray(c, np.float32)) for c in columns)
    return planes[:, None], torch.from_numpy(references), labels, faults, known, theta


def loss_of(model: Comparer, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, dict[str, float], torch.Tensor]:
    """Return the loss, its parts, and the logits."""
    planes, references, labels, faults, known, theta = given
    with torch.autocast("cpu", torch.bfloat16):
        logits, maps, found = model(planes, references)
    verdict = functional.binary_cross_entropy_with_logits(logits, labels)
    cells = functional.binary_cross_entropy_with_logits(maps, faults, reduction="none", pos_weight=torch.tensor(2.0))
    place = (cells.mean((1, 2)) * known).sum() / known.sum().clamp(min=1)
    # Where another character stands, the window's affine map says nothing about this one's.
    fit = (functional.smooth_l1_loss(found, theta, reduction="none", beta=0.1).mean((1, 2)) * known).mean()
    return verdict + 0.7 * place + 3 * fit, {"verdict": verdict.item(), "map": place.item(), "fit": fit.item()}, logits


def train(bank: Bank, minutes: float, seed: int, start: Path | None) -> Comparer:
    """Return a network trained for so many minutes on one thread."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(seed)
    rng, model = np.random.default_rng(seed), Comparer()
    if start:
        model.load_state_dict(torch.load(start))
    model = model.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    begin, step, seen, sums = time.time(), 0, [], {}
    while (spent := (time.time() - begin) / (60 * minutes)) < 1:
        warm = min(1.0, (step + 1) / 200)
        for group in optimiser.param_groups:
            group["lr"] = (2e-3 if start else 3e-3) * warm * (0.5 + 0.5 * np.cos(np.pi * spent)) + 1e-6
        given = batch(bank, rng, 128)
        loss, parts, logits = loss_of(model, given)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        step += 1
        seen.append((logits.detach().numpy(), given[2].numpy()))
        sums = {key: 0.98 * sums.get(key, value) + 0.02 * value for key, value in parts.items()}
        if step % 100 == 0:
            score, label = (np.concatenate(x) for x in zip(*seen[-100:], strict=True))
            ranks = np.argsort(np.argsort(score))
            n = label.sum()
            auc = (ranks[label == 1].sum() - n * (n - 1) / 2) / (n * (len(label) - n))
            print(step, f"{spent:.2f}", f"auc {auc:.4f}", {k: round(v, 4) for k, v in sums.items()}, flush=True)
    return model.eval()


class Exported(nn.Module):
    """The network as it is used: references of 0..255, logits alone."""

    def __init__(self, model: Comparer) -> None:
        super().__init__()
        self.model = model

    def forward(self, window: torch.Tensor, references: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        return self.model(window, references / 255)[0]


def write(model: Comparer, target: Path) -> None:
    """Write the network as ONNX."""
    given = (torch.zeros(2, 1, WINDOW, WINDOW), torch.zeros(2, 2, SIDE, SIDE))
    names = ["window", "references"]
    torch.onnx.export(
        Exported(model).eval(),
        given,
        target,
        input_names=names,
        output_names=["logit"],
        dynamic_axes={name: {0: "n"} for name in (*names, "logit")},
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("bank", type=Path, nargs="+")
    parser.add_argument("--target", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="weights of an earlier run to go on from")
    options = parser.parse_args()
    trained = train(Bank(options.bank), options.minutes, options.seed, options.start)
    torch.save(trained.state_dict(), options.target.with_suffix(".pt"))
    write(trained, options.target)
