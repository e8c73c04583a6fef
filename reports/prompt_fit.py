"""How pictures fit their prompts, for the gallery: scores by the run's tower, and crops against captions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.records import SampleKey
from bench.run import Run


def fit_records(run: Run) -> dict[SampleKey, dict[str, Any]]:
    """Return for each picture that the run's tower scored how it fits, as JSON data; nothing where no tower scored.

    `clip` is the cosine with the picture's own prompt, `rank` (from 1) and `lift` that prompt's place among the
    `others` in its language (None without any), `pieces` in how many the prompt was read. `regions` has captions,
    `numbers` of the regions (from 1), the matrix of crops (rows) against captions (columns), and which pairs were
    found; None where there are fewer than two regions with a caption and a place.
    """
    found = {}
    for picture in (run.alignment or {}).get("pictures", ()):
        clip = picture["scores"]["clip"]
        if "missing" not in clip:
            found[SampleKey(picture["prompt"], picture["seed"])] = _record(picture, clip["numerator"])
    return found


def _record(picture: Mapping[str, Any], clip: float) -> dict[str, Any]:
    lift = picture["scores"]["clip_lift"]
    fit = picture.get("region_fit")
    return {
        "clip": clip,
        "pieces": picture["pieces"],
        "rank": picture.get("rank"),
        "others": picture.get("others"),
        "lift": None if "missing" in lift else lift["numerator"],
        "regions": fit
        and {
            "numbers": [region + 1 for region in fit["regions"]],
            "captions": fit["captions"],
            "matrix": [[round(value, 4) for value in row] for row in fit["matrix"]],
            "found": fit["found"],
        },
    }
