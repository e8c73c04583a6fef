"""Trains the network of `metrics/readers/intactness.py` and writes it as ONNX.

    python benchmarks/drawn_characters.py FONTS BANK.npz
    python benchmarks/train_intactness.py BANK.npz --target metrics/readers/intactness.onnx --minutes 25

The shipped weights saw about 560,000 examples: 140,000, then (`--start`) 230,000 with kai among the designs, which
counted three times, then 190,000 of which three in ten lean and are small.

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
from character_bank import Bank
from comparer import Comparer, Exported
from painted_characters import example
from torch import nn
from torch.nn import functional

from metrics.readers.references import SIDE, reference
from metrics.readers.windows import WINDOW


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
