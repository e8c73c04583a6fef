"""The embedded reader: PP-OCR models run by our own driver, without downloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.metadata import version

import cv2
import numpy as np
import onnxruntime
from pydantic import BaseModel, ConfigDict

from metrics.evidence import CharacterEvidence
from metrics.profiles import Profile
from metrics.readers.bands import Band
from metrics.readers.bending import bent
from metrics.readers.crops import Image
from metrics.readers.curves import CurveSettings, curved_bands, joined_band, ring_band
from metrics.readers.detection import DetectionSettings, TextBox, TextDetector
from metrics.readers.intactness import IntactnessModel
from metrics.readers.lines import CERTAIN, ReadBand, ReadLine, letters, weight
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
from metrics.readers.quadrilaterals import Points, elongation, sides, upright_rectangle, widened
from metrics.readers.recognition import RecognitionSettings, TextRecogniser
from metrics.readers.rings import scattered_ring
from metrics.readers.scales import ScaleSettings, settle
from metrics.readers.spacing import is_spaced, squeezed
from metrics.readers.straightening import straighter
from metrics.readers.weighing import Alphabet, weigh_lines
from metrics.reading import Reading
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt

DRIVER_VERSION = "3"
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
        self._detection = DetectionSettings()
        self._scales = ScaleSettings()
        self._crops = CropSettings()
        self._curves = CurveSettings()
        self._recognition = RecognitionSettings()
        self._alphabets: dict[str, Alphabet] = {}
        self._shapes = IntactnessModel()

    @cached_property
    def signature(self) -> Mapping[str, str | int | float | bool]:
        """Engine, versions, digests of the model files and every setting."""
        settings = {
            "detection": asdict(self._detection),
            "scales": asdict(self._scales),
            "crops": asdict(self._crops),
            "curves": asdict(self._curves),
            "recognition": asdict(self._recognition),
        }
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
            TextDetector(self._detection, self._device),
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
        """Return the lines of `read` in its order, with what they were read from.

        Args:
            picture: The picture.
            keep: Labels of the recogniser whose probabilities are wanted; None where no posteriors are.
        """
        detector, _ = self._models
        read_box = cache(lambda box: self._read_box(picture, box, keep))
        views = detector.detect(picture.image)
        boxes = settle([view.boxes for view in views], lambda box: read_box(box).recognition, self._scales)
        curves = curved_bands(views, self._detection, self._curves)
        straight = [(box, read_box(box)) for box in boxes]
        reads = bent(
            straight,
            curves,
            lambda first, second: joined_band(first, second, self._curves),
            lambda band: ring_band(band, self._curves),
            lambda parts: scattered_ring(parts, self._curves),
            lambda band: self._read_band(picture, band, keep),
        )
        reads = [read if read.band.straight else self._straightened(picture, read, keep) for read in reads]
        reads = [self._closed_up(picture, read, keep) if is_spaced(read.recognition.text) else read for read in reads]
        height, width = picture.image.shape[:2]
        lines = [ReadLine.of(read, width, height) for read in reads if read.recognition.signs]
        lines.sort(key=lambda read: read.place)
        return lines

    def _straightened(self, picture: Pyramid, read: ReadBand, keep: frozenset[int] | None) -> ReadBand:
        """Return a curved line as it reads after a second look at where it runs, unless it loses a character by it."""
        detector, _ = self._models
        band = straighter(read, detector.look, self._detection, self._curves)
        if band is None:
            return read
        again = self._read_band(picture, band, keep)
        return again if weight(again.recognition) > weight(read.recognition) - CERTAIN / 5 else read

    def _closed_up(self, picture: Pyramid, read: ReadBand, keep: frozenset[int] | None) -> ReadBand:
        """Return widely spaced lettering as it reads without its gaps, if all of its characters are still there."""
        band = squeezed(read.band, read.crop)
        if band is None:
            return read
        again = self._read_band(picture, band, keep)
        return again if letters(again.recognition) > letters(read.recognition) - CERTAIN / 2 else read

    def _read_box(self, picture: Pyramid, box: TextBox, keep: frozenset[int] | None) -> ReadBand:
        """Return what a box says in the position in which it is read most surely, the plainer ones first."""
        best, *others = (self._read_corners(picture, corners, keep) for corners in self._positions(box.corners))
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

    def _read_corners(self, picture: Pyramid, corners: Points, keep: frozenset[int] | None) -> ReadBand:
        """Return what stands within `corners` and a little around."""
        thickness = min(sides(corners))
        wide = widened(corners, self._crops.along * thickness, self._crops.across * thickness)
        return self._read_band(picture, Band.around(wide), keep)

    def _read_band(self, picture: Pyramid, band: Band, keep: frozenset[int] | None) -> ReadBand:
        """Return what stands in a band."""
        _, recogniser = self._models
        crop = picture.cut(band)
        return ReadBand(band, crop, recogniser.recognise(crop, keep))


def _is_upright(corners: Points) -> bool:
    return bool(corners[0, 1] == corners[1, 1])
