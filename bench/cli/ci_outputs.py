"""What `gate` writes for CI beside its own words."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prompts.errors import GlyphbenchError

if TYPE_CHECKING:
    from bench.gating.result import GateResult

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"

JunitOption = Annotated[Path | None, typer.Option("--junit", help="File for the verdict as JUnit XML.")]
SummaryFlag = Annotated[
    bool, typer.Option("--summary", help=f"Add the verdict as Markdown to the file that ${SUMMARY_VARIABLE} names.")
]
SummaryFileOption = Annotated[
    Path | None, typer.Option("--summary-file", help="Add the verdict as Markdown to this file.")
]
AnnotationsFlag = Annotated[
    bool, typer.Option("--annotations", help="Print at most ten GitHub annotations of what is wrong.")
]


@dataclass(frozen=True, slots=True)
class CiOutputs:
    """What was asked for."""

    junit: Path | None
    summary: Path | None
    annotations: bool

    @classmethod
    def asked(cls, junit: Path | None, summary_file: Path | None, *, summary: bool, annotations: bool) -> CiOutputs:
        """Return the outputs that the options name; a verdict of an earlier run does not outlive this one's failure.

        Raises:
            GlyphbenchError: The summary has no place, or two; or what is there cannot be removed.
        """
        if summary and summary_file is not None:
            raise GlyphbenchError("--summary or --summary-file, not both")
        if summary:
            place = os.environ.get(SUMMARY_VARIABLE)
            if not place:
                raise GlyphbenchError(
                    f"--summary: {SUMMARY_VARIABLE} is not set, as it is in a step on GitHub; give --summary-file FILE"
                )
            summary_file = Path(place)
        try:
            if junit is not None:
                junit.unlink(missing_ok=True)
        except OSError as error:
            raise GlyphbenchError(f"--junit {junit}: cannot be written: {error.strerror}") from None
        return cls(junit, summary_file, annotations)

    def write(self, result: GateResult) -> None:
        """Write all of them; annotations go to stderr, where GitHub finds them and `--json` is not disturbed.

        Raises:
            GlyphbenchError: A file cannot be written.
        """
        from bench.files import write_whole
        from reports.ci.annotations import annotation_lines
        from reports.ci.github_summary import LIMIT, github_summary
        from reports.ci.junit import junit

        if self.annotations:
            for line in annotation_lines(result):
                typer.echo(line, err=True)
        try:
            if self.junit is not None:
                self.junit.parent.mkdir(parents=True, exist_ok=True)
                write_whole(self.junit, junit(result))
            if self.summary is not None:
                there = self.summary.stat().st_size if self.summary.exists() else 0
                with self.summary.open("a", encoding="utf-8") as file:
                    # A heading begins a line of its own.
                    file.write(("\n\n" if there else "") + github_summary(result, LIMIT - there - 2))
        except OSError as error:
            raise GlyphbenchError(f"cannot write {error.filename}: {error.strerror}") from None
