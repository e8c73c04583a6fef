"""The characters that look malformed, worst first, each with a small copy of the place where it stands."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from bench.digest import digest_of, short
from bench.files import write_whole
from bench.records import SampleKey
from bench.run import Run
from metrics.evidence import CharacterEvidence
from metrics.reading import Polygon

if TYPE_CHECKING:
    from PIL import Image

PICTURED = 96
"""So many of the worst are shown with a picture of their own."""

_SIDE = 96  # Of such a picture, in pixels.
_ROOM = 0.25  # Shown around the character, as a share of its size.


@dataclass(frozen=True, slots=True)
class Suspect:
    """A malformed character, how surely it is well drawn (0..1), and the file below the report folder that shows it."""

    evidence: CharacterEvidence
    soundness: float
    file: str | None

    def as_json(self) -> dict[str, Any]:
        """Return what the page needs of it."""
        found = self.evidence
        return {
            "region": found.region,
            "position": found.position,
            "target": found.target,
            "read": found.read,
            "probability": round(found.probability, 4),
            "soundness": round(self.soundness, 4),
            "polygon": [[round(x, 1), round(y, 1)] for x, y in found.polygon or ()],
            "file": self.file,
        }


Suspects: TypeAlias = Mapping[SampleKey, tuple[Suspect, ...]]


def write_suspects(run: Run, report: Path) -> Suspects:
    """Return the malformed characters of a run by sample, after writing pictures of the worst below `report`.

    Pictures that are there already stay, others in their folder are removed.
    """
    found = sorted(_malformed(run), key=lambda one: (one[2], one[0], one[1].region, one[1].position))
    kept: set[Path] = set()
    suspects: dict[SampleKey, list[Suspect]] = {}
    for number, (key, evidence, soundness) in enumerate(found):
        file = _picture(run, key, evidence, report) if number < PICTURED else None
        kept |= {report / file} if file else set()
        suspects.setdefault(key, []).append(Suspect(evidence, soundness, file))
    for stale in set((report / "suspects").glob("*.webp")) - kept:
        stale.unlink()
    return {key: tuple(those) for key, those in suspects.items()}


def _malformed(run: Run) -> Iterator[tuple[SampleKey, CharacterEvidence, float]]:
    for key, record in run.readings.items():
        sample = run.samples.get(key)
        if sample is None or sample.sha256 != record.sha256:
            continue
        for evidence in record.evidence or ():
            if evidence.is_malformed and evidence.soundness is not None:
                yield key, evidence, evidence.soundness


def _picture(run: Run, key: SampleKey, evidence: CharacterEvidence, report: Path) -> str | None:
    """Return the file that shows a character in its place, below the report folder; None where the picture is gone."""
    sample = run.samples[key]
    name = short(digest_of([sample.sha256, evidence.polygon]))
    target = report / "suspects" / f"{name}.webp"
    source = run.folder.path / str(sample.file)
    if not target.exists():
        if not source.resolve().is_relative_to(run.folder.path.resolve()) or not evidence.polygon:
            return None
        try:
            content = _cut(source, evidence.polygon)
        except (OSError, ValueError, SyntaxError):  # the gallery says of each picture why it cannot be shown
            return None
        target.parent.mkdir(exist_ok=True)
        write_whole(target, content)
    return f"suspects/{target.name}"


def _cut(source: Path, polygon: Polygon) -> bytes:
    """Return a square WebP around `polygon`, upright as in the picture."""
    from PIL import Image

    with Image.open(source) as image:
        crop = image.convert("RGB").crop(_square(image, polygon)).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    crop.save(buffer, format="WEBP", quality=85)
    return buffer.getvalue()


def _square(image: Image.Image, polygon: Polygon) -> tuple[int, int, int, int]:
    """Return the square around a polygon, with some room; beyond the picture's border it is black."""
    xs, ys = zip(*polygon, strict=True)
    side = max(max(xs) - min(xs), max(ys) - min(ys), 1.0) * (1 + 2 * _ROOM)
    left, top = round((min(xs) + max(xs) - side) / 2), round((min(ys) + max(ys) - side) / 2)
    return left, top, left + max(1, round(side)), top + max(1, round(side))
