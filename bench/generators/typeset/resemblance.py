"""Whether a damaged character has become another one: 大 without a stroke may be 人."""

from __future__ import annotations

import string
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bench.generators.typeset.faces import Face, coverage, font
from bench.generators.typeset.linebreaks import is_wide
from bench.generators.typeset.strokes import Mask

_EM = 24  # Pixels to the em at which characters are compared.
_ALIKE = 0.9
"""Cosine from which two drawings are alike: 未 and 末 have .98, 住 and 往 .93 to .97, 福 and 国 .73 to .92."""


def resembles_another(face: Face, cluster: str, right: Mask, drawn: Mask) -> bool:
    """Return whether `drawn` is more like another character of the face than like `right`, the one that it was."""
    names, pictures = _catalogue(face, is_wide(cluster))
    vector = _vector(drawn)
    likeness = pictures @ vector
    if cluster in names:
        likeness[names[cluster]] = 0.0
    best = float(likeness.max(initial=0.0))
    return best > _ALIKE and best > float(_vector(right) @ vector)


@lru_cache(maxsize=16)
def _catalogue(face: Face, wide: bool) -> tuple[dict[str, int], NDArray[np.float32]]:
    """Return the characters that damage might arrive at, with their number, and their pictures as unit vectors."""
    known = coverage(face.path, face.index)
    wanted = _common_hanzi() if wide else string.ascii_letters + string.digits
    characters = [character for character in wanted if ord(character) in known]
    vectors = np.empty((len(characters), (2 * _EM) ** 2), np.float32)
    for number, character in enumerate(characters):
        canvas = Image.new("L", (2 * _EM, 2 * _EM))
        ImageDraw.Draw(canvas).text((_EM // 2, 3 * _EM // 2), character, fill=255, font=font(face, _EM), anchor="ls")
        vectors[number] = _unit(np.asarray(canvas, np.float32))
    return {character: number for number, character in enumerate(characters)}, vectors


def _common_hanzi() -> str:
    """Return the 3,755 characters of the first level of GB 2312."""
    codes = (bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return "".join(code.decode("gb2312", errors="ignore") for code in codes)


def _vector(ink: Mask) -> NDArray[np.float32]:
    return _unit(cv2.resize(ink.astype(np.float32), (2 * _EM, 2 * _EM), interpolation=cv2.INTER_AREA))


def _unit(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8).ravel()
    return np.asarray(soft / max(float(np.linalg.norm(soft)), 1e-9), np.float32)
