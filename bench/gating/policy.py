"""What a gate demands: gated metrics with their margins, guards, and how sure it must be; from a TOML file."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bench.comparison.conditions import check_keys
from metrics.table import METRICS, find_metric
from prompts.errors import GlyphbenchError
from prompts.validation import describe_faults

DEFAULT_SOURCE = "default policy"


class GatedMetricEntry(BaseModel):
    """One `[[metric]]`: its name, the largest loss that is accepted, in its own unit, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    margin: float = Field(gt=0, allow_inf_nan=False)
    reason: str = ""

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            return find_metric(name).name
        except GlyphbenchError as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _can_be_exceeded(self) -> GatedMetricEntry:
        metric = METRICS[self.name]
        if metric.high is not None and self.margin >= metric.high - metric.low:
            raise ValueError(
                f"margin {self.margin:g} can never be exceeded: {self.name} is from {metric.low:g} to {metric.high:g}; "
                "two in a hundred are 0.02"
            )
        return self


class GuardEntry(BaseModel):
    """One `[[guard]]`: a count, and by how much it may grow.

    `blank`: pictures that are blank or were refused; `max_increase` is a share of the pictures. `lost`: prompts that
    went from right on every seed to right on none; without `max_count`, as many as an unchanged model loses in one gate
    of a hundred at worst.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Literal["blank", "lost"]
    max_increase: float | None = Field(default=None, ge=0, le=1)
    max_count: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _limits(self) -> GuardEntry:
        if self.max_increase is not None and self.max_count is not None:
            raise ValueError("give max_increase (a share) or max_count, not both")
        if self.name == "blank" and self.max_increase is None and self.max_count is None:
            raise ValueError("the guard blank needs max_increase (a share, such as 0.01) or max_count")
        return self


class Policy(BaseModel):
    """The content of `gate.toml`.

    Attributes:
        suite: Name that the runs' suite must have; without it, any.
        digest: First digits of the digest that its content must have.
        confidence: Of the one-sided bounds, and 1 − the level of the test for a regression. Where one gate is judged
            twice, as after more seeds, 0.975 each time keeps both together at 0.95.
        min_prompts: Fewer make no verdict.
        on_inconclusive: `warn` ends with exit code 0, `fail` with 3.
        accept_weak: Whether to judge though an unchanged model would pass in less than half of all cases.
        allow: Conditions that may differ, as for `compare --allow`.
        anchor: A fixed baseline against which candidates are judged as well, beside the policy's file.
        metric: What is gated.
        guard: What is counted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    suite: str | None = None
    digest: str | None = Field(default=None, pattern="^[0-9a-f]{8,64}$")
    confidence: float = Field(default=0.95, ge=0.8, lt=1)
    min_prompts: int = Field(default=50, ge=1)
    on_inconclusive: Literal["warn", "fail"] = "warn"
    accept_weak: bool = False
    allow: tuple[str, ...] = ()
    anchor: Path | None = None
    metric: tuple[GatedMetricEntry, ...] = Field(min_length=1)
    guard: tuple[GuardEntry, ...] = ()
    source: str = Field(default=DEFAULT_SOURCE, exclude=True)

    @field_validator("allow")
    @classmethod
    def _conditions(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        try:
            check_keys(keys, "allow")
        except GlyphbenchError as error:
            raise ValueError(str(error)) from None
        return keys

    @model_validator(mode="after")
    def _once(self) -> Policy:
        for what, entries in (("metric", self.metric), ("guard", self.guard)):
            twice = [name for name, count in Counter(entry.name for entry in entries).items() if count > 1]
            if twice:
                raise ValueError(f"[[{what}]] {', '.join(twice)} stands there twice")
        return self

    @property
    def content(self) -> dict[str, Any]:
        """All of it as JSON data, defaults included, and where it came from."""
        return {"source": self.source, **self.model_dump(mode="json")}


DEFAULT_POLICY = Policy(
    metric=(
        GatedMetricEntry(name="accuracy", margin=0.02, reason="two characters in a hundred"),
        GatedMetricEntry(
            name="exact", margin=0.08, reason="what two characters in a hundred make of texts of four: 1 − 0.98⁴"
        ),
    ),
    guard=(GuardEntry(name="blank", max_increase=0.01), GuardEntry(name="lost")),
)
"""Where no policy is given."""


def read_policy(path: Path) -> Policy:
    """Return the policy in a TOML file; its `anchor` is found beside it.

    Raises:
        GlyphbenchError: It is missing, no TOML, or has faults: all of them at once, with near matches.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise GlyphbenchError(f"--policy: there is no file {path}") from None
    except (OSError, ValueError) as error:
        raise GlyphbenchError(f"{path}: cannot be read as TOML: {error}") from None
    if "source" in content:
        raise GlyphbenchError(f"{path}: source: unknown key")
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        faults = describe_faults(error, Policy)
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise GlyphbenchError("\n  ".join([f"{path}: {count}", *faults])) from None
    anchor = None if policy.anchor is None else path.parent / policy.anchor
    return policy.model_copy(update={"source": str(path), "anchor": anchor})
