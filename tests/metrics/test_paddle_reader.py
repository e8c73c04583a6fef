"""The real PaddleOCR on ONNX Runtime, with models that packages carry: no network, as everywhere in these tests."""

import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from metrics.readers import open_reader
from metrics.readers.paddle_carried import CARRIED, find_carried
from metrics.readers.paddle_models import ModelFolder
from prompts.errors import GlyphbenchError

installed = pytest.mark.skipif(find_spec("paddleocr") is None, reason="paddleocr is not installed (extra 'paddle')")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """A cache of this module's own, kept through its tests: the models are 70 MB."""
    before = os.environ.get("GLYPHBENCH_CACHE")
    folder = tmp_path_factory.mktemp("cache")
    os.environ["GLYPHBENCH_CACHE"] = str(folder)
    yield folder
    del os.environ["GLYPHBENCH_CACHE"]
    if before is not None:
        os.environ["GLYPHBENCH_CACHE"] = before


def drawn(*texts):
    """A picture with each (text, x, y, font size)."""
    face = Path(find_spec("mplfonts").submodule_search_locations[0], "fonts", "NotoSansCJKsc-Regular.otf")
    image = Image.new("RGB", (640, 480), (245, 240, 225))
    for text, x, y, size in texts:
        ImageDraw.Draw(image).text((x, y), text, fill=(20, 30, 70), font=ImageFont.truetype(face, size))
    return np.asarray(image)


PAGE = drawn(
    ("欢迎光临", 60, 40, 64),
    ("Open daily 9 am to 6 pm", 60, 170, 36),
    *((character, 560, 60 + 60 * i, 50) for i, character in enumerate("海内存知己")),
)


@installed
@pytest.mark.parametrize("models", ["v6-small", "v5-mobile"])
def test_a_page_is_read_without_network(models, network_log):
    reader = open_reader(f"paddleocr?models={models}")
    reading = reader.read(PAGE)
    assert {line.text for line in reading.lines} == {"欢迎光临", "Open daily 9 am to 6 pm", "海内存知己"}
    assert all(0.9 < line.confidence <= 1 for line in reading.lines)
    assert set("欢迎光临Open ") <= reader.characters
    assert (reading.width, reading.height) == (640, 480)
    assert not network_log.exists()
    column = next(line for line in reading.lines if line.text == "海内存知己").polygon
    assert column[0][0] > column[-1][0], "a column begins at its top right"
    assert column[1][1] > column[0][1] + 200


@installed
def test_no_text_gives_no_lines():
    assert open_reader("paddleocr?models=v6-tiny").read(np.full((200, 300, 3), 200, np.uint8)).lines == ()


@installed
def test_the_signature_holds_what_can_change_a_reading():
    plain = open_reader("paddleocr").signature
    assert plain["detector"].startswith("PP-OCRv6_small_det#")
    assert (plain["text_det_thresh"], plain["text_det_box_thresh"], plain["text_det_unclip_ratio"]) == (0.2, 0.45, 1.4)
    assert {plain[f"use_{flag}"] for flag in ("doc_unwarping", "doc_orientation_classify", "textline_orientation")} == {
        False
    }
    assert plain.keys() >= {"paddleocr", "paddlex", "onnxruntime", "opencv", "numpy", "threads"}
    for option in ("side=960", "threshold=0.3", "unclip=2", "models=v6-tiny", "models=v5-mobile", "threads=2"):
        assert open_reader(f"paddleocr?{option}").signature != plain
    assert open_reader("paddleocr?engine=onnxruntime&models=v6-small").signature == plain


@installed
def test_folders_of_ones_own_are_read_like_carried_ones():
    detector, recogniser = (find_carried("onnxruntime", f"PP-OCRv6_tiny_{part}") for part in ("det", "rec"))
    own = open_reader(f"paddleocr?det={detector.path}&rec={recogniser.path}")
    carried = open_reader("paddleocr?models=v6-tiny")
    assert own.signature == carried.signature
    assert own.read(PAGE) == carried.read(PAGE)


@installed
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("models=v7-huge", "unknown set of PaddleOCR models 'v7-huge'"),
        ("models=v6-smal", "did you mean 'v6-small'"),
        ("engine=onnx", "engine: .*'onnxruntime'"),
        ("det=/nowhere", "det=/nowhere: for engine=onnxruntime the folder must hold inference.onnx"),
        ("limit=min", "give side as well"),
        ("sied=960", "did you mean 'side'"),
    ],
)
def test_options_that_cannot_be_used_are_named(options, message):
    with pytest.raises(GlyphbenchError, match=message):
        open_reader(f"paddleocr?{options}")


@installed
def test_models_that_would_have_to_be_fetched_say_what_needs_no_fetching(network_log):
    with pytest.raises(GlyphbenchError, match=r"neither find nor fetch PP-OCRv5_server_det.*v6-small") as raised:
        _ = open_reader("paddleocr?models=v5-server").signature
    assert "det= and rec=" in str(raised.value)
    assert network_log.read_text(), "it tries the network for these alone"
    network_log.unlink()


def test_a_missing_package_is_named_with_the_command(monkeypatch):
    monkeypatch.setattr("metrics.readers.paddle_reader.find_spec", lambda name: None)
    with pytest.raises(GlyphbenchError, match=r"pip install 'glyphbench\[paddle\]'"):
        open_reader("paddleocr")


def test_an_opencv_for_screens_is_named_with_the_command(tmp_path):
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')")
    code = "from metrics.readers import open_reader\ntry: open_reader('ppocr')\nexcept Exception as error: print(error)"
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert "pip install --force-reinstall --no-deps opencv-python-headless" in done.stdout


class TestCarriedModels:
    yaml = pytest.mark.skipif(find_spec("yaml") is None, reason="PyYAML is not installed (extra 'paddle')")

    @yaml
    def test_a_configuration_that_the_package_lacks_has_its_dictionary(self):
        dictionary = CARRIED["onnxruntime", "PP-OCRv5_mobile_rec"].dictionary.path.read_text(encoding="utf-8")
        folder = find_carried("onnxruntime", "PP-OCRv5_mobile_rec")
        assert folder.name == "PP-OCRv5_mobile_rec"
        assert folder.post_processing["character_dict"] == dictionary.removesuffix("\n").split("\n")

    @yaml
    def test_what_the_package_lacks_is_written_as_its_makers_write_it(self):
        """v6 comes with its own configuration; written anew, it must say the same."""
        carried = CARRIED["onnxruntime", "PP-OCRv6_small_det"]
        own = carried.folder("PP-OCRv6_small_det").configuration
        written = replace(carried, configuration=None, boxes=(0.2, 0.45, 1.4))
        made = written.folder("PP-OCRv6_small_det").configuration
        assert made["PreProcess"] == own["PreProcess"]
        assert made["PostProcess"] == own["PostProcess"] | {"max_candidates": 1000}

    def test_a_damaged_folder_is_made_anew(self, cache):
        folder = find_carried("onnxruntime", "PP-OCRv6_tiny_det").path
        assert folder.parent.parent == cache
        whole = (folder / "inference.onnx").read_bytes()
        (folder / "inference.onnx").write_bytes(whole[:1000])
        assert find_carried("onnxruntime", "PP-OCRv6_tiny_det").path == folder
        assert (folder / "inference.onnx").read_bytes() == whole
        assert not list(folder.parent.glob(".making-*"))

    def test_a_model_that_no_package_carries_is_none(self):
        assert find_carried("onnxruntime", "PP-OCRv5_server_det") is None
        assert find_carried("transformers", "PP-OCRv6_small_det") is None

    @yaml
    def test_a_folder_must_have_a_model_and_a_name(self, tmp_path):
        (tmp_path / "inference.onnx").touch()
        with pytest.raises(GlyphbenchError, match=r"must hold inference\.yml"):
            ModelFolder.given(tmp_path, "det", "onnxruntime")
        (tmp_path / "inference.yml").write_text("Global: {}\n")
        with pytest.raises(GlyphbenchError, match=r"Global\.model_name"):
            ModelFolder.given(tmp_path, "det", "onnxruntime")
        (tmp_path / "inference.yml").write_text("Global: [\n")
        with pytest.raises(GlyphbenchError, match="cannot be read as YAML"):
            ModelFolder.given(tmp_path, "det", "onnxruntime")

    def test_a_folder_for_transformers_may_list_its_characters_elsewhere_or_nowhere(self, tmp_path):
        (tmp_path / "model.safetensors").touch()
        folder = ModelFolder.given(tmp_path, "rec", "transformers")
        assert (folder.name, folder.characters) == ("", None)
        (tmp_path / "preprocessor_config.json").write_text('{"character_list": ["blank", "一", "A"]}', encoding="utf-8")
        assert folder.characters == frozenset("一A ")
