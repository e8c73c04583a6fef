import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from metrics.profiles import PROFILES, Profile, find_profile
from prompts.errors import UnknownNameError

STANDARD, STRICT, LETTERS = PROFILES["standard"], PROFILES["strict"], PROFILES["letters"]

# Marks, spaces, wide, narrow and composed forms, invisible code points, emoji parts, characters with several
# simplified forms: what a normalisation is most likely to trip over.
TRICKY = st.sampled_from(
    list("aAeéÉ\u0301\u0308\u0345\u0323ßſİıΣςﬁﬃ'\"‘’“”-—–…⋯~～〜·¨´`¯．，。：！")
    + list(" \t\n\u3000\u00a0\u2028\u200b\u200d\ufe0f\u00ad\x1f㎡㈱①½№℃か゛゜ハﾊﾞﾟ\u3099\u309a각\u1100\u1161\u11a8")
    + list("中文乾坤覆答复薴苧著麼昇𠮷㐂👨👩👧🏽🇨🇳❤")
)
ANYTHING = st.text(st.one_of(TRICKY, st.characters(exclude_categories=("Cs",))), max_size=24)

FAMILY = "👨\u200d👩\u200d👧"
ONE_CHARACTER = {
    "beyond the basic plane": "𠮷",
    "extension A": "㐂",
    "traditional": "藝",
    "composed": "é",
    "combining mark": "e\u0301",
    "mark that never composes": "q\u0323",
    "two marks": "e\u0302\u0301",
    "variation sequence": "葛\U000e0100",
    "family joined by ZWJ": FAMILY,
    "flag": "🇨🇳",
    "skin tone": "👍🏽",
    "keycap": "1\ufe0f\u20e3",
    "heart in colour": "❤\ufe0f",
    "full-width letter": "Ａ",
    "full-width mark": "！",
    "half-width kana": "ｱ",
    "half-width kana with its mark": "ｶﾞ",
    "hangul of jamo": "\u1112\u1161\u11ab",
}


def changed(**switches):
    """A profile that keeps all it can, but for the switches given."""
    basic = {
        "compatibility": False,
        "fold_case": False,
        "unify_marks": False,
        "white_space": "collapse",
        "punctuation": True,
    }
    return Profile("one switch", 1, **(basic | switches))


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@given(text=ANYTHING)
@example("か゛")
@example("A¯")
@example("薴")
@example("a \u0301")
@example("i̇\u309a")
@example("此名覆王")
def test_normalising_twice_changes_nothing_more(profile, text):
    once = profile.normalise(text)
    assert profile.normalise(once) == once
    assert unicodedata.is_normalized("NFKC" if profile.compatibility else "NFC", once)


@pytest.mark.parametrize("name", [name for name in PROFILES if name.endswith("-hans")])
def test_every_unified_ideograph_is_simplified_at_once(name):
    profile = PROFILES[name]
    simplified = [profile.normalise(chr(point)) for point in range(0x4E00, 0xA000)]
    assert [profile.normalise(character) for character in simplified] == simplified
    assert sum(character != chr(0x4E00 + i) for i, character in enumerate(simplified)) > 3000


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("character", ONE_CHARACTER.values(), ids=ONE_CHARACTER)
def test_one_visible_character_is_one_unit(profile, character):
    if not profile.punctuation and character == "！":
        assert profile.graphemes(character) == ()
    else:
        assert len(profile.graphemes(character)) == 1
        assert len(profile.graphemes(f"店{character}店")) == 3


@given(ANYTHING)
def test_graphemes_are_the_normalised_text_cut_up(text):
    for profile in PROFILES.values():
        assert "".join(profile.graphemes(text)) == profile.normalise(text)


@pytest.mark.parametrize(
    ("profile", "text", "expected"),
    [
        (changed(), "Ａ “x” — É  中 文", "Ａ “x” — É 中 文"),
        (changed(), "e\u0301", "é"),
        (changed(compatibility=True), "Ａ１！ｶﾞ㎡①", "A1!ガm21"),
        (changed(fold_case=True), "Straße ΣΑΣ", "strasse σασ"),
        (changed(unify_marks=True), "‘a’ “b” – — ― ～ 〜 ⋯", "'a' \"b\" - - - ～ ~ ..."),
        (changed(compatibility=True, unify_marks=True), "＂＇～…´", "\"'~...'"),
        (changed(white_space="latin"), " 全场  5 折 SALE now  ", "全场5折SALE now"),
        (changed(white_space="latin"), "カ ナ 、 x", "カナ、x"),
        (changed(white_space="drop"), "a b\u3000c\n中 文", "abc中文"),
        (changed(punctuation=False), "“你好，世界！” (a-b) $5+~", "你好世界 ab $5+~"),
        (changed(simplified=True), "書法藝術，乾坤乾杯", "书法艺术，乾坤干杯"),
    ],
)
def test_each_switch_does_what_it_says_and_nothing_else(profile, text, expected):
    assert profile.normalise(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("standard", "“全场５折，ＳＡＬＥ”－書法"),
        ("standard-hans", "“全场５折，ＳＡＬＥ”－书法"),
        ("strict", None),
        ("letters", "全场5折SALE書法"),
        ("letters-hans", "全场5折sale书法"),
    ],
)
def test_profiles_tell_apart_what_they_should(name, expected):
    """The first text is drawn; the second is the same to the profile (or, under `strict`, nothing else is)."""
    drawn = '"全场 5 折,sale"—書法'
    profile = find_profile(name)
    if expected is None:
        assert profile.normalise(drawn) == drawn
        assert profile.normalise("“全场５折，ＳＡＬＥ”－書法") != drawn
    else:
        assert profile.normalise(expected) == profile.normalise(drawn)
        assert profile.normalise(expected.replace("書", "画").replace("书", "画")) != profile.normalise(drawn)


def test_only_the_hans_variants_fold_traditional_characters():
    for name, profile in PROFILES.items():
        assert (profile.normalise("書") == profile.normalise("书")) == name.endswith("-hans")


def test_han_outside_the_basic_block_is_never_folded_into_another():
    for profile in PROFILES.values():
        assert profile.normalise("𠮷野家㐂") == "𠮷野家㐂"


@pytest.mark.parametrize(
    ("profile", "pieces", "expected"),
    [
        (STANDARD, ["good", "morning"], "good morning"),
        (STANDARD, ["早上", "好"], "早上好"),
        (STANDARD, ["全场5", "折"], "全场5折"),
        (STANDARD, ["全场", "sale"], "全场sale"),
        (STANDARD, ["good ", " morning"], "good morning"),
        (STANDARD, ["", "a", "", "b", ""], "a b"),
        (STANDARD, [" ", "a"], "a"),
        (STRICT, ["Good", "Morning"], "Good Morning"),
        (LETTERS, ["good", "morning"], "goodmorning"),
        (STANDARD, [], ""),
    ],
)
def test_a_line_break_is_a_space_in_latin_text_alone(profile, pieces, expected):
    joined = profile.join([profile.graphemes(piece) if piece != " " else (" ",) for piece in pieces])
    assert joined == tuple(expected)


@given(st.lists(ANYTHING, max_size=4))
def test_joining_loses_no_visible_character(texts):
    for profile in (STANDARD, STRICT, LETTERS):
        pieces = [profile.graphemes(text) for text in texts]
        joined = profile.join(pieces)
        assert [g for g in joined if g != " "] == [g for piece in pieces for g in piece if g != " "]


def test_an_alphabet_is_normalised_like_the_text():
    assert STANDARD.readable("ＡbÉ，福") == frozenset("abé,福 ")
    assert STRICT.readable("Ａb，") == frozenset("Ａb， ")
    assert LETTERS.readable("，a") == frozenset("a ")


def test_a_simplifying_profile_can_read_what_opencc_keeps_within_words():
    profile = PROFILES["standard-hans"]
    assert profile.normalise("乾坤") == "乾坤"
    assert set(profile.normalise("乾坤")) <= profile.readable("乾坤")
    assert "干" in profile.readable("乾")


def test_signatures_name_profile_and_version():
    assert STANDARD.signature == "standard.1"
    assert len({profile.signature for profile in PROFILES.values()}) == len(PROFILES)


def test_an_unknown_profile_names_the_nearest():
    assert find_profile("standard") is STANDARD
    with pytest.raises(UnknownNameError, match="did you mean 'standard'"):
        find_profile("standart")
