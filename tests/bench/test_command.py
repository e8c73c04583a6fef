"""`command:`: programs that answer, refuse, fail, dawdle, babble and die."""

import shlex
import sys
import time
from pathlib import Path

import pytest

from bench.generators import Failure, Job, Picture, line_process
from bench.generators.table import open_generator
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt, Size

PAINTER = """
import json, sys, os, time
from PIL import Image
print("loading 模型", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    open("asked.jsonl", "a").write(line)
    word = asked["prompt"]
    if word == "die":
        print("out of luck", file=sys.stderr, flush=True)
        os._exit(3)
    if word == "sleep":
        time.sleep(60)
    if word == "babble":
        print("1% done", flush=True)
        print('{"image": 5}', flush=True)
        continue
    answers = {
        "refuse": {"refused": "not that"},
        "fail": {"error": "out of memory"},
        "both": {"image": "x", "error": "y"},
        "stray": {"image": "x.png", "id": "another/1"},
        "lost": {"image": "nowhere.png"},
    }
    if word == "twice":
        print('{"refused": "no"}', flush=True)
        print('{"refused": "no, again"}', flush=True)
        continue
    if word in answers:
        print(json.dumps(answers[word]), flush=True)
        continue
    size = (8, 8) if word == "small" else (asked["width"], asked["height"])
    name = f"{asked['seed']}.png"
    Image.new("RGB", size, (asked["seed"], 0, 200)).save(name)
    print("some progress", flush=True)
    print(json.dumps({"id": asked["id"], "image": name, "note": "further keys are left alone"}), flush=True)
"""


@pytest.fixture
def opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "my painter.py"
    script.write_text(PAINTER)

    def opener(options="", script=script):
        return open_generator(f"command:{shlex.join([sys.executable, str(script)])}{options}")

    return opener


def jobs(*words):
    return [Job(Prompt(f"p{n}", word, "zh", "g", Size(40, 30)), n) for n, word in enumerate(words)]


def test_one_program_paints_all_pictures(opened, tmp_path):
    outcomes = list(opened().generate(jobs("红“福”", "two", "three")))
    assert [outcome.image.getpixel((0, 0)) for outcome in outcomes] == [(0, 0, 200), (1, 0, 200), (2, 0, 200)]
    asked = (tmp_path / "asked.jsonl").read_text().splitlines()
    assert asked[0] == '{"id": "p0/0", "prompt": "\\u7ea2\\u201c\\u798f\\u201d", "seed": 0, "width": 40, "height": 30}'
    assert len(asked) == 3
    assert outcomes[0].details["file"] == "0.png"


def test_what_goes_wrong_with_one_picture_does_not_touch_the_next(opened):
    words = ["refuse", "fail", "both", "lost", "small", "babble", "stray", "die", "fine"]
    outcomes = dict(zip(words, opened().generate(jobs(*words)), strict=True))
    assert isinstance(outcomes.pop("fine"), Picture)
    assert all(isinstance(outcome, Failure) for outcome in outcomes.values())
    assert outcomes.pop("refuse") == Failure(jobs("refuse")[0], "refused", "not that")
    assert {outcome.status for outcome in outcomes.values()} == {"infra"}
    reasons = {word: outcome.reason for word, outcome in outcomes.items()}
    assert reasons["fail"] == "out of memory"
    assert "must have one of image, refused and error" in reasons["both"]
    assert reasons["lost"] == "the picture nowhere.png is not a file"
    assert reasons["small"] == "the picture is 8x8 where 40x30 was asked for"
    assert "image: Input should be a valid string, got 5" in reasons["babble"]
    assert reasons["stray"].startswith("the command answered out of turn")
    assert reasons["die"] == (
        "the command gave no picture: it ended with exit code 3; its last lines: loading 模型 | out of luck"
    )


def test_a_program_that_answers_twice_is_out_of_step_and_started_again(opened):
    outcomes = opened().generate(jobs("twice", "fine", "fine"))
    first = next(outcomes)
    assert (first.status, first.reason) == ("refused", "no")
    time.sleep(0.2)
    second, third = outcomes
    assert second.status == "infra"
    assert 'it answered more than once to one question, so it was ended: {"refused": "no, again"}' in second.reason
    assert isinstance(third, Picture)


def test_a_program_made_for_one_picture_is_started_for_each(opened, tmp_path):
    single = tmp_path / "single.py"
    single.write_text('print(len(input()) and \'{"refused": "one and done"}\')')
    outcomes = list(opened(script=single).generate(jobs("a", "b", "c", "d")))
    assert [(outcome.status, outcome.reason) for outcome in outcomes] == [("refused", "one and done")] * 4


def test_a_program_that_takes_too_long_is_ended_and_started_again(opened):
    start = time.monotonic()
    late, next_one = opened("?timeout=4").generate(jobs("sleep", "fine"))
    assert "no answer in 4 s, so it was ended; its last lines: loading 模型" in late.reason
    assert isinstance(next_one, Picture)
    assert time.monotonic() - start < 50


def test_a_program_that_only_dies_is_not_started_for_every_picture(opened, tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("open('starts', 'a').write('x'); import nothing_of_that_name")
    outcomes = list(opened(script=broken).generate(jobs("a", "b", "c", "d", "e")))
    assert (tmp_path / "starts").read_text() == "xxx"
    assert "No module named 'nothing_of_that_name'" in outcomes[0].reason
    assert outcomes[4].reason.startswith("the command ended 3 times without an answer")


def test_nothing_is_left_running(opened, tmp_path, monkeypatch):
    """A program that does not end when its input does, and what it started, are ended."""
    stubborn = tmp_path / "stubborn.py"
    stubborn.write_text(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\n"
        "open('child', 'w').write(str(child.pid))\n"
        'sys.stdin.readline(); print(\'{"refused": "no"}\', flush=True); time.sleep(300)\n'
    )
    monkeypatch.setattr(line_process, "_FAREWELL_S", 0.2)
    (refused,) = opened(script=stubborn).generate(jobs("a"))
    assert refused.status == "refused"
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if not _alive(child):
            break
        time.sleep(0.05)
    assert not _alive(child)


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_names_and_identity(opened):
    assert opened().name == "my-painter"
    assert opened().identity["command"][0] == sys.executable
    assert opened("?version=2").identity != opened().identity


@pytest.mark.parametrize(
    ("spec", "expected"),
    [("command:", "a program is written command:CMD"), ("command:'a", "cannot be split into words"),
     ("command:x?timeout=0", "timeout"), ("command:x?shell=1", "shell: unknown key")],
)  # fmt: skip
def test_wrong_specs_are_refused(spec, expected):
    with pytest.raises(GlyphbenchError) as caught:
        open_generator(spec)
    assert expected in str(caught.value)


def test_a_program_that_is_not_there_is_told_before_work_starts():
    with pytest.raises(GlyphbenchError, match="there is no program 'no-such-painter'"):
        open_generator("command:no-such-painter --fast").check([])
    # No shell: neither variables nor pipes mean anything.
    assert open_generator("command:echo $HOME | cat").identity["command"] == ["echo", "$HOME", "|", "cat"]
