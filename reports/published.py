"""Scores that others have published of how models write: `data/published_scores.toml`, with sources and protocols.

They are for reading beside scores measured here, never among them: prompts, reader and counting are others'.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "published_scores.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """A document in which scores are printed."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class PublishedScore:
    """One printed score.

    Attributes:
        model: As it is printed.
        known_as: Its name in the table of models; None for one that is not there.
        language: `zh` or `en`, of the text asked for.
        value: As a share.
        source: Where it is printed.
    """

    model: str
    known_as: str | None
    language: str
    value: float
    source: Source


@dataclass(frozen=True, slots=True)
class Protocol:
    """One way in which others measure; higher is better in all of them.

    Attributes:
        name: Of the benchmark.
        metric: What its authors call the score.
        how: What is counted, and by which reader.
        caution: What has to be known to judge it.
        scores: In the file's order; a model may have several of one language, from several sources.
    """

    name: str
    metric: str
    how: str
    caution: str
    scores: tuple[PublishedScore, ...]


@cache
def published() -> tuple[Protocol, ...]:
    """Return all protocols with their scores."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    sources = {name: Source(**entry) for name, entry in content["sources"].items()}
    return tuple(
        Protocol(
            entry["name"],
            entry["metric"],
            entry["how"],
            entry["caution"],
            tuple(
                PublishedScore(model, content["models"].get(model), language, value, sources[table["source"]])
                for table in entry["table"]
                for language in ("zh", "en")
                for model, value in table.get(language, {}).items()
            ),
        )
        for entry in content["protocol"]
    )
