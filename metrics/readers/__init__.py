"""Readers: image in, `Reading` out. A reading is a measurement, so a reader says exactly what it is.

To add one, write a class with the members of `Reader` and name it in `READERS`; a package outside this one
announces it under the entry-point group `glyphbench.readers`. The class is called with a `Spec`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from metrics.evidence import CharacterEvidence
from metrics.profiles import Profile
from metrics.readers.opencv import opencv_explained
from metrics.reading import Reading
from prompts.errors import UnknownNameError
from prompts.spec import Spec
from prompts.suite import Prompt

# ONNX Runtime 1.32 and later sends events to its makers over the network unless this is set before it is imported, and
# keeps an identifier of the machine in the home (its Privacy.md); whoever wants that sets the variable to 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


class Reader(Protocol):
    """Reads lettering from pictures."""

    @property
    def signature(self) -> Mapping[str, str | int | float | bool]:
        """All that can change a reading: engine, versions, digests of the model files, every setting."""

    @property
    def characters(self) -> frozenset[str] | None:
        """Every character that the reader can put out, or None where no list is known."""

    def read(self, image: NDArray[np.uint8]) -> Reading:
        """Return what stands in `image`, an RGB array of shape (height, width, 3)."""


@runtime_checkable
class EvidenceReader(Reader, Protocol):
    """A reader that can also say how well each character that was asked for fits what is drawn."""

    def weigh(
        self, image: NDArray[np.uint8], prompt: Prompt, profile: Profile
    ) -> tuple[Reading, tuple[CharacterEvidence, ...]]:
        """Return what `read` returns, and the evidence for every target character of `prompt` under `profile`."""


@dataclass(frozen=True, slots=True)
class PictureName:
    """Which picture of a run it is.

    Attributes:
        prompt: Id of its prompt.
        seed: Its seed.
        file: Its path below the run folder.
        sha256: Of the file's bytes, in hex.
    """

    prompt: str
    seed: int
    file: str
    sha256: str


@runtime_checkable
class NamedPictureReader(Reader, Protocol):
    """A reader that must be told which picture it is given, because its readings were made elsewhere."""

    def read_named(self, image: NDArray[np.uint8], picture: PictureName) -> Reading:
        """Return what `read` would return of this picture."""


READERS: dict[str, str] = {
    "dump": "metrics.readers.dump:DumpReader",
    "paddleocr": "metrics.readers.paddle_reader:PaddleOCRReader",
    "ppocr": "metrics.readers.ppocr:PPOCRReader",
    "vlm": "metrics.readers.vlm:VisionModelReader",
}
"""Reader names and where their classes are; a class is imported when its reader is opened."""


def open_reader(text: str) -> Reader:
    """Return the reader that a spec names.

    Raises:
        UnknownNameError: There is none of that name; the message has the nearest names.
        GlyphbenchError: The spec cannot be read, or its reader refuses it.
    """
    spec = Spec.parse(text, "--reader")
    outside = {point.name: point for point in entry_points(group="glyphbench.readers")}
    if spec.kind in READERS:
        module, _, attribute = READERS[spec.kind].partition(":")
        with opencv_explained():
            make = cast("Callable[[Spec], Reader]", getattr(import_module(module), attribute))
    elif spec.kind in outside:
        make = cast("Callable[[Spec], Reader]", outside[spec.kind].load())
    else:
        raise UnknownNameError("reader", spec.kind, [*READERS, *outside])
    return make(spec)
