"""Reads specimens with the embedded reader and keeps what it sees of each character, to be judged by any model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from specimens import Case, cases, picture

from bench.generators.typeset.faces import Face
from metrics.profiles import PROFILES
from metrics.readers.ppocr import PPOCRReader
from prompts.spec import Spec
from prompts.suite import Prompt, Region, Size

HELD_OUT, ENGLISH = "held out", "English"
"""Groups of faces."""


@dataclass(frozen=True)
class Question:
    """Whether a window shows a character, and the recogniser's doubt in it."""

    doubt: float
    window: np.ndarray
    character: str


@dataclass(frozen=True)
class Found:
    """What was read for one character, before its picture is judged."""

    face: str
    group: str
    size: int
    is_alone: bool
    is_plain: bool
    kind: str | None
    is_target: bool
    target: str
    plain: float
    confidence: float
    wanted: Question | None
    instead: Question | None


class Recorder:
    """Stands in for the model, and keeps what it is asked."""

    def __init__(self) -> None:
        self._windows: list[tuple[np.ndarray, str]] = []
        self.questions: list[Question] = []

    def judge(self, windows: Sequence[np.ndarray], characters: Sequence[str]) -> np.ndarray:
        """Return nothing of meaning."""
        self._windows = list(zip(windows, characters, strict=True))
        return np.zeros(len(windows))

    def combine(self, doubt: np.ndarray, picture: np.ndarray) -> np.ndarray:
        """Return the number of each question."""
        first = len(self.questions)
        self.questions += [Question(d, *w) for d, w in zip(doubt.tolist(), self._windows, strict=True)]
        return np.arange(first, len(self.questions), dtype=float)

    def question(self, number: float | None) -> Question | None:
        """Return a question by its number."""
        return None if number is None else self.questions[int(number)]


def read(reader: PPOCRReader, recorder: Recorder, case: Case, group: str, kind: str | None) -> Iterator[Found]:
    """Yield what is read for the target, and in lines without damage for the other characters as well."""
    yield from read_picture(reader, recorder, case, group, kind, picture(case, kind))


def read_picture(
    reader: PPOCRReader, recorder: Recorder, case: Case, group: str, kind: str | None, image: np.ndarray | None
) -> Iterator[Found]:
    """Yield the same for a picture of the case; nothing for none."""
    if image is None:
        return
    size = Size(image.shape[1], image.shape[0])
    prompt = Prompt("one", case.text, "zh", "one", size, (Region(case.text),))
    reading, evidence = reader.weigh(image, prompt, PROFILES["standard"])
    for one in evidence:
        is_target = one.position == case.position
        if kind and not is_target:
            continue
        yield Found(
            face=case.face.name,
            group=group,
            size=case.size,
            is_alone=len(case.text) == 1,
            is_plain=case.is_plain,
            kind=kind,
            is_target=is_target,
            target=one.target,
            plain=float(one.read == one.target),
            confidence=0.0 if one.line is None else reading.lines[one.line].confidence,
            wanted=recorder.question(one.intact),
            instead=recorder.question(one.read_intact),
        )


def measure(faces: dict[str, list[Face]], kinds: Sequence[str], count: int, seed: int, held: bool) -> list[Found]:
    """Return what is read at `count` places in each group of faces, drawn right and in every kind of damage.

    Args:
        faces: By group.
        kinds: Of damage.
        count: Places in each group.
        seed: Decides them.
        held: Whether to take characters that the network was not trained with, or only others.
    """
    reader, recorder = PPOCRReader(Spec.parse("ppocr")), Recorder()
    reader._shapes = recorder
    found: list[Found] = []
    for number, (group, members) in enumerate(faces.items()):
        for case in cases(members, count, seed + number, lambda c: c.isascii() or (ord(c) % 5 == 3) == held):
            for kind in (None,) if group == ENGLISH else (None, *kinds):
                found += read(reader, recorder, case, group, kind)
    return found
