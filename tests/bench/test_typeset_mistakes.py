"""Known mistakes: as many as wished for, and exactly those that are recorded."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from bench.generators import Job, Picture
from bench.generators.typeset import TypesetGenerator
from bench.generators.typeset.damage import DAMAGES
from bench.generators.typeset.faces import FACES
from bench.generators.typeset.linebreaks import clusters
from bench.generators.typeset.malformation import Malformation
from bench.generators.typeset.mistakes import Shares, miswrite, write
from bench.generators.typeset.setting import Style, set_lines
from prompts.errors import GlyphbenchError
from prompts.spec import Spec
from prompts.suite import Prompt, Region, Size

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("wrong", "missing", "extra", "swapped", "malformed")
ZH = "春风书店，欢迎您光临！今日特价38元"
EN = "West Lake Music Festival, May 12"


def written(text, seed=0, **shares):
    return miswrite(text, Shares(**shares), np.random.default_rng(seed))


def draw(spec, *texts, seed=0):
    prompt = Prompt("sign", "a sign", "zh", "sign", Size(384, 384), tuple(Region(text) for text in texts))
    (outcome,) = TypesetGenerator(Spec.parse(spec)).generate([Job(prompt, seed)])
    assert isinstance(outcome, Picture), outcome
    return outcome


def replayed(text, errors):
    """Do to a text what its record says, in another way than the code does."""
    row = [[cluster] for cluster in clusters(text)]
    for error in errors:
        place = error["position"]
        if error["kind"] == "swapped":
            assert error["drawn"] == row[place + 1][0] + row[place][0]
            row[place], row[place + 1] = row[place + 1], row[place]
        elif error["kind"] == "extra":
            row[place].append(error["drawn"])
        elif error["kind"] == "malformed":
            assert row[place] == [error["drawn"]]
        else:
            row[place] = [error["drawn"]]
    return "".join("".join(piece) for piece in row)


@pytest.mark.parametrize("text", [ZH, EN, "福", "a b\nc d"])
@pytest.mark.parametrize("seed", range(3))
def test_the_record_says_what_turns_the_text_into_what_is_drawn(text, seed):
    region = draw("typeset?errors=0.6", text, seed=seed).details["regions"][0]
    assert region["text"] == text
    assert replayed(text, region["errors"]) == region["drawn"]
    touched = [e["position"] + step for e in region["errors"] for step in ((0, 1) if e["kind"] == "swapped" else (0,))]
    assert len(touched) == len(set(touched))
    assert not any(clusters(text)[position].isspace() for position in touched)
    lines = "".join(line["text"] for line in region.get("lines", ()))
    assert "".join(lines.split()) == "".join(region["drawn"].split())


@pytest.mark.parametrize("text", [ZH, EN])
@pytest.mark.parametrize("share", [0.03, 0.1, 0.35])
@pytest.mark.parametrize("kind", KINDS)
def test_shares_are_exact_in_expectation(text, kind, share):
    characters = sum(not cluster.isspace() for cluster in clusters(text))
    wanted = share * characters / (2 if kind == "swapped" else 1)
    found = []
    for seed in range(400):
        writing = written(text, seed, **{kind: share})
        made = writing.malformed if kind == "malformed" else len(writing.mistakes)
        assert made in {int(wanted), int(wanted) + 1}
        assert kind == "malformed" or Levenshtein.distance(text, writing.drawn) <= made * (
            2 if kind == "swapped" else 1
        )
        found.append(made)
    # Four standard errors of a choice between two whole numbers.
    assert np.mean(found) == pytest.approx(wanted, abs=4 * 0.5 / 20)


def test_errors_are_spread_evenly_over_the_kinds():
    counts = Counter()
    for seed in range(300):
        writing = written(ZH, seed, **dict.fromkeys(KINDS, 0.06))
        counts.update(mistake.kind for mistake in writing.mistakes)
        counts["malformed"] += writing.malformed
    counts["swapped"] *= 2
    characters = len(ZH) * 300
    assert {kind: count / characters for kind, count in counts.items()} == pytest.approx(
        dict.fromkeys(KINDS, 0.06), abs=0.01
    )


def test_positions_are_equally_likely():
    places = Counter(
        m.position for seed in range(800) for m in written(ZH, seed, wrong=0.1, extra=0.1, missing=0.1).mistakes
    )
    shares = np.array([places[position] / 800 for position in range(len(ZH))])
    assert shares == pytest.approx(np.full(len(ZH), 0.3), abs=0.08)


def test_other_characters_are_of_the_same_script_and_case():
    for seed in range(40):
        for text, stock in [("AQZ", str.isupper), ("aqz", str.islower), ("0815", str.isdecimal)]:
            for kind in ("wrong", "extra"):
                drawn = [m.drawn for m in written(text, seed, **{kind: 1.0}).mistakes]
                assert len(drawn) == len(text)
                assert all(stock(character) and character.isascii() for character in drawn)
        assert all("\u4e00" <= m.drawn <= "\u9fff" for m in written("春風", seed, wrong=1.0).mistakes)
        assert {m.drawn for m in written("！，", seed, wrong=1.0).mistakes} <= set("，。！？；：")
        assert all(m.drawn != "春" for m in written("春春春", seed, wrong=1.0).mistakes)
    assert written("한국", wrong=1.0).drawn == "한국"


def test_what_has_no_room_is_not_made():
    assert written("福", swapped=1.0).mistakes == ()
    assert written("好好好", swapped=1.0).mistakes == ()
    assert written("a b c", swapped=1.0).mistakes == ()
    assert written("，。", malformed=1.0).malformed == 0
    assert written("春风", missing=1.0).drawn == ""
    assert written("Cafe\u0301").drawn == "Cafe\u0301"


def test_mistakes_follow_from_prompt_and_seed_alone():
    def writings(seed):
        prompt = Prompt("sign", "a sign", "zh", "sign", Size(384, 384), (Region(ZH), Region(), Region(EN)))
        return [repr(writing) for writing in write(prompt, seed, Shares(0.1, 0.1, 0.1, 0.1, 0.1))]

    assert writings(1) == writings(1)
    assert writings(1) != writings(2)


def fingerprint(picture):
    record = json.dumps(picture.details, sort_keys=True).encode()
    return hashlib.sha256(picture.image.tobytes() + record).hexdigest()


def test_pictures_with_mistakes_do_not_depend_on_the_process():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_typeset_mistakes import *\n"
        "print(fingerprint(draw('typeset?errors=0.5&curve=wave&finish=gradient', ZH, seed=3)))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    there = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    assert there == fingerprint(draw("typeset?errors=0.5&curve=wave&finish=gradient", ZH, seed=3))


def test_a_text_that_comes_out_empty_is_recorded_and_gets_no_lettering():
    picture = draw("typeset?missing=1", "春风", "West Lake")
    assert picture.details["regions"] == [
        {
            "region": index,
            "text": text,
            "drawn": drawn,
            "errors": [{"kind": "missing", "position": p, "drawn": ""} for p, c in enumerate(text) if c != " "],
        }
        for index, (text, drawn) in enumerate([("春风", ""), ("West Lake", " ")])
    ]


@pytest.mark.parametrize("options", ["", "&curve=arc-up", "&orientation=vertical", "&strength=hard"])
def test_malformed_characters_stand_where_right_ones_would_and_keep_all_else(options):
    right, damaged = (
        draw(f"typeset?em=32{options}", "春风书店"),
        draw(f"typeset?em=32&malformed=0.5{options}", "春风书店"),
    )
    one, other = right.details["regions"][0], damaged.details["regions"][0]
    assert other["drawn"] == "春风书店"
    assert {error["damage"] for error in other["errors"]} <= set(DAMAGES)
    assert len(other["errors"]) == 2
    wrong = {error["position"] for error in other["errors"]}
    places = [[c for line in region["lines"] for c in line["characters"]] for region in (one, other)]
    apart = np.abs(np.asarray(right.image, int) - np.asarray(damaged.image, int)).max(axis=2) > 60
    for number, (before, after) in enumerate(zip(*places, strict=True)):
        assert ("damage" in after) == (number in wrong)
        if number not in wrong:
            assert before == after
        assert np.mean(after["corners"], axis=0) == pytest.approx(np.mean(before["corners"], axis=0), abs=0.03)
    rows, columns = np.nonzero(apart)
    if options != "&strength=hard":
        assert len(rows) > 10
    boxes = [[np.array(p[n]["corners"]) * 384 for p in places] for n in wrong]
    for x, y in zip(columns, rows, strict=True):
        assert any(
            (corners.min(axis=0) - 2 <= (x, y)).all() and ((x, y) <= corners.max(axis=0) + 2).all()
            for pair in boxes
            for corners in pair
        )


@pytest.mark.parametrize("size", [11, 24, 61, 500])
def test_a_malformed_glyph_keeps_its_origin_at_every_size(size):
    face = FACES["sans-700"]
    malformation = Malformation("warped", 3)
    mask = malformation.mask(face, size, "国")
    assert mask.size == (2 * size, 2 * size)
    ink = malformation.ink(face, size, "国")
    whole = malformation.ink(face, 400, "国")
    assert np.divide(ink, size) == pytest.approx(np.divide(whole, 400), abs=1.2 / size)
    bold = malformation.mask(face, size, "国", stroke=2)
    assert np.asarray(bold, int).sum() > np.asarray(mask, int).sum()
    setting = set_lines(["国"], Style(face, 0.0, 1.2, "centre", "horizontal"), size, {0: malformation})
    assert setting.lines[0].characters[0].damage == "warped"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("errors=0.1&wrong=0.1", "give it or them, not both"),
        ("wrong=0.6&missing=0.6", "add up to more than 1"),
        ("errors=1.5", "less than or equal to 1"),
        ("swapped=-0.1", "greater than or equal to 0"),
    ],
)
def test_shares_that_cannot_be_used_say_why(options, message):
    with pytest.raises(GlyphbenchError, match=message):
        TypesetGenerator(Spec.parse(f"typeset?{options}"))


def test_the_identity_has_the_shares():
    generator = TypesetGenerator(Spec.parse("typeset?errors=0.1"))
    assert json.loads(json.dumps(generator.identity))["options"] == {"strength": "plain", "errors": 0.1}
    assert generator.name == "typeset-errors-0.1"


def test_draw_draws_the_same_prompts_and_seeds_otherwise_and_is_another_model():
    plain, other = (TypesetGenerator(Spec.parse(f"typeset?errors=0.3{more}", "--model")) for more in ("", "&draw=1"))
    prompt = Prompt("sign", "a sign", "zh", "sign", Size(256, 256), (Region(ZH),))
    jobs = [Job(prompt, seed) for seed in range(3)]
    first, second = list(plain.generate(jobs)), list(other.generate(jobs))
    assert [picture.job for picture in first] == [picture.job for picture in second] == jobs
    assert all(a.image.tobytes() != b.image.tobytes() for a, b in zip(first, second, strict=True))
    assert (plain.identity["options"], other.name) != (other.identity["options"], plain.name)
    again = list(TypesetGenerator(Spec.parse("typeset?errors=0.3&draw=1", "--model")).generate(jobs))
    assert [a.image.tobytes() for a in again] == [b.image.tobytes() for b in second]
    with pytest.raises(GlyphbenchError, match="draw"):
        TypesetGenerator(Spec.parse("typeset?draw=0", "--model"))
