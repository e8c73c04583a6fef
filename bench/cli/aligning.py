"""The command that scores how pictures fit their prompts."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bench.cli.application import JsonFlag, RunArgument, app, calibrations
from metrics.towers.languages import SUGGESTED


@app.command()
def align(
    run_path: RunArgument,
    tower: Annotated[
        str, typer.Option(help="open_clip model: 'NAME?pretrained=TAG', 'hf-hub:ORG/MODEL' or 'DIR?languages=zh,en'.")
    ] = SUGGESTED[0],
    as_json: JsonFlag = False,
) -> None:
    """Score how the pictures of a run fit their prompts, by an open_clip model.

    Weights that are not on disk are downloaded.
    """
    from bench.alignment_stage import check_languages, enrol_tower
    from bench.prompt_fit import align_run
    from bench.run import Run
    from metrics.towers.source import TowerSource
    from metrics.towers.tower import open_tower
    from reports.page import write_page

    source = TowerSource.parse(tower)
    run = Run.open(run_path, calibrations())
    check_languages(source, run.prompts)
    with run.folder.lock():
        opened = open_tower(source)
        outcome = align_run(run, opened.identity, opened)
        run = Run(run.folder, enrol_tower(run.manifest, opened.identity), run.suite, run.calibrations)
        run = run.signed()
        run.folder.write_manifest(run.manifest)
        if run.readers:
            run.write_summary()
            write_page(run)
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
