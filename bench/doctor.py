"""Is this machine fit to measure? A list of checks, each of which says what it found.

To add one, write a function that yields findings and name it in `examine`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec

from bench.environment import describe_environment
from bench.finding import Finding, State
from bench.generators.hub_cache import hub_cache, presence
from bench.generators.model_table import models
from bench.known_lines import KnownLine, draw_known_lines
from bench.probe import probe
from bench.reader_record import ReaderRecord
from bench.scoring import judge_sample
from metrics.judgement import Judgement
from metrics.profiles import PROFILES
from metrics.readers import NamedPictureReader, Reader, open_reader
from metrics.readers.opencv import REMEDY, opencv_explained
from prompts.errors import GlyphbenchError

WRONG_AT_MOST = 0.05
"""Share of characters of a script; every reader that is shipped stays under 2% of them."""

_PROFILE = PROFILES["standard"]
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)")


def examine(readers: Sequence[str] = (), model: str | None = None, budget: int | None = None) -> Iterator[Finding]:
    """Yield the findings of every check, the quick ones first.

    Args:
        readers: Specs of the readers that shall read the known lines; none for those that are installed and need
            neither network nor target.
        model: Spec of the model that shall draw a picture twice; None for none.
        budget: How many paid pictures it may ask for.
    """
    yield from _machine()
    yield from _packages()
    yield _opencv()
    yield _weights()
    lines = list(draw_known_lines())
    for spec in readers or _installed_readers():
        yield _reading(spec, lines)
    if model is not None:
        yield from probe(model, budget)


def _machine() -> Iterator[Finding]:
    found = describe_environment()
    kept = {key: found[key] for key in ("python", "platform", "processor", "cores", "accelerators")}
    yield Finding("machine", "ok", f"Python {kept['python']}, {kept['processor']}, {kept['cores']} cores", kept)
    yield _accelerators(kept["accelerators"])


def _accelerators(told: Sequence[str]) -> Finding:
    """Return what the driver's own tool told of GPUs, and what PyTorch, if it is installed, can use."""
    usable = _usable_by_torch() if find_spec("torch") else None
    details = {"driver": list(told), "torch": usable}
    if not told and not usable:
        return Finding("GPU", "absent", "none: readers and models run on the CPU", details)
    if told and usable == []:
        says = f"{'; '.join(told)}, but PyTorch sees none: models run on the CPU; is it built for this driver?"
        return Finding("GPU", "absent", says, details)
    return Finding("GPU", "ok", "; ".join(told or usable or ()), details)


def _usable_by_torch() -> list[str]:
    """Return name and memory of each accelerator that PyTorch can use."""
    import torch

    cards = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
    runtime = f"ROCm {torch.version.hip}" if torch.version.hip else f"CUDA {torch.version.cuda}"
    found = [f"{card.name}, {card.total_memory / 2**20:.0f} MiB, {runtime}" for card in cards]
    return found or (["Apple GPU (MPS)"] if torch.backends.mps.is_available() else [])


def _weights() -> Finding:
    """Return which models of the table lie in the hub's cache."""
    found = {name: presence(model.preset.hub) for name, model in models().items()}
    there = {
        state: [name for name, is_there in found.items() if is_there == state] for state in ("complete", "in part")
    }
    listed = [f"{state}: {', '.join(names)}" for state, names in there.items() if names]
    says = f"{'; '.join(listed) or f'none of the {len(found)} models that `models` lists'} (in {hub_cache()})"
    return Finding("weights", "ok" if there["complete"] else "absent", says, {"cache": str(hub_cache()), **found})


def _packages() -> Iterator[Finding]:
    """Yield, for the core and each extra, which packages are there."""
    for extra, names in _requirements().items():
        versions = {name: _version(name) for name in names}
        missing = [name for name, found in versions.items() if found is None]
        state: State = "ok" if not missing else "fault" if extra == "core" else "absent"
        if missing:
            wanted = "glyphbench" if extra == "core" else f"'glyphbench[{extra}]'"
            says = f"missing: {', '.join(missing)}; run  pip install {wanted}"
        else:
            says = ", ".join(f"{name} {found}" for name, found in versions.items())
        yield Finding(f"packages: {extra}", state, says, versions)


def _requirements() -> dict[str, list[str]]:
    """Return the packages that the distribution asks for, by extra; those of users without one are `core`."""
    found: dict[str, list[str]] = {"core": []}
    for line in requires("glyphbench") or ():
        match = _REQUIREMENT.match(line)
        extra = re.search(r"""extra\s*==\s*['"]([^'"]+)""", line)
        group = extra[1] if extra else "core"
        if match and match[1] != "glyphbench" and group not in {"all", "dev"}:
            found.setdefault(group, []).append(match[1])
    return found


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _opencv() -> Finding:
    try:
        with opencv_explained():
            import cv2
    except (GlyphbenchError, ImportError) as error:
        return Finding("OpenCV", "fault", str(error))
    names = ("opencv-python-headless", "opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless")
    owners = {name: found for name in names if (found := _version(name))}
    says = f"{cv2.__version__} is imported"
    if len(owners) > 1:
        listed = ", ".join(f"{name} {found}" for name, found in owners.items())
        says += f", of several in one place ({listed}); should it ask for libGL, run  {REMEDY}"
    return Finding("OpenCV", "ok", says, {"imported": cv2.__version__, **owners})


def _installed_readers() -> list[str]:
    return ["ppocr", *(["paddleocr"] if find_spec("paddleocr") else [])]


def _reading(spec: str, lines: Sequence[KnownLine]) -> Finding:
    """Return how well a reader reads the known lines, by script."""
    check = f"reader {spec}"
    try:
        reader = open_reader(spec)
        if isinstance(reader, NamedPictureReader):
            return Finding(check, "absent", "not tried: it gives readings that were made elsewhere")
        record = ReaderRecord.of(spec, reader)
        judged = [(line, *_judged(line, reader, record)) for line in lines]
    except (GlyphbenchError, OSError, ValueError) as error:
        return Finding(check, "fault", str(error))
    errors = {
        script: sum(j.errors for line, j, _ in judged if line.prompt.language == script)
        / max(1, sum(j.target for line, j, _ in judged if line.prompt.language == script))
        for script in ("zh", "en")
    }
    wrong = [
        {"line": line.prompt.id, "drawn": line.prompt.text, "read": read, "errors": judgement.errors}
        for line, judgement, read in judged
        if judgement.errors
    ]
    state: State = "fault" if max(errors.values()) > WRONG_AT_MOST else "ok"
    says = ", ".join(f"{script} {share:.1%} of characters wrong" for script, share in errors.items())
    says += f" in {len(lines)} known lines (fault above {WRONG_AT_MOST:.0%}); signature #{record.short}"
    for fault in wrong:
        says += f"\n{fault['line']}: {fault['read']!r} for {fault['drawn']!r}"
    details = {"errors": errors, "wrong": wrong, "digest": record.digest, "signature": record.signature}
    return Finding(check, state, says, details)


def _judged(line: KnownLine, reader: Reader, record: ReaderRecord) -> tuple[Judgement, str]:
    """Return how a reading of one line compares with what was drawn, and the reading."""
    reading = reader.read(line.image)
    return judge_sample(line.prompt, reading, _PROFILE, record), " / ".join(found.text for found in reading.lines)
