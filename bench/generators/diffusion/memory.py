"""Memory plans: which parts of a model are on the device at once, and how much each layout takes.

Weights are counted exactly, from the parts' own shapes. What is computed beside them is estimated, and the estimate
is stated here; `timings.jsonl` records what a run really took.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from prompts.errors import GlyphbenchError
from prompts.suite import Size

GB = 10**9
RESERVE = 8 * 10**8
"""Bytes that the driver, the libraries' workspaces and fragmentation take. An estimate."""


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What a model's parts weigh, in bytes, and the widths that decide what is computed beside them.

    Attributes:
        encoder: The text encoder.
        encoder_block: The largest of its layers.
        encoder_rest: What is in none of its layers.
        encoder_width: Of its hidden states.
        encoder_layers: Their number.
        transformer: The transformer.
        transformer_block: The largest of its blocks.
        transformer_rest: What is in none of its blocks.
        transformer_width: Of its hidden states.
        vae: The autoencoder.
        vae_channels: At full resolution.
        item: Bytes of a number.
        scale: Pixels along one side of a token.
        tile: Pixels along one side of what is decoded at once, where pictures are tiled; None where they are not.
    """

    encoder: int
    encoder_block: int
    encoder_rest: int
    encoder_width: int
    encoder_layers: int
    transformer: int
    transformer_block: int
    transformer_rest: int
    transformer_width: int
    vae: int
    vae_channels: int
    item: int
    scale: int
    tile: int | None = None

    def encoding(self, tokens: int) -> int:
        """Return about how many bytes the encoding of a text takes: all layers' states, and 16 more of their size."""
        return tokens * self.encoder_width * self.item * (self.encoder_layers + 16)

    def denoising(self, size: Size, batch: int, tokens: int) -> int:
        """Return about how many bytes a forward pass takes: 24 times the hidden states.

        Its largest moment is the feed-forward layer (four times as wide, before and after its activation), beside
        both streams, their norms, and the rotated queries and keys in float32.
        """
        length = size.width * size.height // self.scale**2 + tokens
        return batch * length * self.transformer_width * self.item * 24

    def decoding(self, size: Size) -> int:
        """Return about how many bytes decoding a picture takes: 4 maps of the widest layer at full resolution."""
        width, height = (min(side, self.tile or side) for side in size)
        return width * height * self.vae_channels * self.item * 4


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts are, and when.

    Attributes:
        name: For records.
        encoder: `kept` on the device, `dropped` once all texts are encoded, or `streamed` through it layer by layer.
        transformer: `resident` while it works, or `streamed` through the device block by block.
        meanwhile: Whether pictures are decoded while others are computed; else all are computed, then all decoded.
    """

    name: str
    encoder: Literal["kept", "dropped", "streamed"]
    transformer: Literal["resident", "streamed"]
    meanwhile: bool


LAYOUTS = (
    Layout("resident", "kept", "resident", meanwhile=True),
    Layout("phases", "dropped", "resident", meanwhile=True),
    Layout("turns", "dropped", "resident", meanwhile=False),
    Layout("streamed-encoder", "streamed", "resident", meanwhile=False),
    Layout("streamed", "streamed", "streamed", meanwhile=False),
)
"""All of them exact; the faster, the earlier."""


@dataclass(frozen=True, slots=True)
class Demand:
    """The most that one call is asked for: the largest size, pictures a batch, the longest text in tokens."""

    size: Size
    batch: int = 1
    tokens: int = 1024


def peak(layout: Layout, anatomy: Anatomy, demand: Demand) -> int:
    """Return about how many bytes of the device a layout takes at its fullest moment."""
    encoder, transformer = anatomy.encoder, anatomy.transformer
    if layout.encoder == "streamed":
        encoder = anatomy.encoder_rest + 2 * anatomy.encoder_block
    if layout.transformer == "streamed":
        transformer = anatomy.transformer_rest + 2 * anatomy.transformer_block
    encoding = encoder + anatomy.encoding(demand.tokens)
    denoising = transformer + anatomy.denoising(demand.size, demand.batch, demand.tokens)
    decoding = anatomy.vae + anatomy.decoding(demand.size)
    together = denoising + decoding if layout.meanwhile else max(denoising, decoding)
    if layout.encoder == "kept":
        return RESERVE + encoder + max(together, anatomy.encoding(demand.tokens))
    return RESERVE + max(encoding, together)


def choose(budget: int, anatomy: Anatomy, demand: Demand) -> Layout:
    """Return the fastest layout that fits.

    Raises:
        GlyphbenchError: None does; the message names what would.
    """
    for layout in LAYOUTS:
        if peak(layout, anatomy, demand) <= budget:
            return layout
    size = f"{demand.size.width}x{demand.size.height}"
    raise GlyphbenchError(
        f"memory={budget / GB:.1f}GB does not hold the model at {size}"
        f"{f' in batches of {demand.batch}' if demand.batch > 1 else ''} in any layout. {remedies(anatomy, demand)}"
    )


def smaller_plan(layout: Layout, anatomy: Anatomy, demand: Demand) -> str:
    """Return what to ask for after memory ran out in `layout`: the next layouts that take less, with their peaks."""
    taken = peak(layout, anatomy, demand)
    later = LAYOUTS[LAYOUTS.index(layout) + 1 :]
    less = [(other, peak(other, anatomy, demand)) for other in later if peak(other, anatomy, demand) < taken]
    told = f"the layout {layout.name} takes about {taken / GB:.1f} GB at this size"
    if not less:
        return f"{told}, and no exact layout takes less. {remedies(anatomy, demand)}"
    fitting = ", ".join(f"memory={_rounded(size)} ({other.name})" for other, size in less)
    return f"{told}; what takes less and leaves the pixels as they are: {fitting}"


def remedies(anatomy: Anatomy, demand: Demand) -> str:
    """Return what would fit into less memory: exact ways first, then those that change the pictures."""
    least = LAYOUTS[-1]
    ways = [f"needs {peak(least, anatomy, demand) / GB:.1f} GB with memory={_rounded(peak(least, anatomy, demand))}"]
    if demand.batch > 1:
        single = replace(demand, batch=1)
        ways.append(f"{peak(least, anatomy, single) / GB:.1f} GB with batch=1")
    smaller = Size(512, 512)
    if demand.size.width * demand.size.height > smaller.width * smaller.height:
        ways.append(f"{peak(least, anatomy, replace(demand, size=smaller)) / GB:.1f} GB at 512x512")
    lossy = []
    if anatomy.tile is None and max(demand.size) > 1024:
        tiled = peak(least, replace(anatomy, tile=1024), demand)
        lossy.append(f"tiling=true ({tiled / GB:.1f} GB)")
    told = f"It {', '.join(ways)}"
    return f"{told}; lossy, as another model: {', '.join(lossy)}" if lossy else told


def layout_table(anatomy: Anatomy, demands: Sequence[Demand]) -> list[dict[str, str]]:
    """Return each layout's estimated peak at each size, for people."""
    return [
        {
            "layout": layout.name,
            **{f"{d.size.width}x{d.size.height}": f"{peak(layout, anatomy, d) / GB:.1f} GB" for d in demands},
        }
        for layout in LAYOUTS
    ]


def parse_memory(text: str) -> int:
    """Return the bytes that `12GB` stands for."""
    return int(float(text.removesuffix("GB")) * GB)


def _rounded(size: int) -> str:
    return f"{-(-size // GB)}GB"
