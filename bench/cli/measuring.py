"""Commands that measure the instrument itself: its readers and the machine that it runs on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.application import JsonFlag, ReaderOption, app
from bench.errors import EXIT_INTERRUPTED, EXIT_RUN_FAILED

if TYPE_CHECKING:
    from bench.calibration.conditions import Effort
    from bench.calibration.reader_error import ReaderError
    from bench.calibration.result import Calibration
    from bench.config import Settings


@app.command()
def calibrate(
    suite: Annotated[str | None, typer.Option(help="Suites, separated by commas: names or .toml files.")] = None,
    reader: ReaderOption = None,
    seeds: Annotated[str | None, typer.Option(help="A count (2), a list (7,8) or a range (100..103).")] = None,
    faces: Annotated[str | None, typer.Option(help="Faces of the typesetter, separated by commas; else all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few pictures: to try it out.")] = False,
    workers: Annotated[int | None, typer.Option(help="Reading processes.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the calibrations.")] = None,
    truth: Annotated[
        Path | None, typer.Option(help="What people say is drawn in real pictures (.jsonl): the reader's error there.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Where the pictures of --truth are, such as folder:DIR.")] = None,
    run_path: Annotated[Path | None, typer.Option("--run", help="A run folder that has them instead.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Measure a reader on a suite: its ceiling, its floors, its response to known errors.

    Reports find the calibration by themselves. With --truth, measure its error on real pictures instead.
    """
    from bench.calibration.conditions import plan_effort
    from bench.calibration.result import as_json as content
    from bench.config import load_configuration

    flags = {"suite": suite, "reader": reader, "workers": workers, "calibrations": out}
    settings = load_configuration(flags).settings
    if truth is None and (model is not None or run_path is not None):
        raise typer.BadParameter("--model and --run say where the pictures of --truth are")
    if truth is not None and (quick or seeds is not None or faces is not None):
        raise typer.BadParameter("--quick, --seeds and --faces are about typeset pictures; --truth has its own")
    effort = plan_effort(quick=quick, seeds=seeds, faces=faces)
    try:
        made = _reader_errors(settings, truth, model, run_path) if truth else _calibrations_made(settings, effort)
    except KeyboardInterrupt:
        typer.echo("interrupted; what was measured only in part is not kept", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        typer.echo(json.dumps(list(map(content, made)), ensure_ascii=False, indent=2))


def _calibrations_made(settings: Settings, effort: Effort) -> list[Calibration]:
    from bench.calibration.measure import measure
    from bench.plan import open_records
    from bench.reading_pool import default_workers
    from prompts.loading import find_suite
    from reports.calibration_tables import print_calibration

    pairs = [(s, r) for s in map(find_suite, settings.suite) for r in open_records(settings.reader)]
    made = []
    for suite, reader in pairs:
        made.append(measure(suite, reader, effort, settings.workers or default_workers()))
        print_calibration(made[-1], made[-1].write(settings.calibrations))
    return made


def _reader_errors(settings: Settings, truth: Path, model: str | None, run_path: Path | None) -> list[ReaderError]:
    from bench.calibration.reader_error import measure_reader_error
    from bench.calibration.transcribed_pictures import find_pictures
    from bench.plan import open_records
    from bench.reading_pool import default_workers
    from reports.calibration_tables import print_reader_error

    workers = settings.workers or default_workers()
    pictures = find_pictures(truth, settings.suite, model, run_path)
    made = []
    for reader in open_records(settings.reader):
        made.append(measure_reader_error(pictures, truth, reader, workers))
        print_reader_error(made[-1], made[-1].write(settings.calibrations, truth))
    return made


@app.command()
def doctor(
    reader: ReaderOption = None,
    model: Annotated[
        str | None, typer.Option(help="Model spec, as run takes it: draws one picture twice and compares.")
    ] = None,
    budget: Annotated[int | None, typer.Option(min=0, help="Paid pictures that may be asked for; two are.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """See whether this machine can measure: what is installed, and how well each reader reads twenty known lines.

    Without --reader, those that are installed and need neither network nor target. Exit code 4 where there is a fault.
    """
    from dataclasses import asdict

    from bench.doctor import examine
    from bench.generators.table import open_generator
    from reports.examination import print_finding

    if budget is not None and model is None:
        raise typer.BadParameter("--budget is for the pictures that --model is asked for")
    if model is not None:
        open_generator(model)
    findings = []
    for finding in examine(reader or (), model, budget):
        findings.append(finding)
        if not as_json:
            print_finding(finding)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(EXIT_RUN_FAILED)
