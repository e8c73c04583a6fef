"""What the command line tells people: on stderr, so that stdout stays for data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.disk import bytes_needed
from bench.seeds import format_seeds
from metrics.table import METRICS
from metrics.towers.languages import SUGGESTED
from metrics.towers.table import TOWER_METRICS
from reports.calibration import calibration_lines
from reports.formats import format_brief, format_estimate
from reports.layout import layout_lines, measured_metrics

if TYPE_CHECKING:
    from bench.config import Configuration
    from bench.plan import RunPlan
    from bench.run import Run
    from bench.runner import RunResult

_FAILURES_SHOWN = 10
_BREAKDOWNS_SHOWN = ("language", "length")


def print_run(result: RunResult, page: Path) -> None:
    """Print how a run ended: what failed, the scores, where the report lies, and what to do next."""
    console = _console()
    run = result.run
    if result.was_complete:
        console.print(f"{escape(str(run.folder.path))} was complete already; --fresh starts another run")
    print_failures(result.failures)
    print_summary(run, page)


def print_no_tower(reason: str, folder: Path) -> None:
    """Print, in one line, which metrics are left out for want of a tower, and how to have them."""
    _console().print(
        f"left out   {', '.join(TOWER_METRICS)}: {escape(reason)}; to have them: pip install 'glyphbench\\[clip]', "
        f"then  python -m bench align {escape(str(folder))} --tower '{SUGGESTED[0]}'",
        soft_wrap=True,
    )


def print_failures(failures: Sequence[str]) -> None:
    """Print what failed, if anything did: the first ones, and how many more."""
    if not failures:
        return
    console = _console()
    console.print(f"[bold red]incomplete:[/] {len(failures)} {'failures' if len(failures) > 1 else 'failure'}")
    for failure in failures[:_FAILURES_SHOWN]:
        console.print(f"  {escape(failure)}")
    if len(failures) > _FAILURES_SHOWN:
        console.print(f"  … and {len(failures) - _FAILURES_SHOWN} more; samples.jsonl has those of the pictures")
    console.print("  the same command tries them again")


def print_summary(run: Run, page: Path) -> None:
    """Print headline, table, breakdowns, what was left out, signature and the report's place."""
    console = _console()
    summary = run.summary
    profile = summary["profile"]
    console.print()
    if summary["note"]:
        console.print(f"[bold reverse] {summary['note']} [/]")
    console.print(_metric_table(summary))
    if summary["alignment"] and "estimates" in summary["alignment"]:
        console.print(_alignment_table(summary["alignment"]))
    for by in _BREAKDOWNS_SHOWN:
        if len(summary["breakdowns"][by]) > 1:
            console.print(_breakdown_table(by, summary["breakdowns"][by]))
    console.print("[dim]a value without brackets has no interval; the report says why and has more breakdowns[/]")
    _print_left_out(console, summary)
    headline = summary["headline"]
    console.print(
        f"[bold]{headline['metric']} {format_estimate(headline['metric'], headline)}[/]  {escape(run.suite.name)}, "
        f"{escape(run.manifest.model.name)}, profile {profile}, {headline.get('prompts', 0)} prompts, "
        f"{headline.get('samples', 0)} pictures" + (f" ({summary['note']})" if summary["note"] else "")
    )
    for line in layout_lines(summary["layout"]):
        console.print(f"layout     {line}", soft_wrap=True)
    for line in _reader_lines(summary):
        console.print(line, soft_wrap=True)
    for line in calibration_lines(summary["calibration"]):
        console.print(f"calibrated {escape(line)}", soft_wrap=True)
    console.print(f"signature  {escape(run.signature)}", soft_wrap=True)
    console.print(f"report     {escape(str(page))}", soft_wrap=True)
    console.print(f"next       python -m bench score {escape(str(run.folder.path))}", soft_wrap=True)


def _reader_lines(summary: dict[str, Any]) -> Iterator[str]:
    """Yield what other readers make of the same pictures, and how they agree with the first."""
    first = escape(summary["reader"]["name"])
    for other, agreed in zip(summary["other_readers"], summary["agreement"], strict=True):
        name, headline = escape(other["name"]), other["headline"]
        yield f"read by {name} instead: {headline['metric']} {escape(format_estimate(headline['metric'], headline))}"
        yield (
            f"{first} and {name} agree: reading {format_brief(agreed['agreement'])}, "
            f"right or wrong {format_brief(agreed['characters'])}"
        )


def _metric_table(summary: dict[str, Any]) -> Table:
    profiles = [name for name in summary["metrics"] if not name.endswith("-hans")]
    table = Table(title=f"{summary['suite']['name']} {summary['suite']['version']}", title_justify="left")
    metrics = measured_metrics(summary)
    # A name is to be found again in the documentation: it stands on one line.
    table.add_column("metric", min_width=max(len(metric.name) for metric in metrics))
    for name in ("unit", "better"):
        table.add_column(name)
    for name in profiles:
        table.add_column(f"{name}*" if name == summary["profile"] else name, justify="right")
    for metric in metrics:
        cells = [format_brief(summary["metrics"][name][metric.name]) for name in profiles]
        label = f"pick@{summary['k']}" if metric.aggregate == "pick" else metric.name
        table.add_row(label, metric.unit, metric.better, *map(escape, cells))
    return table


def _alignment_table(alignment: dict[str, Any]) -> Table:
    table = Table(title=f"fit of picture and prompt, by {escape(alignment['tower'])}", title_justify="left")
    table.add_column("metric", min_width=max(map(len, alignment["estimates"])))
    table.add_column("value", justify="right")
    for name, found in alignment["estimates"].items():
        table.add_row(name, escape(found.get("missing") or format_brief(found)))
    return table


def _breakdown_table(by: str, slices: dict[str, Any]) -> Table:
    metrics = [name for name in next(iter(slices.values())) if name in METRICS]
    table = Table(title=f"by {by}", title_justify="left")
    table.add_column(by)
    table.add_column("prompts", justify="right")
    for name in metrics:
        table.add_column(name, justify="right")
    for label, entry in slices.items():
        table.add_row(escape(label), str(entry["prompts"]), *(escape(format_brief(entry[name])) for name in metrics))
    return table


def _print_left_out(console: Console, summary: dict[str, Any]) -> None:
    counts = summary["counts"]
    for status in ("blank", "refused"):
        if counts[status]:
            console.print(f"{counts[status]} of {counts['asked']} pictures {status}: scored as nothing read")
    if summary["status"] != "complete":
        console.print("[bold red]incomplete:[/] pictures are still to be made or read; the numbers may change")
    for entry in summary["left_out"]:
        console.print(f"not scored: {entry['samples']} of {counts['asked']} pictures: {escape(entry['reason'])}")
    for character, prompts in summary["beyond_reader"].items():
        console.print(
            f"beyond the reader: {escape(character)} (U+{ord(character[0]):04X}) in {escape(', '.join(prompts))}: "
            "not counted"
        )


def configuration_rows(configuration: Configuration) -> list[dict[str, Any]]:
    """Return one row for each setting: its value, where it came from, what it means."""
    values = configuration.settings.model_dump(mode="json")
    fields = type(configuration.settings).model_fields
    return [
        {"setting": name, "value": value, "from": configuration.origins[name], "meaning": fields[name].description}
        for name, value in values.items()
    ]


def plan_row(plan: RunPlan, *, fresh: bool) -> dict[str, Any]:
    """Return what a plan would do."""
    return {
        "suite": plan.suite.name,
        "model": plan.spec,
        "prompts": len(plan.suite.prompts[: plan.limit]),
        "seeds": format_seeds(plan.seeds),
        "pictures": len(plan.jobs),
        "megabytes": round(bytes_needed(plan.jobs) / 1e6),
        "folder": str(plan.folder(fresh=fresh)),
    }


def print_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows with the same keys as a table on stdout, which is what was asked for."""
    table = Table()
    for number, name in enumerate(rows[0] if rows else ()):
        # What the first column says is to be typed again: it stands on one line; nothing is cut short.
        whole = max(len(_cell(row[name])) for row in rows) if number == 0 else None
        table.add_column(name, min_width=whole, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(value)) for value in row.values()))
    if rows:
        Console().print(table)


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _console() -> Console:
    return Console(stderr=True, highlight=False)
