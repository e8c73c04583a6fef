"""Image APIs against a server in this process that speaks each provider's shape, its errors included."""

import base64
import io
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from bench.allowance import Allowance, Ledger
from bench.generators import Failure, Job, Picture, Undone, bounded_http
from bench.generators.api import download, exchange
from bench.generators.api.providers import PROVIDERS
from bench.generators.retrying import LONGEST_WAIT, wait_asked_for
from bench.generators.table import open_generator
from prompts.errors import GlyphbenchError
from prompts.suite import Prompt, Size

pytestmark = pytest.mark.skipif(find_spec("httpx") is None, reason="httpx is not installed (extra 'api')")

KEY = "sk-a-key-that-nobody/may+see"
SIZE = Size(64, 48)
MODELS = {
    "openai": "gpt-image-1",
    "zhipu": "cogview-4-250304",
    "ark": "doubao-seedream-4-0-250828",
    "dashscope": "qwen-image-plus",
}


def prompt(name="cafe", size=SIZE):
    return Prompt(name, f"a sign that says “{name}”", "en", name, size)


def jobs(count=1):
    return [Job(prompt(f"p{number}"), number) for number in range(count)]


def encoded(size=SIZE, kind="PNG"):
    pixels = np.random.default_rng(7).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


PNG = encoded()


def in_line(content=PNG, **more):
    return {"created": 1, "data": [{"b64_json": base64.b64encode(content).decode()}], **more}


def at(url):
    return {"created": 1, "data": [{"url": url}]}


def choice(url):
    message = {"role": "assistant", "content": [{"image": url}]}
    return {"request_id": "dash-1", "output": {"choices": [{"finish_reason": "stop", "message": message}]}}


@pytest.fixture
def opened(loopback, monkeypatch):
    """Opens the generator of a kind, pointed at the server of the test; nobody waits long."""
    monkeypatch.setenv("TEST_KEY", KEY)

    def opener(kind="openai", options="", model=None, base="/v1"):
        spec = f"{kind}:{model or MODELS[kind]}?base_url={loopback.url}{base}&key_env=TEST_KEY&backoff=0.001{options}"
        return open_generator(spec)

    return opener


def made(generator, asked=None, allowance=None):
    return list(generator.generate_within(asked or jobs(), allowance or Allowance()))


def test_openai_is_asked_in_its_own_words_and_its_picture_is_kept(loopback, opened):
    loopback.answer = lambda request: (200, in_line(usage={"total_tokens": 9}), {"x-request-id": "req-1"})
    generator = opened(options="&quality=low&output_format=png")
    (picture,) = made(generator)
    assert isinstance(picture, Picture)
    assert np.array_equal(np.asarray(picture.image), np.asarray(Image.open(io.BytesIO(PNG))))
    (request,) = loopback.requests
    assert (request["method"], request["path"]) == ("POST", "/v1/images/generations")
    assert request["headers"]["authorization"] == f"Bearer {KEY}"
    asked = {"size": "64x48", "n": 1, "quality": "low", "output_format": "png"}
    assert request["json"] == {"model": "gpt-image-1", "prompt": "a sign that says “p0”", **asked}
    details = dict(picture.details)
    assert datetime.fromisoformat(details.pop("date")).tzinfo is not None
    assert len(details.pop("sha256")) == 64
    assert details == {
        "provider": "openai",
        "model": "gpt-image-1",
        "seed_supported": False,
        "format": "PNG",
        "conversions": [],
        "size": [64, 48],
        "watermark": None,
        "request_id": "req-1",
        "attempts": 1,
        "usage": {"total_tokens": 9},
        "parameters": asked,
    }


def test_zhipu_draws_no_mark_and_its_address_is_fetched_without_the_key(loopback, opened):
    def answer(request):
        if request["method"] == "GET":
            return 200, encoded(kind="JPEG"), {"Content-Type": "application/octet-stream"}
        content_filter = [{"role": "assistant", "level": 3}]
        return 200, {**at(f"{loopback.url}/files/1.jpg"), "content_filter": content_filter, "request_id": "zp"}

    loopback.answer = answer
    (picture,) = made(opened("zhipu", "&quality=standard"))
    asked, fetched = loopback.requests
    assert asked["json"]["watermark_enabled"] is False
    assert asked["json"]["quality"] == "standard"
    assert "seed" not in asked["json"]
    assert "authorization" not in fetched["headers"]
    assert picture.details["request_id"] == "zp"
    assert picture.details["content_filter"] == [{"role": "assistant", "level": 3}]
    assert picture.details["watermark"] == "off"
    assert picture.details["format"] == "JPEG"


def test_ark_makes_one_picture_without_mark_and_takes_a_seed_where_the_model_does(loopback, opened):
    loopback.answer = lambda request: (200, in_line())
    made(opened("ark"))
    made(opened("ark", "&guidance_scale=3", model="doubao-seedream-3-0-t2i-250415"), [Job(prompt(), 77)])
    newer, older = (request["json"] for request in loopback.requests)
    assert newer["watermark"] is older["watermark"] is False
    assert newer["response_format"] == "b64_json"
    assert newer["sequential_image_generation"] == "disabled"
    assert "seed" not in newer
    assert "sequential_image_generation" not in older
    assert (older["seed"], older["guidance_scale"]) == (77, 3)
    with pytest.raises(GlyphbenchError, match="takes guidance_scale"):
        opened("ark", "&guidance_scale=3")


def test_dashscope_leaves_the_prompt_as_it_is(loopback, opened):
    loopback.answer = lambda request: (200, PNG if request["method"] == "GET" else choice(f"{loopback.url}/1.png"))
    (picture,) = made(opened("dashscope", "&negative_prompt=blur", base="/api/v1"), [Job(prompt(), 5)])
    asked = loopback.requests[0]
    assert asked["path"] == "/api/v1/services/aigc/multimodal-generation/generation"
    assert asked["json"] == {
        "model": "qwen-image-plus",
        "input": {"messages": [{"role": "user", "content": [{"text": "a sign that says “cafe”"}]}]},
        "parameters": {
            "size": "64*48",
            "seed": 5,
            "n": 1,
            "prompt_extend": False,
            "watermark": False,
            "negative_prompt": "blur",
        },
    }
    assert picture.details["request_id"] == "dash-1"
    assert picture.details["seed_supported"] is True


def test_an_older_dashscope_model_is_looked_at_until_it_is_done(loopback, opened, monkeypatch):
    monkeypatch.setattr(exchange, "_POLL_S", 0.01)
    states = iter(["RUNNING", "RUNNING", "SUCCEEDED"])

    def answer(request):
        if request["path"] == "/1.png":
            return 200, PNG
        if request["method"] == "POST":
            return 200, {"request_id": "r", "output": {"task_id": "t-1", "task_status": "PENDING"}}
        results = [{"url": f"{loopback.url}/1.png", "actual_prompt": "as it was"}]
        return 200, {"request_id": "r", "output": {"task_status": next(states), "task_id": "t-1", "results": results}}

    # While a task runs, it has no results.
    running = answer
    loopback.answer = lambda request: _without_results(running(request))
    (picture,) = made(opened("dashscope", model="wan2.2-t2i-flash", base="/api/v1"))
    assert isinstance(picture, Picture), picture
    first, *looks, fetched = loopback.requests
    assert first["headers"]["x-dashscope-async"] == "enable"
    assert first["json"]["input"] == {"prompt": "a sign that says “p0”"}
    assert {look["path"] for look in looks} == {"/api/v1/tasks/t-1"}
    assert len(looks) == 3
    assert all(look["headers"]["authorization"] == f"Bearer {KEY}" for look in looks)
    assert "authorization" not in fetched["headers"]
    assert picture.details["revised_prompt"] == "as it was"


def _without_results(response):
    status, body, *rest = response
    if isinstance(body, dict) and body["output"].get("task_status") != "SUCCEEDED":
        body["output"].pop("results", None)
    return status, body, *rest


def complaint(kind, code, status=400):
    if kind == "dashscope":
        return status, {"request_id": "r-9", "code": code, "message": "so it is"}
    return status, {"error": {"code": code, "message": "so it is"}, "request_id": "r-9"}


ROWS = [(kind, row) for kind, provider in PROVIDERS.items() for row in provider.errors]


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[f"{kind}-{row.code}" for kind, row in ROWS])
def test_each_documented_error_is_met_as_its_row_says(kind, row, loopback, opened):
    code = row.code.replace("*", ".Further")
    # The status says the opposite of the row: the row must win.
    status = 400 if row.verdict == "retry" else 429
    loopback.answer = lambda request: complaint(kind, code, status)
    outcomes = made(opened(kind, "&attempts=2"), jobs(2))
    first = outcomes[0]
    assert isinstance(first, Failure)
    assert first.reason.startswith(f"{row.meaning}: HTTP {status}, {code}: so it is (request r-9)")
    asked = {"retry": 4, "refused": 2, "fault": 2, "stop": 1}[row.verdict]
    assert len(loopback.requests) == asked
    assert first.status == ("refused" if row.verdict == "refused" else "infra")
    assert isinstance(outcomes[1], Undone if row.verdict == "stop" else Failure)


@pytest.mark.parametrize("kind", PROVIDERS)
def test_no_row_of_a_table_is_hidden_by_one_before_it(kind):
    rows = PROVIDERS[kind].errors
    for number, row in enumerate(rows):
        assert not [before.code for before in rows[:number] if before.covers(row.code.rstrip("*"))]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(400, "fault"), (401, "stop"), (402, "stop"), (403, "stop"), (404, "stop"), (408, "retry"), (409, "retry"),
     (413, "fault"), (422, "fault"), (425, "retry"), (429, "retry"), (500, "retry"), (502, "retry"), (503, "retry"),
     (302, "fault")],
)  # fmt: skip
def test_an_unknown_error_is_met_as_its_status_says(status, verdict, loopback, opened):
    loopback.answer = lambda request: (
        status,
        b"<html>no</html>",
        {"Location": "/elsewhere", "Content-Type": "text/html"},
    )
    outcomes = made(opened(options="&attempts=2"), jobs(2))
    assert len(loopback.requests) == {"fault": 2, "stop": 1, "retry": 4}[verdict]
    assert outcomes[0].status == "infra"
    assert f"HTTP {status}, <html>no</html>" in outcomes[0].reason
    assert isinstance(outcomes[1], Undone) == (verdict == "stop")


def test_an_error_of_dashscope_inside_http_200_is_an_error(loopback, opened):
    loopback.answer = lambda request: complaint("dashscope", "DataInspectionFailed", 200)
    (refused,) = made(opened("dashscope"))
    assert refused.status == "refused"
    loopback.answer = lambda request: (200, {"output": {"task_status": "FAILED", "code": "InternalError.Timeout"}})
    (failed,) = made(opened("dashscope", "&attempts=2"))
    assert failed.status == "infra"
    assert failed.reason.endswith("HTTP 200, InternalError.Timeout (2 attempts)")


def test_fastapi_and_arks_picture_errors_are_understood(loopback, opened):
    loopback.answer = lambda request: (422, {"detail": [{"msg": "size is not one of ours"}]})
    assert "size is not one of ours" in made(opened())[0].reason
    loopback.answer = lambda request: (
        200,
        {"data": [{"error": {"code": "OutputImageSensitiveContentDetected", "message": "no"}}]},
    )
    assert made(opened("ark"))[0].status == "refused"


def test_after_passing_errors_the_picture_comes(loopback, opened):
    answers = iter([(503, b""), (429, {"error": {"code": "1302"}}), (500, b"oops"), (200, in_line())])
    loopback.answer = lambda request: next(answers)
    (picture,) = made(opened("zhipu"))
    assert picture.details["attempts"] == 4


def test_a_server_may_ask_for_a_wait_in_seconds_or_as_a_date(loopback, opened):
    start = time.monotonic()
    answers = iter([(429, {}, {"Retry-After": "1"}), (200, in_line())])
    loopback.answer = lambda request: next(answers)
    assert isinstance(made(opened())[0], Picture)
    assert time.monotonic() - start >= 1
    later = datetime.now(UTC) + timedelta(seconds=90)
    assert 80 < wait_asked_for(format_datetime(later, usegmt=True)) <= 90
    assert wait_asked_for(format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)) == 0
    assert [wait_asked_for(header) for header in (None, "soon", "-3", "1e9", "inf", "7")] == [None] * 5 + [7]


def test_too_long_a_wait_is_not_waited_for(loopback, opened):
    loopback.answer = lambda request: (429, {}, {"Retry-After": str(int(LONGEST_WAIT) + 1)})
    (failed,) = made(opened())
    assert failed.reason.endswith("; the server asks to wait 121 s")
    assert len(loopback.requests) == 1


def test_a_server_that_is_gone_is_not_asked_for_every_picture(loopback, opened):
    generator = opened(options="&attempts=2")
    loopback.close()
    outcomes = made(generator, jobs(12))
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    left = [outcome for outcome in outcomes if isinstance(outcome, Undone)]
    assert (len(failed), len(left)) == (5, 7)
    assert "ConnectError" in failed[0].reason
    assert left[0].reason.startswith("5 pictures in a row failed")
    loopback.__init__()


def test_one_that_answers_now_and_then_is_asked_on(loopback, opened):
    turn = iter(range(1000))
    loopback.answer = lambda request: (500, b"") if next(turn) % 4 else (200, in_line())
    outcomes = made(opened(options="&attempts=1"), jobs(12))
    assert sum(isinstance(outcome, Picture) for outcome in outcomes) == 3
    assert not [outcome for outcome in outcomes if isinstance(outcome, Undone)]


BROKEN = {
    "no JSON": (200, b"not json", "the answer is no JSON: not json"),
    "cut off": (200, b'{"data": [{"b64', "the answer is no JSON"),
    "nothing in it": (200, {"data": []}, "an answer without a picture"),
    "another shape": (200, [1, {"data": 2}], "an answer without a picture"),
    "no base64": (200, {"data": [{"b64_json": "!!!"}]}, "the picture is no base64"),
    "no image": (200, in_line(b"<html>"), "the picture is not a PNG, JPEG or WebP image"),
    "a GIF": (200, in_line(encoded(kind="GIF")), "the picture is not a PNG, JPEG or WebP image"),
    "half an image": (200, in_line(PNG[: len(PNG) // 2]), "the picture is damaged"),
    "another size": (200, in_line(encoded((32, 32))), "the picture is 32x32 where 64x48 was asked for"),
    "a file": (200, at("file:///etc/passwd"), "address is not one to go to: file://"),
    "a password": (200, at("http://u:p@127.0.0.1/x"), "address is not one to go to: http://127.0.0.1"),
    "compressed": (200, in_line(), "the answer is compressed (gzip)", {"Content-Encoding": "gzip"}),
    "shorter than it says": (200, b"{}", "RemoteProtocolError", {"Content-Length": "99"}),
    "deep": (200, b"[" * 100_000, "the answer is no JSON"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_is_a_fault_of_that_picture(name, loopback, opened):
    status, body, expected, *headers = BROKEN[name]
    loopback.answer = lambda request: (status, body, *headers)
    (failed,) = made(opened(options="&attempts=2&timeout=5"))
    assert failed.status == "infra"
    assert expected in failed.reason


def test_remarks_that_no_file_could_hold_are_left_out_and_that_is_said(loopback, opened):
    body = json.dumps(in_line())[:-1] + ', "usage": {"cost": 1e999}}'
    loopback.answer = lambda request: (200, body.encode())
    (picture,) = made(opened())
    assert picture.details["remarks"] == "left out: they cannot be written as JSON"
    loopback.answer = lambda request: (400, b'{"error": {"message": "half \\ud83d a character\\u001b[31m"}}')
    (failed,) = made(opened())
    assert failed.reason == "HTTP 400, half   a character [31m"


def test_a_slow_answer_ends_at_the_time_limit_even_if_it_drips(loopback, opened):
    waiting = threading.Event()

    def answer(request):
        waiting.wait(5)
        return 200, in_line()

    loopback.answer = answer
    (failed,) = made(opened(options="&attempts=1&timeout=0.2"))
    waiting.set()
    assert "ReadTimeout" in failed.reason


@pytest.mark.parametrize("where", ["answer", "download"])
def test_more_than_a_picture_can_have_is_not_read(where, loopback, opened, monkeypatch):
    monkeypatch.setattr(
        exchange if where == "answer" else download, f"{'ANSWER' if where == 'answer' else 'IMAGE'}_LIMIT", 2000
    )
    answers = {"answer": in_line(), "download": at(f"{loopback.url}/big")}
    loopback.answer = lambda request: (200, PNG if request["method"] == "GET" else answers[where])
    (failed,) = made(opened(options="&attempts=3"))
    assert "the answer is longer than 2,000 bytes" in failed.reason
    assert len(loopback.requests) == (1 if where == "answer" else 2)


def test_a_download_follows_few_redirects_and_is_tried_again(loopback, opened):
    hops = iter(range(100))

    def answer(request):
        if request["method"] == "POST":
            return 200, at(f"{loopback.url}/0")
        number = next(hops)
        return (500, b"") if number == 0 else (302, b"", {"Location": f"/{number}"}) if number < 4 else (200, PNG)

    loopback.answer = answer
    (picture,) = made(opened())
    assert isinstance(picture, Picture), picture
    loopback.answer = lambda request: (
        (200, at(f"{loopback.url}/0")) if request["method"] == "POST" else (302, b"", {"Location": "/on"})
    )
    assert made(opened())[0].reason == "the picture's address leads on more than 3 times"
    loopback.answer = lambda request: (200, at(f"{loopback.url}/0")) if request["method"] == "POST" else (403, b"")
    assert made(opened())[0].reason == "the picture cannot be downloaded: HTTP 403"


def test_an_https_server_may_not_point_to_plain_http():
    with pytest.raises(download.DownloadError, match="not one to go to: http://example"):
        download.fetch_image(None, "http://example.com/1.png", https_only=True)


def test_outcomes_come_in_order_and_no_more_are_asked_at_a_time_than_allowed(loopback, opened):
    busy, most, lock = [0], [0], threading.Lock()

    def answer(request):
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        time.sleep(0.02 if "p0" in request["json"]["prompt"] else 0.005)
        with lock:
            busy[0] -= 1
        return 200, in_line()

    loopback.answer = answer
    asked = jobs(20)
    outcomes = made(opened(), asked, Allowance(4))
    assert [outcome.job for outcome in outcomes] == asked
    assert 2 <= most[0] <= 4


def test_the_budget_is_never_exceeded_and_counts_across_runs(loopback, opened, tmp_path):
    loopback.answer = lambda request: (200, in_line())
    outcomes = made(opened(), jobs(10), Allowance(3, Ledger(tmp_path / "paid.jsonl", 4)))
    assert len(loopback.requests) == 4
    assert [isinstance(outcome, Picture) for outcome in outcomes].count(True) == 4
    left = [outcome for outcome in outcomes if isinstance(outcome, Undone)]
    assert {outcome.reason for outcome in left} == {"the budget of paid pictures is spent; raise --budget to go on"}
    made(opened(), jobs(10), Allowance(3, Ledger(tmp_path / "paid.jsonl", 6)))
    assert len(loopback.requests) == 6
    assert Ledger(tmp_path / "paid.jsonl", None).spent == 6


def test_the_budget_counts_what_may_be_charged_and_nothing_else(loopback, opened, tmp_path):
    def spent(*answers, options=""):
        replies = iter(answers)
        loopback.answer = lambda request: next(replies)
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.jsonl"
        made(opened(options=options), jobs(1), Allowance(1, Ledger(path, 9)))
        return Ledger(path, 9).spent

    assert spent((429, {}), (500, {"error": {"code": "server_error"}}), (200, in_line())) == 1
    assert spent((504, b"gateway time-out"), (200, in_line())) == 2
    assert spent((404, {})) == 0
    assert spent((401, {})) == 0
    assert spent((400, {"error": {"code": "moderation_blocked"}})) == 1
    assert spent((200, b"broken"), (200, in_line())) == 2


def test_a_paid_picture_is_in_the_ledger_before_it_is_asked_for(loopback, opened, tmp_path):
    path = tmp_path / "paid.jsonl"
    seen = []

    def answer(request):
        seen.append(path.read_text().count("\n"))
        return 200, in_line()

    loopback.answer = answer
    made(opened(), jobs(3), Allowance(1, Ledger(path, None)))
    assert seen == [1, 2, 3]


def test_sizes_that_a_model_cannot_make_are_refused_with_the_nearest(monkeypatch):
    monkeypatch.setenv("ZHIPUAI_API_KEY", KEY)
    monkeypatch.setenv("ARK_API_KEY", KEY)
    asked = [Job(prompt(size=Size(1000, 2056)), 0), Job(prompt(size=Size(1024, 1024)), 0)]
    generator = open_generator("zhipu:cogview-4")
    with pytest.raises(GlyphbenchError) as caught:
        generator.check(asked)
    message = str(caught.value)
    assert "1000x2056 (prompt cafe); nearest: 1008x2048" in message
    assert "512 to 2048 a side, multiples of 16, at most 2,097,152 pixels" in message
    assert "1024x1024 (" not in message
    open_generator("zhipu:cogview-4?size=nearest").check(asked)
    open_generator("zhipu:cogview-4?size=1024x1024").check(asked)
    with pytest.raises(GlyphbenchError, match="nearest: 1920x1920"):
        open_generator("ark:doubao-seedream-4-5-251128").check(asked[1:])


def test_the_nearest_size_is_asked_for_and_recorded(loopback, opened, monkeypatch):
    loopback.answer = lambda request: (200, in_line(encoded((1024, 1024))))
    generator = opened(options="&size=1024x1024")
    (picture,) = made(generator)
    assert loopback.requests[0]["json"]["size"] == "1024x1024"
    assert picture.details["size asked for"] == [64, 48]
    assert picture.image.size == (1024, 1024)


def test_a_kept_mark_is_in_identity_and_record_with_the_corner_to_hide(loopback, opened):
    loopback.answer = lambda request: (200, in_line())
    kept, off = opened("zhipu", "&watermark=kept"), opened("zhipu")
    (picture,) = made(kept)
    assert loopback.requests[0]["json"]["watermark_enabled"] is True
    assert picture.details["watermark"] == "kept"
    assert picture.details["mask"] == kept.identity["mask"] == [0.7, 0.9, 1.0, 1.0]
    assert off.identity["mask"] is None
    assert kept.identity != off.identity
    (picture,) = made(opened("ark", "&mask=0,0,0.5,0.25"))
    assert picture.details["mask"] == [0, 0, 0.5, 0.25]


OPTIONS = {
    "&qualty=low": "qualty: unknown key; did you mean 'quality'?",
    "&quality=best": "quality: ",
    "&size=big": "size: must be prompt, nearest, or width x height",
    "&mask=0,0,2,1": "mask: must be left,top,right,bottom in 0..1",
    "&mask=0,0,1": "mask",
    '&extra={"prompt":"x"}': "extra: prompt is said by the question itself",
    "&extra=[1]": "extra",
    "&attempts=0": "attempts",
    "&timeout=nan": "timeout",
}


@pytest.mark.parametrize("options", OPTIONS)
def test_wrong_options_are_refused(options, opened):
    with pytest.raises(GlyphbenchError) as caught:
        opened(options=options)
    assert OPTIONS[options] in str(caught.value)


def test_further_fields_and_a_seed_reach_a_server_that_takes_them(loopback, opened):
    loopback.answer = lambda request: (200, in_line())
    (picture,) = made(opened(options='&seed=send&extra={"guidance_scale":3.5}'), [Job(prompt(), 12)])
    asked = loopback.requests[0]["json"]
    assert (asked["seed"], asked["guidance_scale"]) == (12, 3.5)
    assert picture.details["seed_supported"] is True
    assert picture.details["parameters"]["guidance_scale"] == 3.5


def test_asked_without_an_allowance_what_is_left_undone_is_a_fault(loopback, opened):
    loopback.answer = lambda request: (401, {"error": {"code": "invalid_api_key"}})
    outcomes = list(opened().generate(jobs(3)))
    assert [outcome.status for outcome in outcomes] == ["infra"] * 3
    assert len(loopback.requests) == 1
    # The next run asks again.
    loopback.answer = lambda request: (200, in_line())
    generator = opened()
    assert all(isinstance(outcome, Picture) for outcome in generator.generate(jobs(2)))


@pytest.mark.parametrize("spec", ["openai:m", "comfyui:flow.json"])
def test_without_httpx_one_sentence_says_what_to_install(spec, monkeypatch):
    monkeypatch.setattr(bounded_http, "find_spec", lambda name: None)
    with pytest.raises(GlyphbenchError, match=r"needs the package httpx: run  pip install 'glyphbench\[api\]'"):
        open_generator(spec)
