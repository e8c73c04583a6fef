import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import prompts


def test_the_public_names_are_sorted_and_there():
    assert prompts.__all__ == sorted(prompts.__all__, key=lambda name: (not name.isupper(), name))
    assert set(dir(prompts)) == set(prompts.__all__)
    for name in prompts.__all__:
        assert getattr(prompts, name).__class__ is not type(prompts), name


def test_each_name_is_the_one_in_its_module():
    assert prompts.load_suite is import_module("prompts.loading").load_suite
    assert prompts.Suite is import_module("prompts.suite").Suite


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'load_suit'"):
        _ = prompts.load_suit


def test_importing_the_package_imports_nothing_heavy():
    code = "import prompts, sys; print(*{'pydantic', 'regex', 'rapidfuzz', 'tomllib'} & set(sys.modules))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == ""
