"""What holds for every reader that ships."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from metrics.readers import READERS, open_reader
from prompts.errors import GlyphbenchError

READ = """
import numpy
from metrics.readers import open_reader
open_reader("ppocr").read(numpy.zeros((64, 64, 3), numpy.uint8))
"""


@pytest.mark.parametrize("name", READERS)
def test_every_reader_is_where_the_table_says_and_refuses_unknown_options(name):
    module, _, attribute = READERS[name].partition(":")
    assert isinstance(getattr(import_module(module), attribute), type)
    with pytest.raises(GlyphbenchError):
        open_reader(f"{name}?no_such_option=1")


def test_onnx_runtime_does_not_report_to_its_makers(tmp_path):
    """It would leave an identifier of the machine in the home; what it sends no Python code could see."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
    path = os.pathsep.join([str(Path(__file__).parents[2]), environment["PYTHONPATH"]])
    environment |= {"HOME": str(tmp_path), "PYTHONPATH": path}
    subprocess.run([sys.executable, "-c", READ], check=True, env=environment)
    assert not list(tmp_path.rglob("*onnxruntime*"))
