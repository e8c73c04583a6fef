"""The embedded reader: PP-OCR models run by our own driver, without downloads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from importlib.metadata import version

import cv2
import numpy as np
import onnxruntime
from pydantic import BaseModel, ConfigDict

from metrics.evidence import CharacterEvidence
from metrics.profiles import Profile
from metrics.readers.crops import Image
from metrics.readers.detection import TextDetector
from metrics.readers.finding import FinderSettings, LineFinder
from metrics.readers.intactness import IntactnessModel
from metrics.readers.lines import ReadLine
from metrics.readers.models import (
    DETECTOR,
    PROVIDERS,
    RECOGNISERS,
    Device,
    RecogniserName,
    check_device,
    read_dictionary,
)
from metrics.readers.pyramid import Pyramid
from metrics.readers.recognition import RecognitionSettings, TextRecogniser
from metrics.readers.weighing import Alphabet, weigh_lines
from metrics.reading import Reading
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt

DRIVER_VERSION = "4"
"""To be raised with every change of the driver that can change a reading."""

EVIDENCE_VERSION = "2"
"""To be raised with every change that can change evidence but no reading."""


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    recogniser: RecogniserName = "v6-small"
    device: Device = "cpu"


class PPOCRReader:
    """Reads Chinese and English with the PP-OCRv6 tiny detector and a PP-OCR recogniser on one CPU thread or a GPU.

    The same picture gives the same reading, bit for bit, on one machine. Models are loaded by the first `read`.
    """

    def __init__(self, spec: Spec) -> None:
        """Make a reader from `ppocr`, `ppocr?recogniser=v5-mobile`, `ppocr?device=cuda` or with both options.

        Raises:
            GlyphbenchError: The spec points at something, has options that cannot be used, or asks for a device that
                ONNX Runtime cannot compute on.
        """
        if spec.target:
            raise GlyphbenchError(f"--reader {spec.text!r}: ppocr takes no target; write 'ppocr' alone")
        options = spec.validated(_Options)
        check_device(options.device, spec.text)
        self._device: Device = options.device
        self._files = RECOGNISERS[options.recogniser]
        self._settings = FinderSettings()
        self._recognition = RecognitionSettings()
        self._alphabets: dict[str, Alphabet] = {}
        self._shapes = IntactnessModel()

    @cached_property
    def signature(self) -> Mapping[str, str | int | float | bool]:
        """Engine, versions, digests of the model files and every setting."""
        settings = {**asdict(self._settings), "recognition": asdict(self._recognition)}
        return {
            "engine": f"PP-OCRv6 tiny detector + {self._files.title} recogniser",
            "driver": DRIVER_VERSION,
            "evidence": EVIDENCE_VERSION,
            "precision": "float32",
            "provider": PROVIDERS[self._device],
            "detector": DETECTOR.sha256,
            "recogniser": self._files.model.sha256,
            "dictionary": self._files.dictionary.sha256,
            "intactness": self._shapes.sha256,
            "onnxruntime": onnxruntime.__version__,
            "opencv": cv2.__version__,
            "pyclipper": version("pyclipper"),
            "numpy": np.__version__,
            "mplfonts": version("mplfonts"),
            "pillow": version("pillow"),
            **{f"{group}.{key}": value for group, values in settings.items() for key, value in values.items()},
        }

    @cached_property
    def characters(self) -> frozenset[str]:
        """The recogniser's dictionary and the space."""
        return frozenset(read_dictionary(self._files.dictionary))

    @cached_property
    def _models(self) -> tuple[TextDetector, TextRecogniser]:
        # Readers work side by side in processes of one thread each; OpenCV's own threads would fight over the cores.
        cv2.setNumThreads(1)
        return (
            TextDetector(self._settings.detection, self._device),
            TextRecogniser(self._recognition, self._files, self._device),
        )

    def read(self, image: Image) -> Reading:
        """Return all text found in `image`, an RGB array of shape (height, width, 3), from top to bottom.

        Nothing is left out for low confidence; boxes in which no character was recognised are no lines.
        """
        height, width = image.shape[:2]
        return Reading(width, height, tuple(read.line for read in self._lines(Pyramid(image))))

    def weigh(self, image: Image, prompt: Prompt, profile: Profile) -> tuple[Reading, tuple[CharacterEvidence, ...]]:
        """Return what `read` returns, and the evidence for every target character of `prompt` under `profile`."""
        height, width = image.shape[:2]
        alphabet = self._alphabet(profile)
        picture = Pyramid(image)
        lines = self._lines(picture, alphabet.labels_of(prompt, profile))
        reading = Reading(width, height, tuple(read.line for read in lines))
        return reading, weigh_lines(picture.cut, prompt, profile, reading, lines, alphabet, self._shapes)

    def _alphabet(self, profile: Profile) -> Alphabet:
        if profile.name not in self._alphabets:
            self._alphabets[profile.name] = Alphabet.under(profile, self._models[1].characters)
        return self._alphabets[profile.name]

    def _lines(self, picture: Pyramid, keep: frozenset[int] | None = None) -> list[ReadLine]:
        return LineFinder(picture, *self._models, self._settings, keep).lines()
