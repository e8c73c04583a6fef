"""The signature: everything that can change a number, in one line, in the manner of sacreBLEU."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from bench.digest import short
from bench.seeds import format_seeds
from metrics.profiles import find_profile
from metrics.table import HEADLINE, METRICS

if TYPE_CHECKING:
    from bench.manifest import Manifest
    from bench.run import Run


def sign(run: Run, metric: str = HEADLINE) -> str:
    """Return the signature of one metric of a run under its suite's profile: `key:value` pairs joined by `|`.

    Digests are cut to eight digits here; the manifest has them whole.
    """
    manifest = run.manifest
    asked, whole = len(run.prompts), len(run.suite.prompts)
    parts = {
        "metric": METRICS[metric].signature,
        "suite": f"{manifest.suite.name}.{manifest.suite.version}#{short(manifest.suite.digest)}",
        "prompts": str(asked) if asked == whole else f"{asked} of {whole}",
        "seeds": format_seeds(manifest.seeds),
        "model": f"{manifest.model.name}#{short(manifest.model.digest)}",
        "tier": manifest.tier,
        "reader": f"{run.reader.name}#{run.reader.short}",
        **_tower(manifest),
        "profile": find_profile(run.suite.profile).signature,
        "glyphbench": version("glyphbench"),
    }
    return "|".join(f"{key}:{value}" for key, value in parts.items())


def _tower(manifest: Manifest) -> dict[str, str]:
    """Return the first tower, where one has scored: the name in its identity, and its short digest."""
    for tower8, identity in manifest.towers.items():
        return {"tower": f"{identity.partition('#')[0].replace(':', '.')}#{tower8}"}
    return {}
