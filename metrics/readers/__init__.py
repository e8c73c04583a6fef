"""Readers: image in, `Reading` out. A reading is a measurement, so a reader says exactly what it is.

To add one, write a class with the members of `Reader` and name it in `READERS`; a package outside this one
announces it under the entry-point group `glyphbench.readers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from metrics.reading import Reading
from prompts.errors import UnknownNameError


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


READERS: dict[str, str] = {
    "ppocr": "metrics.readers.ppocr:PPOCRReader",
}
"""Reader names and where their classes are; a class is imported when its reader is opened."""


def open_reader(name: str, **options: Any) -> Reader:  # noqa: ANN401 - the options are the reader's own
    """Return the reader called `name`.

    Raises:
        UnknownNameError: There is none of that name; the message has the nearest names.
    """
    outside = {point.name: point for point in entry_points(group="glyphbench.readers")}
    if name in READERS:
        module, _, attribute = READERS[name].partition(":")
        factory = cast("Callable[..., Reader]", getattr(import_module(module), attribute))
    elif name in outside:
        factory = cast("Callable[..., Reader]", outside[name].load())
    else:
        raise UnknownNameError("reader", name, [*READERS, *outside])
    return factory(**options)
