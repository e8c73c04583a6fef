"""The table of generators: from what `--model` says to what makes the pictures."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from bench.generators import Generator
from bench.generators.model_table import find_model, models
from prompts.errors import GlyphbenchError, UnknownNameError
from prompts.spec import Spec

GENERATORS: dict[str, str] = {
    "ark": "bench.generators.api.generator:ApiGenerator",
    "comfyui": "bench.generators.comfyui.generator:ComfyUIGenerator",
    "command": "bench.generators.command:CommandGenerator",
    "dashscope": "bench.generators.api.generator:ApiGenerator",
    "diffusers": "bench.generators.diffusion.generator:DiffusersGenerator",
    "folder": "bench.generators.folder:FolderGenerator",
    "openai": "bench.generators.api.generator:ApiGenerator",
    "python": "bench.generators.python_class:PythonGenerator",
    "typeset": "bench.generators.typeset:TypesetGenerator",
    "zhipu": "bench.generators.api.generator:ApiGenerator",
}
"""By kind: the module, imported only when asked for, and the class in it, called with a `Spec`."""

ENTRY_POINTS = "glyphbench.generators"
"""The entry-point group in which other packages announce theirs. They cannot replace one of ours."""


def open_generator(text: str) -> Generator:
    """Return the generator that a model spec names: a kind (`folder:DIR`) or a model of the table (`cogview4`).

    A model of the table may be pointed at a folder or another id: `cogview4:PATH`.

    Raises:
        UnknownNameError: Nothing is called so.
        GlyphbenchError: The spec cannot be read, or its generator refuses it.
    """
    spec = Spec.parse(text)
    if spec.kind in GENERATORS:
        module, _, name = GENERATORS[spec.kind].partition(":")
        make: Callable[[Spec], Generator] = getattr(import_module(module), name)
        return make(spec)
    if spec.kind in models():
        from bench.generators.diffusion.generator import DiffusersGenerator

        return DiffusersGenerator(spec, find_model(spec.kind).preset)
    announced = {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}
    if spec.kind not in announced:
        raise UnknownNameError("model", spec.kind, [*GENERATORS, *models(), *announced], _remedy(spec))
    return _loaded(announced[spec.kind])(spec)


def _loaded(entry: EntryPoint) -> Callable[[Spec], Generator]:
    """Return what an entry point names."""
    try:
        make: Callable[[Spec], Generator] = entry.load()
    except (ImportError, AttributeError) as error:
        package = entry.dist.name if entry.dist else "a package"
        raise GlyphbenchError(f"model {entry.name!r}, announced by {package}, cannot be imported: {error}") from error
    return make


def _remedy(spec: Spec) -> str:
    """Return what to write instead where a path or a hub's id was given without its kind."""
    if "/" in spec.text or "\\" in spec.text:
        return f"A folder of images is written folder:{spec.text}, a pipeline diffusers:{spec.text}."
    return ""
