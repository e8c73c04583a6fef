"""The `typeset` generator: draws a prompt's target text with real fonts, without any model.

It shows how well a reader can do at best, and stands in for a model on a machine without a GPU.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import PIL
from PIL import features

from bench.generators import JSON, Failure, Job, Outcome, Picture
from bench.generators.typeset.design import draw_design
from bench.generators.typeset.faces import FACES, TypesettingError, digest
from bench.generators.typeset.mistakes import write
from bench.generators.typeset.options import Options
from bench.generators.typeset.painting import paint
from bench.generators.typeset.record import describe
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt

VERSION = 1
"""Goes up whenever the same prompt and seed give other pixels."""

_LONGEST_NAME = 80
"""Characters; of more options, a digest is the name."""


def _as_written(value: object) -> str:
    """Return an option's value as a file name may have it."""
    if isinstance(value, list):
        return "to".join(dict.fromkeys(f"{number:g}" for number in value))
    return f"{value:g}" if isinstance(value, float) else str(value)


class TypesetGenerator:
    """Draws lettering in the published distribution (docs/typesetter.md), `plain` or `hard`."""

    def __init__(self, spec: Spec) -> None:
        """Make a generator from `typeset`, or with any of `Options`: `typeset?strength=hard&curve=wave`.

        Raises:
            GlyphbenchError: The spec points at something, or has options that cannot be used.
        """
        if spec.target:
            raise GlyphbenchError(f"--model {spec.text!r}: typeset takes no target; write 'typeset' alone")
        self._options = spec.validated(Options)
        self._strength = self._options.distribution
        self._wishes = self._options.wishes
        self._shares = self._options.shares

    @property
    def name(self) -> str:
        """`typeset`, `typeset-hard`, with any other options after that: `typeset-hard-curve-wave-em-12to20`."""
        others = self._options.given()
        strength = others.pop("strength")
        parts = [] if strength == "plain" else [strength]
        parts += [f"{name}-{_as_written(value)}" for name, value in others.items()]
        name = "-".join(["typeset", *parts])
        if len(name) <= _LONGEST_NAME:
            return name
        return f"typeset-{hashlib.sha256(name.encode()).hexdigest()[:8]}"

    @property
    def identity(self) -> Mapping[str, JSON]:
        """The typesetter's version and options, the fonts' digests, and the libraries that draw."""
        fonts = {FACES[name].path for name in self._faces}
        return {
            "kind": "typeset",
            "version": VERSION,
            "options": self._options.given(),
            "fonts": {path.name: digest(path) for path in sorted(fonts)},
            "pillow": PIL.__version__,
            "freetype": features.version_module("freetype2"),
        }

    @property
    def is_model(self) -> bool:
        """False: its scores tell about the instrument."""
        return False

    def seeds(self, prompts: Sequence[Prompt]) -> tuple[int, ...] | None:
        """Return None: any seed can be drawn."""
        return None

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise `GlyphbenchError` where a font file is missing."""
        for name in self._faces:
            FACES[name].path  # noqa: B018

    def generate(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield a picture for each job, or a failure that says which text cannot be drawn, and why."""
        for job in jobs:
            try:
                yield self._draw(job)
            except TypesettingError as error:
                yield Failure(job, "infra", str(error))

    @property
    def _faces(self) -> Sequence[str]:
        return (self._wishes.face,) if self._wishes.face else tuple(self._strength.faces.table)

    def _draw(self, job: Job) -> Picture:
        seed = self._options.drawing_seed(job.seed)
        writings = write(job.prompt, seed, self._shares)
        design = draw_design(job.prompt, writings, seed, self._strength, VERSION, self._wishes)
        image, drawn = paint(design)
        return Picture(job, image, describe(design, drawn, self._strength.name, writings))
