"""The key of an API goes to its own server and nowhere else."""

import base64
import io
import json
import logging
import os
import pickle
from importlib.util import find_spec
from urllib.parse import quote

import pytest
from PIL import Image

from bench.generators import Job
from bench.generators.api.key import find_key
from bench.generators.table import open_generator
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt, Size

pytestmark = pytest.mark.skipif(find_spec("httpx") is None, reason="httpx is not installed (extra 'api')")

KEY = "sk-a-key-that-nobody/may+see"
JOB = Job(Prompt("p", "t", "en", "p", Size(64, 64)), 0)


def picture(size=(512, 512)):
    buffer = io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def everything_below(folder):
    return b"".join(path.read_bytes() + str(path).encode() for path in folder.rglob("*") if path.is_file())


def test_a_server_that_repeats_the_key_does_not_get_it_written_anywhere(loopback, tmp_path, bench_command):
    """A whole run: manifest, records, ledger, report and terminal are searched."""
    image = picture()
    turn = iter(range(1000))

    def answer(request):
        said = f"you said {request['headers']['authorization']} and {quote(KEY, safe='')}"
        headers = {"x-request-id": f"for-{KEY}"}
        match next(turn) % 4:
            case 0:
                return 200, {"data": [{"b64_json": image, "revised_prompt": said}], "usage": {KEY: [said]}}, headers
            case 1:
                return 400, {"error": {"code": "moderation_blocked", "message": said}}, headers
            case 2:
                return 418, {"error": {"code": KEY, "message": said}}, headers
            case _:
                return 422, ("x" * 290 + said).encode(), headers

    loopback.answer = answer
    spec = f"openai:gpt-image-1?base_url={loopback.url}&key_env=TEST_KEY&backoff=0"
    done = bench_command(
        "run", "--suite", "smoke", "--limit", "4", "--model", spec, "--workers", "1", "--json",
        cwd=tmp_path, env={**os.environ, "TEST_KEY": KEY},
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert len(loopback.requests) == 4
    written = everything_below(tmp_path)
    assert b"you said Bearer [key]" in written
    for form in (KEY, quote(KEY, safe=""), KEY[:12]):
        assert form.encode() not in written
        assert form not in done.stdout + done.stderr


def test_nothing_logged_or_shown_has_the_key(loopback, monkeypatch, caplog):
    monkeypatch.setenv("TEST_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    loopback.answer = lambda request: (500, b"")
    generator = open_generator(f"openai:m?base_url={loopback.url}&key_env=TEST_KEY&attempts=1")
    list(generator.generate([JOB]))
    shown = caplog.text + repr(vars(generator)) + json.dumps(generator.identity) + repr(generator._key)
    assert KEY not in shown
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(generator)


def test_another_server_gets_no_key_unless_one_is_named_for_it(loopback, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    loopback.answer = lambda request: (500, b"")
    generator = open_generator(f"openai:m?base_url={loopback.url}&attempts=1")
    generator.check([JOB])
    list(generator.generate([JOB]))
    assert "authorization" not in loopback.requests[0]["headers"]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("zhipu", "ZHIPUAI_API_KEY or ZAI_API_KEY"),
        ("ark", "ARK_API_KEY"),
        ("dashscope", "DASHSCOPE_API_KEY"),
    ],
)
def test_a_missing_key_is_told_before_anything_is_asked(kind, names, monkeypatch):
    for name in names.split(" or "):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(GlyphbenchError, match=f"set the environment variable {names} to it"):
        open_generator(f"{kind}:m").check([])
    monkeypatch.setenv(names.split(" or ")[-1], f" {KEY}\n")
    open_generator(f"{kind}:m").check([])


@pytest.mark.parametrize("value", ["two words", "schlüssel-geheim", "short", "line\nbreak-in-it"])
def test_what_cannot_be_a_key_is_refused_without_being_shown(value, monkeypatch):
    monkeypatch.setenv("TEST_KEY", value)
    with pytest.raises(GlyphbenchError) as caught:
        find_key(["TEST_KEY"], needed=True)
    assert "TEST_KEY" in str(caught.value)
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    "options", ["api_key=sk-1234567", "key=sk-1234567", "base_url=https://user:sk-1234567@example.com"]
)
def test_a_key_on_the_command_line_is_refused(options):
    with pytest.raises(GlyphbenchError, match=r"unknown key|may not hold a password"):
        open_generator(f"openai:m?{options}")
