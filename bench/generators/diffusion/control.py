"""Control images: where the lettering is to stand, for models that are drawn to a picture beside the text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.generators import JSON, Job
from bench.generators.listing import first_of
from bench.generators.typeset import VERSION
from bench.generators.typeset.faces import FACES, TypesettingError, digest, missing_characters
from bench.generators.typeset.fitting import Block, Item, fit
from bench.generators.typeset.layout import Rect, divide
from bench.generators.typeset.setting import Style
from bench.generators.typeset.warp import Warp
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt

if TYPE_CHECKING:
    from PIL import Image

LAYOUT = "layout"
"""The option's value for glyph layouts of our own; anything else is a folder."""

FACE = "sans-500"
"""In which layouts are set: it has both scripts, and strokes that survive the autoencoder."""

_MARGIN, _PLACE_MARGIN = 0.06, 0.01  # Shares of the picture's shorter side.
_SIZE, _SMALLEST, _TOGETHER, _PAD = 0.3, 12, 0.25, 0.3  # Share of the height; pixels; share of the size; em.


class Controls:
    """Gives each job its control image: our layout of its prompt's regions, or a file `<prompt>.png` of a folder."""

    def __init__(self, source: str) -> None:
        self._folder = None if source == LAYOUT else Path(source).expanduser()
        if self._folder is not None and not self._folder.is_dir():
            raise GlyphbenchError(f"control={source}: there is no such folder; write control={LAYOUT}, or a folder")

    @property
    def identity(self) -> Mapping[str, JSON]:
        """What decides the images: the typesetter and its face, or the files' digest."""
        if self._folder is None:
            return {"layout": VERSION, "face": FACE, "font": digest(FACES[FACE].path)}
        total = hashlib.sha256()
        for file in sorted(self._folder.glob("*.png")):
            total.update(f"{file.name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
        return {"files": f"sha256:{total.hexdigest()}"}

    def faults(self, jobs: Sequence[Job]) -> list[str]:
        """Return sentences on prompts that have no control image."""
        prompts = {job.prompt.id: job.prompt for job in jobs}
        if self._folder is None:
            told = []
            for prompt in prompts.values():
                try:
                    glyph_layout(prompt)
                except TypesettingError as error:
                    told.append(f"{prompt.id}: {error}")
            return [f"control images that cannot be set: {first_of(told, '; ')}"] if told else []
        lacking = [name for name in prompts if not (self._folder / f"{name}.png").is_file()]
        return (
            [f"prompts without a control image <prompt>.png in {self._folder}: {first_of(lacking)}"] if lacking else []
        )

    def image(self, prompt: Prompt) -> Image.Image:
        """Return the control image of a prompt, in its size.

        Raises:
            ValueError: A file that is no picture, or of another size.
        """
        from PIL import Image

        if self._folder is None:
            return glyph_layout(prompt)
        path = self._folder / f"{prompt.id}.png"
        try:
            with Image.open(path) as found:
                image = found.convert("RGB")
        except OSError as error:
            raise ValueError(f"{path}: cannot be read: {error}") from None
        if image.size != tuple(prompt.size):
            raise ValueError(
                f"{path} is {image.width}x{image.height}, the prompt {prompt.size.width}x{prompt.size.height}"
            )
        return image


def glyph_layout(prompt: Prompt) -> Image.Image:
    """Return the texts of a prompt's regions, black on white, each as large as its place has room for.

    Regions without a place share the middle of the picture. Nothing is left to chance: equal prompts, equal pixels.

    Raises:
        TypesettingError: A character that the face lacks, or a text that does not fit.
    """
    from PIL import Image, ImageOps

    ink = Image.new("L", (prompt.size.width, prompt.size.height), 0)
    for block in _blocks(prompt):
        left, top = block.placed([(0, 0)])[0]
        block.setting.draw_on(ink, round(left), round(top))
    return ImageOps.invert(ink).convert("RGB")


def _blocks(prompt: Prompt) -> Iterator[Block]:
    shorter = min(prompt.size)
    items = {index: _item(prompt, index) for index, region in enumerate(prompt.regions) if region.text.strip()}
    for area in divide([(i, prompt.regions[i].box) for i in items], prompt.size, Rect(0, 0, *prompt.size)):
        rect = area.rect.inset((_PLACE_MARGIN if area.is_asked else _MARGIN) * shorter)
        yield from fit([items[index] for index in area.regions], rect, _SMALLEST, anchor=0.5, is_centred=True)


def _item(prompt: Prompt, index: int) -> Item:
    region = prompt.regions[index]
    face = FACES[FACE]
    if lacking := missing_characters(face, region.text):
        raise TypesettingError(f"the face {FACE!r} lacks {', '.join(lacking)}")
    style = Style(face, 0.0, 1.2, "centre", region.orientation or "horizontal")
    return Item(index, region.text, style, _SIZE * prompt.size.height, _TOGETHER, _PAD, Warp())


@contextmanager
def encoded_noise(pipeline: Any, seed: int) -> Iterator[None]:  # noqa: ANN401 - untyped
    """Have the control image's encoding draw its noise from `seed` while the block runs.

    `CogView4ControlPipeline` draws it from PyTorch's global generator, so that one seed gives a picture of its own on
    every call. The noise is not that of the picture, with which it would be correlated.
    """
    import torch

    own = int.from_bytes(hashlib.sha256(f"control image {seed}".encode()).digest()[:8])
    encode = pipeline.vae.encode

    def seeded(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the autoencoder has it
        encoded = encode(*arguments, **options)
        spread = encoded.latent_dist
        spread.sample = partial(spread.sample, torch.Generator("cpu").manual_seed(own))
        return encoded

    pipeline.vae.encode = seeded
    try:
        yield
    finally:
        del pipeline.vae.encode
