"""Workflows as ComfyUI exports them for its API: nodes by id, each with a class and inputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from prompts.errors import GlyphbenchError

SIZE_LIMIT = 2**24
"""Bytes of a workflow file at most."""

_EXPORT = "in ComfyUI choose Workflow → Export (API), and use the file that it saves"


class Place(NamedTuple):
    """One input of one node."""

    node: str
    name: str

    def __str__(self) -> str:
        return f"{self.node}.inputs.{self.name}"


@dataclass(frozen=True)
class Workflow:
    """A graph in API format.

    Attributes:
        nodes: By id: a mapping with `class_type`, `inputs` and perhaps `_meta`. An input is a value, or a link
            `[node id, number of its output]`.
    """

    nodes: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, path: Path) -> Workflow:
        """Return the workflow in a file.

        Raises:
            GlyphbenchError: It cannot be read, or is in another format; then the message says how to export it.
        """
        try:
            if path.stat().st_size > SIZE_LIMIT:
                raise GlyphbenchError(f"{path}: larger than {SIZE_LIMIT:,} bytes; this is no workflow")
            content = json.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise GlyphbenchError(f"cannot read the workflow {path}: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise GlyphbenchError(f"{path}: not JSON ({error}); {_EXPORT}") from None
        if isinstance(content, dict) and "nodes" in content and "links" in content:
            raise GlyphbenchError(f"{path}: this is the format in which ComfyUI saves workflows for itself; {_EXPORT}")
        if isinstance(content, dict) and isinstance(content.get("prompt"), dict):
            content = content["prompt"]
        if not isinstance(content, dict) or not content or not all(map(_is_node, content.values())):
            raise GlyphbenchError(f"{path}: not a workflow: nodes with class_type and inputs are expected; {_EXPORT}")
        return cls(content)

    def class_of(self, node: str) -> str:
        """Return what kind of node it is."""
        return str(self.nodes[node]["class_type"])

    def title_of(self, node: str) -> str:
        """Return what people call the node."""
        meta = self.nodes[node].get("_meta")
        return str(meta.get("title", "")) if isinstance(meta, Mapping) else ""

    def value(self, place: Place) -> Any:  # noqa: ANN401 - JSON
        """Return what stands at a place, which must be there."""
        return self.nodes[place.node]["inputs"][place.name]

    def has(self, place: Place) -> bool:
        """Tell whether there is such a place."""
        return place.node in self.nodes and place.name in self.nodes[place.node]["inputs"]

    def link(self, place: Place) -> str | None:
        """Return the node that a place is linked to, or None where a value stands there."""
        value = self.value(place)
        is_link = isinstance(value, list) and len(value) == 2 and str(value[0]) in self.nodes
        return str(value[0]) if is_link else None

    def named(self, name: str) -> Iterator[Place]:
        """Yield every place with this name."""
        for node, content in self.nodes.items():
            if name in content["inputs"]:
                yield Place(node, name)

    def filled(self, values: Mapping[Place, object]) -> dict[str, Any]:
        """Return a copy of the nodes with these values in their places."""
        copy: dict[str, Any] = json.loads(json.dumps(self.nodes))
        for place, value in values.items():
            copy[place.node]["inputs"][place.name] = value
        return copy


def _is_node(value: object) -> bool:
    return (
        isinstance(value, dict) and isinstance(value.get("class_type"), str) and isinstance(value.get("inputs"), dict)
    )
