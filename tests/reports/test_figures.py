"""Figures: what they are saved as, and that each character in them can be drawn."""

import csv
import io
import re
import zlib

import matplotlib as mpl
import pypdfium2
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from prompts.errors import GlyphbenchError, UnknownNameError
from reports.figures.figure import Drawing, Request
from reports.figures.fonts import check_glyphs, drawable
from reports.figures.style import STYLES, looks
from reports.figures.table import FIGURES, draw
from tests.bench.written_runs import written_run
from tests.reports.figure_runs import prompt, suite, wrong_from


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Twelve texts of four characters, one of them wrong; two of nine, one of them wrong."""
    prompts = [prompt(f"short-{n:02}", "光明书店") for n in range(12)]
    prompts += [prompt(f"long-{n}", "今日特价早餐全部半价") for n in range(2)]
    return written_run(tmp_path_factory.mktemp("runs") / "signs", wrong_from(1), suite(*prompts), name="模型 $a$_b")


def rows(drawing):
    return drawing.data.to_dict("records")


@pytest.mark.parametrize("style", STYLES)
def test_a_figure_is_saved_in_every_format_with_its_data_beside_it(run, tmp_path, style):
    drawing = draw("length", Request((run,), STYLES[style]))
    paths = drawing.save(tmp_path, ["pdf", "png", "svg"])
    assert [path.name for path in paths] == ["length.pdf", "length.png", "length.svg", "length.csv"]
    text = paths[-1].read_text(encoding="utf-8")
    kept = list(csv.DictReader(io.StringIO(text)))
    assert [(row["model"], row["length"], float(row["value"]), row["thin"]) for row in kept] == [
        ("模型 $a$_b", "3–4", 0.75, "False"),
        ("模型 $a$_b", "9–16", 0.9, "True"),
    ]


def test_text_stays_text_in_vector_files(run, tmp_path):
    other = written_run(tmp_path / "other", wrong_from(2), run.suite, name="另一个模型")
    pdf, svg, _ = draw("length", Request((run, other))).save(tmp_path, ["pdf", "svg"])
    with pypdfium2.PdfDocument(pdf) as document:
        assert "另一个模型" in document[0].get_textpage().get_text_range()
    assert "另一个模型" in svg.read_text(encoding="utf-8")
    assert b"/CreationDate" not in pdf.read_bytes()


def test_every_font_in_a_pdf_is_true_type(run, tmp_path):
    drawing = draw("levels", Request((run,)))
    before = [text.get_fontfamily() for text in drawing.figure.findobj(Text)]
    (pdf, _) = drawing.save(tmp_path, ["pdf"])
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf.read_bytes(), re.DOTALL)
    programs = [content for content in map(inflated, streams) if content[:4] in {b"OTTO", b"\0\1\0\0"}]
    assert len(programs) == 2
    assert {content[:4] for content in programs} == {b"\0\1\0\0"}
    with pypdfium2.PdfDocument(pdf) as document:
        assert "level in 通用规范汉字表" in document[0].get_textpage().get_text_range()
    assert [text.get_fontfamily() for text in drawing.figure.findobj(Text)] == before


def inflated(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_equal_figures_are_equal_files(run, tmp_path):
    first = draw("length", Request((run,))).save(tmp_path / "a")
    second = draw("length", Request((run,))).save(tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_drawing_leaves_matplotlib_as_it_was(run, tmp_path):
    with mpl.rc_context({"font.size": 31, "font.family": ["DejaVu Serif"]}):
        before = dict(mpl.rcParams)
        draw("length", Request((run,))).save(tmp_path, ["png"])
        assert dict(mpl.rcParams) == before


def test_a_character_that_no_font_has_is_named_before_it_is_drawn_as_a_box(tmp_path):
    figure = Figure()
    figure.text(0, 0, "书\U0003ffff")
    with pytest.raises(GlyphbenchError, match=r"U\+3FFFF"):
        check_glyphs(figure)
    assert drawable("书\U0003ffff\u202e") == "书U+3FFFF‹U+202E›"


def test_series_differ_in_more_than_colour():
    kinds = [(look.marker, look.line) for look in looks(7)]
    assert len({look.colour for look in looks(7)}) == 7
    assert len(set(kinds)) == 7


def test_what_is_not_there_is_named(run, tmp_path):
    with pytest.raises(UnknownNameError, match="did you mean 'length'"):
        draw("lenght", Request((run,)))
    with pytest.raises(UnknownNameError, match="unknown format 'jpg'"):
        Drawing("length", Figure(), run.scores.head(0)).save(tmp_path, ["jpg"])
    with pytest.raises(GlyphbenchError, match="at least one run"):
        draw("length", Request(()))


def test_the_command_writes_figures_and_says_where(run, bench_command, tmp_path):
    done = bench_command("plot", run.folder.path, "--figure", "length", "--format", "svg", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["figures/length.svg", "figures/length.csv"]
    assert (tmp_path / "figures" / "length.svg").stat().st_size > 0
    wrong = bench_command("plot", run.folder.path, "--figure", "nothing", cwd=tmp_path)
    assert wrong.returncode == 2
    assert all(name in wrong.stderr for name in FIGURES)
