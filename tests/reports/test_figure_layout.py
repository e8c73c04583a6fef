"""Every figure in both styles, with names that are long or mean harm: nothing is cut off, each glyph is there."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from reports.figures.figure import Request
from reports.figures.style import STYLES
from reports.figures.table import draw
from tests.bench.written_runs import written_run
from tests.reports.figure_runs import prompt, suite
from tests.reports.test_figure_comparisons import calibrated

NAMES = (
    "zh-en", "length", "levels", "regions", "sizes", "seeds", "confusions", "checkpoints", "ceiling", "calibration",
    "forest",
)  # fmt: skip
MODELS = ("a-text-to-image-model-with-a-long-name-step-1200", "一个名字很长的模型 $x_1$ \u202e<b>\U000300a1\U0003ffff")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    zh = [
        prompt(f"zh-{n}", "光明书店\U00020bb7"[: 2 + n % 4], group=f"g{n}", size=(512, 512 + 64 * (n % 3)))
        for n in range(8)
    ]
    en = [prompt(f"en-{n}", "open daily", "tea", language="en", group=f"g{n}") for n in range(8)]
    both = suite(*zh, *en, name="signs-of-both-languages", language="mixed")
    found = []
    for place, model in enumerate(MODELS):

        def read(asked, seed, place=place):
            if (asked.id[-1], seed) == ("3", 0):
                return list(asked.targets)
            return [text[:-1] + "叚龘"[(seed + place) % 2] for text in asked.targets]

        run = written_run(folder / str(place), read, both, name=model)
        found.append(calibrated(run, folder / "calibrations")[0])
    return tuple(found)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off_and_every_glyph_is_there(name, style, runs):
    figure = draw(name, Request(runs, STYLES[style], margin=0.05)).figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    width, height = figure.bbox.size
    cut = []
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text() and text.axes is not None:
            box = text.get_window_extent(renderer)
            if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1:
                cut.append((text.get_text(), box.extents.tolist()))
    assert not cut
    shown = "".join(text.get_text() for text in figure.findobj(Text))
    assert "\u202e" not in shown
    assert "\U0003ffff" not in shown


def test_names_that_mean_harm_are_text_in_vector_files(runs, tmp_path):
    path, _ = draw("ceiling", Request(runs)).save(tmp_path, ["svg"])
    assert b"&lt;b&gt;" in path.read_bytes()
    assert b"<b>" not in path.read_bytes()
