"""What two runs must have in common before their scores say anything about each other, and what of it differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.calibration.lookup import LIBRARIES
from bench.digest import short
from bench.seeds import format_seeds
from prompts.errors import UnknownNameError

_TOLD = 4
"""Settings of a reader that are named one by one."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """All that a score depends on beside the model.

    Attributes:
        suite: Its name.
        suite_version: As the suite has it.
        suite_digest: Of its content.
        asked: How many of its prompts the run asks for.
        whole: How many it has.
        seeds: Of the run.
        reader: Its name.
        reader_digest: Of name and signature.
        reader_signature: All that can change a reading.
        profile: Signature of the suite's text profile.
        metrics: Signature of each metric, by name.
    """

    suite: str
    suite_version: str
    suite_digest: str
    asked: int
    whole: int
    seeds: tuple[int, ...]
    reader: str
    reader_digest: str
    reader_signature: Mapping[str, Any]
    profile: str
    metrics: Mapping[str, str]

    @property
    def suite_label(self) -> str:
        """Name, version and short digest, as a signature has them."""
        return f"{self.suite}.{self.suite_version}#{short(self.suite_digest)}"

    @property
    def is_partial(self) -> bool:
        """Whether only the first prompts were asked for."""
        return self.asked < self.whole


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One condition that differs: `key` allows it, `says` is a sentence with both sides in it."""

    key: str
    says: str


def mismatches(base: Conditions, candidate: Conditions) -> list[Mismatch]:
    """Return every condition in which two runs differ, in a fixed order."""
    found = ((key, check(base, candidate)) for key, check in _CHECKS.items())
    return [Mismatch(key, says) for key, says in found if says]


def check_keys(keys: Iterable[str], what: str = "--allow") -> None:
    """Raise `UnknownNameError` for a key that names no condition."""
    for key in keys:
        if key not in KEYS:
            raise UnknownNameError(f"condition of {what}", key, KEYS)


def _suite(base: Conditions, candidate: Conditions) -> str:
    if base.suite_digest == candidate.suite_digest:
        return ""
    return f"the suites differ: {base.suite_label} and {candidate.suite_label}"


def _prompts(base: Conditions, candidate: Conditions) -> str:
    if base.suite_digest != candidate.suite_digest or base.asked == candidate.asked:
        return ""
    return f"other prompts were asked for: {_extent(base)} and {_extent(candidate)}"


def _extent(conditions: Conditions) -> str:
    return f"the first {conditions.asked} of {conditions.whole}" if conditions.is_partial else f"all {conditions.whole}"


def _seeds(base: Conditions, candidate: Conditions) -> str:
    if sorted(base.seeds) == sorted(candidate.seeds):
        return ""
    return f"the seeds differ: {format_seeds(base.seeds)} and {format_seeds(candidate.seeds)}"


def _reader(base: Conditions, candidate: Conditions) -> str:
    if base.reader == candidate.reader:
        settings = _changed(base, candidate, lambda key: key not in LIBRARIES)
        if not settings:
            return ""
        told = ", ".join(settings[:_TOLD]) + (f" and {len(settings) - _TOLD} more" if len(settings) > _TOLD else "")
        return f"the reader {base.reader} is not the same: {told}"
    return (
        f"the readers differ: {base.reader}#{short(base.reader_digest)} and "
        f"{candidate.reader}#{short(candidate.reader_digest)}"
    )


def _libraries(base: Conditions, candidate: Conditions) -> str:
    if base.reader != candidate.reader:
        return ""
    versions = _changed(base, candidate, lambda key: key in LIBRARIES)
    return f"the reader {base.reader} ran with other libraries: {', '.join(versions)}" if versions else ""


def _changed(base: Conditions, candidate: Conditions, wanted: Callable[[str], bool]) -> list[str]:
    then, now = base.reader_signature, candidate.reader_signature
    keys = sorted(key for key in {*then, *now} if wanted(key) and then.get(key) != now.get(key))
    return [f"{key} {_brief(then.get(key, 'none'))} and {_brief(now.get(key, 'none'))}" for key in keys]


def _brief(value: object) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{text[:8]}…"


def _profile(base: Conditions, candidate: Conditions) -> str:
    return "" if base.profile == candidate.profile else f"profiles differ: {base.profile} and {candidate.profile}"


def _metrics(base: Conditions, candidate: Conditions) -> str:
    pairs = [(base.metrics[name], candidate.metrics[name]) for name in base.metrics if name in candidate.metrics]
    other = [f"{then} and {now}" for then, now in pairs if then != now]
    return f"metrics count otherwise: {', '.join(other)}" if other else ""


_CHECKS: dict[str, Callable[[Conditions, Conditions], str]] = {
    "suite": _suite,
    "prompts": _prompts,
    "seeds": _seeds,
    "reader": _reader,
    "libraries": _libraries,
    "profile": _profile,
    "metrics": _metrics,
}

KEYS = tuple(_CHECKS)
"""What `--allow` and a policy's `allow` may name."""
