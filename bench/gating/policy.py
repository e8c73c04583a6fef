"""What a gate demands: gated metrics with their margins, guards, and how sure it must be; from a TOML file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class GatedMetricEntry(BaseModel):
    """One `[[metric]]` of a policy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    margin: float = Field(gt=0)
    reason: str = ""


class GuardEntry(BaseModel):
    """One `[[guard]]` of a policy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Literal["blank", "lost"]
    max_increase: float | None = Field(None, ge=0, le=1)
    max_count: int | None = Field(None, ge=0)


class Policy(BaseModel):
    """The content of `gate.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suite: str | None = None
    digest: str | None = None
    confidence: float = Field(0.95, gt=0.5, lt=1)
    min_prompts: int = Field(50, ge=1)
    on_inconclusive: Literal["warn", "fail"] = "warn"
    accept_weak: bool = False
    allow: tuple[str, ...] = ()
    anchor: Path | None = None
    metric: tuple[GatedMetricEntry, ...] = Field(min_length=1)
    guard: tuple[GuardEntry, ...] = ()


def read_policy(path: Path) -> Policy:
    """Return the policy in a TOML file; raises `GlyphbenchError` with all that is wrong with it."""
    raise NotImplementedError
