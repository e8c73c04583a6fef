"""Checkpoints: where a pipeline's weights lie, what they consist of, and what identifies them."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from prompts.errors import GlyphbenchError

INDEX = "model_index.json"

_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
_PICKLED = frozenset({".bin", ".ckpt", ".pt", ".pth"})
_LARGE = 2**30
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """A pipeline in diffusers' layout.

    Attributes:
        source: A folder, or an id on the hub.
        commit: Of the hub's repository; None for a folder.
        pipeline: Name of the pipeline's class.
        parts: Library and class name of each part (tokenizer, transformer, scheduler …).
        variant: Which weight files are meant where a part has several (`fp16`); None for those without a suffix.
    """

    source: str
    commit: str | None
    pipeline: str
    parts: Mapping[str, tuple[str, str]]
    variant: str | None = None

    @property
    def name(self) -> str:
        """Return the last part of the folder or id."""
        return Path(self.source).resolve().name if self.commit is None else self.source.rpartition("/")[2]

    @cached_property
    def weights(self) -> str:
        """Return what changes whenever a weight does.

        For the hub the id and the commit; for a folder a SHA-256 over path and content of all files that its parts
        consist of, because two checkpoints of one training run differ in nothing but tensors. Hashing reads all of
        it (CogView4-6B: 31 GB, half a minute and more).

        Raises:
            GlyphbenchError: A file cannot be read.
        """
        if self.commit is not None:
            return f"{self.source}@{self.commit}"
        folder = Path(self.source)
        parts = [file for part in self.parts for file in (folder / part).rglob("*") if file.is_file()]
        try:
            return f"sha256:{_digest(folder, sorted([folder / INDEX, *parts]))}"
        except OSError as error:
            raise GlyphbenchError(f"cannot read {error.filename}: {error.strerror}") from None


def find_checkpoint(target: str, revision: str | None) -> Checkpoint:
    """Return the checkpoint in the folder `target`, or on the hub under that id.

    Of the hub's, only the index is fetched here. Where the hub cannot be reached, its local cache is used; the commit
    says what was found there.

    Args:
        target: A folder, or `OWNER/NAME`.
        revision: Branch, tag or commit on the hub; its main branch if None.

    Raises:
        GlyphbenchError: There is none, or one that would need code of its own.
    """
    folder = Path(target).expanduser()
    if folder.is_dir():
        if revision is not None:
            raise GlyphbenchError(f"{folder} is a folder, where revision={revision} means nothing; leave it out")
        checkpoint = _indexed(folder / INDEX, str(folder), None)
        _refuse_unusable(folder, checkpoint.parts)
        return checkpoint
    if folder.exists():
        raise GlyphbenchError(f"{folder} is a file; give the folder of a diffusers pipeline, with {INDEX} in it")
    if not _HUB_ID.fullmatch(target):
        raise GlyphbenchError(f"no folder {target}; an id on the Hugging Face hub would be written OWNER/NAME")
    index = _fetch_index(target, revision)
    return _indexed(index, target, index.parent.name)


def _digest(folder: Path, files: Sequence[Path]) -> str:
    """Return the SHA-256 (hex) over path and content of `files` in `folder`."""
    size = sum(file.stat().st_size for file in files)
    if size > _LARGE:
        _log.info("hashing %.0f GB of weights in %s", size / 1e9, folder)
    total = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        total.update(f"{file.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return total.hexdigest()


def _fetch_index(repository: str, revision: str | None) -> Path:
    """Return the index in the hub's local cache, `…/snapshots/<commit>/model_index.json`, fetched where possible."""
    from huggingface_hub import constants, hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return Path(hf_hub_download(repository, INDEX, revision=revision))
    except RevisionNotFoundError:
        reason = f"{repository} on the Hugging Face hub has no revision {revision!r}"
    except RepositoryNotFoundError:
        reason = (
            f"no folder {repository}, and no such model on the Hugging Face hub (or a private one: see `hf auth login`)"
        )
    except LocalEntryNotFoundError:
        why = "HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else "the Hugging Face hub cannot be reached"
        reason = (
            f"no folder {repository}; {why}, and its cache {constants.HF_HUB_CACHE} does not hold {repository}"
            f"{f' at {revision}' if revision else ''}. Fetch it where there is a network (`hf download {repository} "
            "--local-dir DIR`), copy it here, and give diffusers:DIR"
        )
    except EntryNotFoundError:
        reason = f"{repository} on the Hugging Face hub is no diffusers pipeline: it has no {INDEX}"
    # The client reports network faults as whatever its transport raises: requests, httpx or its own, by version.
    except Exception as error:
        raise GlyphbenchError(f"cannot fetch {repository} from the Hugging Face hub: {error}") from error
    raise GlyphbenchError(reason)


def _indexed(index: Path, source: str, commit: str | None) -> Checkpoint:
    """Return the checkpoint that an index file describes."""
    try:
        content = json.loads(index.read_bytes())
    except FileNotFoundError:
        raise GlyphbenchError(
            f"{source} is no diffusers pipeline: it has no {INDEX}. Save one there with `pipeline.save_pretrained`"
        ) from None
    except OSError as error:
        raise GlyphbenchError(f"cannot read {index}: {error.strerror}") from None
    except ValueError as error:
        raise GlyphbenchError(f"{index}: not JSON ({error})") from None
    pipeline = content.get("_class_name") if isinstance(content, dict) else None
    if isinstance(pipeline, list):
        raise GlyphbenchError(f"{index}: the pipeline {pipeline} needs code of its own, which is never run")
    if not isinstance(pipeline, str):
        raise GlyphbenchError(f"{index}: names no pipeline class")
    parts = {
        name: (value[0], value[1])
        for name, value in content.items()
        if isinstance(value, list) and len(value) == 2 and all(isinstance(word, str) for word in value)
    }
    return Checkpoint(source, commit, pipeline, parts)


def _refuse_unusable(folder: Path, parts: Mapping[str, tuple[str, str]]) -> None:
    """Raise `GlyphbenchError` with every part that is missing, pickled, or brings code of its own."""
    faults = []
    for part, (library, _) in parts.items():
        place = folder / part
        suffixes = {file.suffix for file in place.glob("*")}
        if not place.is_dir():
            faults.append(f"{part}: no such folder")
        if suffixes & _PICKLED and ".safetensors" not in suffixes:
            faults.append(f"{part}: its weights are pickled, which can run any code; save them as safetensors")
        if (place / f"{library}.py").exists():
            faults.append(f"{part}: needs code of its own ({library}.py), which is never run")
    if faults:
        raise GlyphbenchError("\n  ".join([f"{folder} cannot be used:", *faults]))
