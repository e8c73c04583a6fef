"""A picture that someone else's code hands over: as a file, a Pillow image or an array."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from bench.generators import JSON, Failure, Job, Outcome, Picture
from bench.generators.image_file import ImageFileError, decode_image

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_LIMIT = 2**28
"""Bytes of a file at most; 8192² as PNG without compression are 192 million."""


def picture_from(job: Job, handed: object, details: Mapping[str, JSON] | None = None) -> Outcome:
    """Return the picture as RGB, or what is wrong with it; one of another size than was asked for is a fault."""
    try:
        data = _bytes(handed)
        image, notes = decode_image(data)
    except OSError as error:
        return Failure(job, "infra", f"the picture cannot be read: {handed}: {error.strerror or error}")
    except ImageFileError as error:
        return Failure(job, "infra", f"the picture {error}")
    except (TypeError, ValueError) as error:
        return Failure(job, "infra", str(error))
    if image.size != job.prompt.size:
        width, height = job.prompt.size
        return Failure(
            job, "infra", f"the picture is {image.width}x{image.height} where {width}x{height} was asked for"
        )
    about = {"sha256": hashlib.sha256(data).hexdigest(), "conversions": notes, **(details or {})}
    return Picture(job, image, about)


def _bytes(handed: object) -> bytes:
    """Return the picture as the bytes of an image file."""
    if isinstance(handed, str | Path):
        path = Path(handed).expanduser()
        if not path.is_file():
            raise ValueError(f"the picture {path} is not a file")
        if path.stat().st_size > FILE_LIMIT:
            raise ValueError(f"the picture {path} is larger than {FILE_LIMIT:,} bytes")
        return path.read_bytes()
    if isinstance(handed, np.ndarray):
        handed = _image(handed)
    if not isinstance(handed, Image.Image):
        raise TypeError(f"expected a Pillow image, an array or the path of a file, got {type(handed).__name__}")
    buffer = io.BytesIO()
    handed.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _image(array: np.ndarray[Any, Any]) -> Image.Image:
    if array.dtype != np.uint8 or array.ndim not in {2, 3} or (array.ndim == 3 and array.shape[2] not in {1, 3, 4}):
        raise ValueError(
            f"an array must have height x width x 1, 3 or 4 channels of type uint8; got {array.dtype} of shape "
            f"{array.shape}"
        )
    return Image.fromarray(array.squeeze(axis=2) if array.ndim == 3 and array.shape[2] == 1 else array)
