"""What `models.toml` may say: pydantic models of its entries, and how they become a `Model`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, field_validator, model_validator

from bench.generators.diffusion.presets import Counting, Preset, SizeRule, TokenLimit
from bench.generators.model import ASPECTS, Model
from prompts.suite import Size

HubId = Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Positive = Annotated[int, Field(gt=0)]


class Entry(BaseModel):
    """A table of the file: no key but the known ones, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class GuidanceEntry(Entry):
    """`guidance = { argument = "…", value = … }`; left out where there is none to set."""

    argument: Text
    value: float = Field(ge=0, allow_inf_nan=False)


class SizesEntry(Entry):
    """`sizes = { multiple = …, smallest = …, largest = …, area = … }`, in pixels."""

    multiple: Positive
    smallest: Positive
    largest: Positive
    area: Positive

    def rule(self) -> SizeRule:
        """Return the rule that this entry describes."""
        return SizeRule(self.multiple, self.smallest, self.largest, self.area)


class LimitEntry(Entry):
    """One of `limits`: what a tokenizer reads of a prompt; without `tokens` as many as its own files say."""

    tokenizer: Text
    tokens: Positive | None = None
    counting: Counting = "plain"
    whole: bool = True


class ModelEntry(Entry):
    """One model."""

    title: Text
    pipeline: Annotated[str, StringConstraints(pattern=r"^\w+Pipeline$")]
    hub: list[HubId] = Field(min_length=1)
    variant: Literal["fp16", "bf16"] | None = None
    dtype: Literal["bfloat16", "float16"] = "bfloat16"
    steps: Positive
    guidance: GuidanceEntry | None = None
    arguments: dict[str, str | int | float | bool | list[str]] = {}
    control: Text | None = None
    native: list[Positive] = Field(min_length=2, max_length=2)
    sizes: SizesEntry
    limits: list[LimitEntry] = Field(min_length=1)
    writes: list[Literal["zh", "en"]]
    licence: Text
    parameters: dict[str, Annotated[float, Field(gt=0)]] = Field(min_length=1)
    card: Annotated[str, StringConstraints(pattern=r"^https://")]
    checked: date
    sources: dict[str, Text]
    notes: str = ""

    @field_validator("sources")
    @classmethod
    def _cover_every_aspect(cls, sources: dict[str, str]) -> dict[str, str]:
        missing, strange = sorted(ASPECTS - sources.keys()), sorted(sources.keys() - ASPECTS)
        if missing or strange:
            said = [f"lack {', '.join(missing)}"] * bool(missing) + [f"have {', '.join(strange)}"] * bool(strange)
            raise ValueError(f"must be given for {', '.join(sorted(ASPECTS))}; they {' and '.join(said)}")
        return sources

    @model_validator(mode="after")
    def _fits_together(self) -> ModelEntry:
        if not self.sizes.rule().allows(Size(*self.native)):
            raise ValueError(f"the native size {self.native} breaks the model's own rule: {self.sizes.rule()}")
        if self.guidance and self.guidance.argument in self.arguments:
            raise ValueError(f"{self.guidance.argument} is given twice, by guidance and in arguments")
        return self

    def model(self, name: str) -> Model:
        """Return the model that this entry describes."""
        preset = Preset(
            name=name,
            pipeline=self.pipeline,
            hub=tuple(self.hub),
            steps=self.steps,
            guidance_argument=self.guidance.argument if self.guidance else None,
            guidance=self.guidance.value if self.guidance else None,
            arguments={
                key: tuple(value) if isinstance(value, list) else value for key, value in self.arguments.items()
            },
            sizes=self.sizes.rule(),
            limits=tuple(TokenLimit(e.tokenizer, e.tokens, e.counting, e.whole) for e in self.limits),
            variant=self.variant,
            dtype=self.dtype,
            control=self.control,
        )
        return Model(
            preset=preset,
            title=self.title,
            native=Size(*self.native),
            writes=tuple(self.writes),
            licence=self.licence,
            parameters=self.parameters,
            card=self.card,
            checked=self.checked,
            sources=self.sources,
            notes=self.notes.strip(),
        )


class ModelFile(RootModel[dict[Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")], ModelEntry]]):
    """The whole file: a table for each model, under the name that `--model` takes."""
