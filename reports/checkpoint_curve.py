"""The curve of a training run's checkpoints: each metric by step, beside the margin that is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metrics.table import METRICS, Metric
from reports.visible_text import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bench.watching.history import Entry

_VERDICTS = {
    "base": ("D", "#3b4252", "base"),
    "pass": ("o", "#0072b2", "pass"),
    "inconclusive": ("o", "#0072b2", "inconclusive"),
    "no verdict": ("s", "#7a7a7a", "no verdict"),
    "regressed": ("v", "#d55e00", "regressed"),
}
"""Marker, colour and label. Okabe and Ito's colours, told apart by shape as well."""

_HOLLOW = frozenset({"inconclusive", "no verdict"})
_GREY = "#8a8a8a"


def write_curves(entries: Sequence[Entry], folder: Path) -> list[Path]:
    """Write `curve-<suite>.png` and `.svg` for each suite, and return their paths.

    Args:
        entries: The current entry of each checkpoint, as `History.current` gives them.
        folder: That of the history.
    """
    import matplotlib as mpl

    written = []
    for suite in dict.fromkeys(entry.suite for entry in entries):
        figure = draw_curve([entry for entry in entries if entry.suite == suite])
        for suffix in ("png", "svg"):
            path = folder / f"curve-{suite}.{suffix}"
            part = path.with_name(f".{path.name}")
            # Without a date the same history gives the same file.
            with mpl.rc_context({"svg.hashsalt": "glyphbench"}):
                figure.savefig(part, format=suffix, dpi=144, metadata={"Date": None} if suffix == "svg" else None)
            part.replace(path)
            written.append(path)
    return written


def draw_curve(entries: Sequence[Entry]) -> Figure:
    """Return the figure of one suite: a panel for each gated metric, else for the first of what the history has."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    gated = [metric for metric in METRICS.values() if any(f"{metric.name}_margin" in e.numbers for e in entries)]
    known = [metric for metric in METRICS.values() if any(metric.name in e.numbers for e in entries)]
    shown = gated or known[:1]
    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 9}):
        count = max(1, len(shown))
        figure = Figure(figsize=(7.2, 0.7 + 2.7 * count), layout="constrained")
        panels = figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
        for panel, metric in zip(panels, shown, strict=False):
            _draw_panel(panel, metric, entries)
        _draw_failed(panels[0], entries)
        panels[-1].set_xlabel("step")
        panels[0].set_title(_ascii(f"{entries[0].suite}: checkpoints"), loc="left", fontweight="bold")
        if gated:
            panels[0].set_title(
                "bars: bounds of the paired difference from the base", loc="right", fontsize=8, color=_GREY
            )
        _draw_legend(figure, list(panels))
        figure.draw_without_rendering()
    return figure


def _draw_panel(panel: Axes, metric: Metric, entries: Sequence[Entry]) -> None:
    evaluated = [entry for entry in entries if metric.name in entry.numbers]
    panel.plot(
        [entry.step for entry in evaluated],
        [_centre(metric, entry) for entry in evaluated],
        color=_GREY,
        lw=1,
        zorder=2,
    )
    _draw_band(panel, metric, evaluated)
    is_judged = any(f"{metric.name}_margin" in entry.numbers for entry in evaluated)
    for entry in evaluated:
        marker, colour, label = _VERDICTS.get(entry.verdict, _VERDICTS["no verdict"])
        centre = _centre(metric, entry)
        # The base differs from itself by nothing; its own interval would be of another kind than the others' bars.
        ends = None if entry.verdict == "base" and is_judged else _ends(metric, entry)
        if ends:
            panel.plot([entry.step, entry.step], ends, color=colour, lw=1.4, zorder=3)
        face = "white" if entry.verdict in _HOLLOW else colour
        panel.plot(entry.step, centre, marker, color=colour, mfc=face, ms=6.5, zorder=4, label=label)
    panel.set_ylabel(f"{metric.name}\n({metric.better} is better)")
    panel.grid(axis="y", color="#e6e6e6", lw=0.7)
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)
    panel.margins(x=0.04, y=0.12)
    panel.locator_params(axis="x", integer=True)


def _draw_band(panel: Axes, metric: Metric, evaluated: Sequence[Entry]) -> None:
    """Draw the base's value and the loss from there that is accepted, as the last judged entry has them."""
    judged = [entry for entry in evaluated if f"{metric.name}_margin" in entry.numbers]
    if not judged:
        return
    base = judged[-1].numbers[f"{metric.name}_base"]
    margin = judged[-1].numbers[f"{metric.name}_margin"]
    limit = base - margin if metric.better == "higher" else base + margin
    panel.axhspan(
        min(base, limit), max(base, limit), color="#009e73", alpha=0.13, lw=0, label="accepted loss", zorder=0
    )
    panel.axhline(base, color="#009e73", lw=1, ls="--", label="value of the base", zorder=1)


def _centre(metric: Metric, entry: Entry) -> float:
    return entry.numbers[metric.name]


def _ends(metric: Metric, entry: Entry) -> tuple[float, float] | None:
    """Return the ends of an entry's bar.

    Of a judged one they are the bounds of its paired difference from the base, set off from the base's value: it passes
    where its bar ends above the band's far edge. Its own interval, which is wider, would say nothing of that.
    """
    numbers, name = entry.numbers, metric.name
    if f"{name}_gain_low" in numbers:
        sign = 1 if metric.better == "higher" else -1
        base = numbers[f"{name}_base"]
        return base + sign * numbers[f"{name}_gain_low"], base + sign * numbers[f"{name}_gain_high"]
    if f"{name}_low" in numbers:
        return numbers[f"{name}_low"], numbers[f"{name}_high"]
    return None


def _draw_failed(panel: Axes, entries: Sequence[Entry]) -> None:
    steps = [entry.step for entry in entries if entry.state == "failed"]
    if steps:
        across: Any = panel.get_xaxis_transform()
        panel.plot(
            steps,
            [0.03] * len(steps),
            "x",
            color="black",
            ms=6,
            mew=1.5,
            transform=across,
            label="failed",
            clip_on=False,
        )


def _draw_legend(figure: Figure, panels: Sequence[Axes]) -> None:
    found: dict[str, Any] = {}
    for panel in panels:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    figure.legend(list(found.values()), list(found), loc="outside lower center", ncols=4, frameon=False, fontsize=8)


def _ascii(text: str) -> str:
    """Return a name in characters that the figure's face has."""
    return "".join(c if c.isascii() else f"‹U+{ord(c):04X}›" for c in visible(text))
