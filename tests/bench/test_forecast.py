"""`plan`: what a run would take and could show, without running or writing anything."""

import json
from importlib.util import find_spec

import pytest

from bench.config import Settings
from bench.forecast import foresee
from bench.plan import plan_runs
from bench.prices import known_prices, parse_price, price_of
from prompts.errors import GlyphbenchError
from reports.forecast import forecast_lines


def foreseen(out, model="typeset", price=None, **settings):
    plans = plan_runs(Settings(suite=("smoke",), model=model, out=out, **settings), 2, check=False)
    (forecast,) = foresee(plans, price)
    return forecast


@pytest.fixture(scope="module")
def earlier(tmp_path_factory, bench_command):
    """A folder with a run of two prompts by the typesetter, two seeds each."""
    folder = tmp_path_factory.mktemp("earlier")
    run = ["run", "--suite", "smoke", "--limit", "2", "--seeds", "2", "--model", "typeset", "--workers", "1"]
    done = bench_command(*run, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def everything(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def test_what_is_not_known_is_said_to_be_unknown(tmp_path):
    forecast = foreseen(tmp_path / "runs", seeds=(0, 1))
    assert (forecast.prompts, forecast.seeds, forecast.pictures, forecast.to_make) == (8, 2, 16, 16)
    assert forecast.making_minutes.value is forecast.reading_minutes.value is forecast.money.value is None
    assert forecast.gigabytes.value == pytest.approx(16 * 512 * 512 * 2 / 1e9)
    assert 0.15 < forecast.detectable.value < 0.35
    assert forecast.detectable.basis.startswith("7 prompt groups; spread assumed")
    text = "\n".join(forecast_lines(forecast))
    assert "making      unknown (no run of this model in" in text
    assert "money       unknown (no price is known; state one with --price)" in text
    assert not (tmp_path / "runs").exists()


def test_an_earlier_run_gives_pace_and_spread(earlier):
    before = everything(earlier)
    forecast = foreseen(earlier / "runs", seeds=(0, 1, 2, 3))
    lines = [json.loads(line) for line in next(earlier.glob("runs/*/timings.jsonl")).read_text().splitlines()]
    seconds = [line["seconds"] for line in lines if line["stage"] == "make"]
    assert len(seconds) == 4
    assert forecast.making_minutes.value == pytest.approx(32 * sum(seconds) / 4 / 60)
    assert "measured on 4: smoke-typeset-" in forecast.making_minutes.basis
    reading = [line["seconds"] for line in lines if line["stage"].startswith("read ")]
    assert forecast.reading_minutes.value == pytest.approx(32 * sum(reading) / 4 / 60 / 2)
    assert "seeds vary by" in forecast.detectable.basis
    other = foreseen(earlier / "runs", model="typeset?strength=hard")
    assert other.making_minutes.value is None
    assert other.reading_minutes.value is not None
    assert everything(earlier) == before


def test_what_is_made_already_is_not_counted_again(earlier):
    forecast = foreseen(earlier / "runs", seeds=(0, 1), limit=2)
    assert (forecast.pictures, forecast.to_make) == (4, 0)
    assert forecast.making_minutes.value == 0
    (fresh,) = foresee(
        plan_runs(Settings(suite=("smoke",), model="typeset", out=earlier / "runs", seeds=(0, 1), limit=2), 1),
        fresh=True,
    )
    assert fresh.to_make == 4


def test_more_seeds_and_more_prompts_show_smaller_differences(tmp_path):
    one, four = (foreseen(tmp_path, seeds=tuple(range(n))).detectable.value for n in (1, 4))
    part = foreseen(tmp_path, seeds=(0,), limit=4).detectable.value
    assert four < one < part
    assert foreseen(tmp_path, seeds=(0,), limit=1).detectable.value is None


@pytest.mark.skipif(find_spec("httpx") is None, reason="httpx is not installed (extra 'api')")
def test_money_is_what_the_user_or_a_list_says(tmp_path, monkeypatch):
    monkeypatch.setenv("ARK_API_KEY", "ark-12345678")
    abroad = "ark:seedream-4-5-251128?base_url=https://ark.ap-southeast.bytepluses.com/api/v3&size=nearest"
    forecast = foreseen(tmp_path, model=abroad, seeds=(0,))
    assert forecast.money.value == pytest.approx(8 * 0.04)
    assert (forecast.currency, forecast.obstacle) == ("USD", None)
    assert "price list of 2026-06" in forecast.money.basis
    stated = foreseen(tmp_path, model=abroad, price=parse_price("0.2 CNY"), seeds=(0,))
    assert (stated.money.value, stated.currency) == (pytest.approx(1.6), "CNY")
    at_home = foreseen(tmp_path, model="ark:doubao-seedream-4-5-251128?size=nearest")
    assert at_home.money.value is None


@pytest.mark.skipif(find_spec("httpx") is None, reason="httpx is not installed (extra 'api')")
def test_what_stands_in_the_way_is_told_beside_the_rest(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    forecast = foreseen(tmp_path, model="openai:gpt-image-1", price=parse_price("0.04"))
    assert "set the environment variable OPENAI_API_KEY" in forecast.obstacle
    assert forecast.money.value == pytest.approx(8 * 0.04)


@pytest.mark.skipif(find_spec("httpx") is None, reason="httpx is not installed (extra 'api')")
def test_a_server_that_is_down_leaves_unknown_what_it_alone_knows(tmp_path, loopback):
    loopback.close()
    graph = {"1": {"class_type": "P", "inputs": {"prompt": "x", "seed": 1, "width": 8, "height": 8}}}
    (tmp_path / "flow.json").write_text(json.dumps(graph))
    forecast = foreseen(tmp_path, model=f"comfyui:{tmp_path}/flow.json?server={loopback.url}")
    assert forecast.folder is None
    assert "does not answer" in forecast.obstacle
    assert forecast.pictures == 8
    loopback.__init__()


def test_the_command_prints_lines_or_json_and_leaves_no_trace(tmp_path, bench_command):
    shown = bench_command("plan", "--suite", "smoke,zh_text", "--model", "typeset", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "pictures    8 (8 prompts × 1 seeds)" in shown.stdout
    asked = ("plan", "--suite", "smoke", "--model", "typeset", "--price", "1 EUR", "--json")
    (content,) = json.loads(bench_command(*asked, cwd=tmp_path).stdout)
    assert content["money"]["value"] == 8
    assert content["detectable"]["power"] == 0.8
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["free", "", "-1", "nan", "inf USD"])
def test_a_price_that_is_none_is_refused(text):
    with pytest.raises(GlyphbenchError, match="a price is written like"):
        parse_price(text)


def test_every_listed_price_has_its_source():
    assert known_prices()
    assert all(entry.source and entry.date for entry in known_prices())
    assert price_of({"kind": "typeset"}) is None
