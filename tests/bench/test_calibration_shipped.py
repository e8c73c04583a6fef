"""The calibrations that come with Glyphbench: whole, rightly named, and of the reader and suites as they are."""

from importlib.resources import files
from pathlib import Path

import pytest

from bench.calibration.lookup import find_calibration
from bench.calibration.result import Calibration
from bench.reader_record import ReaderRecord
from metrics.readers import open_reader
from prompts.loading import find_suite

SHIPPED = sorted(Path(str(files("bench.calibration").joinpath("shipped"))).glob("*.json"))


def test_there_are_some():
    assert SHIPPED


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_each_is_whole_in_earnest_and_not_out_of_date(path, tmp_path):
    calibration = Calibration.read(path)
    assert path.name == calibration.file_name
    assert not calibration.extent.is_quick
    assert not calibration.left_out
    reader = ReaderRecord.of(calibration.reader.name, open_reader(calibration.reader.name))
    found = find_calibration(find_suite(calibration.suite.name), reader, tmp_path)
    assert found.standing in {"exact", "same instrument"}, found.note
    assert found.path == path
