"""Texts as CogView4's transformer takes them: hidden states of the language model GLM, one text at a time."""

from __future__ import annotations

from typing import Any

import torch

MULTIPLE = 16
"""Texts are padded on the left to a multiple of this many tokens (CogView4Pipeline._get_glm_embeds)."""


def encode(tokenizer: Any, encoder: Any, text: str, device: str) -> Any:  # noqa: ANN401 - untyped
    """Return the embedding of `text` (1 × tokens × width), bit for bit that of a plain call with this text alone.

    The language model attends to the padding, so that a text encoded beside a longer one is another.
    """
    ids = tokenizer(text, return_tensors="pt").input_ids
    padding = -ids.shape[1] % MULTIPLE
    ids = torch.nn.functional.pad(ids, (padding, 0), value=tokenizer.pad_token_id)
    with torch.no_grad():
        return encoder(ids.to(device), output_hidden_states=True).hidden_states[-2]
