"""The stage of a run that scores its pictures by a tower, and what the run folder keeps of it."""

from __future__ import annotations

from collections.abc import Sequence

from bench.embeddings import Embeddings, tower8
from bench.manifest import Manifest
from bench.prompt_fit import alignment_path, embed_run
from bench.run import Run
from bench.run_folder import RunFolder
from metrics.score import Missing
from metrics.towers.languages import require_language
from metrics.towers.source import TowerSource, default_source
from metrics.towers.tower import Tower
from prompts.suite import Prompt

OFF = "none"


def plan_tower(setting: str | None) -> TowerSource | Missing | None:
    """Return the tower of a run: the named one, None for `none`; else the default one, or why it is not to be had.

    Raises:
        GlyphbenchError: The named tower cannot be. Nothing is downloaded yet.
    """
    if setting is None:
        return default_source()
    if setting == OFF:
        return None
    source = TowerSource.parse(setting)
    source.check()
    return source


def check_languages(tower: TowerSource | Missing | None, prompts: Sequence[Prompt]) -> None:
    """Raise `GlyphbenchError` where prompts are in a language that the tower does not know."""
    if isinstance(tower, TowerSource):
        for language in sorted({prompt.language for prompt in prompts}):
            require_language(tower.spec, tower.languages, language)


def enrol_tower(manifest: Manifest, identity: str) -> Manifest:
    """Return the manifest with this tower before any others."""
    asked = {tower8(identity): identity}
    others = {short: other for short, other in manifest.towers.items() if short not in asked}
    return manifest.model_copy(update={"towers": asked | others, "no_tower": None})


def gather_vectors(folder: RunFolder, manifest: Manifest, tower: Tower | Missing | None, *, changed: bool) -> Manifest:
    """Have the vectors of pictures and prompts computed, and return the manifest that names the tower.

    The scores are made of them with all others, when the run is scored.

    Args:
        folder: Of the run.
        manifest: As it stands.
        tower: Whose; `Missing` says why there is none, which is kept unless another has scored.
        changed: Whether pictures are new.
    """
    if tower is None:
        return manifest
    if isinstance(tower, Missing):
        return manifest if manifest.towers else manifest.model_copy(update={"no_tower": tower.reason})
    enrolled = enrol_tower(manifest, tower.identity)
    if changed or enrolled != manifest or not alignment_path(folder.path, tower.identity).exists():
        embed_run(Run(folder, enrolled, folder.read_suite()), Embeddings(folder.path, tower.identity, tower))
    return enrolled
