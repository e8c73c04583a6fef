"""The command that watches a training run."""

from __future__ import annotations

import json
import signal
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.application import JsonFlag, ReaderOption, app
from bench.errors import EXIT_INTERRUPTED, EXIT_REGRESSION, EXIT_RUN_FAILED

if TYPE_CHECKING:
    from bench.watching.history import Entry
    from bench.watching.watcher import Watch, Watcher

_TERMINATED = 143
"""128 + SIGTERM, as shells have it."""


@app.command()
def watch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the trainer puts checkpoints.")],
    model: Annotated[
        str, typer.Option(help="Model spec with {checkpoint} in it: 'cogview4?transformer={checkpoint}'.")
    ],
    suite: Annotated[str | None, typer.Option(help="Suites, separated by commas: names or .toml files.")] = None,
    base: Annotated[
        list[Path] | None, typer.Option(help="Run or baseline to judge by, one a suite; else the first checkpoint.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="gate.toml; without it the default policy.")] = None,
    stop: Annotated[
        bool, typer.Option("--stop-on-regression", help="End with exit code 1 at the first regression.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Look once, as for cron, rather than for ever.")] = False,
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 30,
    pattern: Annotated[str, typer.Option(help="That names of checkpoints match, such as 'checkpoint-*'.")] = "*",
    settle: Annotated[
        float, typer.Option(min=0, help="A checkpoint is complete when nothing changed in it for as many seconds.")
    ] = 60,
    marker: Annotated[
        str | None, typer.Option(help="It is complete when this file is in it; nothing is waited for then.")
    ] = None,
    attempts: Annotated[int, typer.Option(min=1, help="After as many a failing checkpoint is given up.")] = 2,
    again: Annotated[list[str] | None, typer.Option(help="Name of a checkpoint to be evaluated once more.")] = None,
    history: Annotated[Path | None, typer.Option(help="Folder of the history; by default one under --out.")] = None,
    reader: ReaderOption = None,
    seeds: Annotated[str | None, typer.Option(help="A count (4), a list (7,8,9) or a range (100..103).")] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first N prompts: never judged.")] = None,
    tier: Annotated[str | None, typer.Option(help="As run takes it.")] = None,
    memory: Annotated[str | None, typer.Option(help="As run takes it.")] = None,
    batch: Annotated[int | None, typer.Option(help="As run takes it.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the run folders.")] = None,
    workers: Annotated[int | None, typer.Option(help="Reading processes.")] = None,
    config: Annotated[Path | None, typer.Option(help="Configuration file instead of ./bench.toml.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Evaluate each new checkpoint of a training run once, judge it, and keep one history with its curve.

    The same command goes on where an earlier one stopped.
    """
    from bench.config import load_configuration
    from bench.watching.completeness import Rule
    from bench.watching.evaluation import evaluate
    from bench.watching.watcher import Watcher

    flags: dict[str, Any] = {"suite": suite, "reader": reader, "seeds": seeds, "limit": limit, "out": out}
    flags |= {"tier": tier, "memory": memory, "batch": batch, "workers": workers}
    settings = load_configuration(flags, config).settings
    options = _options({**flags, "suite": ",".join(settings.suite), "out": settings.out, "config": config})
    asked = replace(
        _watch(folder, model, settings, options, base or [], policy, history),
        pattern=pattern,
        rule=Rule(settle, marker),
        attempts=attempts,
        again=frozenset(again or []),
    )
    watcher = Watcher(asked, evaluate, lambda text: typer.echo(text, err=True))
    signal.signal(signal.SIGTERM, _terminate)
    try:
        with watcher.lock():
            _look(watcher, interval=None if once else interval, stop=stop, as_json=as_json)
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on where it stopped", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if watcher.failed:
        raise typer.Exit(EXIT_RUN_FAILED)


def _options(flags: dict[str, Any]) -> tuple[str, ...]:
    """Return the arguments with which `run` gets what `watch` was given."""
    found: list[str] = []
    for name, value in flags.items():
        for each in value if isinstance(value, list) else [] if value is None else [value]:
            found += [f"--{name}", str(each)]
    return tuple(found)


def _watch(
    folder: Path,
    model: str,
    settings: Any,  # noqa: ANN401 - heavy to import at start
    options: tuple[str, ...],
    bases: list[Path],
    policy: Path | None,
    history: Path | None,
) -> Watch:
    """Return what is to be watched; whatever is wrong but for checkpoints is told before the first of them."""
    from bench.digest import digest_of, short
    from bench.gating.policy import DEFAULT_POLICY, read_policy
    from bench.plan import open_records
    from bench.watching.checkpoints import find_checkpoints
    from bench.watching.judging import Judge
    from bench.watching.template import Template
    from bench.watching.watcher import Watch
    from prompts.loading import find_suite

    template = Template(model)
    suites = tuple(find_suite(name).name for name in settings.suite)
    open_records(settings.reader)
    find_checkpoints(folder)
    judge = Judge.of(DEFAULT_POLICY if policy is None else read_policy(policy), bases, suites, settings.calibrations)
    # What decides the numbers: a history never mixes two ways of making them.
    content = [str(folder.resolve()), model, suites, settings.reader, settings.seeds, settings.limit]
    content += [settings.tier, settings.batch]
    place = history or settings.out / f"watch-{folder.resolve().name}-{short(digest_of(content))}"
    return Watch(folder, template, suites, options, judge, place, ignored=(settings.out,))


def _look(watcher: Watcher, *, interval: float | None, stop: bool, as_json: bool) -> None:
    """Look at the checkpoints once, or for ever at this interval; raises `typer.Exit` at a regression if asked."""
    from bench.watching.scalars import Scalars
    from reports.checkpoint_curve import write_curves

    place = watcher.watch.place
    scalars = Scalars(place / "tensorboard", watcher.history.current())
    earlier = [entry for entry in watcher.history.current() if entry.checkpoint not in watcher.watch.again]
    _stop_at_regression(earlier, stop=stop)
    typer.echo(f"history  {watcher.history.path}", err=True)
    while True:
        for entries in watcher.look():
            scalars.add(entries)
            write_curves(watcher.history.current(), place)
            for entry in entries:
                _tell(entry, as_json=as_json)
            _stop_at_regression(list(entries), stop=stop)
        if interval is None:
            return
        time.sleep(interval)


def _stop_at_regression(entries: list[Entry], *, stop: bool) -> None:
    found = [entry for entry in entries if entry.verdict == "regressed"]
    if stop and found:
        typer.echo(f"REGRESSED: {found[0].checkpoint} on {found[0].suite}; nothing further is evaluated", err=True)
        raise typer.Exit(EXIT_REGRESSION)


def _tell(entry: Entry, *, as_json: bool) -> None:
    from reports.checkpoint_lines import entry_line

    if as_json:
        typer.echo(json.dumps(asdict(entry), ensure_ascii=False, allow_nan=False))
    else:
        typer.echo(entry_line(entry))


def _terminate(_number: int, _frame: object) -> None:
    raise SystemExit(_TERMINATED)
