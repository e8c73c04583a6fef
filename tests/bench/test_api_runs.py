"""Whole runs with an image API: the budget across interruptions, and a provider's mark hidden from the reader."""

import base64
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import prompts
from bench.allowance import Ledger
from bench.generators.in_order import in_order
from bench.masking import masked
from prompts.errors import GlyphbenchError

needs_httpx = pytest.mark.skipif(find_spec("httpx") is None, reason="httpx is not installed (extra 'api')")


def marked():
    """A picture that says OPEN, with a provider's mark in the corner."""
    image = Image.new("RGB", (512, 512), (240, 240, 230))
    draw = ImageDraw.Draw(image)
    draw.text((120, 180), "OPEN", font=ImageFont.load_default(90), fill=(20, 20, 20))
    draw.text((372, 472), "PAINTED BY", font=ImageFont.load_default(22), fill=(20, 20, 20))
    return image


@needs_httpx
def test_a_run_stops_at_its_budget_and_goes_on_with_a_larger_one(loopback, tmp_path, bench_command):
    buffer = io.BytesIO()
    marked().save(buffer, "PNG")
    answer = {"data": [{"b64_json": base64.b64encode(buffer.getvalue()).decode()}]}
    loopback.answer = lambda request: (200, answer)
    spec = f"zhipu:cogview-4?base_url={loopback.url}&watermark=kept"
    shipped = Path(prompts.__file__).with_name("suites") / "smoke.toml"
    other = shipped.read_text(encoding="utf-8").replace('name = "smoke"', 'name = "other"')
    (tmp_path / "other.toml").write_text(other, encoding="utf-8")
    suites = ["--suite", "smoke,other.toml", "--limit", "2"]
    command = ["run", *suites, "--model", spec, "--workers", "1", "--concurrency", "2"]

    first = bench_command(*command, "--budget", "3", cwd=tmp_path)
    assert first.returncode == 4, first.stderr
    assert "1 picture left undone: the budget of paid pictures is spent; raise --budget to go on" in " ".join(
        first.stderr.split()
    )
    assert len(loopback.requests) == 3
    other, smoke = sorted((tmp_path / "runs").iterdir())
    assert [_lines(folder / "samples.jsonl") for folder in (smoke, other)] == [2, 1]
    assert json.loads((other / "manifest.json").read_text())["status"] == "started"

    last = bench_command(*command, "--budget", "4", cwd=tmp_path)
    assert last.returncode == 0, last.stderr
    assert len(loopback.requests) == 4
    assert [Ledger(folder / "paid.jsonl", None).spent for folder in (smoke, other)] == [2, 2]

    (readings,) = other.glob("readings.*.jsonl")
    for line in map(json.loads, readings.read_text().splitlines()):
        assert [entry["text"] for entry in line["reading"]["lines"]] == ["OPEN"]
    for sample in map(json.loads, (other / "samples.jsonl").read_text().splitlines()):
        assert sample["details"]["mask"] == [0.7, 0.9, 1.0, 1.0]
        assert np.array_equal(np.asarray(Image.open(other / sample["file"])), np.asarray(marked()))


def _lines(path):
    return len(path.read_text().splitlines())


def test_without_a_mask_the_mark_is_read():
    """So that the test above shows something."""
    from metrics.readers import open_reader

    texts = [line.text for line in open_reader("ppocr").read(np.asarray(marked())).lines]
    assert sorted(texts) == ["OPEN", "PAINTED BY"]


def test_a_mask_hides_its_rectangle_alone():
    pixels = np.random.default_rng(0).integers(0, 256, (10, 20, 3), np.uint8)
    hidden = masked(pixels, [0.5, 0.75, 1, 1])
    assert (hidden[7:, 10:] == hidden[7, 10]).all()
    assert (hidden[:7] == pixels[:7]).all()
    assert (hidden[:, :10] == pixels[:, :10]).all()
    assert masked(pixels, None) is pixels


@pytest.mark.parametrize("mask", [[0, 0, 1], "corner", [0, 0, 2, 1], [0.5, 0, 0.5, 1], 7, {"left": 0}])
def test_a_mask_that_is_none_is_an_error(mask):
    with pytest.raises(ValueError, match="mask"):
        masked(np.zeros((4, 4, 3), np.uint8), mask)


def test_a_ledger_counts_on_from_its_file_and_names_a_damaged_line(tmp_path):
    path = tmp_path / "paid.jsonl"
    ledger = Ledger(path, 2)
    assert [ledger.take("a", 1), ledger.take("a", 2), ledger.take("a", 3)] == [True, True, False]
    ledger.give_back("a", 2)
    assert Ledger(path, 2).take("a", 4)
    assert Ledger(path, 2).spent == 2
    path.write_text('{"pictures": "many"}\n')
    with pytest.raises(GlyphbenchError, match=r"paid\.jsonl:1"):
        Ledger(path, 2)


def test_work_in_order_hands_on_what_was_raised():
    def work(item):
        if item == 3:
            raise RuntimeError("three")
        return item

    results = in_order(work, range(6), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(RuntimeError, match="three"):
        next(results)


def test_work_in_order_does_not_run_ahead():
    begun = []
    results = in_order(begun.append, range(100), 3)
    next(results)
    results.close()
    assert len(begun) <= 7


@needs_httpx
@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_does_not_wait_for_a_server_that_does_not_answer(loopback, tmp_path):
    waiting = threading.Event()
    loopback.answer = lambda request: waiting.wait(120) and (500, b"")
    spec = f"openai:m?base_url={loopback.url}&timeout=100"
    command = [sys.executable, "-m", "bench", "run", "--suite", "smoke", "--model", spec, "--concurrency", "3"]
    process = subprocess.Popen([*command, "--workers", "1"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while len(loopback.requests) < 3:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    waiting.set()
    assert process.returncode == 130
    assert "interrupted; the same command goes on where it stopped" in said
    (folder,) = (tmp_path / "runs").iterdir()
    assert Ledger(folder / "paid.jsonl", None).spent == 3
