from __future__ import annotations

import hashlib

from PIL import Image

from bench.records import Sample
from bench.thumbnails import LONGEST_EDGE
from reports.thumbnails import write_thumbnails


def sample(run, name, size=(900, 600), colour="red"):
    path = run / "images" / name / "0.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Sample(name, 0, "ok", path.relative_to(run).as_posix(), digest, *size)


def test_small_copies_in_proportion(tmp_path):
    [thumbnail] = write_thumbnails(tmp_path, [sample(tmp_path, "a")]).values()
    with Image.open(tmp_path / "report" / thumbnail.file) as image:
        assert image.size == (LONGEST_EDGE, round(LONGEST_EDGE * 600 / 900))


def test_a_copy_is_made_once_for_each_content(tmp_path):
    report = tmp_path / "report"
    [first] = write_thumbnails(tmp_path, [sample(tmp_path, "a")]).values()
    made = (report / first.file).stat().st_mtime_ns
    assert write_thumbnails(tmp_path, [sample(tmp_path, "a")])["a", 0] == first
    assert (report / first.file).stat().st_mtime_ns == made
    [second] = write_thumbnails(tmp_path, [sample(tmp_path, "a", colour="blue")]).values()
    assert second.file != first.file
    assert [path.name for path in (report / "thumbs").glob("*/*")] == [second.file.rpartition("/")[2]]


def test_a_copy_outlives_its_picture(tmp_path):
    one = sample(tmp_path, "a")
    made = write_thumbnails(tmp_path, [one])
    (tmp_path / one.file).unlink()
    assert write_thumbnails(tmp_path, [one]) == made


def test_why_there_is_no_copy(tmp_path):
    gone, cut, outside = (sample(tmp_path / "run", name) for name in ("gone", "cut", "outside"))
    (tmp_path / "run" / gone.file).unlink()
    (tmp_path / "run" / cut.file).write_bytes((tmp_path / "run" / cut.file).read_bytes()[:200])
    Image.new("RGB", (9, 9)).save(tmp_path / "secret.png")
    outside = Sample("outside", 0, "ok", "../secret.png", outside.sha256, 9, 9)
    refused = Sample("refused", 0, "refused", reason="no")
    made = write_thumbnails(tmp_path / "run", [gone, cut, outside, refused])
    assert [(t.file, t.fault) for t in made.values()] == [
        (None, "images/gone/0.png cannot be shown: it is not there"),
        (None, "images/cut/0.png cannot be shown: it is no whole picture"),
        (None, "../secret.png lies outside the run folder"),
    ]
