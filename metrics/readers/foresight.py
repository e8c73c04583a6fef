"""What of a picture's finest scale is worth a look, judged by what is seen at the coarser ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.readers.views import DetectionSettings, View

Window: TypeAlias = tuple[int, int, int, int]
"""A part of a view: left, top, right, bottom, the last two not in it."""


def is_large_and_sure(view: View, settings: DetectionSettings) -> bool:
    """Return whether there is text in a view, and all that may be text is part of what is large and surely seen."""
    left, top, width, height = cv2.boundingRect((view.probabilities > settings.suspicion).astype(np.uint8))
    if not width or any(not box.bent and box.fill < settings.well_filled for box in view.boxes):
        return False
    # With a rim, so that cores at the view's edge have an end there too.
    probabilities = np.pad(view.probabilities[top : top + height, left : left + width], 1)
    spines, reach = _spines(probabilities, settings)
    if not spines.any():
        return False
    distance, nearest = cv2.distanceTransformWithLabels((spines == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    reaches = np.zeros(nearest.max() + 1)
    reaches[nearest[spines > 0]] = reach[spines[spines > 0]]
    return not ((probabilities > settings.suspicion) & (distance > reaches[nearest])).any()


def _spines(
    probabilities: NDArray[np.float32], settings: DetectionSettings
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the spines of large and sure texts, and how far each text reaches from its spine.

    A spine is what lies deep within a text's core: a caption beside a title may hang on to the title's core, but is
    too thin to have a part in its spine.

    Returns:
        The number of the text in whose spine a pixel is, 0 for none, of the map's shape; and, by number, the reach in
        pixels.
    """
    text = (probabilities > settings.threshold).astype(np.uint8)
    _, cores, stats, _ = cv2.connectedComponentsWithStats(text)
    areas, numbers = stats[:, cv2.CC_STAT_AREA].astype(float), cores.ravel()
    depth = cv2.distanceTransform(text, cv2.DIST_L2, cv2.DIST_MASK_3)
    # In a strip the mean distance from the nearest pixel outside is a quarter of its width, and half a pixel.
    widths = np.maximum(4 * np.bincount(numbers, depth.ravel()) / areas - 2, 1)
    grown = settings.unclip * areas / (2 * (widths + areas / widths))
    scores = np.bincount(numbers, probabilities.ravel()) / areas
    chosen = (widths + 2 * grown >= settings.large) & (scores >= settings.sure)
    chosen[0] = False
    deep = settings.spine * widths / 2
    spine = chosen[cores] & (depth >= deep[cores])
    return np.where(spine, cores, 0), grown + widths / 2 - deep


def promising(coarse: Sequence[View], size: tuple[int, int], stride: int, settings: DetectionSettings) -> Window:
    """Return the part of the finest scale around all that may be text at the coarser ones, all of it where none is.

    Args:
        coarse: What is seen at the coarser scales, the finest of them first.
        size: Width and height of the finest scale.
        stride: The window's edges lie at multiples of this, so that the detector's blocks are those of the whole.
        settings: What may be text.
    """
    width, height = size
    edges = []
    for view in coarse:
        rows, columns = np.nonzero(view.probabilities > settings.suspicion)
        if len(rows):
            seen = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
            edges.append(seen * np.tile([width, height] / np.array(view.probabilities.shape[::-1]), 2))
    if not edges or any(box.bent for view in coarse[:1] for box in view.boxes):
        return 0, 0, width, height
    around = np.array(edges)
    least = np.maximum(around[:, :2].min(axis=0) - settings.room, 0) // stride * stride
    most = np.ceil((around[:, 2:].max(axis=0) + settings.room) / stride) * stride
    return int(least[0]), int(least[1]), min(width, int(most[0])), min(height, int(most[1]))
