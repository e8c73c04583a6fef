"""Where a tower comes from: a name and tag of open_clip, a model on the Hugging Face hub, or a local folder."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from metrics.score import Missing
from metrics.towers.languages import SUGGESTED, languages_of, says_languages
from prompts.errors import GlyphbenchError
from prompts.spec import Spec

DEFAULT = SUGGESTED[0]
DEFAULT_REPOSITORY = "timm/ViT-B-16-SigLIP2-256"
"""Where open_clip's table has the weights of `DEFAULT`; stated here so that looking for them needs no torch."""
HUB = "hf-hub:"
FOLDER = "local-dir:"
WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
INSTALL = "pip install 'glyphbench[clip]'"


class TowerOptions(BaseModel):
    """Options of a tower's spec."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pretrained: str | None = Field(None, description="open_clip's tag of the weights: needed with a name")
    languages: str | None = Field(None, description="what it knows, such as zh,en: needed for a local folder")
    batch: int = Field(32, ge=1, le=1024, description="pictures or texts a forward pass")


@dataclass(frozen=True, slots=True)
class TowerSource:
    """What a tower's spec names, before anything is loaded.

    `name` is open_clip's own: a model's name, `hf-hub:ORG/MODEL` or `local-dir:FOLDER`; `tag` only goes with the first.
    """

    spec: str
    name: str
    tag: str | None
    languages: frozenset[str]
    batch: int

    @classmethod
    def parse(cls, text: str) -> TowerSource:
        """Return what `text` names, without importing open_clip.

        Raises:
            GlyphbenchError: Options that cannot be, or languages that must be stated.
        """
        options = Spec.parse(text, "--tower").validated(TowerOptions)
        name = text.partition("?")[0]
        if not name.startswith(HUB) and (Path(name).is_dir() or name.startswith((".", "/", "~"))):
            name = f"{FOLDER}{Path(name).expanduser().resolve()}"
        if options.languages is not None:
            known = frozenset(language.strip() for language in options.languages.split(","))
        elif name.startswith(FOLDER) or (name.startswith(HUB) and not says_languages(name.removeprefix(HUB))):
            raise GlyphbenchError(
                f"--tower {text!r}: say which languages it knows, such as  '{text}{'&' if '?' in text else '?'}"
                "languages=zh,en'"
            )
        else:
            known = languages_of(name)
        return cls(text, name, options.pretrained, known, options.batch)

    def check(self) -> None:
        """Raise `GlyphbenchError` where open_clip is absent, or knows no such name and tag; downloads nothing."""
        if find_spec("open_clip") is None:
            raise GlyphbenchError(f"--tower needs open_clip: run  {INSTALL}")
        if self.name.startswith(FOLDER):
            self.weights()
        elif not self.name.startswith(HUB):
            _check_name(self)

    def weights(self) -> Path:
        """Return the file of the weights, which is downloaded where it is not in the cache.

        Raises:
            GlyphbenchError: There are none, or they cannot be had.
        """
        if self.name.startswith(FOLDER):
            return self._local_weights(Path(self.name.removeprefix(FOLDER)))
        if self.spec == DEFAULT and (cached := cached_weights(DEFAULT_REPOSITORY)) is not None:
            return cached
        self.check()
        from open_clip import pretrained

        try:
            if self.name.startswith(HUB):
                return Path(pretrained.download_pretrained_from_hf(self.name.removeprefix(HUB)))
            return Path(pretrained.download_pretrained(pretrained.get_pretrained_cfg(self.name, str(self.tag))))
        except (OSError, RuntimeError) as error:
            raise GlyphbenchError(f"--tower {self.spec!r}: its weights cannot be had: {error}") from None

    def identity(self) -> str:
        """Return what can change the numbers of the tower: name, tag, digest of the files, version of open_clip."""
        weights = self.weights()
        if self.name.startswith(FOLDER):
            name, digest = weights.parent.name, _folder_digest(weights)
        else:
            name, digest = self.name + (f":{self.tag}" if self.tag else ""), _file_digest(weights)
        return f"{name}#{digest[:12]}|open_clip:{_open_clip_version(self.spec)}"

    def _local_weights(self, folder: Path) -> Path:
        found = next((folder / name for name in WEIGHTS if (folder / name).is_file()), None)
        if found is None:
            raise GlyphbenchError(f"--tower {self.spec!r}: {folder} holds none of {', '.join(WEIGHTS)}")
        return found


def default_source() -> TowerSource | Missing:
    """Return the default tower where it is installed and on disk, else why not; imports no torch, downloads nothing."""
    if find_spec("open_clip") is None:
        return Missing("no weights: open_clip is not installed")
    if cached_weights(DEFAULT_REPOSITORY) is None:
        return Missing(f"no weights: those of {DEFAULT} are not in the local cache")
    return TowerSource.parse(DEFAULT)


def cached_weights(repository: str) -> Path | None:
    """Return the weights of a hub repository from the local cache, None where they are not there."""
    if find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import try_to_load_from_cache

    for name in WEIGHTS:
        if isinstance(found := try_to_load_from_cache(repository, name), str):
            return Path(found)
    return None


def _check_name(source: TowerSource) -> None:
    from open_clip import list_models
    from open_clip.pretrained import is_pretrained_cfg, list_pretrained_tags_by_model

    if source.name not in list_models():
        raise GlyphbenchError(
            f"--tower {source.spec!r}: there is no such folder, and open_clip knows no model of this name; "
            f"take one such as  --tower '{SUGGESTED[0]}'  or  --tower '{SUGGESTED[1]}'"
        )
    if source.tag is None or not is_pretrained_cfg(source.name, source.tag):
        tags = ", ".join(list_pretrained_tags_by_model(source.name)) or "none"
        raise GlyphbenchError(f"--tower {source.spec!r}: say ?pretrained=TAG; open_clip has for this model: {tags}")


def _open_clip_version(spec: str) -> str:
    try:
        return version("open_clip_torch")
    except PackageNotFoundError:
        raise GlyphbenchError(f"--tower {spec!r} needs open_clip: run  {INSTALL}") from None


def _file_digest(path: Path) -> str:
    """SHA-256 of a file; in the hub's cache a large file already bears it as its name."""
    if re.fullmatch("[0-9a-f]{64}", path.resolve().name):
        return path.resolve().name
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _folder_digest(weights: Path) -> str:
    """SHA-256 over configuration, tokenizer and weights, by name."""
    folder, total = weights.parent, hashlib.sha256()
    for path in sorted({weights, *folder.glob("*.json"), *folder.glob("*.model"), *folder.glob("*.txt")}):
        total.update(f"{path.name}:{_file_digest(path)}\n".encode())
    return total.hexdigest()
