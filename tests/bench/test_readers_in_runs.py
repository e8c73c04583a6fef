"""Runs with readers other than the embedded one, as a user starts them."""

import json
import os
from importlib.util import find_spec

import pytest

SMOKE = {"smoke-zh-lantern": ["福"], "smoke-zh-tea-poster": ["慢下来，喝一杯热茶，", "看窗外的雨停"]}


def summary_of(done):
    (summary,) = json.loads(done.stdout)
    return summary


@pytest.mark.skipif(find_spec("paddleocr") is None, reason="paddleocr is not installed (extra 'paddle')")
def test_paddleocr_reads_a_run_and_leaves_nothing_of_its_own_in_the_home(bench_command, tmp_path):
    environment = {**os.environ, "HOME": str(tmp_path / "home")}
    environment.pop("PADDLE_PDX_CACHE_HOME", None)
    done = bench_command(
        *[
            "run",
            "--suite",
            "smoke",
            "--reader",
            "paddleocr?models=v6-tiny",
            "--limit",
            "3",
            "--workers",
            "1",
            "--json",
        ],
        cwd=tmp_path,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert summary_of(done)["headline"]["value"] == 1.0
    assert not (tmp_path / "home" / ".paddlex").exists()


def dump(folder, texts):
    path = folder / "readings.jsonl"
    entries = ({"prompt": prompt, "seed": 0, "lines": [{"text": t} for t in lines]} for prompt, lines in texts.items())
    path.write_text("\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries), encoding="utf-8")
    return path


def test_a_dump_gives_its_readings_to_the_pictures_of_a_run(bench_command, tmp_path):
    path = dump(tmp_path, SMOKE)
    done = bench_command("run", "--suite", "smoke", "--reader", f"dump:{path}", "--limit", "2", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert summary_of(done)["headline"]["value"] == 1.0


def test_a_picture_that_the_dump_lacks_fails_by_name(bench_command, tmp_path):
    path = dump(tmp_path, {"smoke-zh-lantern": ["福"]})
    done = bench_command("run", "--suite", "smoke", "--reader", f"dump:{path}", "--limit", "2", cwd=tmp_path)
    assert done.returncode == 4
    assert "no reading of prompt 'smoke-zh-tea-poster', seed 0" in " ".join(done.stderr.split())
