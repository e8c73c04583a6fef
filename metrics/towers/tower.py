"""A tower: unit vectors of pictures and of texts of any length, by an open_clip model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from metrics.towers.languages import require_language
from metrics.towers.pieces import split_text
from prompts.errors import GlyphbenchError
from prompts.spec import Spec

Floats = npt.NDArray[np.float64]
WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")


class TowerOptions(BaseModel):
    """Options of a tower's spec."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    languages: str | None = Field(None, description="what it knows, such as zh,en: needed for a local folder")
    batch: int = Field(32, ge=1, le=1024, description="pictures or texts a forward pass")


@dataclass(frozen=True, slots=True)
class TextVector:
    """A text's unit vector, and in how many pieces it went through the tower."""

    vector: Floats
    pieces: int


@dataclass(frozen=True, slots=True)
class Tower:
    """An open_clip model with its tokenizer and preprocessing; `identity` has what can change its numbers."""

    spec: str
    identity: str
    languages: frozenset[str]
    model: Any
    preprocess: Callable[[Image.Image], Any]
    tokenizer: Any
    batch: int
    device: str

    def pictures(self, pictures: Sequence[Image.Image]) -> Floats:
        """Return unit vectors, (pictures, width)."""
        import torch

        rows = []
        for start in range(0, len(pictures), self.batch):
            batch = [self.preprocess(picture.convert("RGB")) for picture in pictures[start : start + self.batch]]
            with torch.inference_mode():
                rows.append(self.model.encode_image(torch.stack(batch).to(self.device)).double().cpu().numpy())
        return _unit(np.concatenate(rows))

    def texts(self, texts: Sequence[str], language: str) -> list[TextVector]:
        """Return for each text the mean of its pieces' unit vectors, again of length 1.

        Raises:
            GlyphbenchError: The tower does not know the language.
        """
        for needed in ("zh", "en") if language == "mixed" else (language,):
            require_language(self.spec, self.languages, needed)
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
            ids = self.tokenizer(list(pieces[start : start + self.batch])).to(self.device)
            with torch.inference_mode():
                rows.append(self.model.encode_text(ids).double().cpu().numpy())
        return _unit(np.concatenate(rows))

    def _fits(self, text: str) -> bool:
        """Whether the tokenizer takes the whole text: with room for more, the tokens stay the same."""
        limit = int(self.tokenizer.context_length)
        inner = getattr(self.tokenizer, "tokenizer", None)
        if inner is not None:
            return len(inner(self.tokenizer.clean_fn(text)).input_ids) <= limit
        return len(self.tokenizer.encode(text)) + 2 <= limit


def load_tower(text: str) -> Tower:
    """Return the tower of a local folder in open_clip's form (its configuration, weights and tokenizer).

    Raises:
        GlyphbenchError: open_clip is not installed, the folder is not whole, or its languages are not stated.
    """
    spec = Spec.parse(text, "--tower")
    options = spec.validated(TowerOptions)
    folder = Path(text.partition("?")[0])
    weights = next((folder / name for name in WEIGHTS if (folder / name).is_file()), None)
    if weights is None:
        raise GlyphbenchError(f"--tower {text!r}: {folder} holds none of {', '.join(WEIGHTS)}")
    if options.languages is None:
        raise GlyphbenchError(f"--tower {text!r}: say which languages it knows, such as  '{folder}?languages=zh,en'")
    try:
        import open_clip
        import torch
    except ModuleNotFoundError as error:
        raise GlyphbenchError(f"--tower needs {error.name}: run  pip install 'glyphbench[clip]'") from None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    name = f"local-dir:{folder.resolve()}"
    model, _, preprocess = open_clip.create_model_and_transforms(name, device=device)
    model.eval()
    known = frozenset(language.strip() for language in options.languages.split(","))
    identity = f"{folder.name}:{_digest(folder, weights)[:12]}|open_clip:{open_clip.__version__}"
    transform = cast("Callable[[Image.Image], Any]", preprocess)
    return Tower(text, identity, known, model, transform, open_clip.get_tokenizer(name), options.batch, device)


def _digest(folder: Path, weights: Path) -> str:
    """SHA-256 over configuration, tokenizer and weights, by name."""
    total = hashlib.sha256()
    for path in sorted({weights, *folder.glob("*.json"), *folder.glob("*.model"), *folder.glob("*.txt")}):
        with path.open("rb") as file:
            total.update(f"{path.name}:{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def _unit(rows: Floats) -> Floats:
    return cast("Floats", rows / np.linalg.norm(rows, axis=-1, keepdims=True))
