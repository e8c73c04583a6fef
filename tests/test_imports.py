"""Imports go one way: prompts ← metrics ← bench ← reports; only bench/cli imports reports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("prompts", "metrics", "bench", "reports")
HEAVY = {"torch", "diffusers", "transformers", "onnxruntime", "cv2", "open_clip", "matplotlib", "pandas", "scipy"}
SOURCES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    room = path.relative_to(ROOT).parts[0]
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    if path.parent == ROOT / "bench" / "cli":
        allowed.add("reports")
    used = {name.partition(".")[0] for name in imported(path)} & set(ROOMS)
    assert used <= allowed


def test_no_room_has_a_drawer_for_odds_and_ends():
    assert not [path for path in SOURCES if path.stem in {"utils", "helpers", "common", "base"}]


def test_the_command_line_starts_without_heavy_imports():
    code = f"import sys, bench.cli; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
