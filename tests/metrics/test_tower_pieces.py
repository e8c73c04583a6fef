"""Texts in pieces, languages of towers, lift, and crops against captions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.towers.fit import lift_of, region_fit
from metrics.towers.languages import languages_of, require_language
from metrics.towers.pieces import split_text
from prompts.errors import GlyphbenchError


def test_a_text_that_fits_is_one_piece() -> None:
    assert split_text("一只猫。一只狗。", lambda piece: len(piece) <= 8) == ("一只猫。一只狗。",)


def test_sentences_share_a_piece_while_they_fit() -> None:
    assert split_text("一只猫。一只狗。一匹马。", lambda piece: len(piece) <= 8) == ("一只猫。一只狗。", "一匹马。")


def test_english_is_split_at_sentences_and_a_number_stays_whole() -> None:
    text = "It costs 3.50 today. Come in!"
    assert split_text(text, lambda piece: len(piece) <= 20) == ("It costs 3.50 today.", "Come in!")


def test_a_long_sentence_is_split_at_clauses_and_then_between_words() -> None:
    assert split_text("red apples, green pears", lambda piece: len(piece) <= 11) == ("red apples,", "green pears")
    assert split_text("red apples", lambda piece: len(piece) <= 6) == ("red", "apples")


@given(st.text(alphabet="天地玄黄。，！ab .,!\n", max_size=120), st.integers(1, 12))
def test_nothing_is_lost_and_every_piece_fits(text: str, limit: int) -> None:
    pieces = split_text(text, lambda piece: len(piece) <= limit)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(len(piece) <= limit for piece in pieces)


def test_a_tower_that_can_hold_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not even"):
        split_text("猫", lambda piece: not piece)


def test_languages_by_name() -> None:
    assert languages_of("ViT-B-16-SigLIP2-256") == {"zh", "en"}
    assert languages_of("xlm-roberta-base-ViT-B-32") == {"zh", "en"}
    assert languages_of("ViT-B-16-SigLIP") == {"en"}
    assert languages_of("ViT-B-32") == {"en"}


def test_a_monolingual_tower_names_two_that_can() -> None:
    with pytest.raises(GlyphbenchError, match=r"SigLIP2.*xlm-roberta"):
        require_language("ViT-B-32", languages_of("ViT-B-32"), "zh")


def test_lift_counts_ties_half() -> None:
    lift = lift_of(0.5, [0.1, 0.5, 0.9, 0.2])
    assert lift is not None
    assert (lift.rank, lift.lift, lift.others) == (2.5, 0.625, 4)
    assert lift_of(0.5, []) is None


def test_a_region_is_found_where_crop_and_caption_choose_each_other() -> None:
    fit = region_fit(np.array([[1.0, 0.0], [0.6, 0.8]]), np.eye(2))
    assert fit is not None
    assert fit.found == (True, True)
    assert fit.margins == pytest.approx((0.4, 0.2))


def test_swapped_crops_are_not_found_and_ties_neither() -> None:
    swapped = region_fit(np.eye(2)[::-1].copy(), np.eye(2))
    same = region_fit(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert swapped is not None
    assert same is not None
    assert swapped.found == same.found == (False, False)
    assert swapped.margins == (-1.0, -1.0)
