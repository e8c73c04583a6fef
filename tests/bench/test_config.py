import pytest

from bench.config import Settings, load_configuration
from prompts.errors import GlyphbenchError


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults():
    configuration = load_configuration({})
    assert configuration.settings == Settings()
    assert set(configuration.origins.values()) == {"default"}


def test_each_layer_overrides_the_one_below_and_is_named(tmp_path, monkeypatch):
    write(tmp_path / "bench.toml", 'suite = "en_text,smoke"\nseeds = 2\nout = "elsewhere"\nlimit = 3\n')
    monkeypatch.setenv("BENCH_SEEDS", "7,8")
    monkeypatch.setenv("BENCH_LIMIT", "4")
    configuration = load_configuration({"limit": 5, "model": None})
    assert configuration.settings.suite == ("en_text", "smoke")
    assert configuration.settings.seeds == (7, 8)
    assert configuration.settings.limit == 5
    named = {"suite", "out", "seeds", "limit"}
    assert {origin for name, origin in configuration.origins.items() if name not in named} == {"default"}
    assert {name: origin for name, origin in configuration.origins.items() if name in named} == {
        "suite": "bench.toml, key suite",
        "out": "bench.toml, key out",
        "seeds": "BENCH_SEEDS",
        "limit": "--limit",
    }


def test_all_faults_of_all_layers_at_once_with_near_matches(tmp_path, monkeypatch):
    write(tmp_path / "bench.toml", 'suit = "zh_text"\nlimit = 0\n')
    monkeypatch.setenv("BENCH_SEED", "4")
    with pytest.raises(GlyphbenchError) as caught:
        load_configuration({"seeds": "1,1"})
    message = str(caught.value)
    assert "bench.toml, key suit: unknown key; did you mean 'suite'?" in message
    assert "bench.toml, key limit: " in message
    assert "BENCH_SEED: unknown key; did you mean 'seeds'?" in message
    assert "--seeds: seeds must be" in message


@pytest.mark.parametrize("content", [b"limit = \n", b"\xff\xfe", b"limit = 1\nlimit = 2\n"])
def test_a_file_that_is_not_toml_is_named(tmp_path, content):
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(GlyphbenchError, match=r"mine\.toml: cannot be read as TOML"):
        load_configuration({}, path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(GlyphbenchError, match="there is no such configuration file"):
        load_configuration({}, tmp_path / "missing.toml")


def test_lists_of_seeds_in_a_file_are_held_to_the_same_rules(tmp_path):
    write(tmp_path / "bench.toml", "seeds = [1, 1]\n")
    with pytest.raises(GlyphbenchError, match="key seeds: seeds must be"):
        load_configuration({})
    write(tmp_path / "bench.toml", "seeds = [7, 9]\n")
    assert load_configuration({}).settings.seeds == (7, 9)
