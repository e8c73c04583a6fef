"""The command line as a user meets it: exit codes, messages, what is written and what is not."""

import json

import pytest

SMOKE = ("run", "--suite", "smoke", "--limit", "2", "--workers", "1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--suite", "zh_txt"), "unknown suite 'zh_txt'; did you mean 'zh_text'"),
        (("run", "--model", "typset"), "unknown model 'typset'; did you mean 'typeset'"),
        (("run", "--model", "typeset?strenght=hard"), "strenght: unknown key; did you mean 'strength'?"),
        (("run", "--model", "typeset?strength=harder"), "strength"),
        (("run", "--model", "typeset?strength"), "must be key=value pairs"),
        (("run", "--reader", "pocr"), "unknown reader 'pocr'; did you mean 'ppocr'"),
        (("run", "--seeds", "1,1"), "--seeds: seeds must be a count"),
        (("run", "--limit", "0"), "--limit"),
        (("run", "--model", "folder:nowhere"), "nowhere"),
        (("run", "--suite", "mine.toml"), "mine.toml"),
        (("score", "nowhere"), "nowhere is not a run folder"),
        (("report", "nowhere"), "nowhere is not a run folder"),
        (("suites", "launhc"), "did you mean 'launch'"),
    ],
)
def test_what_the_user_can_mend_is_one_message_and_exit_code_2(bench_command, tmp_path, arguments, message):
    done = bench_command(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    assert not any(tmp_path.iterdir())


def test_a_dry_run_writes_nothing(bench_command, tmp_path):
    done = bench_command(*SMOKE, "--dry-run", "--json", cwd=tmp_path)
    (plan,) = json.loads(done.stdout)
    assert (plan["suite"], plan["prompts"], plan["seeds"], plan["pictures"]) == ("smoke", 2, "0,", 2)
    assert not any(tmp_path.iterdir())


def test_show_config_names_the_origin_of_each_value(bench_command, tmp_path):
    (tmp_path / "bench.toml").write_text('suite = "en_text"\n')
    done = bench_command("run", "--limit", "3", "--show-config", "--json", cwd=tmp_path)
    rows = {row["setting"]: (row["value"], row["from"]) for row in json.loads(done.stdout)}
    assert rows["suite"] == (["en_text"], "bench.toml, key suite")
    assert rows["limit"] == (3, "--limit")
    assert rows["reader"] == (["ppocr"], "default")


def test_a_run_ends_with_headline_signature_report_and_next_command(bench_command, tmp_path):
    done = bench_command(*SMOKE, "--json", "--model", "typeset", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (summary,) = json.loads(done.stdout)
    (folder,) = (tmp_path / "runs").iterdir()
    assert summary["folder"] == str(folder.relative_to(tmp_path))
    assert summary["partial"]
    for part in ("instrument check, not a model", "accuracy", summary["signature"], "index.html", "python -m bench"):
        assert part in done.stderr.replace("\n", "")
    assert (folder / "report" / "index.html").exists()
    assert json.loads((folder / "summary.json").read_text())["headline"] == summary["headline"]


def test_several_suites_get_one_folder_each(bench_command, tmp_path):
    (tmp_path / "one.toml").write_text(OWN_SUITE)
    (tmp_path / "two.toml").write_text(OWN_SUITE.replace('name = "one"', 'name = "two"'))
    done = bench_command("run", "--suite", "one.toml,two.toml", "--workers", "1", "--model", "typeset", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name.partition("-")[0] for path in (tmp_path / "runs").iterdir()) == ["one", "two"]


OWN_SUITE = """
name = "one"
version = "1"
language = "en"
title = "Mine"
description = "A suite of one's own."
source = "This test."
licence = "Apache-2.0"
seeds = 1
size = [512, 512]
profile = "standard"
quoting = "straight"

[[prompt]]
id = "open-sign"
text = 'A shop door with a sign that reads "OPEN".'
group = "open-sign"

[[prompt.region]]
text = "OPEN"
"""


def test_a_place_that_cannot_be_written_is_refused_before_work_starts(bench_command, tmp_path):
    done = bench_command(*SMOKE, "--out", "/dev/null/runs", cwd=tmp_path)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "--out" in done.stderr


def test_own_images_are_scored_in_one_command(bench_command, tmp_path):
    bench_command(*SMOKE, "--model", "typeset", "--out", "made", cwd=tmp_path)
    (made,) = (tmp_path / "made").iterdir()
    done = bench_command(*SMOKE, "--model", f"folder:{made / 'images'}", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (summary,) = json.loads(done.stdout)
    assert summary["note"] is None
    original = json.loads((made / "summary.json").read_text())
    assert summary["metrics"] == original["metrics"]


def test_images_missing_for_some_prompts_are_named_and_nothing_is_written(bench_command, tmp_path):
    bench_command(*SMOKE, "--model", "typeset", "--out", "made", cwd=tmp_path)
    (made,) = (tmp_path / "made").iterdir()
    lost = sorted((made / "images").glob("*/0.png"))[0]
    lost.unlink()
    done = bench_command(*SMOKE, "--model", f"folder:{made / 'images'}", cwd=tmp_path)
    assert done.returncode == 2
    assert lost.parent.name in done.stderr
    assert not (tmp_path / "runs").exists()


def test_suites_are_listed_shown_and_checked(bench_command, tmp_path):
    listed = json.loads(bench_command("suites", "--json", cwd=tmp_path).stdout)
    assert {"zh_text", "en_text", "launch", "smoke"} <= {row["suite"] for row in listed}
    shown = bench_command("suites", "zh_text", cwd=tmp_path).stdout
    assert "60 prompts by" in shown
    content = json.loads(bench_command("suites", "launch", "--json", cwd=tmp_path).stdout)
    assert len(content["prompts"]) == 9
    assert bench_command("suites", "--check", cwd=tmp_path).returncode == 0
