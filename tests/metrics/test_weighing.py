"""Evidence by the real recogniser for characters that are there, wrong, missing, elsewhere or not asked for."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bench.generators.typeset.faces import FACES
from metrics.evidence import weighable
from metrics.judgement import judge
from metrics.profiles import PROFILES
from metrics.readers import EvidenceReader, open_reader
from metrics.reading import Reading
from metrics.table import METRICS
from prompts.suite import Prompt, Region, Size

STANDARD = PROFILES["standard"]


@pytest.fixture(scope="module")
def reader():
    return open_reader("ppocr")


def prompt(*targets, language="zh"):
    return Prompt("p", "", language, "p", Size(640, 320), tuple(map(Region, targets)))


def drawn(*lines, face="serif", columns=False):
    image = Image.new("RGB", (640, 320), "white")
    font = ImageFont.truetype(FACES[face].path, 56)
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        if columns:
            for row, character in enumerate(line):
                pen.text((540 - 110 * number, 20 + 62 * row), character, font=font, fill="black")
        else:
            pen.text((40, 30 + 100 * number), line, font=font, fill="black")
    return np.asarray(image)


def weighed(reader, targets, *lines, language="zh", **options):
    asked = prompt(*targets, language=language)
    reading, evidence = reader.weigh(drawn(*lines, **options), asked, STANDARD)
    return asked, reading, evidence


def score(name, asked, reading, evidence):
    return METRICS[name].score(judge(asked, reading, STANDARD, None, evidence)).value


def test_the_embedded_reader_gives_evidence(reader):
    assert isinstance(reader, EvidenceReader)
    assert "evidence" in reader.signature


def test_weighing_does_not_change_what_is_read(reader):
    image = drawn("营业时间", "Open daily")
    reading, _ = reader.weigh(image, prompt("完全不同的文字"), STANDARD)
    assert reading == reader.read(image)


@pytest.mark.parametrize(("targets", "language"), [(["营业时间", "欢迎光临"], "zh"), (["Open daily", "9:00"], "en")])
def test_what_is_drawn_right_is_nearly_certain_and_has_its_place(reader, targets, language):
    asked, reading, evidence = weighed(reader, targets, *targets, language=language)
    assert [(e.region, e.position, e.target) for e in evidence] == [
        (e.region, e.position, e.target) for e in weighable(asked, STANDARD, None)
    ]
    for found in evidence:
        assert found.probability > 0.9
        assert found.read == found.target
        _, ys = zip(*found.polygon, strict=True)
        assert found.polygon in [c.polygon for c in reading.lines[found.line].characters]
        assert 30 + 100 * found.region - 15 < sum(ys) / 4 < 130 + 100 * found.region
    assert score("legibility", asked, reading, evidence) > 0.95


def test_columns_are_weighed_in_their_order(reader):
    _, _, evidence = weighed(reader, ["春风化雨"], "春风化雨", columns=True)
    assert min(e.probability for e in evidence) > 0.8
    assert [e.polygon[0][1] for e in evidence] == sorted(e.polygon[0][1] for e in evidence)


def test_a_wrong_character_has_no_probability_and_its_rival_is_named(reader):
    _, _, evidence = weighed(reader, ["欢迎光临"], "欢迎光海")
    assert [e.probability > 0.9 for e in evidence] == [True, True, True, False]
    assert (evidence[3].target, evidence[3].read, evidence[3].rival) == ("临", "海", "海")
    assert evidence[3].probability < 0.01 < 0.9 < evidence[3].rival_probability


def test_a_missing_character_has_little_probability_and_no_place(reader):
    _, _, evidence = weighed(reader, ["欢迎光临小店"], "欢迎光小店")
    missing = evidence[3]
    assert (missing.target, missing.read, missing.polygon, missing.intact) == ("临", "", None, None)
    assert missing.line == 0
    assert missing.probability < 0.05
    # Those beside the gap have a share in the doubt about where it is.
    assert min(evidence[i].probability for i in (0, 1, 5)) > 0.9
    assert min(evidence[i].probability for i in (2, 4)) > 0.5


def test_characters_beside_extra_text_keep_their_evidence(reader):
    _, _, evidence = weighed(reader, ["光临"], "欢迎光临小店")
    assert min(e.probability for e in evidence) > 0.9


def test_a_region_without_any_line_has_none(reader):
    _, _, evidence = weighed(reader, ["欢迎光临", "营业时间"], "欢迎光临")
    absent = [e for e in evidence if e.region == 1]
    assert all((e.probability, e.line, e.polygon) == (0.0, None, None) for e in absent)
    assert len(absent) == 4


def test_case_and_width_that_the_profile_folds_do_not_matter(reader):
    _, _, evidence = weighed(reader, ["open １０：３０"], "OPEN 10:30", language="en")
    assert min(e.probability for e in evidence) > 0.8


def test_the_floor_for_a_picture_of_another_prompt_is_near_zero(reader):
    values = [
        score("legibility", *weighed(reader, [target], text))
        for target, text in (("欢迎光临小店", "今日特价早餐"), ("营业时间", "禁止停车"), ("新鲜水果", "小心地滑"))
    ]
    assert max(values) < 0.02


def test_a_picture_without_lettering(reader):
    reading, evidence = reader.weigh(np.full((320, 640, 3), 200, np.uint8), prompt("福到"), STANDARD)
    assert reading == Reading(640, 320)
    assert evidence == tuple(weighable(prompt("福到"), STANDARD, None))
