"""What a spec may ask of the typesetter beside its strength: a face, a size, a curve; and what it may not."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, field_validator, model_validator

from bench.generators.typeset.bends import BendKind
from bench.generators.typeset.distribution import STRENGTHS, Range, Strength
from bench.generators.typeset.faces import FACES
from bench.generators.typeset.finish import OUTLINE_WIDTH, SHADOW_OFFSET
from bench.generators.typeset.mistakes import Shares
from bench.generators.typeset.wishes import FinishKind, Ground, Places, Wishes
from prompts.suite import Orientation


def _as_range(text: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was written
    """Return a range from `LOW..HIGH` or a single number."""
    if not isinstance(text, str):
        return text
    low, dots, high = text.partition("..")
    try:
        found = Range(float(low), float(high if dots else low))
    except ValueError:
        raise ValueError(f"write a number or LOW..HIGH; got {text!r}") from None
    if not -1e6 < found.low <= found.high < 1e6:
        raise ValueError(f"write the lower number first; got {text!r}")
    return found


Span = Annotated[Range, BeforeValidator(_as_range), PlainSerializer(list)]
"""`LOW..HIGH` or a number; recorded as two numbers."""


Share = Annotated[float, Field(ge=0, le=1)]
"""A share of a text's characters, or of the picture."""


def _within(span: Range | None, low: float, high: float) -> Range | None:
    if span and not (low <= span.low and span.high <= high):
        raise ValueError(f"must lie within {low:g}..{high:g}; got {span}")
    return span


class Options(BaseModel):
    """Options of the spec; what is not given is drawn from the distribution of the strength."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    strength: Literal["plain", "hard"] = "plain"
    face: str | None = None
    em: Span | None = None
    orientation: Orientation | None = None
    angle: Span | None = None
    slant: Span | None = None
    curve: BendKind | None = None
    ground: Ground | None = None
    finish: FinishKind | None = None
    places: Places | None = None
    displace: Share | None = None
    errors: Share | None = None
    wrong: Share | None = None
    missing: Share | None = None
    extra: Share | None = None
    swapped: Share | None = None
    malformed: Share | None = None
    draw: Annotated[int, Field(ge=1, le=2**31)] | None = None

    @field_validator("face")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        if name is not None and name not in FACES:
            raise ValueError(f"no face is called {name!r}; there are {', '.join(FACES)}")
        return name

    @field_validator("em")
    @classmethod
    def _whole_pixels(cls, em: Range | None) -> Range | None:
        if em and not (em.low.is_integer() and em.high.is_integer()):
            raise ValueError(f"must be whole pixels; got {em}")
        return _within(em, 4, 2048)

    @field_validator("angle")
    @classmethod
    def _turn(cls, angle: Range | None) -> Range | None:
        return _within(angle, -180, 180)

    @field_validator("slant")
    @classmethod
    def _keystone(cls, slant: Range | None) -> Range | None:
        # From 1 on, the far edge of a square block lies behind the eye.
        return _within(slant, -0.8, 0.8)

    @model_validator(mode="after")
    def _go_together(self) -> Options:
        if self.curve and self.orientation == "vertical":
            raise ValueError("columns do not run along a curve; leave out curve or orientation=vertical")
        if self.finish == "neon" and self.ground == "light":
            raise ValueError("neon glows on a dark ground; leave out ground=light or finish=neon")
        return self

    @model_validator(mode="after")
    def _add_up(self) -> Options:
        kinds = [field.name for field in fields(Shares)]
        given = [getattr(self, kind) for kind in kinds if getattr(self, kind) is not None]
        if self.errors is not None and given:
            raise ValueError(f"errors is the sum of {', '.join(kinds)}, spread evenly; give it or them, not both")
        if sum(given) > 1 + 1e-9:
            raise ValueError(f"the shares of {', '.join(kinds)} add up to more than 1")
        return self

    def given(self) -> dict[str, Any]:
        """Return the options that were given, and the strength, as plain values."""
        return self.model_dump(exclude_none=True)

    def drawing_seed(self, seed: int) -> int:
        """Return what a picture is drawn from: its seed, or with `draw` a number that is the seed of no picture."""
        return seed + 2**32 * (self.draw or 0)

    @property
    def wishes(self) -> Wishes:
        """What is chosen in place of a draw."""
        return Wishes(
            self.face, self.em, self.orientation, self.curve, self.ground, self.finish, self.places, self.displace
        )

    @property
    def shares(self) -> Shares:
        """How many characters are to carry a mistake of each kind."""
        kinds = fields(Shares)
        if self.errors is not None:
            return Shares(*[self.errors / len(kinds)] * len(kinds))
        return Shares(*(getattr(self, kind.name) or 0.0 for kind in kinds))

    @property
    def distribution(self) -> Strength:
        """The strength, with the turn, slant and finish that are wanted."""
        found = STRENGTHS[self.strength]
        if self.angle:
            found = replace(found, turned=1, angle=self.angle)
        if self.slant:
            found = replace(found, slanted=1, keystone=self.slant)
        if self.finish:
            found = replace(found, outline=self.finish == "outline", shadow=self.finish == "shadow")
            found = replace(found, outline_width=OUTLINE_WIDTH, shadow_offset=SHADOW_OFFSET)
        return replace(found, blur=0) if self.finish == "neon" else found
