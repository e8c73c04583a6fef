"""`python:FILE.py:Class` and `python:package.module:Class`: the user's own code, in this process.

It runs with all the rights of whoever runs Glyphbench; so does any Python program that one starts.
What it prints goes to stderr, since stdout is for our data.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from functools import cached_property
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.generators import JSON, Failure, Job, Outcome
from bench.generators.label import label
from bench.generators.outside_image import picture_from
from bench.generators.quoting import quotable
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt


class RefusedError(Exception):
    """To be raised by a model that declines a prompt: an outcome, scored as nothing written."""


class PythonGenerator:
    """Makes one object of the user's class, with the options as keyword arguments, and asks it for every picture.

    The class has `generate(prompt: str, seed: int, width: int, height: int)`, which returns a Pillow image, an array
    (height × width × 1, 3 or 4, uint8) or the path of an image file.
    """

    is_model = True

    def __init__(self, spec: Spec) -> None:
        where, separator, self._class_name = spec.target.rpartition(":")
        if not separator or not where or not self._class_name.isidentifier():
            raise GlyphbenchError(
                f"--model {spec.text!r}: a class is written python:FILE.py:Class or python:package.module:Class"
            )
        self._options = dict(spec.options)
        self._module_spec = _find(where)
        self._where = where

    @property
    def name(self) -> str:
        """The class's own name."""
        return label(self._class_name, otherwise="python")

    @cached_property
    def identity(self) -> Mapping[str, JSON]:
        """Digest of the file, class, options; what the file imports, and the weights that it loads, are not known."""
        path = Path(str(self._module_spec.origin))
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise GlyphbenchError(f"cannot read {path}: {error.strerror}") from None
        return {"kind": "python", "file": digest, "class": self._class_name, "options": self._options}

    def seeds(self, prompts: Sequence[Prompt]) -> None:
        """Return None: any seed can be asked for."""

    def check(self, jobs: Sequence[Job]) -> None:
        """Raise `GlyphbenchError` where the file cannot be imported, or the class is not there or has no `generate`."""
        self._class  # noqa: B018 - imported, or told what is wrong

    def generate(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield one outcome for each job, in order.

        Raises:
            GlyphbenchError: The class cannot be made.
        """
        if not jobs:
            return
        try:
            with redirect_stdout(sys.stderr):
                model = self._class(**self._options)
        except Exception as error:  # the user's code may raise anything
            raise GlyphbenchError(
                f"python:{self._where}: {self._class_name}({_arguments(self._options)}): {_told(error)}"
            ) from None
        for job in jobs:
            yield _outcome(model, job)

    @cached_property
    def _class(self) -> Any:  # noqa: ANN401 - the user's
        module = _imported(self._module_spec, self._where)
        found = getattr(module, self._class_name, None)
        if found is None:
            raise GlyphbenchError(f"python:{self._where}: there is no {self._class_name} in it")
        if not callable(found) or not callable(getattr(found, "generate", None)):
            raise GlyphbenchError(
                f"python:{self._where}: {self._class_name} is no class with generate(prompt, seed, width, height)"
            )
        return found


def _outcome(model: Any, job: Job) -> Outcome:  # noqa: ANN401 - the user's
    width, height = job.prompt.size
    try:
        with redirect_stdout(sys.stderr):
            handed = model.generate(prompt=job.prompt.text, seed=job.seed, width=width, height=height)
    except RefusedError as error:
        return Failure(job, "refused", quotable(str(error) or "refused"))
    except Exception as error:
        return Failure(job, "infra", _told(error))
    return picture_from(job, handed)


def _find(where: str) -> ModuleSpec:
    """Return where the module is, without importing it."""
    if where.endswith(".py") or "/" in where:
        path = Path(where).expanduser().resolve()
        if not path.is_file():
            raise GlyphbenchError(f"python:{where}: there is no such file")
        digest = hashlib.sha256(str(path).encode()).hexdigest()[:8]
        spec = importlib.util.spec_from_file_location(f"_glyphbench_{digest}_{path.stem}", path)
    else:
        if str(Path.cwd()) not in sys.path and "" not in sys.path:
            sys.path.append(str(Path.cwd()))
        try:
            spec = importlib.util.find_spec(where)
        except (ImportError, ValueError) as error:
            raise GlyphbenchError(f"python:{where}: cannot be found: {error}") from None
    if spec is None or spec.loader is None or spec.origin is None:
        raise GlyphbenchError(f"python:{where}: there is no such module; a file is written FILE.py:Class")
    return spec


def _imported(spec: ModuleSpec, where: str) -> ModuleType:
    """Return the module; what lies beside a file can be imported from it, as when it is run."""
    if spec.name in sys.modules:
        return sys.modules[spec.name]
    if where.endswith(".py") and (beside := str(Path(str(spec.origin)).parent)) not in sys.path:
        sys.path.append(beside)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        assert spec.loader is not None
        with redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except Exception as error:  # the user's code may raise anything
        del sys.modules[spec.name]
        raise GlyphbenchError(f"python:{where}: cannot be imported: {_told(error)}") from None
    return module


def _told(error: Exception) -> str:
    """Return what was raised, and where."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return quotable(f"{type(error).__name__}: {error}{place}")


def _arguments(options: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in options.items())
