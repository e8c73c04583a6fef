"""OpenCV as several packages bring it.

`opencv-python-headless`, which we need, and `opencv-contrib-python`, which PaddleOCR's packages need, both own the
folder `cv2`: the one installed last is imported. The second is built for windows on a screen and needs libGL, which
servers lack.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prompts.errors import GlyphbenchError

REMEDY = "pip install --force-reinstall --no-deps opencv-python-headless"
"""Puts the files that need no libGL in place, whatever was installed before."""

_SCREEN_LIBRARIES = ("libGL", "libgthread", "libSM", "libXext", "libXrender")


@contextmanager
def opencv_explained() -> Iterator[None]:
    """Say what to do where an import inside fails because `cv2` is the build for screens.

    Raises:
        GlyphbenchError: It is, and this machine has no screen libraries.
    """
    try:
        yield
    except ImportError as error:
        if any(library in str(error) for library in _SCREEN_LIBRARIES):
            raise GlyphbenchError(
                f"OpenCV cannot be imported ({error}): a package put the build for screens in its place; run  {REMEDY}"
            ) from None
        raise
