"""Checks that a run can be written before work starts."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from bench.generators import Job
from prompts.errors import GlyphbenchError

BYTES_PER_PIXEL = 2.0
"""Of a PNG at compression level 1: a photograph of 3 bytes a pixel shrinks to about two thirds."""


def bytes_needed(jobs: Sequence[Job]) -> int:
    """Return about how many bytes the pictures of `jobs` take."""
    return int(sum(job.prompt.size.width * job.prompt.size.height for job in jobs) * BYTES_PER_PIXEL)


def check_disk(folder: Path, jobs: Sequence[Job]) -> None:
    """Raise `GlyphbenchError` where `folder` cannot be made and written, or has no room for the pictures of `jobs`."""
    probe = folder / ".probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"probe")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise GlyphbenchError(
            f"{folder}: cannot be written: {error.strerror}; choose another folder with --out"
        ) from None
    needed = bytes_needed(jobs)
    if needed > free:
        raise GlyphbenchError(
            f"{folder}: {len(jobs)} pictures take about {needed / 1e9:.1f} GB, {free / 1e9:.1f} GB are free; "
            "make room, choose another folder with --out, or ask for less with --limit or --seeds"
        )
