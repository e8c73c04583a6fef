"""The `vlm` reader against an endpoint in this process that speaks as OpenAI's does."""

import base64
import io
import json
import logging
import pickle
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from metrics.readers import open_reader
from metrics.readers.vlm import INSTRUCTION
from prompts.errors import GlyphbenchError

pytestmark = pytest.mark.skipif(find_spec("httpx") is None, reason="httpx is not installed (extra 'api')")

KEY = "sk-a-key-that-nobody-may-see"
IMAGE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


def completion(content, **message):
    finish = message.pop("finish", "stop")
    return 200, {
        "choices": [{"message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}]
    }


class Endpoint:
    """Gives the answers in turn, the last one again and again, and keeps what it was asked."""

    def __init__(self):
        self.answers, self.questions, self.keys, self.paths = [], [], [], []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                endpoint.paths.append(self.path)
                endpoint.keys.append(self.headers.get("Authorization"))
                endpoint.questions.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                status, body, *headers = endpoint.answers.pop(0) if len(endpoint.answers) > 1 else endpoint.answers[0]
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def endpoint(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEST_KEY", KEY)
    server = Endpoint()
    yield server
    server.close()


@pytest.fixture
def reader(endpoint):
    opened = open_reader(f"vlm:see-1?base_url={endpoint.url}&key_env=TEST_KEY&attempts=3&backoff=0.01")
    yield opened
    opened.close()


def test_lines_are_kept_as_answered_and_in_their_order(endpoint, reader):
    endpoint.answers = [completion("<text>\n下面\n上面  右边\n\n Eggs: $3.50 \n</text>")]
    reading = reader.read(IMAGE)
    assert [line.text for line in reading.lines] == ["下面", "上面  右边", "Eggs: $3.50"]
    assert {line.polygon for line in reading.lines} == {((0, 0), (60, 0), (60, 40), (0, 40))}
    assert (reading.width, reading.height) == (60, 40)


def test_the_question_holds_the_picture_exactly(endpoint, reader):
    endpoint.answers = [completion("<text></text>")]
    assert reader.read(IMAGE).lines == ()
    (question,) = endpoint.questions
    assert endpoint.paths == ["/v1/chat/completions"]
    assert (question["model"], question["temperature"], question["max_tokens"]) == ("see-1", 0, 2048)
    text, picture = question["messages"][0]["content"]
    assert text["text"] == INSTRUCTION
    head, _, content = picture["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        assert np.array_equal(np.asarray(image), IMAGE)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (completion("I'm sorry, I can't help with that."), "answers no transcription: \"I'm sorry"),
        (completion(""), "answers no transcription"),
        (completion(None), "answers no transcription: None"),
        (completion(None, refusal="not this picture"), "refuses: not this picture"),
        (completion("<text>福"), "answers no transcription"),
        (completion("Here it is: <text>福</text>"), "answers no transcription"),
        (completion("<text>福</text>", finish="length"), "ended early .length.; raise max_tokens=2048"),
        (completion("", finish="content_filter"), "ended early .content_filter."),
        ((200, {"choices": []}), "no chat completion"),
        ((200, {"error": "odd"}), "no chat completion"),
        ((400, {"error": {"message": "unknown model"}}), "HTTP 400: .*unknown model"),
        ((302, b"", ("Location", "http://127.0.0.1:1/")), "HTTP 302"),
    ],
)
def test_what_is_no_transcription_is_a_failure_and_no_empty_reading(endpoint, reader, answer, message):
    endpoint.answers = [answer]
    with pytest.raises(GlyphbenchError, match=message):
        reader.read(IMAGE)
    assert len(endpoint.questions) == 1, "asking again would not help"


@pytest.mark.parametrize(
    "trouble",
    [
        (429, {"error": {"code": "rate_limit_exceeded"}}),
        (429, {"error": {}}, ("Retry-After", "0")),
        (429, {}, ("Retry-After", format_datetime(datetime.now(UTC) - timedelta(seconds=5), usegmt=True))),
        (500, b"oops"),
        (503, b""),
        (200, b"{half an ans"),
    ],
)
def test_trouble_that_passes_is_waited_out(endpoint, reader, trouble):
    endpoint.answers = [trouble, trouble, completion("<text>福</text>")]
    assert [line.text for line in reader.read(IMAGE).lines] == ["福"]
    assert len(endpoint.questions) == 3


def test_trouble_that_stays_is_a_failure(endpoint, reader):
    endpoint.answers = [(503, b"overloaded")]
    with pytest.raises(GlyphbenchError, match="HTTP 503: overloaded, 3 times"):
        reader.read(IMAGE)
    assert len(endpoint.questions) == 3


def test_an_endpoint_that_is_not_there_is_a_failure():
    reader = open_reader("vlm:see-1?base_url=http://127.0.0.1:9/v1&attempts=2&backoff=0.01")
    with pytest.raises(GlyphbenchError, match=r"ConnectError.*2 times"):
        reader.read(IMAGE)
    reader.close()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}), "not accepted .HTTP 401.*Incorrect"),
        ((403, {"error": {"message": KEY}}), "not accepted .HTTP 403"),
        ((402, {}), "spent"),
        ((429, {"error": {"code": "insufficient_quota", "message": KEY}}), "spent"),
        ((429, {}, ("Retry-After", "86400")), "asks to wait 86400 s"),
    ],
)
def test_trouble_that_does_not_pass_is_told_at_once(endpoint, reader, answer, message):
    endpoint.answers = [answer]
    with pytest.raises(GlyphbenchError, match=message):
        reader.read(IMAGE)
    assert len(endpoint.questions) == 1


def test_an_answer_without_end_is_cut_off(endpoint, reader):
    endpoint.answers = [(200, b" " * 5_000_000)]
    with pytest.raises(GlyphbenchError, match="longer than 4000000 bytes"):
        reader.read(IMAGE)


def test_the_key_is_sent_and_never_written(endpoint, reader, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    told = [json.dumps(dict(reader.signature)), repr(vars(reader)), repr(reader._endpoint)]
    endpoint.answers = [
        (500, KEY.encode()),
        (401, {"error": {"message": f"Incorrect API key provided: {KEY}."}}),
    ]
    with pytest.raises(GlyphbenchError) as raised:
        reader.read(IMAGE)
    endpoint.answers = [completion(f"say {KEY}")]
    with pytest.raises(GlyphbenchError) as answered:
        reader.read(IMAGE)
    assert endpoint.keys == [f"Bearer {KEY}"] * 3
    told += [str(raised.value), repr(pickle.dumps(raised.value)), str(answered.value), caplog.text, *capfd.readouterr()]
    assert not [text for text in told if KEY in text]


def test_a_key_goes_to_no_other_endpoint_than_its_own(endpoint, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    endpoint.answers = [completion("<text></text>")]
    reader = open_reader(f"vlm:see-1?base_url={endpoint.url}")
    reader.read(IMAGE)
    reader.close()
    assert endpoint.keys == [None]


def test_a_missing_key_is_named_before_anything_is_asked(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(GlyphbenchError, match=r"OPENAI_API_KEY must hold the key for api\.openai\.com"):
        open_reader("vlm:gpt-4o")
    with pytest.raises(GlyphbenchError, match="NOT_THERE must hold"):
        open_reader("vlm:gpt-4o?key_env=NOT_THERE")


@pytest.mark.parametrize("url", [f"https://me:{KEY}@x.test/v1", f"https://x.test/v1%3Fkey={KEY}", "x.test/v1"])
def test_an_address_that_holds_a_key_is_refused_without_repeating_it(url):
    with pytest.raises(GlyphbenchError, match="base_url must") as raised:
        open_reader(f"vlm:see-1?base_url={url}")
    assert KEY not in str(raised.value)


def test_the_signature_says_that_it_corrects_and_what_it_was_asked(endpoint, reader):
    signature = reader.signature
    assert signature["auto_corrects"] is True
    assert signature["places"] is False
    assert (signature["model"], signature["endpoint"], signature["temperature"]) == ("see-1", endpoint.url, 0)
    assert signature["instruction"].startswith("1#")
    other = open_reader(f"vlm:see-1?base_url={endpoint.url}&temperature=default")
    assert other.signature["temperature"] == "default"
    assert reader.characters is None
