"""A tower: unit vectors of pictures and of texts of any length, by an open_clip model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from metrics.towers.languages import require_language
from metrics.towers.pieces import split_text
from metrics.towers.source import TowerSource
from prompts.errors import GlyphbenchError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TextVector:
    """A text's unit vector, and in how many pieces it went through the tower."""

    vector: Floats
    pieces: int


@dataclass(frozen=True, slots=True)
class LoadedTower:
    """What open_clip made: model, preprocessing of a picture, tokenizer, and where it all is."""

    model: Any
    preprocess: Callable[[Image.Image], Any]
    tokenizer: Any
    device: str


@dataclass(frozen=True)
class Tower:
    """An open_clip model, loaded when the first vector is asked for; `identity` has what can change its numbers."""

    source: TowerSource
    identity: str

    @property
    def batch(self) -> int:
        """Pictures or texts a forward pass."""
        return self.source.batch

    @cached_property
    def loaded(self) -> LoadedTower:
        """The model and what goes with it."""
        return _load(self.source)

    def pictures(self, pictures: Sequence[Image.Image]) -> Floats:
        """Return unit vectors, (pictures, width)."""
        import torch

        rows = []
        for start in range(0, len(pictures), self.batch):
            batch = [self.loaded.preprocess(picture.convert("RGB")) for picture in pictures[start : start + self.batch]]
            with torch.inference_mode():
                rows.append(
                    self.loaded.model.encode_image(torch.stack(batch).to(self.loaded.device)).double().cpu().numpy()
                )
        return _unit(np.concatenate(rows))

    def texts(self, texts: Sequence[str], language: str) -> list[TextVector]:
        """Return for each text the mean of its pieces' unit vectors, again of length 1.

        Raises:
            GlyphbenchError: The tower does not know the language.
        """
        require_language(self.source.spec, self.source.languages, language)
        if not texts:
            return []
        split = [split_text(text, self._fits) for text in texts]
        vectors = self._encode([piece for pieces in split for piece in pieces])
        ends = np.cumsum([len(pieces) for pieces in split])[:-1]
        return [TextVector(_unit(rows.mean(axis=0, keepdims=True))[0], len(rows)) for rows in np.split(vectors, ends)]

    def _encode(self, pieces: Sequence[str]) -> Floats:
        import torch

        rows = []
        for start in range(0, len(pieces), self.batch):
            ids = self.loaded.tokenizer(list(pieces[start : start + self.batch])).to(self.loaded.device)
            with torch.inference_mode():
                rows.append(self.loaded.model.encode_text(ids).double().cpu().numpy())
        return _unit(np.concatenate(rows))

    def _fits(self, text: str) -> bool:
        """Whether the tokenizer takes the whole text: with room for more, the tokens stay the same."""
        limit = int(self.loaded.tokenizer.context_length)
        inner = getattr(self.loaded.tokenizer, "tokenizer", None)
        if inner is not None:
            return len(inner(self.loaded.tokenizer.clean_fn(text)).input_ids) <= limit
        return len(self.loaded.tokenizer.encode(text)) + 2 <= limit


def load_tower(text: str) -> Tower:
    """Return the tower that a spec names; weights that are not on disk are downloaded.

    Raises:
        GlyphbenchError: open_clip is not installed, there is no such tower, or its languages must be stated.
    """
    return open_tower(TowerSource.parse(text))


def open_tower(source: TowerSource) -> Tower:
    """Return the tower of a source; raises `GlyphbenchError` where its weights cannot be had."""
    return Tower(source, source.identity())


def _load(source: TowerSource) -> LoadedTower:
    source.check()
    import open_clip
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        model, _, preprocess = open_clip.create_model_and_transforms(source.name, source.tag, device=device)
        tokenizer = open_clip.get_tokenizer(source.name)
    except (OSError, RuntimeError, ValueError) as error:
        raise GlyphbenchError(f"--tower {source.spec!r}: open_clip cannot load it: {error}") from None
    model.eval()
    return LoadedTower(model, cast("Callable[[Image.Image], Any]", preprocess), tokenizer, device)


def _unit(rows: Floats) -> Floats:
    return cast("Floats", rows / np.linalg.norm(rows, axis=-1, keepdims=True))
