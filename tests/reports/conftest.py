"""A small run made by hand: every kind of sample, every kind of alignment, and text that means harm."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from itertools import zip_longest

import pytest
from PIL import Image, ImageDraw, ImageFont

from bench.manifest import Manifest, ModelEntry, SuiteEntry
from bench.reader_record import ReaderRecord
from bench.records import ReadingRecord, Sample, SampleKey
from bench.run import Run
from bench.run_folder import RunFolder
from metrics.reading import Character, Line, Reading
from prompts.schema import parse_relation
from prompts.suite import Prompt, Region, Size, Suite

SCRIPT = "<script>window.harmed=1</script>"
IMAGE = '"><img src=x onerror="window.harmed=1">'
COMMENT = "<!--</script><script>window.harmed=1</script>"
OVERRIDE = "abc\u202egpj.exe\u0000\u0007"
ALPHABET = frozenset("光明书店节今日特价早餐茶出口营业中小心地滑新鲜水果咖啡甲乙丙丁好喝不贵") | frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,!?\"<>=/&;:'()-"
)


@dataclass(frozen=True)
class Case:
    """One prompt: what is asked for, and for each seed what was read (None: the picture has no reading)."""

    id: str
    targets: tuple[str, ...]
    readings: tuple[tuple[str, ...] | None, ...]
    language: str = "zh"
    tags: tuple[str, ...] = ("sign",)
    size: tuple[int, int] = (320, 240)
    status: str = "ok"
    reason: str | None = None
    places: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    details: dict = field(default_factory=lambda: {"strength": "plain", "face": "Noto Sans CJK SC"})


CASES = (
    Case("right", ("光明书店",), (("光明书店",), ("光明书店",))),
    Case("wrong", ("光明书店",), (("光明节店",), ("光明书店",)), tags=("sign", "neon")),
    Case("missing", ("今日特价早餐",), (("今日特价",), ("今日",)), tags=("menu",)),
    Case("extra", ("出口",), (("出口甲乙丙丁",), ("出口",))),
    Case("vanished", ("营业中",), ((), ("营业中",)), tags=("neon",)),
    Case("beyond", ("好\U00020bb7茶",), (("好吉茶",), ("好茶",))),
    Case("two-regions", ("新鲜水果", "不贵"), (("不贵", "新鲜水果"), ("新鲜水", "贵")), size=(480, 200)),
    Case("english", ("Fresh coffee, good tea",), (("Fresh cofee,", "good tea"), ("Fresh coffee, good tea",)), "en"),
    Case("blank", ("小心地滑",), (None, None), status="blank", reason="one colour throughout"),
    Case("refused", ("小心地滑",), (None, None), status="refused", reason=f"the service would not {IMAGE}"),
    Case("failed", ("小心地滑",), (None, None), status="infra", reason="out of memory & <b>lost</b>"),
    Case("no-target", (), (("咖啡",), ()), tags=()),
    Case("hostile-script", (SCRIPT,), ((SCRIPT,), (COMMENT,)), "en", (IMAGE,), details={SCRIPT: IMAGE, "f": COMMENT}),
    Case("hostile-marks", (OVERRIDE,), ((OVERRIDE,), ("abcexe.jpg",)), "en", ("\u202eevil",), details={"n": OVERRIDE}),
)  # fmt: skip
SEEDS = (0, 1)


def synthetic_run(path, cases=CASES, seeds=SEEDS, *, model=None, status="complete", limit=None):
    """Return the run of these cases in a new folder; without a name for its model, it is an instrument check."""
    folder = RunFolder(path)
    path.mkdir()
    suite = Suite(
        "demo", "1.0.0", "mixed", f"Made by hand {SCRIPT}", "For tests", f"this project {COMMENT}", "Apache-2.0",
        seeds, "standard", tuple(map(_prompt, cases)),
    )  # fmt: skip
    reader = ReaderRecord("by-hand", {"engine": "none", "version": IMAGE}, ALPHABET)
    folder.write_suite(suite)
    reader.write(path)
    folder.write_manifest(_manifest(suite, reader, model, status, limit))
    for case in cases:
        for seed, texts in zip(seeds, case.readings, strict=True):
            _make(folder, reader, case, seed, texts)
    return Run.open(path)


def _prompt(case):
    text = f"A sign that says “{'” and “'.join(case.targets)}”, in the evening"
    regions = tuple(Region(target, where) for target, where in zip_longest(case.targets, case.places))
    relations = tuple(map(parse_relation, case.relations))
    return Prompt(case.id, text, case.language, case.id, Size(*case.size), regions, case.tags, relations)


def _manifest(suite, reader, model, status, limit):
    return Manifest(
        status=status,
        glyphbench="0.1.0",
        created="2026-01-02T03:04:05+00:00",
        suite=SuiteEntry(name=suite.name, version=suite.version, digest=suite.digest),
        model=ModelEntry(
            name=model or f"typeset{IMAGE}",
            spec=f"typeset?x={SCRIPT}",
            identity={"kind": IMAGE, "size": {"most": 9}},
            digest="ab" * 32,
            is_model=model is not None,
        ),
        seeds=suite.seeds,
        limit=limit,
        readers={reader.short: {"name": reader.name, **reader.signature}},
        environment={"command": f"bench run {SCRIPT}", "python": "3.11.2", "packages": {"numpy": "2.0"}},
    )  # fmt: skip


def _make(folder, reader, case, seed, texts):
    key = SampleKey(case.id, seed)
    if case.status in {"refused", "infra"}:
        folder.append_sample(Sample(*key, case.status, reason=case.reason))
        return
    image, reading = drawn(case.size, texts or ())
    file, sha256 = folder.write_image(key, image)
    folder.append_sample(Sample(*key, case.status, file, sha256, *case.size, case.reason, case.details))
    if texts is not None:
        folder.append_reading(reader.short, ReadingRecord(*key, sha256, reading))


def drawn(size, texts):
    """Return a picture with these lines, and the reading that finds them; the first line with character boxes."""
    image = Image.new("RGB", size, "#e8e2d0")
    draw = ImageDraw.Draw(image)
    lines = []
    for number, text in enumerate(texts):
        shown = "".join(c for c in text if c.isprintable())
        font = _font(min(40, size[0] // max(4, len(shown))))
        left, top = 12, 20 + number * 60
        draw.text((left, top), shown, font=font, fill="#702010")
        box = draw.textbbox((left, top), shown, font=font)
        step = (box[2] - box[0]) / max(1, len(text))
        characters = [
            Character(character, 0.9, _corners(box[0] + i * step, box[1], box[0] + (i + 1) * step, box[3]))
            for i, character in enumerate(text)
        ]
        lines.append(Line(text, 0.95, _corners(*box), tuple(characters) if number == 0 else ()))
    return image, Reading(*size, tuple(lines))


def _corners(left, top, right, bottom):
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _font(size):
    return ImageFont.truetype(str(files("mplfonts").joinpath("fonts/NotoSansCJKsc-Regular.otf")), size)


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    return synthetic_run(tmp_path_factory.mktemp("runs") / "demo")


@pytest.fixture(scope="session")
def page(run):
    """The path of the run's page."""
    from reports.page import write_page

    return write_page(run)


@pytest.fixture
def page_of(tmp_path):
    """Writes the page of a run of some of the cases, and returns its path."""
    from reports.page import write_page

    def write(wanted, **options):
        return write_page(synthetic_run(tmp_path / "run", tuple(filter(wanted, CASES)), **options))

    return write
