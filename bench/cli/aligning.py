"""The command that scores how pictures fit their prompts."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bench.cli.application import JsonFlag, RunArgument, app, calibrations


@app.command()
def align(
    run_path: RunArgument,
    tower: Annotated[str, typer.Option(help="Folder of an open_clip model, such as 'DIR?languages=zh,en'.")],
    as_json: JsonFlag = False,
) -> None:
    """Score how the pictures of a run fit their prompts, by an open_clip model."""
    from bench.prompt_fit import align_run
    from bench.run import Run
    from metrics.towers.tower import load_tower

    run = Run.open(run_path, calibrations())
    with run.folder.lock():
        outcome = align_run(run, load_tower(tower))
    if as_json:
        typer.echo(json.dumps(outcome, ensure_ascii=False, indent=2))
        return
    typer.echo(f"tower  {outcome['tower']}")
    for name, found in outcome["estimates"].items():
        value = found.get("missing") or _interval(found)
        typer.echo(f"{name:<12} {value}")


def _interval(found: dict[str, float]) -> str:
    value = f"{found['value']:.3f}"
    if found["low"] is not None:
        value += f" [{found['low']:.3f}, {found['high']:.3f}]"
    return f"{value}  ({found['prompts']} prompts, {found['samples']} pictures)"
