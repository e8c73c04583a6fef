"""The network that compares a character in a picture with how it should look."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from metrics.readers.references import SIDE


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


class Exported(nn.Module):
    """The network as it is used: references of 0..255, logits alone."""

    def __init__(self, model: Comparer) -> None:
        super().__init__()
        self.model = model

    def forward(self, window: torch.Tensor, references: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        return self.model(window, references / 255)[0]
