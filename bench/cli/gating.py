"""Commands that judge a checkpoint: gate, and bless for what it is judged against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.application import JsonFlag, ReaderName, RunArgument, app, calibrations, score_sheet
from bench.cli.ci_outputs import AnnotationsFlag, CiOutputs, JunitOption, SummaryFileOption, SummaryFlag

if TYPE_CHECKING:
    from bench.gating.policy import Policy


@app.command()
def gate(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="A run folder, or a baseline.", show_default=False)],
    candidate: Annotated[
        Path | None, typer.Argument(metavar="[CANDIDATE]", help="What is judged; not with --aa.", show_default=False)
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="gate.toml; without it a default policy, which is told.")] = None,
    anchor: Annotated[
        Path | None, typer.Option(help="A fixed baseline that the candidate is judged against as well.")
    ] = None,
    against_itself: Annotated[
        bool, typer.Option("--aa", help="One run against itself, its seeds in two halves: it must pass.")
    ] = False,
    reader: ReaderName = None,
    junit: JunitOption = None,
    summary: SummaryFlag = False,
    summary_file: SummaryFileOption = None,
    annotations: AnnotationsFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Judge whether CANDIDATE is no worse than BASE. The exit code is the product.

    0: pass, or inconclusive where the policy only warns. 1: regressed. 3: no verdict, or inconclusive where the policy
    fails.
    """
    from reports.verdict import self_check_lines, verdict_lines

    if against_itself and (candidate is not None or anchor is not None):
        raise typer.BadParameter("--aa takes one run, and no anchor")
    if not against_itself and candidate is None:
        raise typer.BadParameter("name the candidate, or judge one run against itself with --aa")
    outputs = CiOutputs.asked(junit, summary_file, summary=summary, annotations=annotations)
    demanded = _policy(policy)
    if against_itself:
        from bench.gating.halves import check_against_itself

        check = check_against_itself(score_sheet(base, reader), demanded)
        _tell(self_check_lines(check), check.as_json(), as_json=as_json)
        outputs.write(check.result)
        raise typer.Exit(check.result.exit_code)
    from bench.gating.judge import judge_gate

    fixed = anchor or demanded.anchor
    assert candidate is not None
    result = judge_gate(
        score_sheet(base, reader),
        score_sheet(candidate, reader),
        demanded,
        None if fixed is None else score_sheet(fixed, reader),
    )
    _tell(verdict_lines(result), result.as_json(), as_json=as_json)
    outputs.write(result)
    raise typer.Exit(result.exit_code)


@app.command()
def bless(
    run_path: RunArgument,
    reason: Annotated[str, typer.Option(help="Why this run is what others are measured by.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="The file; by default SUITE-MODEL.baseline.json here.")] = None,
    policy: Annotated[Path | None, typer.Option(help="gate.toml: its metrics are kept, too.")] = None,
    by: Annotated[str | None, typer.Option(help="Who blesses it; by default the account's name.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of one that is there.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Keep a complete run's scores as a small baseline file, without images, for your own repository."""
    from bench.gating.baseline import bless as bless_run
    from bench.gating.baseline_file import as_content
    from bench.run import Run
    from prompts.errors import GlyphbenchError

    run = Run.open(run_path, calibrations())
    path = out or Path(f"{run.suite.name}-{run.manifest.model.name}.baseline.json")
    if path.exists() and not replace:
        raise GlyphbenchError(f"{path} is there already; --replace puts this one in its place")
    metrics = [entry.name for entry in _policy(policy).metric]
    baseline = bless_run(run, reason, path, metrics, by)
    if as_json:
        typer.echo(json.dumps({"file": str(path), **as_content(baseline)}, ensure_ascii=False, indent=2))
    else:
        typer.echo(f"baseline  {path}")
        typer.echo(f"next      python -m bench gate {path} CANDIDATE")


def _policy(path: Path | None) -> Policy:
    from bench.gating.policy import DEFAULT_POLICY, read_policy

    return DEFAULT_POLICY if path is None else read_policy(path)


def _tell(lines: Any, content: dict[str, Any], *, as_json: bool) -> None:  # noqa: ANN401 - an iterator of lines
    """Print the result: JSON on stdout with the lines on stderr, or the lines alone.

    A line break within one would let a name begin a line of its own, which a CI runner may take for a command.
    """
    typer.echo("\n".join(line.replace("\n", "‹U+000A›") for line in lines), err=as_json)
    if as_json:
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False))
