"""The `paddleocr` reader: the real PaddleOCR class, as its makers ship it, with every setting stated."""

from __future__ import annotations

import logging
import math
import os
import warnings
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from metrics.readers.cache import cache_folder
from metrics.readers.opencv import opencv_explained
from metrics.readers.paddle_carried import find_carried
from metrics.readers.paddle_models import MODELS, ModelFolder
from metrics.readers.paddle_options import PaddleOptions
from metrics.reading import Line, Polygon, Reading
from prompts.errors import GlyphbenchError, UnknownNameError
from prompts.spec import Spec

DRIVER_VERSION = "1"
"""To be raised with every change here that can change a reading."""

_BATCH = 6
"""Crops of a picture that are recognised together, PaddleOCR's default: they are padded to the longest of them."""

_ENGINE_PACKAGES = {
    "onnxruntime": ("onnxruntime",),
    "paddle": ("paddlepaddle",),
    "transformers": ("transformers", "torch"),
}
_TALL = 1.5
"""Boxes so many times as high as wide are turned by PaddleOCR and read as columns from the top right corner down."""


class _PaddleOCR(Protocol):
    """What we use of `paddleocr.PaddleOCR`."""

    paddlex_pipeline: object

    def predict(self, input: NDArray[np.uint8], **settings: object) -> list[Mapping[str, Any]]: ...  # noqa: A002


class PaddleOCRReader:
    """Reads with PaddleOCR, one picture at a time. PaddleOCR is imported, and its models loaded, by the first `read`.

    Detection's default size is PaddleOCR's: pictures keep theirs, but for those with a side below 64 or above 4000
    pixels. Document unwarping and both direction classifiers are off.
    """

    def __init__(self, spec: Spec) -> None:
        """Make a reader from `paddleocr` or `paddleocr?engine=…&models=…`.

        Raises:
            GlyphbenchError: The spec points at something, has options that cannot be used, or a package is missing.
        """
        if spec.target:
            raise GlyphbenchError(f"--reader {spec.text!r}: paddleocr takes no target; models are options (models=…)")
        self._spec = spec
        self._options = options = spec.validated(PaddleOptions)
        if options.models not in MODELS:
            raise UnknownNameError("set of PaddleOCR models", options.models, MODELS)
        needed = {"onnxruntime": "onnxruntime", "paddle": "paddle", "transformers": "transformers"}[options.engine]
        missing = [package for package in ("paddleocr", needed) if find_spec(package) is None]
        if missing:
            extras = "cogview,paddle" if options.engine == "transformers" else "paddle"
            raise GlyphbenchError(
                f"--reader {spec.text!r}: not installed: {', '.join(missing)}; run  pip install 'glyphbench[{extras}]'"
            )
        self._given = {part: self._local(part, folder) for part, folder in (("det", options.det), ("rec", options.rec))}

    def _local(self, part: str, folder: Path | None) -> ModelFolder | None:
        """Return the folder of a model that needs no fetching: the one given, or one that a package carries."""
        if folder is not None:
            return ModelFolder.given(folder, part, self._options.engine)
        return find_carried(self._options.engine, self._name(part))

    def _name(self, part: str) -> str:
        return f"{MODELS[self._options.models]}_{part}"

    @cached_property
    def signature(self) -> Mapping[str, str | int | float | bool]:
        """Engine, versions, digests of the model folders and every setting."""
        options = self._options
        versions = {
            package: version(package) for package in ("paddleocr", "paddlex", *_ENGINE_PACKAGES[options.engine])
        }
        detector, recogniser = self._folders
        return {
            "engine": f"PaddleOCR with {options.engine}",
            "driver": DRIVER_VERSION,
            **versions,
            "opencv": _opencv_version(),
            "pyclipper": version("pyclipper"),
            "numpy": np.__version__,
            "detector": f"{detector.name or self._name('det')}#{detector.digest}",
            "recogniser": f"{recogniser.name or self._name('rec')}#{recogniser.digest}",
            "device": options.device,
            "threads": options.threads,
            **{key: value for key, value in self._detection.items() if value is not None},
            "text_recognition_batch_size": _BATCH,
            "text_rec_score_thresh": 0.0,
            "use_doc_orientation_classify": False,
            "use_doc_unwarping": False,
            "use_textline_orientation": False,
            "auto_corrects": False,
        }

    @cached_property
    def characters(self) -> frozenset[str] | None:
        """The recogniser's dictionary and the space; None where its folder has no dictionary to read."""
        return self._folders[1].characters

    @cached_property
    def _folders(self) -> tuple[ModelFolder, ModelFolder]:
        """Detector and recogniser; those that PaddleOCR fetches are known when it has."""
        detector, recogniser = self._given["det"], self._given["rec"]
        if detector is None or recogniser is None:
            pipeline: Any = self._engine.paddlex_pipeline
            detector = detector or ModelFolder(Path(pipeline._pipeline.text_det_model.model_dir))
            recogniser = recogniser or ModelFolder(Path(pipeline._pipeline.text_rec_model.model_dir))
        return detector, recogniser

    @cached_property
    def _detection(self) -> dict[str, float | str | None]:
        """PaddleOCR's arguments for detection; it would put its own values before those of the model's makers."""
        options, made = self._options, self._folders[0].post_processing
        side = options.side or 64
        return {
            "text_det_limit_side_len": side,
            "text_det_limit_type": options.limit or ("max" if options.side else "min"),
            "text_det_thresh": made.get("thresh") if options.threshold is None else options.threshold,
            "text_det_box_thresh": made.get("box_thresh") if options.box_threshold is None else options.box_threshold,
            "text_det_unclip_ratio": made.get("unclip_ratio") if options.unclip is None else options.unclip,
        }

    @cached_property
    def _engine(self) -> _PaddleOCR:
        """The PaddleOCR object."""
        given = self._given
        if all(given.values()):
            # It needs a folder for locks even where it fetches nothing; its own would be ~/.paddlex.
            os.environ.setdefault("PADDLE_PDX_CACHE_HOME", str(cache_folder("paddlex")))
        with opencv_explained(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its packages' deprecations are none of the user's business
            from paddleocr import PaddleOCR

            for logger in ("paddlex", "paddleocr"):
                logging.getLogger(logger).setLevel(logging.ERROR)
            _pin_opencv_threads(self._options.threads)
            detector, recogniser = given["det"], given["rec"]
            try:
                engine = PaddleOCR(
                    text_detection_model_name=(detector and detector.name) or self._name("det"),
                    text_detection_model_dir=str(detector.path) if detector else None,
                    text_recognition_model_name=(recogniser and recogniser.name) or self._name("rec"),
                    text_recognition_model_dir=str(recogniser.path) if recogniser else None,
                    text_recognition_batch_size=_BATCH,
                    use_doc_orientation_classify=False,
                    use_doc_unwarping=False,
                    use_textline_orientation=False,
                    engine=self._options.engine,
                    device=self._options.device,
                    engine_config=self._options.engine_configuration(),
                )
                return cast("_PaddleOCR", engine)
            except ImportError:
                raise
            except Exception as error:  # its packages raise bare exceptions where a model cannot be fetched or opened
                raise GlyphbenchError(self._opening_fault(error)) from error

    def _opening_fault(self, error: Exception) -> str:
        fetched = [self._name(part) for part, folder in self._given.items() if folder is None]
        if fetched:
            return (
                f"--reader {self._spec.text!r}: PaddleOCR can neither find nor fetch {' and '.join(fetched)} for "
                f"engine={self._options.engine} ({error}); give local folders with det= and rec=, or take "
                "engine=onnxruntime with models=v6-small, v6-tiny or v5-mobile, which need no download"
            )
        return f"--reader {self._spec.text!r}: PaddleOCR cannot open its models: {error}"

    def read(self, image: NDArray[np.uint8]) -> Reading:
        """Return all text found in `image`, an RGB array of shape (height, width, 3), in PaddleOCR's order.

        Nothing is left out for low confidence; boxes in which no character was recognised are no lines. Characters have
        no places of their own: those that PaddleOCR can give follow the picture's axes, whichever way the line runs,
        and have no confidence.

        Raises:
            GlyphbenchError: PaddleOCR fails on this picture, or cannot be opened.
        """
        engine, settings = self._engine, self._detection
        bgr = np.ascontiguousarray(image[:, :, ::-1])
        try:
            (found,) = engine.predict(bgr, text_rec_score_thresh=0.0, **settings)
        except (RuntimeError, IndexError, TypeError) as error:
            raise GlyphbenchError(f"PaddleOCR failed: {type(error).__name__}: {error}") from error
        height, width = image.shape[:2]
        parts = zip(found["rec_texts"], found["rec_scores"], found["rec_polys"], strict=True)
        lines = tuple(Line(text, float(score), _polygon(box)) for text, score, box in parts if text)
        return Reading(width, height, lines)


def _polygon(box: NDArray[np.int16]) -> Polygon:
    """Return the corners from where the text begins, which PaddleOCR lists from the top left."""
    corners = [(float(x), float(y)) for x, y in box]
    length = max(math.dist(corners[0], corners[1]), math.dist(corners[2], corners[3]))
    depth = max(math.dist(corners[0], corners[3]), math.dist(corners[1], corners[2]))
    if depth >= _TALL * length:
        corners = [*corners[1:], corners[0]]
    return tuple(corners)


def _pin_opencv_threads(threads: int) -> None:
    import cv2

    cv2.setNumThreads(threads)


def _opencv_version() -> str:
    with opencv_explained():
        import cv2

    return str(cv2.__version__)
