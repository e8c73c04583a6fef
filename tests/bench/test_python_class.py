"""`python:`: the user's own class, its pictures and its mistakes."""

import sys

import numpy as np
import pytest

from bench.generators import Failure, Job, Picture
from bench.generators.table import open_generator
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt, Size

SOURCE = """
import numpy as np
from PIL import Image
from colours_beside import BLUE
from bench.generators.python_class import RefusedError

print("this is not our data")


class Painter:
    def __init__(self, shade="7"):
        self.shade = int(shade)

    def generate(self, prompt, seed, width, height):
        print("painting")
        match prompt:
            case "image": return Image.new("RGB", (width, height), (self.shade, seed, BLUE))
            case "clear": return Image.new("RGBA", (width, height), (0, 0, 0, 0))
            case "array": return np.full((height, width, 3), seed, np.uint8)
            case "grey": return np.full((height, width, 1), seed, np.uint8)
            case "path":
                Image.new("L", (width, height), 9).save("there.png")
                return "there.png"
            case "floats": return np.zeros((height, width, 3))
            case "nothing": return None
            case "small": return Image.new("RGB", (5, 5))
            case "refuse": raise RefusedError("not that")
            case "raise": return 1 / 0


class NoPainter:
    pass
"""


@pytest.fixture
def opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "mine.py").write_text(SOURCE)
    (tmp_path / "colours_beside.py").write_text("BLUE = 200")
    yield lambda target="mine.py:Painter", options="": open_generator(f"python:{target}{options}")
    for name in [name for name in sys.modules if name in {"mine", "colours_beside"} or name.startswith("_glyphbench_")]:
        del sys.modules[name]


def jobs(*words):
    return [Job(Prompt(f"p{n}", word, "en", "g", Size(40, 30)), n) for n, word in enumerate(words)]


def test_images_arrays_and_paths_become_pictures(opened, capsys):
    outcomes = list(opened(options="?shade=3").generate(jobs("image", "clear", "array", "grey", "path")))
    assert all(isinstance(outcome, Picture) for outcome in outcomes), outcomes
    assert [o.image.getpixel((0, 0)) for o in outcomes] == [
        (3, 0, 200),
        (255, 255, 255),
        (2, 2, 2),
        (3, 3, 3),
        (9, 9, 9),
    ]
    assert {outcome.image.size for outcome in outcomes} == {(40, 30)}
    assert outcomes[1].details["conversions"] == ["RGBA laid on white"]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "this is not our data" in shown.err


def test_mistakes_are_told_and_the_run_goes_on(opened):
    words = ["floats", "nothing", "small", "refuse", "raise", "image"]
    outcomes = dict(zip(words, opened().generate(jobs(*words)), strict=True))
    assert isinstance(outcomes.pop("image"), Picture)
    refused = outcomes.pop("refuse")
    assert (refused.status, refused.reason) == ("refused", "not that")
    assert {outcome.status for outcome in outcomes.values()} == {"infra"}
    reasons = {word: outcome.reason for word, outcome in outcomes.items()}
    line = 1 + SOURCE.splitlines().index('            case "raise": return 1 / 0')
    assert "of type uint8; got float64 of shape (30, 40, 3)" in reasons["floats"]
    assert "got NoneType" in reasons["nothing"]
    assert reasons["small"] == "the picture is 5x5 where 40x30 was asked for"
    assert reasons["raise"] == f"ZeroDivisionError: division by zero (mine.py:{line})"
    assert isinstance(outcomes["raise"], Failure)


def test_a_module_is_found_by_name_and_not_imported_before_it_is_needed(opened):
    generator = opened("mine:Painter")
    assert "mine" not in sys.modules
    assert generator.identity["class"] == "Painter"
    assert "mine" not in sys.modules
    generator.check([])
    assert "mine" in sys.modules


def test_identity_follows_the_file_and_the_options(opened, tmp_path):
    before = opened().identity
    assert opened(options="?shade=3").identity != before
    (tmp_path / "mine.py").write_text(SOURCE + "\n# changed")
    assert opened().identity != before
    assert opened().name == "Painter"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("mine.py", "a class is written python:FILE.py:Class"),
        ("nowhere.py:A", "there is no such file"),
        ("nowhere:A", "there is no such module"),
        ("no.where:A", "cannot be found"),
        ("mine.py:Nobody", "there is no Nobody in it"),
        ("mine.py:NoPainter", "is no class with generate(prompt, seed, width, height)"),
    ],
)
def test_wrong_targets_are_refused_before_work_starts(target, expected, opened):
    with pytest.raises(GlyphbenchError) as caught:
        opened(target).check([])
    assert expected in str(caught.value)


def test_a_file_that_cannot_be_imported_or_made_is_told_with_its_line(opened, tmp_path):
    (tmp_path / "broken.py").write_text("\n\nimport nothing_of_that_name")
    with pytest.raises(GlyphbenchError, match=r"No module named 'nothing_of_that_name' \(broken\.py:3\)"):
        opened("broken.py:A").check([])
    with pytest.raises(GlyphbenchError, match=r"Painter.shade='dark'.: ValueError"):
        list(opened(options="?shade=dark").generate(jobs("image")))


def test_an_array_is_the_picture_pixel_by_pixel(opened):
    (outcome,) = opened().generate([Job(Prompt("p", "array", "en", "g", Size(40, 30)), 77)])
    assert np.array_equal(np.asarray(outcome.image), np.full((30, 40, 3), 77, np.uint8))
