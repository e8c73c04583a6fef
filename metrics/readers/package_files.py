"""Files inside installed packages, which are never imported for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from prompts.errors import GlyphbenchError


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file by its place inside a package; `requirement` is what pip is to be asked for."""

    package: str
    name: str
    requirement: str

    @property
    def path(self) -> Path:
        """The file on this machine.

        Raises:
            GlyphbenchError: The package is not installed, or does not hold the file.
        """
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise GlyphbenchError(f"the package {self.package} is not installed: run  pip install '{self.requirement}'")
        path = Path(spec.submodule_search_locations[0], self.name)
        if not path.is_file():
            raise GlyphbenchError(
                f"{path}: no such file in the installed {self.package}: "
                f"run  pip install --force-reinstall '{self.requirement}'"
            )
        return path

    @property
    def sha256(self) -> str:
        """SHA-256 of the file's content, in hex."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
