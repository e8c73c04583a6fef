"""What a figure is drawn from, and the drawing: a matplotlib figure with its data, saved in several formats."""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from bench.files import write_whole
from metrics.table import HEADLINE
from prompts.errors import UnknownNameError
from reports.figures.embedding import truetype_only
from reports.figures.style import STYLES, Style, drawn_in

if TYPE_CHECKING:
    import pandas as pd

    from bench.run import Run

_METADATA = {
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": "Glyphbench"},
    "svg": {"Date": None, "Creator": "Glyphbench"},
    "png": {"Software": "Glyphbench"},
}
"""Without a date, so that equal figures are equal files."""

FORMATS = tuple(_METADATA)


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        runs: Drawn from, in the order given.
        style: How it looks.
        metric: Its name; figures that are about one kind of number only do not go by it.
        reader: Whose scores count; None for each run's first.
        level: Nominal coverage of the intervals, in 0..1.
        margin: The largest loss that is accepted, in the metric's unit; drawn where there is a base to lose from.
    """

    runs: tuple[Run, ...]
    style: Style = STYLES["paper"]
    metric: str = HEADLINE
    reader: str | None = None
    level: float = 0.95
    margin: float | None = None


@dataclass(frozen=True)
class Drawing:
    """A figure as drawn.

    Attributes:
        name: Of the figure, as `FIGURES` has it; also that of its files.
        figure: It can be changed before it is saved.
        data: Every number that is drawn, a row a mark.
        style: In which it was drawn.
    """

    name: str
    figure: Figure
    data: pd.DataFrame
    style: Style = STYLES["paper"]

    def save(self, folder: Path, formats: Iterable[str] = FORMATS) -> list[Path]:
        """Write the figure in each of the formats, and its data as CSV in UTF-8; return the files' paths.

        Raises:
            UnknownNameError: A format that there is not.
        """
        formats = list(dict.fromkeys(formats))
        for wanted in formats:
            if wanted not in FORMATS:
                raise UnknownNameError("format", wanted, FORMATS)
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        with drawn_in(self.style):
            for wanted in formats:
                buffer = io.BytesIO()
                with truetype_only(self.figure) if wanted == "pdf" else nullcontext():
                    self.figure.savefig(buffer, format=wanted, metadata=_METADATA[wanted])
                paths.append(folder / f"{self.name}.{wanted}")
                write_whole(paths[-1], buffer.getvalue())
        paths.append(folder / f"{self.name}.csv")
        write_whole(paths[-1], self.data.to_csv(index=False, lineterminator="\n").encode())
        return paths
