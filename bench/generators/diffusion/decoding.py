"""Latents into pixels, one picture at a time; on a CUDA device while the next ones are computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True, slots=True)
class Decoding:
    """A picture on its way: pixels that are complete once `done` has happened, and the events around the work."""

    pixels: Any
    started: Any = None
    done: Any = None


class Decoder:
    """Decodes with an autoencoder as the pipeline does.

    Attributes:
        ahead: How many batches may be computed before what is being decoded is asked for.
    """

    def __init__(self, vae: Any, processor: Any, device: str) -> None:  # noqa: ANN401 - untyped
        self._vae, self._processor, self._device = vae, processor, torch.device(device)
        self._stream = torch.cuda.Stream(self._device) if self._device.type == "cuda" else None
        self.ahead = 0 if self._stream is None else 1

    def start(self, latents: Any) -> Decoding:  # noqa: ANN401 - a tensor
        """Begin to decode the latents (channels × height × width) of one picture."""
        latents = latents[None].to(self._device)
        if self._stream is None:
            return Decoding(self._decode(latents))
        current = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(current)
        started, done = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        with torch.cuda.stream(self._stream):
            started.record(self._stream)
            decoded = self._decode(latents)
            latents.record_stream(self._stream)
            pixels = torch.empty(decoded.shape, dtype=decoded.dtype, pin_memory=True)
            pixels.copy_(decoded, non_blocking=True)
            done.record(self._stream)
        return Decoding(pixels, started, done)

    def finish(self, decoding: Decoding) -> tuple[np.ndarray, float | None]:
        """Return the pixels (1 × height × width × 3, 0 to 1), and the seconds it took if the device tells."""
        seconds = None
        if decoding.done is not None:
            decoding.done.synchronize()
            seconds = decoding.started.elapsed_time(decoding.done) / 1000
        pixels: np.ndarray = self._processor.pt_to_numpy(decoding.pixels)
        return pixels, seconds

    def _decode(self, latents: Any) -> Any:  # noqa: ANN401 - a tensor
        scaled = latents.to(self._vae.dtype) / self._vae.config.scaling_factor
        with torch.no_grad():
            return self._processor.postprocess(self._vae.decode(scaled, return_dict=False)[0], output_type="pt")
