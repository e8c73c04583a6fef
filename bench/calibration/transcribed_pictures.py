"""The pictures that a transcription is about: files, a model's (mostly `folder:`), or those of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.calibration.reading_stream import Shown
from bench.calibration.sentences import language_of
from bench.calibration.transcription import Transcription, read_transcriptions
from bench.generators import Failure, Job, Outcome, Picture
from bench.generators.image_file import ImageFileError, decode_image, inspect_image
from bench.generators.table import open_generator
from bench.records import SampleKey
from bench.run import Run
from prompts.errors import GlyphbenchError
from prompts.loading import find_suite
from prompts.suite import Prompt, Region, Size, Suite


@dataclass(frozen=True, slots=True)
class Transcribed:
    """A transcribed picture; `asked` is the prompt that it was made for, None where nobody knows."""

    transcription: Transcription
    asked: Prompt | None


@dataclass(frozen=True)
class TranscribedPictures:
    """Transcriptions with their pictures.

    Attributes:
        transcriptions: What is drawn.
        folder: That holds the transcription file; relative `file` names start there.
        suite: That prompt ids are of, and whose profile says what counts as the same character.
        model: Spec of the generator that has the pictures of prompts.
        run: The run that has them instead.
    """

    transcriptions: tuple[Transcription, ...]
    folder: Path
    suite: Suite
    model: str | None = None
    run: Run | None = None

    def check(self) -> None:
        """Raise `GlyphbenchError` with every picture that is not there or cannot be used."""
        faults = []
        if any(t.file is None for t in self.transcriptions) and self.model is None and self.run is None:
            raise GlyphbenchError(
                "where are the pictures? Give --model folder:DIR or --run RUN, or `file` in each line"
            )
        for transcription in self.transcriptions:
            path = self._path(transcription)
            if path is not None:
                try:
                    inspect_image(path)
                except ImageFileError as error:
                    faults.append(f"line {transcription.line}: {path} {error}")
            elif self.run is not None:
                faults.append(f"line {transcription.line}: the run has no picture {transcription.name}")
        if faults:
            raise GlyphbenchError("\n  ".join(["pictures that cannot be used", *faults]))
        if self.model is not None:
            open_generator(self.model).check([self._job(t) for t in self._made()])

    def shown(self) -> Iterator[Shown[Transcribed]]:
        """Yield each picture, those in files first."""
        for transcription in self.transcriptions:
            if (path := self._path(transcription)) is not None:
                yield self._tagged(transcription, _loaded(self._job(transcription), path))
        if self.model is not None and (made := self._made()):
            outcomes = open_generator(self.model).generate([self._job(t) for t in made])
            for transcription, outcome in zip(made, outcomes, strict=True):
                yield self._tagged(transcription, outcome)

    def _made(self) -> list[Transcription]:
        """Return those whose pictures the model has."""
        return [t for t in self.transcriptions if t.file is None and self.run is None]

    def _path(self, transcription: Transcription) -> Path | None:
        if transcription.file is not None:
            return self.folder / transcription.file
        if self.run is None:
            return None
        sample = self.run.samples.get(SampleKey(str(transcription.prompt), transcription.seed))
        return None if sample is None or sample.file is None else self.run.folder.path / sample.file

    def _asked(self, transcription: Transcription) -> Prompt | None:
        return next((prompt for prompt in self.suite.prompts if prompt.id == transcription.prompt), None)

    def _job(self, transcription: Transcription) -> Job:
        return Job(self._asked(transcription) or as_drawn(transcription), transcription.seed)

    def _tagged(self, transcription: Transcription, outcome: Outcome) -> Shown[Transcribed]:
        job = self._job(transcription)
        return Shown(Transcribed(transcription, self._asked(transcription)), job.prompt, outcome)


def find_pictures(truth: Path, suites: Sequence[str], model: str | None, run_path: Path | None) -> TranscribedPictures:
    """Return the transcriptions in the file `truth` with their pictures.

    Args:
        truth: As `transcription` describes it.
        suites: Names of the suites that prompt ids are of; the run's own, where one is given.
        model: Spec of the generator that has the pictures.
        run_path: Folder of the run that has them instead.

    Raises:
        GlyphbenchError: Faults in the file, unknown suites, no such run.
    """
    if model is not None and run_path is not None:
        raise GlyphbenchError("--model and --run both say where the pictures are; give one")
    run = None if run_path is None else Run.open(run_path)
    found = [run.suite] if run else [find_suite(name) for name in suites]
    if len(found) != 1:
        raise GlyphbenchError(f"--suite: a transcription is about one suite; got {', '.join(suites)}")
    transcriptions = read_transcriptions(truth, [prompt.id for prompt in found[0].prompts])
    return TranscribedPictures(transcriptions, truth.parent, found[0], model, run)


def as_drawn(transcription: Transcription) -> Prompt:
    """Return a prompt that asks for just what is drawn: malformed characters as what they are meant to be."""
    texts = [drawn.text for drawn in transcription.drawn if drawn.text.strip()]
    name = transcription.name
    return Prompt(name, name, language_of("".join(texts)), name, Size(1, 1), tuple(map(Region, texts)))


def _loaded(job: Job, path: Path) -> Outcome:
    try:
        image, _ = decode_image(path.read_bytes())
    except (OSError, ImageFileError) as error:
        return Failure(job, "infra", f"{path} {error}")
    return Picture(job, image)
