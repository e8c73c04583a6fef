"""The small copies that a report shows: those that the run made, and any that are still to be made."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.records import Sample, SampleKey
from bench.thumbnails import REPORT, small_copy, thumbnail_path, write_thumbnail


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """Where a small copy lies below the report folder, or why there is none."""

    file: str | None
    fault: str | None = None


def write_thumbnails(run: Path, samples: Iterable[Sample]) -> dict[SampleKey, Thumbnail]:
    """Write the small copy of each picture of a run folder and return where it is; those that are there already stay.

    Samples without a file get no entry. Copies of pictures that are no longer the run's are removed.
    """
    pictured = [sample for sample in samples if sample.file]
    there = set((run / REPORT / "thumbs").glob("*/*.webp"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(lambda sample: _thumbnail(run, sample, there), pictured))
    for stale in there - {run / REPORT / thumbnail.file for thumbnail in made if thumbnail.file}:
        stale.unlink()
    return {sample.key: thumbnail for sample, thumbnail in zip(pictured, made, strict=True)}


def _thumbnail(run: Path, sample: Sample, there: set[Path]) -> Thumbnail:
    name = thumbnail_path(sample.key, sample.sha256 or "")
    thumbnail = Thumbnail(name.relative_to(REPORT).as_posix())
    if run / name in there:
        return thumbnail
    source = run / str(sample.file)
    if not source.resolve().is_relative_to(run.resolve()):
        return Thumbnail(None, f"{sample.file} lies outside the run folder")
    try:
        content = shrink(source)
    except (OSError, ValueError, SyntaxError) as error:  # what Pillow raises for a file that is no picture
        return Thumbnail(None, f"{sample.file} cannot be shown: {_reason(error)}")
    write_thumbnail(run / name, content)
    return thumbnail


def shrink(source: Path) -> bytes:
    """Return the small copy of a picture file as WebP; raises what Pillow raises for a file that is no picture."""
    from PIL import Image

    with Image.open(source) as image:
        return small_copy(image)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "it is not there"
    return (error.strerror if isinstance(error, OSError) else None) or "it is no whole picture"
