"""What pictures of paid models cost: what the user says, else what a price list says, else not known."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from bench.generators import JSON
from prompts.errors import GlyphbenchError


@dataclass(frozen=True, slots=True)
class Price:
    """Of one picture, and who says so."""

    amount: float
    currency: str
    source: str


class PriceEntry(BaseModel):
    """One entry of `prices.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    host: str
    model: str
    amount: float = Field(ge=0)
    currency: str
    source: str
    date: date


class PriceList(BaseModel):
    """The content of `prices.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    price: tuple[PriceEntry, ...]


@cache
def known_prices() -> tuple[PriceEntry, ...]:
    """Return the prices that come with Glyphbench."""
    text = Path(__file__).with_name("prices.toml").read_text(encoding="utf-8")
    return PriceList.model_validate(tomllib.loads(text)).price


def parse_price(text: str) -> Price:
    """Return the price that a user states, such as `0.04` or `0.2 CNY`.

    Raises:
        GlyphbenchError: It is none.
    """
    amount, _, currency = text.strip().partition(" ")
    try:
        value = float(amount)
    except ValueError:
        value = math.nan
    if not (0 <= value < math.inf):
        raise GlyphbenchError(f"--price {text!r}: a price is written like 0.04 or '0.2 CNY'")
    return Price(value, currency.strip(), "--price")


def price_of(identity: Mapping[str, JSON]) -> Price | None:
    """Return what a picture by this model costs, or None where no list that we have says."""
    host = urlsplit(str(identity.get("base_url", ""))).hostname
    for entry in known_prices():
        same = (entry.kind, entry.host) == (identity.get("provider"), host)
        if same and str(identity.get("model", "")).startswith(entry.model):
            return Price(entry.amount, entry.currency, f"{entry.source}, read {entry.date}")
    return None
