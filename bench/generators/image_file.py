"""Image files from outside: what is wrong with one, and its picture as RGB."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
"""Of the files that are taken for images, in any case."""

MAX_PIXELS = 2**26
"""Largest picture that is opened, in pixels: 8192 × 8192, 192 MiB once decoded. A small file can claim far more."""

_FORMATS = ("PNG", "JPEG", "WEBP")
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


class ImageFileError(Exception):
    """Raised for a file that is no usable image; its text continues a sentence that begins with the file's name."""


def inspect_image(path: Path) -> None:
    """Look for damage without decoding: header, size in pixels, checksums of a PNG, a JPEG's or WebP's end.

    Raises:
        ImageFileError: The file is missing, empty, no image, far too large, or breaks off.
    """
    if not path.is_file():
        raise ImageFileError("is not a file")
    try:
        if path.stat().st_size == 0:
            raise ImageFileError("is empty")
        with _open(path) as image:
            kind = image.format
            image.verify()
        whole = kind == "PNG" or _has_end(path.read_bytes())
    except _DAMAGE as error:
        raise ImageFileError(f"is damaged ({error})") from None
    if not whole:
        raise ImageFileError("breaks off before its end")


def decode_image(data: bytes) -> tuple[Image.Image, list[str]]:
    """Return the picture in `data` (mode RGB, upright, on white) and a note for each step that made it so.

    Sixteen bits a channel become eight by keeping the upper eight. Colour profiles are not applied.

    Raises:
        ImageFileError: The data are no image, far too large, or break off.
    """
    try:
        with _open(BytesIO(data)) as image:
            return _as_rgb(image, _bits(data))
    except _DAMAGE as error:
        raise ImageFileError(f"is damaged ({error})") from None


def _open(source: Path | IO[bytes]) -> Image.Image:
    """Return the image with its header read and nothing decoded."""
    try:
        image = Image.open(source, formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageFileError(f"is far too large ({error})") from None
    except UnidentifiedImageError:
        raise ImageFileError("is not a PNG, JPEG or WebP image") from None
    width, height = image.size
    if width * height > MAX_PIXELS:
        image.close()
        raise ImageFileError(f"is far too large: {width}x{height}, where {MAX_PIXELS:,} pixels are the limit")
    return image


def _has_end(data: bytes) -> bool:
    """Tell whether a JPEG has an end marker behind its last scan, or a WebP the length that its header states."""
    if data.startswith(b"RIFF"):
        return len(data) >= 8 + int.from_bytes(data[4:8], "little")
    return data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")


def _bits(data: bytes) -> int:
    """Return the bits in a channel: a PNG states them in its header, the other formats have eight."""
    return data[24] if data.startswith(b"\x89PNG") else 8


def _as_rgb(image: Image.Image, bits: int) -> tuple[Image.Image, list[str]]:
    """Return `image` as RGB, and what was done to it."""
    notes = []
    if getattr(image, "n_frames", 1) > 1:
        notes.append(f"first of {getattr(image, 'n_frames', 1)} frames")
    if image.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        notes.append("turned as its EXIF orientation says")
        image = ImageOps.exif_transpose(image)
    if bits == 16:
        notes.append("16 bits to 8")
    if image.mode.startswith("I"):
        if "transparency" in image.info:
            raise ImageFileError("is a 16-bit greyscale PNG with a transparent shade, which cannot be converted")
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        notes.append(f"{image.mode} laid on white")
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB"), notes
    if image.mode != "RGB":
        notes.append(f"{image.mode} to RGB")
    return image.convert("RGB"), notes
