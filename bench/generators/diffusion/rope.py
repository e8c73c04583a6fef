"""The table of rotary positions, kept on the device."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch

TABLES = 4
"""Kept at once; one of 2048x1024 takes 8 MB."""


class CachedRope(torch.nn.Module):  # type: ignore[misc]
    """Gives what another rotary embedding gives, which it asks once a size.

    diffusers computes CogView4's table on the CPU at every step and copies it to the device four times for every
    block: 112 copies of 2 MiB a step at 1024². The numbers are the same ones.
    """

    def __init__(self, rope: torch.nn.Module) -> None:
        super().__init__()
        self.rope = rope
        self._tables: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def forward(self, hidden_states: torch.Tensor) -> Any:  # noqa: ANN401 - as the embedding has it
        """Return cosines and sines for latents (pictures × channels × height × width) on their device."""
        key = (*hidden_states.shape[2:], hidden_states.device)
        if key not in self._tables:
            self._tables[key] = tuple(table.to(hidden_states.device) for table in self.rope(hidden_states))
            if len(self._tables) > TABLES:
                self._tables.popitem(last=False)
        self._tables.move_to_end(key)
        return self._tables[key]
