import json

import pytest

from bench.journal import Journal
from prompts.errors import GlyphbenchError


def test_records_come_back_in_order(tmp_path):
    journal = Journal(tmp_path / "records.jsonl")
    journal.append({"text": "起来嗨"})
    journal.append({"text": "line\nend"})
    assert list(journal.records()) == [(1, {"text": "起来嗨"}), (2, {"text": "line\nend"})]


@pytest.mark.parametrize("cut", [1, 5, 12])
def test_a_line_cut_short_by_a_kill_is_no_record_and_is_replaced(tmp_path, cut):
    path = tmp_path / "records.jsonl"
    Journal(path).append({"n": 1})
    with path.open("a") as file:
        file.write(json.dumps({"n": 2222222})[:cut])
    journal = Journal(path)
    assert [record for _, record in journal.records()] == [{"n": 1}]
    journal.append({"n": 3})
    assert [record for _, record in journal.records()] == [{"n": 1}, {"n": 3}]
    assert path.read_text() == '{"n":1}\n{"n":3}\n'


@pytest.mark.parametrize("line", ["not json", "[1]", "", '{"n":'])
def test_a_damaged_line_is_named(tmp_path, line):
    path = tmp_path / "records.jsonl"
    path.write_text(f'{{"n":1}}\n{line}\n{{"n":3}}\n')
    with pytest.raises(GlyphbenchError, match=r"records\.jsonl:2: not a JSON object"):
        list(Journal(path).records())


def test_numbers_that_json_does_not_know_are_refused(tmp_path):
    with pytest.raises(ValueError):
        Journal(tmp_path / "records.jsonl").append({"score": float("nan")})


def test_no_file_no_records(tmp_path):
    assert list(Journal(tmp_path / "records.jsonl").records()) == []
