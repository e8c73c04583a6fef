"""The embedded reader: PP-OCRv6 models run by our own driver, without downloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.metadata import version

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from metrics.evidence import CharacterEvidence
from metrics.profiles import Profile
from metrics.readers.bands import Band
from metrics.readers.crops import Image
from metrics.readers.detection import DetectionSettings, TextBox, TextDetector
from metrics.readers.models import DETECTOR, DICTIONARY, RECOGNISER, read_dictionary
from metrics.readers.posteriors import Posteriors
from metrics.readers.quadrilaterals import Points, elongation, sides, upright_rectangle, widened
from metrics.readers.recognition import Recognition, RecognitionSettings, TextRecogniser
from metrics.readers.scales import ScaleSettings, settle
from metrics.readers.weighing import Alphabet, weigh_lines
from metrics.reading import Character, Line, Polygon, Reading
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt

DRIVER_VERSION = "1"
"""To be raised with every change of the driver that can change a reading."""

EVIDENCE_VERSION = "1"
"""To be raised with every change that can change evidence but no reading."""


@dataclass(frozen=True, slots=True)
class CropSettings:
    """How boxes become crops.

    Attributes:
        along: Added at both ends of a line, as a share of its height: the detector clips thin ends (a full stop, 一).
        across: Added above and below, likewise; a recogniser misreads characters that fill its crop to the edge.
        tall: Boxes this many times as high as wide are read sideways too: as columns downwards, which recognisers know
            as lines turned together with their characters, and as lines turned so as to run upwards.
        short: Boxes less elongated than this, unless upright, are read as upright rectangles too: the tightest
            rectangle of one or two characters (J, 十) is often askew.
        surer: A reading takes the place of an earlier one if its confidence is greater by this.
    """

    along: float = 0.15
    across: float = 0.1
    tall: float = 1.5
    short: float = 3.0
    surer: float = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class ReadBox:
    """What a box says, and the band of the picture from which it was read."""

    band: Band
    crop: Image
    recognition: Recognition


@dataclass(frozen=True, slots=True, eq=False)
class ReadLine:
    """A line of a reading, with what it was read from.

    Attributes:
        line: The line.
        band: Where it lies: `band.part(start, end)` is the quadrilateral of the picture between two shares of its
            length, `band.cut(image)` is the crop.
        crop: The line laid straight as the recogniser saw it, before it was brought to the recogniser's height.
        recognition: What was read, with posteriors where labels were to be kept. A time step t stands at the share
            t / `posteriors.span` of the crop's and the band's length.
    """

    line: Line
    band: Band
    crop: Image
    recognition: Recognition

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Of each character: where it begins and ends, as shares of the crop's length in 0..1."""
        return [(sign.start, sign.end) for sign in self.recognition.signs]

    @property
    def posteriors(self) -> Posteriors:
        """What the recogniser thinks of the line, where labels were to be kept."""
        assert self.recognition.posteriors is not None, "labels were to be kept"
        return self.recognition.posteriors


class _NoShapes:
    """Stands in until shapes are judged."""

    def judge(self, crops: Sequence[Image], characters: Sequence[str]) -> NDArray[np.float64]:
        return np.full(len(crops), np.nan)

    def combine(self, doubt: NDArray[np.float64], picture: NDArray[np.float64]) -> NDArray[np.float64]:
        return picture


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PPOCRReader:
    """Reads Chinese and English with the PP-OCRv6 tiny detector and small recogniser on one CPU thread.

    The same picture gives the same reading, bit for bit, on one machine. Models are loaded by the first `read`.
    """

    def __init__(self, spec: Spec) -> None:
        """Make a reader from `ppocr`.

        Raises:
            GlyphbenchError: The spec points at something, or has options that cannot be used.
        """
        if spec.target:
            raise GlyphbenchError(f"--reader {spec.text!r}: ppocr takes no target; write 'ppocr' alone")
        spec.validated(_Options)
        self._detection = DetectionSettings()
        self._scales = ScaleSettings()
        self._crops = CropSettings()
        self._recognition = RecognitionSettings()
        self._alphabets: dict[str, Alphabet] = {}
        self._shapes = _NoShapes()

    @cached_property
    def signature(self) -> Mapping[str, str | int | float | bool]:
        """Engine, versions, digests of the model files and every setting."""
        settings = {
            "detection": asdict(self._detection),
            "scales": asdict(self._scales),
            "crops": asdict(self._crops),
            "recognition": asdict(self._recognition),
        }
        return {
            "engine": "PP-OCRv6 tiny detector + small recogniser",
            "driver": DRIVER_VERSION,
            "evidence": EVIDENCE_VERSION,
            "precision": "float32",
            "provider": "CPUExecutionProvider",
            "detector": DETECTOR.sha256,
            "recogniser": RECOGNISER.sha256,
            "dictionary": DICTIONARY.sha256,
            "onnxruntime": onnxruntime.__version__,
            "opencv": cv2.__version__,
            "pyclipper": version("pyclipper"),
            "numpy": np.__version__,
            **{f"{group}.{key}": value for group, values in settings.items() for key, value in values.items()},
        }

    @cached_property
    def characters(self) -> frozenset[str]:
        """The recogniser's dictionary and the space."""
        return frozenset(read_dictionary())

    @cached_property
    def _models(self) -> tuple[TextDetector, TextRecogniser]:
        # Readers work side by side in processes of one thread each; OpenCV's own threads would fight over the cores.
        cv2.setNumThreads(1)
        return TextDetector(self._detection), TextRecogniser(self._recognition)

    def read(self, image: Image) -> Reading:
        """Return all text found in `image`, an RGB array of shape (height, width, 3), from top to bottom.

        Nothing is left out for low confidence; boxes in which no character was recognised are no lines.
        """
        height, width = image.shape[:2]
        return Reading(width, height, tuple(read.line for read in self._lines(image)))

    def weigh(self, image: Image, prompt: Prompt, profile: Profile) -> tuple[Reading, tuple[CharacterEvidence, ...]]:
        """Return what `read` returns, and the evidence for every target character of `prompt` under `profile`."""
        height, width = image.shape[:2]
        alphabet = self._alphabet(profile)
        lines = self._lines(image, alphabet.labels_of(prompt, profile))
        reading = Reading(width, height, tuple(read.line for read in lines))
        return reading, weigh_lines(prompt, profile, reading, lines, alphabet, self._shapes)

    def _alphabet(self, profile: Profile) -> Alphabet:
        if profile.name not in self._alphabets:
            self._alphabets[profile.name] = Alphabet.under(profile, self._models[1].characters)
        return self._alphabets[profile.name]

    def _lines(self, image: Image, keep: frozenset[int] | None = None) -> list[ReadLine]:
        """Return the lines of `read` in its order, with what they were read from.

        Args:
            image: The picture.
            keep: Labels of the recogniser whose probabilities are wanted; None where no posteriors are.
        """
        detector, _ = self._models
        read_box = cache(lambda box: self._read_box(image, box, keep))
        boxes = settle(detector.detect(image), lambda box: read_box(box).recognition, self._scales)
        height, width = image.shape[:2]
        lines = [
            ReadLine(_line(read, width, height), read.band, read.crop, read.recognition)
            for box in boxes
            if (read := read_box(box)).recognition.signs
        ]
        lines.sort(key=lambda read: _place(read.line))
        return lines

    def _read_box(self, image: Image, box: TextBox, keep: frozenset[int] | None) -> ReadBox:
        """Return what a box says in the position in which it is read most surely, the plainer ones first."""
        best, *others = (self._read_corners(image, corners, keep) for corners in self._positions(box.corners))
        for other in others:
            if other.recognition.confidence > best.recognition.confidence + self._crops.surer:
                best = other
        return best

    def _positions(self, corners: Points) -> Iterator[Points]:
        """Yield the corners of a box in every order in which its text may run."""
        frames = [corners]
        if elongation(corners) < self._crops.short and not _is_upright(corners):
            frames.insert(0, upright_rectangle(corners))
        for frame in frames:
            yield frame
            length, depth = sides(frame)
            if depth >= self._crops.tall * length:
                yield np.roll(frame, -1, axis=0)
                yield np.roll(frame, 1, axis=0)

    def _read_corners(self, image: Image, corners: Points, keep: frozenset[int] | None) -> ReadBox:
        """Return what stands within `corners` and a little around."""
        _, recogniser = self._models
        thickness = min(sides(corners))
        band = Band.around(widened(corners, self._crops.along * thickness, self._crops.across * thickness))
        crop = band.cut(image)
        return ReadBox(band, crop, recogniser.recognise(crop, keep))


def _is_upright(corners: Points) -> bool:
    return bool(corners[0, 1] == corners[1, 1])


def _line(read: ReadBox, width: int, height: int) -> Line:
    """Return the line that a box says, its places kept within the picture."""
    return Line(
        text=read.recognition.text,
        confidence=read.recognition.confidence,
        polygon=_polygon(read.band.outline, width, height),
        characters=tuple(
            Character(sign.text, sign.confidence, _polygon(read.band.part(sign.start, sign.end), width, height))
            for sign in read.recognition.signs
        ),
    )


def _place(line: Line) -> tuple[float, float]:
    """Return what lines are sorted by: how far down and then how far right one begins."""
    return min(y for _, y in line.polygon), min(x for x, _ in line.polygon)


def _polygon(corners: Points, width: int, height: int) -> Polygon:
    """Return corners as a polygon, in hundredths of a pixel, with each point moved into the picture."""
    points = np.clip(corners.astype(float), 0.0, [width, height])
    return tuple((round(float(x), 2), round(float(y), 2)) for x, y in points)
