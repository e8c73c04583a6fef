"""What a run would take and what it could show: pictures, minutes, gigabytes, money, detectable difference.

Nothing is run and nothing is written. What is not known is said to be unknown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.disk import bytes_needed
from bench.earlier_runs import deviation_over_seeds, earlier_runs, making_pace, reading_pace
from bench.plan import RunPlan
from bench.prices import Price, price_of
from bench.records import SampleKey
from bench.run import Run
from bench.run_folder import RunFolder
from metrics.power import ASSUMED, LEVEL, POWER, Spread, detectable_difference
from metrics.score import Missing
from metrics.table import HEADLINE
from prompts.errors import GlyphbenchError


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity, None where it is not known, and what it rests on."""

    value: float | None
    basis: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one suite would take.

    Attributes:
        suite, model: What is run.
        prompts, seeds, pictures: How many; `pictures` of all, whether made yet or not.
        to_make: Pictures that are still to be made.
        making_minutes: To make them.
        reading_minutes: To read them, beside the making.
        gigabytes: Of the pictures.
        money: Of the pictures to make, without those asked for again after a fault; `currency` as its price has it.
        detectable: Smallest difference to another model in the headline metric that would show.
        folder: Where the run is or would be; None where that cannot be known yet.
        obstacle: Why the run would not start.
    """

    suite: str
    model: str
    prompts: int
    seeds: int
    pictures: int
    to_make: int
    making_minutes: Amount
    reading_minutes: Amount
    gigabytes: Amount
    money: Amount
    currency: str
    detectable: Amount
    folder: str | None
    obstacle: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the forecast as JSON data."""
        test = {"metric": HEADLINE, "power": POWER, "level": LEVEL}
        return {**asdict(self), "detectable": {**asdict(self.detectable), **test}}


def foresee(plans: Sequence[RunPlan], price: Price | None = None, *, fresh: bool = False) -> list[Forecast]:
    """Return what each plan would take.

    Args:
        plans: They need not have been checked.
        price: Of a picture, where the user states one.
        fresh: Whether another run would be started rather than gone on with.
    """
    runs = list(earlier_runs(plans[0].out)) if plans else []
    return [_forecast(plan, runs, price, fresh=fresh) for plan in plans]


def _forecast(plan: RunPlan, runs: list[Run], price: Price | None, *, fresh: bool) -> Forecast:
    obstacle = _obstacle(plan)
    folder = _folder(plan, fresh=fresh)
    to_make = _left_to_make(plan, folder)
    known = price or (price_of(plan.generator.identity) if folder is not None else None)
    return Forecast(
        suite=plan.suite.name,
        model=plan.spec,
        prompts=len(plan.suite.prompts[: plan.limit]),
        seeds=len(plan.seeds),
        pictures=len(plan.jobs),
        to_make=to_make,
        making_minutes=_making(plan, runs if folder is not None else [], to_make),
        reading_minutes=_reading(plan, runs, to_make),
        gigabytes=Amount(bytes_needed(plan.jobs) / 1e9, "2 bytes a pixel"),
        money=_money(plan, known, to_make),
        currency=known.currency if known else "",
        detectable=_detectable(plan, runs if folder is not None else []),
        folder=None if folder is None else str(folder),
        obstacle=obstacle,
    )


def _obstacle(plan: RunPlan) -> str | None:
    try:
        plan.generator.check(plan.jobs)
    except GlyphbenchError as error:
        return str(error)
    return None


def _folder(plan: RunPlan, *, fresh: bool) -> Path | None:
    """Return where the run would be; None where the model's identity cannot be told, as of a server that is down."""
    try:
        return plan.folder(fresh=fresh)
    except GlyphbenchError:
        return None


def _left_to_make(plan: RunPlan, folder: Path | None) -> int:
    if folder is None or not folder.exists():
        return len(plan.jobs)
    samples = RunFolder(folder).samples()
    done = {key for key, sample in samples.items() if sample.is_final}
    return sum(SampleKey(job.prompt.id, job.seed) not in done for job in plan.jobs)


def _making(plan: RunPlan, runs: list[Run], to_make: int) -> Amount:
    pace = making_pace(plan, runs)
    if to_make == 0:
        return Amount(0.0, "all are made")
    if pace is None:
        return Amount(None, f"no run of this model in {plan.out} to measure by")
    return Amount(
        pace.seconds * to_make / 60, f"{pace.seconds:.3g} s a picture, measured on {pace.pictures}: {pace.where}"
    )


def _reading(plan: RunPlan, runs: list[Run], to_make: int) -> Amount:
    paces = [(reader.name, reading_pace(reader, runs)) for reader in plan.readers]
    unknown = [name for name, pace in paces if pace is None]
    if unknown:
        return Amount(None, f"no run in {plan.out} that {', '.join(unknown)} has read")
    seconds = math.fsum(pace.seconds for _, pace in paces if pace is not None)
    processes = f"{plan.workers} process{'es' if plan.workers > 1 else ''}"
    return Amount(seconds * to_make / plan.workers / 60, f"{seconds:.3g} s a picture, in {processes}")


def _money(plan: RunPlan, price: Price | None, to_make: int) -> Amount:
    if price is not None:
        return Amount(price.amount * to_make, f"{price.amount:g} {price.currency} a picture: {price.source}")
    return Amount(None, "no price is known; state one with --price")


def _detectable(plan: RunPlan, runs: list[Run]) -> Amount:
    """Return the smallest difference that would show, by the spread of an earlier run where there is one."""
    groups = {prompt.group for prompt in plan.suite.prompts[: plan.limit] if prompt.targets}
    measured = deviation_over_seeds(plan, runs)
    if measured is None:
        spread, basis = ASSUMED, "spread assumed as in a simulation of two neighbouring checkpoints"
    else:
        deviation, where = measured
        # Two models that differ in nothing but their seeds' noise, which the worst case does not share.
        spread = Spread(ASSUMED.prompts, math.sqrt(2) * deviation)
        basis = f"seeds vary by {deviation:.3f} in {where}, and by as much in the other model; prompts as assumed"
    difference = detectable_difference(len(groups), spread.of_means(len(plan.seeds)))
    if isinstance(difference, Missing):
        return Amount(None, difference.reason)
    if difference > 1:
        return Amount(None, f"no difference in 0..1 would show with {len(groups)} prompt groups; {basis}")
    return Amount(difference, f"{len(groups)} prompt groups; {basis}")
