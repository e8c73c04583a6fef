"""A transcribed picture together with what was read in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench.calibration.transcribed_pictures import Transcribed, as_drawn
from bench.calibration.transcription import DrawnText
from bench.records import ReadingRecord
from metrics.reading import Line, Reading
from prompts.suite import Prompt


@dataclass(frozen=True, slots=True)
class TranscribedReading:
    """One transcribed picture with what was read in it."""

    picture: Transcribed
    record: ReadingRecord

    @property
    def drawn(self) -> Prompt:
        """What is drawn, as a prompt, in the group of the prompt that was asked for."""
        drawn = as_drawn(self.picture.transcription)
        return replace(drawn, group=self.picture.asked.group) if self.picture.asked else drawn

    @property
    def name(self) -> str:
        """The picture, for people."""
        return self.picture.transcription.name

    def truth(self, *, is_strict: bool) -> Reading:
        """Return what a perfect reader would say; if `is_strict`, it reads malformed characters as something else."""
        reading = self.record.reading
        drawn = [text for text in self.picture.transcription.drawn if text.text.strip()]
        step = reading.height / max(1, len(drawn))
        lines = (_line(text, i * step, step, reading.width, is_strict=is_strict) for i, text in enumerate(drawn))
        return Reading(reading.width, reading.height, tuple(lines))


def _line(drawn: DrawnText, top: float, height: float, width: float, *, is_strict: bool) -> Line:
    """Return a line over the whole width: where it stands is not transcribed, and only breaks ties."""
    corners = ((0.0, top), (width, top), (width, top + height), (0.0, top + height))
    return Line(drawn.masked if is_strict else drawn.text, 1.0, corners)
