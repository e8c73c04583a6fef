"""What a run would take, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from metrics.power import LEVEL, POWER
from metrics.table import HEADLINE

if TYPE_CHECKING:
    from bench.forecast import Amount, Forecast


def print_forecast(forecasts: Sequence[Forecast]) -> None:
    """Print each suite's forecast on stdout, which is what was asked for."""
    console = Console(highlight=False, soft_wrap=True)
    for forecast in forecasts:
        console.print(f"[bold]{escape(forecast.suite)}[/] with {escape(forecast.model)}")
        for line in forecast_lines(forecast):
            console.print(f"  {escape(line)}")


def forecast_lines(forecast: Forecast) -> Iterator[str]:
    """Yield what a forecast says, a line each."""
    left = "" if forecast.to_make == forecast.pictures else f", {forecast.to_make} still to make"
    yield f"pictures    {forecast.pictures} ({forecast.prompts} prompts × {forecast.seeds} seeds){left}"
    yield f"making      {_amount(forecast.making_minutes, 'min')}"
    yield f"reading     {_amount(forecast.reading_minutes, 'min')}, beside the making"
    yield f"disk        {_amount(forecast.gigabytes, 'GB')}"
    yield f"money       {_amount(forecast.money, forecast.currency)}"
    yield f"would show  {_amount(forecast.detectable, f'in {HEADLINE}')}"
    yield f"            between two models, with power {POWER:.0%} at level {LEVEL:.0%}, paired by prompt and seed"
    if forecast.folder is not None:
        yield f"folder      {forecast.folder}"
    if forecast.obstacle is not None:
        yield f"cannot run  {forecast.obstacle}"


def _amount(amount: Amount, unit: str) -> str:
    value = "unknown" if amount.value is None else f"{amount.value:.3g} {unit}".rstrip()
    return f"{value} ({amount.basis})"
