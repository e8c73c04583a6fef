"""How a run was measured: the facts of its manifest, in words, and the command that repeats it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from bench.digest import short
from bench.seeds import format_seeds

Facts = dict[str, str]
"""Label and value; digests cut to eight digits."""

_SHA256 = re.compile("[0-9a-f]{64}")


def repeat_command(manifest: Mapping[str, Any]) -> str:
    """Return the command that measures the same again."""
    options = [
        ("--suite", manifest["suite"]["name"]),
        ("--model", manifest["model"]["spec"]),
        *(("--reader", signature["name"]) for signature in manifest["readers"].values()),
        ("--seeds", format_seeds(manifest["seeds"])),
    ]
    if manifest["limit"] is not None:
        options.append(("--limit", str(manifest["limit"])))
    words = [word for option in options for word in option]
    return f"python -m bench run {shlex.join(words)}"


def describe_facts(manifest: Mapping[str, Any], suite: Mapping[str, Any]) -> dict[str, Facts]:
    """Return what was measured, what read it and what it ran on, by heading."""
    model, environment = manifest["model"], manifest["environment"]
    facts = {
        "Suite": {
            "name": f"{manifest['suite']['name']} {manifest['suite']['version']}",
            "title": suite["title"],
            "source": suite["source"],
            "licence": suite["licence"],
            "digest": short(manifest["suite"]["digest"]),
            "seeds": format_seeds(manifest["seeds"]),
        },
        "Model": {
            "name": model["name"],
            "spec": model["spec"],
            "tier": manifest["tier"],
            "digest": short(model["digest"]),
            **_flat(model["identity"]),
        },
        **{
            "Reader" if number == 1 else f"Reader {number}": {"digest": digest, **_flat(signature)}
            for number, (digest, signature) in enumerate(manifest["readers"].items(), 1)
        },
        "Environment": {
            "started": manifest["created"],
            "finished": manifest["finished"] or "not yet",
            "glyphbench": manifest["glyphbench"],
            **_flat({name: value for name, value in environment.items() if name not in {"command", "packages"}}),
            "packages": " ".join(f"{name} {version}" for name, version in environment.get("packages", {}).items()),
            "as typed": environment.get("command", ""),
        },
    }
    if manifest["continued"]:
        facts["Environment"]["went on elsewhere"] = f"{len(manifest['continued'])} times; see manifest.json"
    return {heading: {label: value for label, value in group.items() if value} for heading, group in facts.items()}


def _flat(content: Mapping[str, Any], prefix: str = "") -> Facts:
    """Return nested data as dotted labels with their values in words."""
    facts: Facts = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            facts |= _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            facts[f"{prefix}{name}"] = ", ".join(value)
        elif value is not None:
            facts[f"{prefix}{name}"] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return {label: short(value) if _SHA256.fullmatch(value) else value for label, value in facts.items()}
