"""Specs of models and readers: `NAME`, `KIND:TARGET`, either with `?key=value&key=value`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from prompts.errors import GlyphbenchError
from prompts.validation import describe_faults

Options = TypeVar("Options", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Spec:
    """What `--model` or `--reader` names: a kind, what it is pointed at (a path, an id), and its options as written.

    `flag` is the option of the command line that errors name.
    """

    text: str
    kind: str
    target: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    flag: str = "--model"

    @classmethod
    def parse(cls, text: str, flag: str = "--model") -> Spec:
        """Return the parts of a spec; `%3F` and the like stand for characters of their own in an option's value.

        Raises:
            GlyphbenchError: The options are not `key=value` pairs joined by `&`, or one is given twice.
        """
        head, _, query = text.partition("?")
        kind, _, target = head.partition(":")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
        except ValueError:
            raise GlyphbenchError(
                f"{flag} {text!r}: what follows '?' must be key=value pairs joined by '&'; got {query!r}"
            ) from None
        options = dict(pairs)
        if len(options) < len(pairs):
            raise GlyphbenchError(f"{flag} {text!r}: an option is given twice")
        return cls(text, kind.strip(), target, options, flag)

    def validated(self, model: type[Options]) -> Options:
        """Return the options as `model`, a pydantic model that forbids extra keys.

        Raises:
            GlyphbenchError: Options that are unknown or out of range; the message has all of them.
        """
        try:
            return model.model_validate(dict(self.options))
        except ValidationError as error:
            faults = "\n  ".join(describe_faults(error, model))
            raise GlyphbenchError(f"{self.flag} {self.text!r}: options that cannot be used\n  {faults}") from None
