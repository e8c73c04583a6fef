"""A fine-tuned checkpoint: what it puts in place of the model's transformer or adds to it, and what identifies it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from prompts.errors import GlyphbenchError

ADAPTER_FILES = ("pytorch_lora_weights.safetensors", "adapter_model.safetensors")
"""What diffusers and PEFT (CogKit) call an adapter in a folder of its own."""

DCP_INDEX = ".metadata"
"""The index of a folder of torch.distributed.checkpoint."""

_SCALED = re.compile(r"(?P<path>.+)@(?P<scale>-?\d+(\.\d+)?)")
_PICKLED = frozenset({".bin", ".ckpt", ".pt", ".pth"})


@dataclass(frozen=True)
class FineTune:
    """What was asked for beside the checkpoint.

    Attributes:
        transformer: A folder or a .safetensors file in place of the checkpoint's transformer; None to keep that.
        lora: The adapter's file; None without one.
        scale: By which the adapter's effect is multiplied.
    """

    transformer: Path | None = None
    lora: Path | None = None
    scale: float = 1.0

    @cached_property
    def identity(self) -> Mapping[str, str | float]:
        """What decides the pixels in it: digests of all files, and the scale. Empty where nothing was asked for."""
        found: dict[str, str | float] = {}
        if self.transformer is not None:
            found["transformer"] = f"sha256:{_digest(self.transformer)}"
        if self.lora is not None:
            found["lora"] = f"sha256:{_digest(self.lora)}"
            found["lora_scale"] = self.scale
            config = self.lora.with_name("adapter_config.json")
            if config.is_file():
                found["lora_config"] = f"sha256:{_digest(config)}"
        return found


def read_fine_tune(transformer: Path | None, lora: str | None) -> FineTune:
    """Return what the options `transformer` and `lora` name.

    Raises:
        GlyphbenchError: Files that are not there, pickled, or of no use here.
    """
    path, scale = None, 1.0
    if lora is not None:
        matched = _SCALED.fullmatch(lora)
        # A file may itself be called `…@2`: what exists under the whole name is meant.
        if matched and not Path(lora).expanduser().exists():
            lora, scale = matched["path"], float(matched["scale"])
        path = _adapter_file(Path(lora).expanduser())
        if scale == 0:
            raise GlyphbenchError(f"lora={lora}@0: an adapter of scale 0 changes nothing; leave it out")
    if transformer is not None:
        transformer = transformer.expanduser()
        _refuse_unusable(transformer)
    return FineTune(transformer, path, scale)


def _adapter_file(path: Path) -> Path:
    """Return the adapter's weights in a file or a folder."""
    if path.is_dir():
        found = [path / name for name in ADAPTER_FILES if (path / name).is_file()]
        if len(found) == 1:
            return found[0]
        raise GlyphbenchError(
            f"lora={path}: the folder has {'both' if found else 'neither'} {' and '.join(ADAPTER_FILES)}; name the file"
        )
    if not path.is_file():
        raise GlyphbenchError(f"lora={path}: there is no such file")
    if path.suffix != ".safetensors":
        raise GlyphbenchError(f"lora={path}: only .safetensors files are loaded; pickled weights can run any code")
    return path


def _refuse_unusable(path: Path) -> None:
    """Raise `GlyphbenchError` where a transformer cannot be loaded from `path` without running code."""
    if path.is_file():
        if path.suffix != ".safetensors":
            raise GlyphbenchError(
                f"transformer={path}: only .safetensors files are loaded; pickled weights can run any code. Convert it "
                "where it comes from: safetensors.torch.save_file(torch.load(FILE, weights_only=True), …)"
            )
        return
    if not path.is_dir():
        raise GlyphbenchError(f"transformer={path}: there is no such folder or file")
    if (path / "config.json").is_file() or (path / DCP_INDEX).is_file():
        return
    inner = sorted(place.parent.name for place in [*path.glob("*/config.json"), *path.glob(f"*/{DCP_INDEX}")])
    pickled = sorted(file.name for file in path.iterdir() if file.suffix in _PICKLED)
    hint = (
        f"it holds {', '.join(inner)}: name one of these"
        if inner
        else f"{', '.join(pickled)} is pickled, which can run any code; save it as safetensors"
        if pickled
        else f"it has no config.json (diffusers) and no {DCP_INDEX} (torch.distributed.checkpoint)"
    )
    raise GlyphbenchError(f"transformer={path}: no transformer here; {hint}")


def adapter_config(lora: Path) -> dict[str, object]:
    """Return PEFT's description beside an adapter; empty where there is none."""
    try:
        content = json.loads(lora.with_name("adapter_config.json").read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise GlyphbenchError(f"{lora.with_name('adapter_config.json')}: cannot be read: {error}") from None
    return content if isinstance(content, dict) else {}


def _digest(path: Path) -> str:
    """Return the SHA-256 (hex) of a file, or over names and contents of the files in a folder."""
    if path.is_file():
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    total = hashlib.sha256()
    for file in sorted(found for found in path.rglob("*") if found.is_file()):
        total.update(f"{file.relative_to(path).as_posix()}\0{_digest(file)}\n".encode())
    return total.hexdigest()
