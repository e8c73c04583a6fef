"""Images that already exist, made by any model or trainer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bench.digest import digest_of
from bench.generators import JSON, Failure, Job, Outcome, Picture
from bench.generators.image_file import SUFFIXES, ImageFileError, decode_image, inspect_image
from bench.generators.image_map import read_image_map
from bench.generators.label import label
from bench.generators.listing import first_of
from bench.seeds import LARGEST
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt

_LAYOUT = "<prompt id>/<seed>.png, or <prompt id>.png for seed 0 (also .jpg, .jpeg, .webp)"


class FolderOptions(BaseModel):
    """What may follow `folder:DIR?`.

    Attributes:
        map: A mapping file (`.csv` or `.jsonl`), found from the working directory as DIR is; without one, the files'
            names say what they are.
        missing: `refused` counts an image that is not there as the model's refusal: scored as nothing read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    map: str | None = None
    missing: Literal["error", "refused"] = "error"


class FolderGenerator:
    """Hands on the images of a folder.

    Files that belong to no prompt of the suite are left alone, because one folder may serve several suites; they are
    mentioned only where images are missing.
    """

    is_model = True

    def __init__(self, spec: Spec) -> None:
        self._options = spec.validated(FolderOptions)
        if not spec.target:
            raise GlyphbenchError(f"--model {spec.text!r}: a folder of images is written folder:DIR")
        self._folder = Path(spec.target).expanduser()
        entries = _entries(self._folder)
        if self._options.map is None:
            self._images = _images_among(entries)
        else:
            source = Path(self._options.map).expanduser()
            self._images = {key: [path] for key, path in read_image_map(source, self._folder).items()}
        self._digests: dict[Path, str | None] = {}

    @property
    def name(self) -> str:
        """The folder's own name."""
        return label(self._folder.resolve().name, otherwise="folder")

    @cached_property
    def identity(self) -> Mapping[str, JSON]:
        """Options and a digest of every image that has a prompt id and a seed, wherever the folder lies."""
        images = [[*key, [self._digest(path) for path in paths]] for key, paths in sorted(self._images.items())]
        return {"kind": "folder", "images": digest_of(images), "missing": self._options.missing}

    def seeds(self, prompts: Sequence[Prompt]) -> tuple[int, ...]:
        """Return all seeds that any of `prompts` has an image of, sorted.

        Raises:
            GlyphbenchError: There is not one image for these prompts, or a seed is too large.
        """
        wanted = {prompt.id for prompt in prompts}
        found = sorted({seed for prompt, seed in self._images if prompt in wanted})
        if not found:
            example = prompts[0].id if prompts else "ID"
            raise GlyphbenchError(
                f"{self._folder}: not one image for the {len(wanted)} prompts of the suite; expected {self._expected}, "
                f"such as one for prompt {example!r} and seed 0{self._strangers(wanted)}"
            )
        if found[-1] > LARGEST:
            raise GlyphbenchError(
                f"{self._folder}: an image is named for seed {found[-1]}; seeds go up to {LARGEST}: rename the file"
            )
        return tuple(found)

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise `GlyphbenchError` with every image that is missing, named twice, damaged or far too large."""
        missing, faults = [], []
        for job in jobs:
            match self._files(job):
                case []:
                    missing.append(f"{job.prompt.id}/{job.seed}")
                case [path]:
                    faults += _faults_in(path)
                case several:
                    faults.append(f"{_named(several)} are both prompt {job.prompt.id!r} with seed {job.seed}; keep one")
        lines = []
        if missing and self._options.missing == "error":
            strangers = self._strangers({job.prompt.id for job in jobs})
            lines.append(
                f"images missing for {len(missing)} of {len(jobs)} (prompt/seed): {first_of(missing)}\n"
                f"    Add them as {self._expected}; or ask for fewer --seeds; or append ?missing=refused (after other "
                f"options: &missing=refused) to score them as refusals, as nothing read{strangers}"
            )
        if faults:
            lines.append(f"images that cannot be used: {len(faults)}\n    " + first_of(faults, "\n    "))
        if lines:
            raise GlyphbenchError("\n  ".join([f"{self._folder}:", *lines]))

    def generate(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield the picture of each job, in order; a file that has changed since `identity` was taken is a failure."""
        for job in jobs:
            yield self._outcome(job)

    def _outcome(self, job: Job) -> Outcome:
        match self._files(job):
            case [path]:
                return self._picture(job, path)
            case []:
                return Failure(
                    job,
                    "refused" if self._options.missing == "refused" else "infra",
                    f"no image in {self._folder} for this prompt and seed",
                )
            case several:
                return Failure(job, "infra", f"{_named(several)} are both this prompt and seed")

    def _picture(self, job: Job, path: Path) -> Outcome:
        try:
            data = path.read_bytes()
            image, notes = decode_image(data)
        except OSError as error:
            return Failure(job, "infra", f"{path} cannot be read: {error.strerror}")
        except ImageFileError as error:
            return Failure(job, "infra", f"{path} {error}")
        digest = hashlib.sha256(data).hexdigest()
        if digest != self._digest(path):
            return Failure(job, "infra", f"{path} has changed since the run began")
        file = path.relative_to(self._folder) if path.is_relative_to(self._folder) else path
        details: dict[str, JSON] = {"file": file.as_posix(), "sha256": digest, "conversions": notes}
        if image.size != job.prompt.size:
            details["size asked for"] = list(job.prompt.size)
        return Picture(job, image, details)

    def _files(self, job: Job) -> list[Path]:
        return self._images.get((job.prompt.id, job.seed), [])

    def _digest(self, path: Path) -> str | None:
        """Return the SHA-256 (hex) that `path` had when first asked for, or None if it could not be read then."""
        if path not in self._digests:
            try:
                with path.open("rb") as file:
                    self._digests[path] = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                self._digests[path] = None
        return self._digests[path]

    @property
    def _expected(self) -> str:
        return _LAYOUT if self._options.map is None else f"lines of {self._options.map}"

    def _strangers(self, wanted: set[str]) -> str:
        """Return a clause on the images that belong to none of the prompts `wanted`: perhaps a name is mistyped."""
        others = sorted({prompt for prompt, _ in self._images} - wanted)
        return f". Images are there for {len(others)} other ids: {first_of(others)}" if others else ""


def _entries(folder: Path) -> list[Path]:
    """Return what lies in `folder`, sorted."""
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise GlyphbenchError(f"cannot read the folder of images {folder}: {error.strerror}") from None


def _images_among(entries: Sequence[Path]) -> dict[tuple[str, int], list[Path]]:
    """Return the files that are named as images of a (prompt id, seed); more than one is a fault of that job alone."""
    images: dict[tuple[str, int], list[Path]] = {}
    for entry in entries:
        if not entry.is_dir():
            candidates = [(entry.stem, "0", entry)]
        else:
            candidates = [(entry.name, path.stem, path) for path in _entries(entry)]
        for prompt, seed, path in candidates:
            if path.suffix.lower() in SUFFIXES and seed.isascii() and seed.isdecimal():
                images.setdefault((prompt, int(seed)), []).append(path)
    return images


def _faults_in(path: Path) -> list[str]:
    try:
        inspect_image(path)
    except ImageFileError as error:
        return [f"{path} {error}"]
    return []


def _named(paths: Sequence[Path]) -> str:
    return " and ".join(str(path) for path in paths)
