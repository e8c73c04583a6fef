"""Malformed characters: each kind shows, comes from its seed alone, and leaves what it does not touch."""

import numpy as np
import pytest

from bench.generators.typeset.damage import DAMAGES, as_coverage, change, damaged_mask, glyph_of
from bench.generators.typeset.faces import FACES, TypesettingError
from bench.generators.typeset.resemblance import resembles_another
from bench.generators.typeset.strokes import cut_strokes


def drawn(kind, seed, face="sans-400", cluster="福", size=48):
    return np.asarray(damaged_mask(FACES[face], size, cluster, kind, np.random.default_rng(seed)))


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize(("face", "cluster"), [("sans-400", "福"), ("serif", "国"), ("latin-serif", "g")])
def test_every_kind_shows_and_comes_from_its_seed(kind, face, cluster):
    mask = drawn(kind, 5, face, cluster)
    assert mask.shape == (96, 96)
    right = np.asarray(as_coverage(glyph_of(FACES[face], cluster).ink, 48))
    assert change(right > 127, mask > 127) > 0.6 * DAMAGES[kind].least
    assert (mask == drawn(kind, 5, face, cluster)).all()
    assert any((mask != drawn(kind, seed, face, cluster)).any() for seed in (6, 7, 8))


def test_strokes_cover_the_ink_and_cross_whole():
    cross = np.zeros((100, 100), bool)
    cross[45:55, 10:90] = True
    cross[10:90, 45:55] = True
    strokes = cut_strokes(cross)
    assert (np.logical_or.reduce(strokes) == cross).all()
    assert len(strokes) == 2
    assert all(stroke[47:53, 47:53].all() for stroke in strokes)
    flat, upright = sorted(strokes, key=lambda stroke: np.ptp(np.nonzero(stroke)[0]))
    assert np.ptp(np.nonzero(flat)[0]) < 14
    assert np.ptp(np.nonzero(upright)[1]) < 14


@pytest.mark.parametrize("face", ["sans-200", "sans-900", "serif"])
def test_strokes_of_a_character_number_about_what_a_hand_writes(face):
    assert 4 <= len(glyph_of(FACES[face], "未").strokes) <= 8
    assert 8 <= len(glyph_of(FACES[face], "福").strokes) <= 18


def test_a_missing_stroke_takes_ink_and_adds_none():
    glyph = glyph_of(FACES["sans-400"], "春")
    rng = np.random.default_rng(1)
    left = DAMAGES["one stroke missing"].damage(glyph, rng, lambda: glyph)
    assert not (left & ~glyph.ink).any()
    assert left.sum() < glyph.ink.sum()


def test_a_character_that_became_another_is_drawn_again():
    face = FACES["sans-400"]
    assert resembles_another(face, "土", glyph_of(face, "土").ink, glyph_of(face, "士").ink)
    assert not resembles_another(face, "土", glyph_of(face, "土").ink, glyph_of(face, "土").ink)


def test_what_cannot_be_damaged_is_said():
    with pytest.raises(TypesettingError, match="no ink"):
        drawn("warped", 0, cluster=" ")
    with pytest.raises(TypesettingError, match="cannot be damaged"):
        drawn("part mirrored", 0, cluster="一")
