import importlib
import re
import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from bench.generators import Generator, table
from bench.generators.folder import FolderGenerator
from bench.generators.table import ENTRY_POINTS, GENERATORS, open_generator
from prompts.errors import GlyphbenchError, UnknownNameError

ROOT = Path(__file__).parents[2]
MEMBERS = [name for name in vars(Generator) if not name.startswith("_")]


@pytest.mark.parametrize("kind", GENERATORS)
def test_every_kind_names_a_class_with_all_members(kind):
    module, _, name = GENERATORS[kind].partition(":")
    listed = getattr(importlib.import_module(module), name)
    assert sorted(MEMBERS) == ["check", "generate", "identity", "is_model", "name", "seeds"]
    assert [member for member in MEMBERS if not hasattr(listed, member)] == []


def test_a_spec_opens_its_generator_with_target_and_options(tmp_path):
    (tmp_path / "a%b").mkdir()
    generator = open_generator(f"folder:{tmp_path}/a%b?missing=refused")
    assert isinstance(generator, FolderGenerator)
    assert generator.name == "a-b"
    assert generator.identity["missing"] == "refused"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("typset", "unknown model 'typset'; did you mean 'typeset'? Known: ark, cogview3plus, cogview4,"),
        ("cogveiw4", "unknown model 'cogveiw4'; did you mean 'cogview4' or"),
        ("qwen", "did you mean 'qwen-image'"),
        ("Folder:images", "unknown model 'Folder'; did you mean 'folder' or"),
        ("", "unknown model ''"),
        ("./images", "A folder of images is written folder:./images"),
        ("THUDM/CogView4-6B", "a pipeline diffusers:THUDM/CogView4-6B"),
    ],
)
def test_an_unknown_kind_names_the_nearest_and_the_form(text, expected):
    with pytest.raises(UnknownNameError, match=re.escape(expected)):
        open_generator(text)


@pytest.mark.parametrize("text", ["folder:", "folder", "diffusers:", "diffusers", "typeset:x", "folder:x?missing"])
def test_a_wrong_form_is_told_by_its_kind(text):
    with pytest.raises(GlyphbenchError, match=text.replace("?", r"\?")):
        open_generator(text)


class Announced:
    def __init__(self, spec):
        self.spec = spec


def announce(monkeypatch, **entries):
    def entry_points(*, group):
        return EntryPoints(EntryPoint(name, value, group) for name, value in entries.items() if group == ENTRY_POINTS)

    monkeypatch.setattr(table, "entry_points", entry_points)
    monkeypatch.setitem(sys.modules, "elsewhere", sys.modules[__name__])


def test_other_packages_announce_theirs_but_do_not_replace_ours(monkeypatch, tmp_path):
    announce(monkeypatch, mine="elsewhere:Announced", folder="elsewhere:Announced")
    generator = open_generator("mine:target?key=value")
    assert isinstance(generator, Announced)
    assert (generator.spec.target, dict(generator.spec.options)) == ("target", {"key": "value"})
    assert isinstance(open_generator(f"folder:{tmp_path}"), FolderGenerator)
    with pytest.raises(UnknownNameError, match="did you mean 'mine'"):
        open_generator("minee")


@pytest.mark.parametrize("value", ["nowhere_at_all:Generator", "elsewhere:Missing"])
def test_an_announced_generator_that_cannot_be_imported_is_named(monkeypatch, value):
    announce(monkeypatch, mine=value)
    with pytest.raises(GlyphbenchError, match="model 'mine', announced by a package, cannot be imported"):
        open_generator("mine")


def test_the_table_stays_light():
    code = "import sys, bench.generators.table; print({'PIL', 'numpy', 'torch', 'diffusers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"
