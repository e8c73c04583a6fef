"""What a stage of the work takes: seconds, and memory at its fullest moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from bench.generators import JSON, Effort


@dataclass
class Reading:
    """Filled in when the stage ends."""

    seconds: float = 0.0
    peak_bytes: int | None = None

    def effort(self, stage: str, details: Mapping[str, JSON], share: int = 1) -> Effort:
        """Return the effort of one of `share` pictures that were worked on together."""
        return Effort(stage, self.seconds / share, self.peak_bytes, details)


class Meter:
    """Measures on one device.

    Attributes:
        of: What the peaks are of: `device`, all that PyTorch had allocated there at once; or `process`, by how much
            the process's largest size has grown since the meter was made, which is coarser.
    """

    def __init__(self, device: str) -> None:
        self._device = torch.device(device)
        self.of = "device" if self._device.type == "cuda" else "process"
        self._before = _process_peak()

    @contextmanager
    def measure(self) -> Iterator[Reading]:
        """Measure what happens while the block runs."""
        reading = Reading()
        if self.of == "device":
            torch.cuda.reset_peak_memory_stats(self._device)
        start = time.perf_counter()
        yield reading
        if self.of == "device":
            torch.cuda.current_stream(self._device).synchronize()
            reading.peak_bytes = torch.cuda.max_memory_allocated(self._device)
        elif self._before is not None:
            reading.peak_bytes = (_process_peak() or 0) - self._before
        reading.seconds = time.perf_counter() - start


def _process_peak() -> int | None:
    """Return the largest size that this process has had, in bytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
