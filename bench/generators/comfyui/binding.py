"""Where in a workflow the prompt, the seed and the size go: as the user says, or guessed from the samplers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bench.generators.comfyui.workflow import Place, Workflow
from bench.generators.listing import first_of
from prompts.errors import GlyphbenchError

WANTED = ("prompt", "negative", "seed", "width", "height")
"""What can be bound."""

_NEEDED = ("prompt", "seed", "width", "height")
_TEXTS = ("text", "prompt", "text_g", "text_l", "clip_l", "t5xxl", "value", "string")
_SEEDS = ("noise_seed", "seed")
_VALUES = ("value", "int", "text", "string", "seed", "number")
_FAR = 32
"""Links that are followed at most; a workflow may hold a circle."""

Binding = Mapping[str, tuple[Place, ...]]
"""By what is wanted: the places that get it."""


def bind(workflow: Workflow, said: Mapping[str, str]) -> Binding:
    """Return where everything goes.

    Args:
        workflow: The graph.
        said: What the user says: places such as `6.inputs.text`, `@Title.inputs.text`, `#Class.inputs.x` (all nodes
            of that title or class), several joined by commas; `none` for what is not to be bound.

    Raises:
        GlyphbenchError: A place that is not there, or something needed that is neither said nor guessed.
    """
    guesses: dict[str, Callable[[Workflow], Iterator[Place]]] = {
        "prompt": lambda flow: _texts(flow, "positive"),
        "negative": lambda flow: _texts(flow, "negative"),
        "seed": _seeds,
        "width": lambda flow: _sides(flow, "width"),
        "height": lambda flow: _sides(flow, "height"),
    }
    places: dict[str, tuple[Place, ...]] = {}
    for name in WANTED:
        if name in said:
            places[name] = () if said[name] == "none" else tuple(_said(workflow, name, said[name]))
        else:
            places[name] = tuple(dict.fromkeys(guesses[name](workflow)))
    if "negative" not in said and set(places["negative"]) & set(places["prompt"]):
        # One text serves both ends where a workflow has no negative prompt.
        places["negative"] = ()
    if missing := [name for name in _NEEDED if not places[name] and said.get(name) != "none"]:
        nodes = [f"{node} {workflow.class_of(node)}" for node in workflow.nodes]
        raise GlyphbenchError(
            f"the workflow does not show where {', '.join(missing)} {'go' if len(missing) > 1 else 'goes'}; say so "
            f"with {'&'.join(f'{name}=NODE.inputs.NAME' for name in missing)}, or =none for what is to stay as it is. "
            f"Nodes: {first_of(nodes)}"
        )
    return places


def _said(workflow: Workflow, name: str, text: str) -> Iterator[Place]:
    """Yield the places that a user names, each at its source."""
    for part in text.split(","):
        node, middle, field = part.strip().partition(".inputs.")
        if not middle or not node or not field:
            raise GlyphbenchError(
                f"{name}={part}: a place is written NODE.inputs.NAME, such as 6.inputs.text, @Title.inputs.text or "
                "#CLIPTextEncode.inputs.text"
            )
        match node[0]:
            case "@":
                nodes = [n for n in workflow.nodes if workflow.title_of(n) == node[1:]]
            case "#":
                nodes = [n for n in workflow.nodes if workflow.class_of(n) == node[1:]]
            case _:
                nodes = [node]
        found = [place for n in nodes if workflow.has(place := Place(n, field))]
        if not found:
            raise GlyphbenchError(f"{name}={part}: the workflow has no such place; {_there(workflow, nodes)}")
        for place in found:
            yield _source(workflow, place)


def _there(workflow: Workflow, nodes: list[str]) -> str:
    """Return what is there instead."""
    known = [node for node in nodes if node in workflow.nodes]
    if known:
        inputs = ", ".join(workflow.nodes[known[0]]["inputs"])
        return f"node {known[0]} ({workflow.class_of(known[0])}) has: {inputs}"
    listed = [f"{node} {workflow.class_of(node)} “{workflow.title_of(node)}”" for node in workflow.nodes]
    return f"its nodes are: {first_of(listed)}"


def _source(workflow: Workflow, place: Place) -> Place:
    """Return where the value that arrives at `place` really stands: a value given there would cut the link."""
    for _ in range(_FAR):
        linked = workflow.link(place)
        if linked is None:
            return place
        inputs = workflow.nodes[linked]["inputs"]
        names = [name for name in (place.name, *_VALUES) if name in inputs]
        if not names:
            return place
        place = Place(linked, names[0])
    return place


def _texts(workflow: Workflow, end: str) -> Iterator[Place]:
    """Yield the texts that reach a sampler's or guider's `positive` or `negative` end, else the only text there is."""
    ends = [place for place in workflow.named(end) if workflow.link(place)]
    if end == "positive":
        ends += [place for place in workflow.named("conditioning") if "guider" in _kind(workflow, place.node)]
    for place in ends:
        yield from _upstream(workflow, place, end)
    if end == "positive" and not ends:
        texts = {
            _source(workflow, p) for name in ("prompt", "text") for p in workflow.named(name) if _is_text(workflow, p)
        }
        yield from texts if len(texts) == 1 else ()


def _kind(workflow: Workflow, node: str) -> str:
    return workflow.class_of(node).lower()


def _upstream(workflow: Workflow, place: Place, end: str) -> Iterator[Place]:
    """Yield the nearest texts that lead to `place`, over any nodes that change what the text became."""
    seen: set[str] = set()
    front = [workflow.link(place)]
    while front:
        node = front.pop(0)
        if node is None or node in seen:
            continue
        seen.add(node)
        if texts := [p for name in _TEXTS if workflow.has(p := Place(node, name)) and _is_text(workflow, p)]:
            yield from (_source(workflow, p) for p in texts)
            continue
        inputs = workflow.nodes[node]["inputs"]
        on = [name for name in inputs if name in {end, "text"} or name.startswith("conditioning")]
        front += [workflow.link(Place(node, name)) for name in on]


def _is_text(workflow: Workflow, place: Place) -> bool:
    return isinstance(workflow.value(_source(workflow, place)), str)


def _seeds(workflow: Workflow) -> Iterator[Place]:
    for name in _SEEDS:
        for place in workflow.named(name):
            source = _source(workflow, place)
            if isinstance(workflow.value(source), int):
                yield source


def _sides(workflow: Workflow, side: str) -> Iterator[Place]:
    """Yield the sizes of empty latents, else of whatever has both sides and a prompt or a seed."""
    empty = [n for n in workflow.nodes if "empty" in _kind(workflow, n) and "latent" in _kind(workflow, n)]
    others = [
        n for n, content in workflow.nodes.items()
        if {"width", "height"} <= content["inputs"].keys() and {"prompt", "seed", "text"} & content["inputs"].keys()
    ]  # fmt: skip
    for node in empty or others:
        if workflow.has(Place(node, side)):
            yield _source(workflow, Place(node, side))
