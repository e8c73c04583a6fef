"""A model spec with a gap for the checkpoint: `cogview4?transformer={checkpoint}`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from prompts.errors import GlyphbenchError
from prompts.spec import Spec

GAP = "{checkpoint}"


@dataclass(frozen=True, slots=True)
class Template:
    """A spec that becomes a model's when its gap is filled with a path.

    Attributes:
        text: As written on the command line.
    """

    text: str

    def __post_init__(self) -> None:
        if GAP not in self.text:
            raise GlyphbenchError(
                f"--model {self.text!r}: write {GAP} where the path of the checkpoint belongs, such as "
                f"'cogview4?transformer={GAP}', 'cogview4?lora={GAP}', 'diffusers:{GAP}' or 'folder:{GAP}'"
            )
        Spec.parse(self.filled(Path("checkpoint-1")))

    def filled(self, path: Path) -> str:
        """Return the spec for the checkpoint in `path`.

        In an option's value, characters that mean something in a spec (`&`, `%`, `+`, `=`, `#`, white space) are
        written as `%26` and so on, which `Spec.parse` undoes. Before the options a path stands as it is.

        Raises:
            GlyphbenchError: The gap stands before the options, and the path has a `?`, which would begin them.
        """
        head, mark, query = self.text.partition("?")
        if GAP in head and "?" in str(path):
            raise GlyphbenchError(f"{path}: a '?' in the path begins the options of --model {self.text!r}; rename it")
        return head.replace(GAP, str(path)) + mark + query.replace(GAP, quote(os.fsencode(path), safe="/"))
