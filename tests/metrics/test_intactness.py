"""Windows, references and the judgement of drawn characters."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from bench.generators.typeset.damage import damaged_mask
from bench.generators.typeset.faces import FACES, font
from metrics.readers.intactness import MODEL, IntactnessModel, odds
from metrics.readers.references import DESIGNS, SIDE, has_reference, reference
from metrics.readers.windows import WINDOW, ink_planes, window


def drawn(character, kind=None, face="serif", size=64, seed=0, ink=(20, 20, 30), ground=(235, 228, 210)):
    """A window of 96 pixels with the character in the middle."""
    mask = Image.new("L", (96, 96))
    origin = (48 - size // 2, round(48 + 0.38 * size))
    if kind:
        damage = damaged_mask(FACES[face], size, character, kind, np.random.default_rng(seed))
        mask.paste(damage, (origin[0] - size // 2, origin[1] - 3 * size // 2))
    else:
        ImageDraw.Draw(mask).text(origin, character, fill=255, font=font(FACES[face], size), anchor="ls")
    picture = Image.new("RGB", (96, 96), ground)
    picture.paste(ink, (0, 0), mask)
    return np.asarray(picture)


def test_references_are_letters_digits_and_han():
    assert all(has_reference(character) for character in "福龍a9")
    assert not any(has_reference(character) for character in ("，", " ", "福到", "", "\U0002a6a5"))
    both = reference("福")
    assert (both.shape, both.dtype) == ((len(DESIGNS), SIDE, SIDE), np.uint8)
    assert (both[0] != both[1]).any()
    with pytest.raises(KeyError):
        reference("，")


def test_a_reference_has_its_em_box_in_the_middle():
    rows, columns = np.nonzero(reference("国")[0] > 127)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(SIDE / 2, abs=2)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(SIDE / 2, abs=2)
    assert np.ptp(rows) > 0.6 * SIDE


def test_a_window_is_as_wide_as_its_line_is_high():
    line = np.zeros((40, 200, 3), np.uint8)
    line[:, 90:110] = 255
    cut = window(line, 0.45, 0.55)
    assert cut.shape == (WINDOW, WINDOW, 3)
    lit = np.flatnonzero(cut[32, :, 0] > 127)
    assert (lit[0], lit[-1]) == (pytest.approx(16, abs=1), pytest.approx(47, abs=1))
    assert (window(line, 0.0, 0.02) == 0).all()


@pytest.mark.parametrize(("ink", "ground"), [((0, 0, 0), (255, 255, 255)), ((255, 230, 0), (120, 0, 0))])
def test_ink_is_the_same_in_any_colours(ink, ground):
    plane = ink_planes(drawn("福", ink=ink, ground=ground)[None])[0]
    usual = ink_planes(drawn("福")[None])[0]
    assert plane.shape == (96, 96)
    assert np.corrcoef(plane.ravel(), usual.ravel())[0, 1] > 0.98
    assert np.median(plane[:4]) == pytest.approx(0, abs=0.05)
    assert plane.max() > 0.9


def test_a_flat_window_has_no_ink():
    assert np.abs(ink_planes(np.full((2, 64, 64, 3), 77, np.uint8))).max() < 1e-3


def test_right_characters_are_surer_than_damaged_and_than_other_ones():
    model = IntactnessModel()
    characters = list("福春酒学书明安国")
    right = model.judge([drawn(c) for c in characters], characters)
    damaged = model.judge([drawn(c, "two strokes missing", seed=i) for i, c in enumerate(characters)], characters)
    others = model.judge([drawn(c) for c in characters], [*characters[1:], characters[0]])
    assert np.mean(right[:, None] > damaged[None]) > 0.9
    assert np.mean(right[:, None] > others[None]) > 0.95


def test_colours_and_size_matter_little():
    model = IntactnessModel()
    light = drawn("福", ink=(250, 240, 90), ground=(30, 60, 20))
    small = cv2.resize(drawn("福"), (48, 48), interpolation=cv2.INTER_AREA)
    usual, coloured, reduced = model.judge([drawn("福"), light, small], ["福"] * 3)
    assert abs(coloured - usual) < 2
    assert abs(reduced - usual) < 3


def test_what_has_no_reference_is_not_judged():
    model = IntactnessModel()
    odds_of = model.judge([drawn("福"), drawn("福")], ["，", "福"])
    assert np.isnan(odds_of[0])
    assert np.isfinite(odds_of[1])
    intact = model.combine(np.array([0.01, 0.01]), odds_of)
    assert np.isnan(intact[0])
    assert 0 < intact[1] < 1
    assert len(model.judge([], [])) == 0


def test_doubt_and_picture_both_lower_it():
    model = IntactnessModel()
    sure = model.combine(np.array([1e-6, 0.9, 1e-6]), np.array([4.0, 4.0, -4.0]))
    assert sure[0] > sure[1]
    assert sure[0] > sure[2]
    extreme = odds(np.array([0.0, 1.0, 0.5]))
    assert extreme.tolist() == pytest.approx([14.0, -14.0, 0.0], abs=1e-4)


def test_the_model_is_small():
    assert MODEL.stat().st_size < 2 * 2**20
