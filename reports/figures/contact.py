"""A contact sheet: the same prompts as each run painted them, with targets and scores."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from bench.comparison.sheet import ScoreSheet
from bench.gating.baseline import sheet_by
from bench.records import SampleKey
from prompts.suite import Prompt
from reports.figures.canvas import PAGE, new_figure
from reports.figures.figure import Drawing, Request
from reports.figures.fonts import drawable
from reports.figures.series import demand, labels_of
from reports.figures.style import GREY, Style
from reports.text_tables import columns_of
from reports.thumbnails import shrink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bench.run import Run

_PROMPTS = 6
"""Prompts that are shown, side by side."""

_MOST = 7
"""Runs that fit on a page, one below the other."""

_LABEL, _LINE = 0.3, 0.16
"""Width of what stands left of the pictures, and height of a line of text above them, in inches of a paper."""

_TARGET_LINES = 3

_COLUMN = 0.55
"""Mean width of a Latin character, half that of a Chinese one, in its size."""


@dataclass(frozen=True, slots=True)
class _Line:
    run: Run
    sheet: ScoreSheet
    label: str


def draw_contact(request: Request) -> Drawing:
    """Draw pictures of prompts × runs, all of one seed.

    Prompts are not picked by hand: of those that all runs have pictures or failures for, sorted by the mean score of
    the runs, they are those at equal steps from the best to the worst.

    Raises:
        GlyphbenchError: The runs have no prompt and seed in common, or are too many.
    """
    import pandas as pd

    lines = _lines(request)
    demand("contact", there=len(lines) <= _MOST, what=f"{len(lines)} runs do not fit on a page; name up to {_MOST}")
    seed = _seed(lines)
    prompts = _chosen(lines, seed, request.metric)
    width = (PAGE - _LABEL) / _PROMPTS
    tallest = max(_aspect(line.run, prompt, seed) for line in lines for prompt in prompts)
    targets = [_target(prompt, width * request.style.scale, request.style) for prompt in prompts]
    head = (1 + max(target.count("\n") for target in targets)) * _LINE
    note = (
        f"Seed {seed}. Above each column the text asked for, above each picture its {request.metric}. "
        f"The prompts are those at equal steps from the best to the worst mean over these runs, {len(prompts)} in all."
    )
    figure = new_figure(
        request.style,
        max(3.5, width * len(prompts) + _LABEL),
        len(lines) * (width * tallest + _LINE) + head + 0.45,
        "The same prompts",
        note,
    )
    grid = figure.subplots(len(lines), len(prompts), squeeze=False)
    rows = []
    for number, (line, cells) in enumerate(zip(lines, grid, strict=True)):
        cells[0].set_ylabel(line.label, fontsize=request.style.note_size)
        for axes, prompt, target in zip(cells, prompts, targets, strict=True):
            score, status = _score(line, prompt, seed, request.metric)
            _draw_picture(axes, line, SampleKey(prompt.id, seed), status)
            told = "—" if score is None else f"{score:.2f}"
            axes.set_title(f"{target}\n{told}" if number == 0 else told, fontsize=request.style.note_size)
            rows.append(_row(line, prompt, seed, request.metric, score, status))
    return Drawing("contact", figure, pd.DataFrame(rows), request.style)


def _lines(request: Request) -> list[_Line]:
    sheets = [sheet_by(run, request.reader) for run in request.runs]
    labels = labels_of([(run, sheet, "") for run, sheet in zip(request.runs, sheets, strict=True)])
    labels = [label.replace(", ,", ",").strip(", ") for label in labels]
    return [_Line(*each) for each in zip(request.runs, sheets, labels, strict=True)]


def _seed(lines: Sequence[_Line]) -> int:
    common = [seed for seed in lines[0].sheet.seeds if all(seed in line.sheet.seeds for line in lines)]
    demand("contact", there=bool(common), what="these runs have no seed in common")
    return common[0]


def _chosen(lines: Sequence[_Line], seed: int, metric: str) -> list[Prompt]:
    """Return the prompts to show, the best first."""
    means: dict[str, float] = {}
    for prompt in lines[0].run.prompts:
        found = [_value(line, prompt.id, seed, metric) for line in lines]
        if all(value is not None for value in found):
            means[prompt.id] = float(np.mean(np.array(found, np.float64)))
    demand("contact", there=bool(means), what=f"these runs have no prompt in common that has a score of {metric}")
    order = sorted(means, key=lambda name: (-means[name], name))
    steps = np.linspace(0, len(order) - 1, min(_PROMPTS, len(order))).round().astype(int)
    prompts = {prompt.id: prompt for prompt in lines[0].run.prompts}
    return [prompts[order[step]] for step in steps]


def _value(line: _Line, prompt: str, seed: int, metric: str) -> float | None:
    sheet = line.sheet
    places = [place for place, facts in enumerate(sheet.prompts) if facts.id == prompt]
    if not places or metric not in sheet.scores:
        return None
    at = places[0], sheet.seeds.index(seed)
    value = sheet.scores[metric].numerators[at] / sheet.scores[metric].denominators[at]
    return None if np.isnan(value) else float(value)


def _score(line: _Line, prompt: Prompt, seed: int, metric: str) -> tuple[float | None, str]:
    """Return the score of a picture, and what became of it."""
    sample = line.run.samples.get(SampleKey(prompt.id, seed))
    return _value(line, prompt.id, seed, metric), sample.status if sample else "not made"


def _aspect(run: Run, prompt: Prompt, seed: int) -> float:
    sample = run.samples.get(SampleKey(prompt.id, seed))
    if sample and sample.width and sample.height:
        return sample.height / sample.width
    return prompt.size.height / prompt.size.width


def _target(prompt: Prompt, width: float, style: Style) -> str:
    """Return the text asked for, in as many lines of this width (in inches) as there is room for."""
    fitting = width * 72 / style.note_size
    lines, filled = [""], 0.0
    for character in drawable(" / ".join(prompt.targets)):
        wide = columns_of(character) * _COLUMN
        if filled + wide > fitting:
            lines.append("")
            filled = 0.0
        lines[-1] += character
        filled += wide
    if len(lines) > _TARGET_LINES:
        lines = [*lines[: _TARGET_LINES - 1], f"{lines[_TARGET_LINES - 1][:-1]}…"]
    return "\n".join(line.strip() for line in lines)


def _draw_picture(axes: Axes, line: _Line, key: SampleKey, status: str) -> None:
    """Draw the picture, or say in its place why there is none."""
    for side in axes.spines.values():
        side.set_visible(True)
        side.set_color("#B0B0B0")
    axes.set_anchor("N")
    axes.set_xticks([])
    axes.set_yticks([])
    picture = _picture(line.run, key)
    if isinstance(picture, str):
        prompt = next(each for each in line.run.prompts if each.id == key.prompt)
        axes.set_box_aspect(prompt.size.height / prompt.size.width)
        axes.text(0.5, 0.5, picture or status, transform=axes.transAxes, ha="center", va="center", color=GREY)
    else:
        axes.imshow(picture, interpolation="antialiased")
        axes.grid(visible=False)


def _picture(run: Run, key: SampleKey) -> Image.Image | str:
    """Return a small copy of a picture, or why there is none to show."""
    sample = run.samples.get(key)
    if sample is None:
        return "not made"
    if sample.file is None:
        return sample.status
    path = run.folder.path / sample.file
    # A record from outside may point anywhere; a figure shows nothing but the run's own files.
    if not path.resolve().is_relative_to(run.folder.path.resolve()):
        return "lies outside the run"
    try:
        return Image.open(io.BytesIO(shrink(path))).convert("RGB")
    except (OSError, ValueError, SyntaxError):
        return "file is missing" if not path.exists() else "no whole picture"


def _row(line: _Line, prompt: Prompt, seed: int, metric: str, score: float | None, status: str) -> dict[str, Any]:
    return {
        "run": line.run.folder.path.name,
        "model": line.run.manifest.model.name,
        "prompt": prompt.id,
        "seed": seed,
        "target": " / ".join(prompt.targets),
        "metric": metric,
        "score": score,
        "status": status,
        "read": " / ".join(_read(line, SampleKey(prompt.id, seed))),
    }


def _read(line: _Line, key: SampleKey) -> Iterator[str]:
    reader = next(reader for reader in line.run.readers if reader.name == line.sheet.conditions.reader)
    record = line.run.readings_by(reader).get(key)
    sample = line.run.samples.get(key)
    if record is not None and sample is not None and record.sha256 == sample.sha256:
        yield from (line.text for line in record.reading.lines)
