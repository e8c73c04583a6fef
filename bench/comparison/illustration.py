"""Puts pictures, targets and readings to the prompts that changed, as far as run folders have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from bench.comparison.result import ChangedPrompt, Comparison, PicturePair
from bench.records import ReadingRecord, Sample, SampleKey
from bench.run import Run


@dataclass(frozen=True)
class _Side:
    """Where the pictures of one side are, and what was read in those that are shown; a baseline has none."""

    run: Run | None
    readings: Mapping[SampleKey, ReadingRecord]

    @classmethod
    def of(cls, run: Run | None, reader: str, shown: Set[SampleKey]) -> _Side:
        found = [] if run is None else [record for record in run.readers if record.name == reader]
        if run is None or not found:
            return cls(run, {})
        return cls(run, run.folder.readings(found[0].short, shown))

    def picture(self, key: SampleKey) -> str | None:
        sample = self._sample(key)
        if self.run is None or sample is None or sample.file is None:
            return None
        path = self.run.folder.path / sample.file
        # A record from outside may point anywhere; a comparison shows nothing but the run's own files.
        inside = path.resolve().is_relative_to(self.run.folder.path.resolve())
        return str(path) if inside and path.is_file() else None

    def read(self, key: SampleKey) -> str | None:
        sample = self._sample(key)
        if self.run is None or sample is None:
            return None
        if sample.status in {"blank", "refused"}:
            return f"({sample.status})"
        reading = self.readings.get(key)
        if reading is None or reading.sha256 != sample.sha256:
            return None
        return " ".join(line.text for line in reading.reading.lines)

    def _sample(self, key: SampleKey) -> Sample | None:
        return None if self.run is None else self.run.samples.get(key)


def illustrate(comparison: Comparison, base: Run | None, candidate: Run | None, reader: str) -> Comparison:
    """Return the comparison with what can be shown of the prompts that changed.

    Args:
        comparison: Of the two.
        base: The base's run; None where it is a baseline.
        candidate: The candidate's.
        reader: Name of the reader whose scores are compared.
    """
    changed = (*comparison.losses, *comparison.gains)
    keys = {SampleKey(each.prompt, pair.seed) for each in changed for pair in each.pictures}
    others = {SampleKey(each.prompt, pair.candidate_seed) for each in changed for pair in each.pictures}
    sides = _Side.of(base, reader, keys), _Side.of(candidate, reader, others)
    targets = {
        prompt.id: " / ".join(prompt.targets) for run in (candidate, base) if run is not None for prompt in run.prompts
    }

    def shown(prompts: Iterable[ChangedPrompt]) -> tuple[ChangedPrompt, ...]:
        return tuple(
            replace(
                changed,
                target=targets.get(changed.prompt, ""),
                pictures=tuple(_pair(changed.prompt, pair, *sides) for pair in changed.pictures),
            )
            for changed in prompts
        )

    return replace(comparison, losses=shown(comparison.losses), gains=shown(comparison.gains))


def _pair(prompt: str, pair: PicturePair, base: _Side, candidate: _Side) -> PicturePair:
    keys = SampleKey(prompt, pair.seed), SampleKey(prompt, pair.candidate_seed)
    return replace(
        pair,
        base_file=base.picture(keys[0]),
        candidate_file=candidate.picture(keys[1]),
        base_read=base.read(keys[0]),
        candidate_read=candidate.read(keys[1]),
    )
