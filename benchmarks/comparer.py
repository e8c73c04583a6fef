"""The network that compares a character in a picture with how it should look."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from metrics.readers.references import SIDE

_FEATURES = 24
"""Channels of a window and of a reference when they are put side by side."""


def block(inside: int, outside: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    """Return a convolution with its normalisation and activation."""
    layers = nn.Conv2d(inside, outside, size, stride, size // 2, bias=False)
    return nn.Sequential(layers, nn.BatchNorm2d(outside), nn.ReLU())


def halved(inside: int, outside: int) -> nn.Sequential:
    """Return a block that takes each 2×2 pixels as one of four times the channels."""
    return nn.Sequential(nn.PixelUnshuffle(2), *block(4 * inside, outside))


class Aligner(nn.Module):
    """Finds how the reference's room lies in the window."""

    def __init__(self) -> None:
        super().__init__()
        self.both = nn.Sequential(halved(3, 32), block(32, 48, 2), block(48, 64, 2))
        self.last = nn.Sequential(nn.Flatten(), nn.Linear(64 * 16, 64), nn.ReLU(), nn.Linear(64, 6))

    def forward(self, window: torch.Tensor, references: torch.Tensor) -> torch.Tensor:
        """Return affine maps (N, 2, 3) from the reference's room to the window, both in −1..1."""
        small = functional.avg_pool2d(window, 2)
        other = functional.interpolate(references, size=(32, 32), mode="bilinear", align_corners=False)
        found = self.last(self.both(torch.cat([small, other], 1))).float()
        usual = torch.tensor([0.8, 0.0, 0.0, 0.0, 0.8, 0.0], device=found.device)
        return (usual + 0.3 * found).reshape(-1, 2, 3)


class Pairing(nn.Module):
    """Puts a window beside its references, and how far it differs from them."""

    def __init__(self) -> None:
        super().__init__()
        self.window, self.reference = halved(1, _FEATURES), halved(1, _FEATURES)
        self.join = block(_FEATURES * 5, 32, size=1)

    def forward(self, laid: torch.Tensor, references: torch.Tensor) -> torch.Tensor:
        """Take windows (N, 1, 48, 48) and references (N, 2, 48, 48); return features (N, 32, 24, 24)."""
        ours = self.window(laid)
        sans, serif = (self.reference(references[:, i : i + 1]) for i in (0, 1))
        joined: torch.Tensor = self.join(torch.cat([ours, sans, serif, (ours - sans).abs(), (ours - serif).abs()], 1))
        return joined


class Comparer(nn.Module):
    """Compares a window with the references of the character that it should show."""

    def __init__(self) -> None:
        super().__init__()
        self.aligner = Aligner()
        self.pairing: nn.Module = Pairing()
        self.join = nn.Sequential(block(32, 32), block(32, 64, 2))
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
        joined = self.join(self.pairing(laid, references))
        joined = joined + self.first(joined)
        faults = self.map(joined)
        deep, flat = self.deep(joined), faults.flatten(1)
        pools = [pool(x) for x in (joined, deep) for pool in (lambda x: x.mean((2, 3)), lambda x: x.amax((2, 3)))]
        pooled = torch.cat([*pools, flat.amax(1, keepdim=True), flat.mean(1, keepdim=True)], 1)
        return self.verdict(pooled)[:, 0].float(), faults[:, 0].float(), theta


class Exported(nn.Module):
    """The network as it is used: references of 0..255, logits alone; the same but for rounding.

    Its first layers become convolutions alone, so that ONNX Runtime need not rearrange what passes between them: a
    sixth of the time.
    """

    def __init__(self, model: Comparer) -> None:
        super().__init__()
        self.model = deepcopy(model).eval()
        self.model.aligner.both[0] = nn.Sequential(_strided(self.model.aligner.both[0]), nn.ReLU())
        self.model.pairing = _Convolved(self.model.pairing)

    def forward(self, window: torch.Tensor, references: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        return self.model(window, references / 255)[0]


class _Convolved(nn.Module):
    """A `Pairing` by convolutions: the window, twice, beside both references, |a − b| as b − a + 2 max(a − b, 0)."""

    def __init__(self, pairing: Pairing) -> None:
        super().__init__()
        window, reference = _strided(pairing.window), _strided(pairing.reference)
        join = fuse_conv_bn_eval(pairing.join[0], pairing.join[1])
        ours, theirs, far = join.weight.split([_FEATURES, 2 * _FEATURES, 2 * _FEATURES], 1)
        none, nothing = torch.zeros_like(reference.weight), torch.zeros_like(ours)
        self.ours = _convolution(torch.cat([window.weight] * 2), torch.cat([window.bias] * 2), 2)
        both = torch.cat([torch.cat([reference.weight, none]), torch.cat([none, reference.weight])], 1)
        self.theirs = _convolution(both, torch.cat([reference.bias] * 2), 2)
        # Taken as a convolution too: ONNX Runtime has no subtraction in the layout of its convolutions.
        self.minus = -torch.ones(2 * _FEATURES, 1, 1, 1)
        self.of_ours = _convolution(torch.cat([ours, nothing], 1) - far, join.bias)
        self.of_theirs = _convolution(theirs + far)
        self.of_over = _convolution(2 * far)

    def forward(self, laid: torch.Tensor, references: torch.Tensor) -> torch.Tensor:
        """Take and return what `Pairing` does."""
        ours, theirs = functional.relu(self.ours(laid)), functional.relu(self.theirs(references))
        over = functional.relu(functional.conv2d(theirs, self.minus, groups=2 * _FEATURES) + ours)
        return functional.relu(self.of_ours(ours) + self.of_theirs(theirs) + self.of_over(over))


def _strided(layers: nn.Sequential) -> nn.Conv2d:
    """Return what `halved` gave as one convolution, without its activation."""
    fused = fuse_conv_bn_eval(layers[1], layers[2])
    return _convolution(functional.pixel_shuffle(fused.weight, 2), fused.bias, 2)


def _convolution(weight: torch.Tensor, bias: torch.Tensor | None = None, stride: int = 1) -> nn.Conv2d:
    outside, inside, size, _ = weight.shape
    made = nn.Conv2d(inside, outside, size, stride, (size - stride) // 2, bias=bias is not None)
    made.weight = nn.Parameter(weight.detach())
    made.bias = None if bias is None else nn.Parameter(bias.detach())
    return made
