"""Text normalisation: named, versioned profiles, each switch explicit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

import regex

from prompts.errors import UnknownNameError

if TYPE_CHECKING:
    from opencc import OpenCC

Graphemes: TypeAlias = tuple[str, ...]
"""Text as user-perceived characters (Unicode extended grapheme clusters): the unit of every character count."""

_MARKS = str.maketrans(
    dict.fromkeys("‘’‚‛`´′", "'")
    | dict.fromkeys("“”„‟″〝〞", '"')
    | dict.fromkeys("‐‑‒–—―−─", "-")
    | dict.fromkeys("〜∼", "~")
    | {"⋯": "..."}
)
_CJK = r"\p{Han}\p{Hiragana}\p{Katakana}\u3000-\u303f"
_SPACE_AT_CJK = regex.compile(rf"(?<=[{_CJK}])\s+|\s+(?=[{_CJK}])")
_SPACE = regex.compile(r"\s+")
_PUNCTUATION = regex.compile(r"\p{P}+")
_CJK_CHARACTER = regex.compile(rf"[{_CJK}]")


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to make two texts comparable; applied to the target and to what was read alike.

    Attributes:
        name: As suites and reports write it.
        version: Raised whenever any text would come out differently.
        compatibility: NFKC (full-width and half-width forms become one), else NFC.
        fold_case: Upper and lower case become one (Unicode case folding).
        unify_marks: The shapes of quotes, dashes and tildes become one.
        white_space: `collapse` runs to one space; `latin`, besides, drop it next to Han and kana, where it is
            typographers' spacing rather than lettering; `drop` all of it.
        punctuation: Kept or dropped.
        simplified: Traditional Chinese characters become simplified ones (OpenCC `t2s`).
    """

    name: str
    version: int
    compatibility: bool
    fold_case: bool
    unify_marks: bool
    white_space: Literal["collapse", "latin", "drop"]
    punctuation: bool
    simplified: bool = False

    @property
    def signature(self) -> str:
        """Name and version, as signatures write them."""
        return f"{self.name}.{self.version}"

    def normalise(self, text: str) -> str:
        """Return `text` under this profile; doing so twice changes nothing more.

        One pass need not be the last: a mark whose space or punctuation went meets a letter that it composes with,
        and a character made simple completes an OpenCC phrase.
        """
        while (once := self._pass(text)) != text:
            text = once
        return text

    def _pass(self, text: str) -> str:
        if self.unify_marks:
            text = text.translate(_MARKS)
        form: Literal["NFKC", "NFC"] = "NFKC" if self.compatibility else "NFC"
        text = unicodedata.normalize(form, text)
        if self.unify_marks:
            text = text.translate(_MARKS)
        if self.simplified:
            text = _traditional_to_simplified().convert(text)
        if self.fold_case:
            text = unicodedata.normalize(form, text.casefold())
        if not self.punctuation:
            text = _PUNCTUATION.sub("", text)
        if self.white_space == "drop":
            return _SPACE.sub("", text)
        if self.white_space == "latin":
            text = _SPACE_AT_CJK.sub("", text)
        return _SPACE.sub(" ", text).strip()

    def graphemes(self, text: str) -> Graphemes:
        """Return the normalised text as grapheme clusters."""
        return _graphemes(self, text)

    def join(self, pieces: Iterable[Graphemes]) -> Graphemes:
        """Return pieces of normalised text as one text: a line break is a space, but not next to Han or kana."""
        joined: list[str] = []
        for piece in map(_stripped, pieces):
            if joined and piece and self.white_space != "drop" and not (_is_cjk(joined[-1]) or _is_cjk(piece[0])):
                joined.append(" ")
            joined.extend(piece)
        return tuple(joined)

    def readable(self, characters: Iterable[str]) -> frozenset[str]:
        """Return the single code points that a reader with this alphabet can produce under this profile.

        With `simplified`, they include those of the alphabet as it is: within some words OpenCC keeps them.
        """
        as_it_is = replace(self, simplified=False)
        return frozenset(
            point for character in characters for profile in (self, as_it_is) for point in profile.normalise(character)
        ) | {" "}


_STANDARD = Profile("standard", 1, True, True, True, "latin", True)
_BASIC = (
    _STANDARD,
    Profile("strict", 1, False, False, False, "collapse", True),
    replace(_STANDARD, name="letters", white_space="drop", punctuation=False),
)

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for basic in _BASIC
    for profile in (basic, replace(basic, name=f"{basic.name}-hans", simplified=True))
}
"""`standard` (the headline), `strict`, `letters`, and each with `-hans`."""


def find_profile(name: str) -> Profile:
    """Return the profile called `name`; raises `UnknownNameError` with near matches."""
    if name not in PROFILES:
        raise UnknownNameError("profile", name, PROFILES)
    return PROFILES[name]


@lru_cache(maxsize=65536)
def _graphemes(profile: Profile, text: str) -> Graphemes:
    return tuple(regex.findall(r"\X", profile.normalise(text)))


@cache
def _traditional_to_simplified() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


def _is_cjk(grapheme: str) -> bool:
    return _CJK_CHARACTER.match(grapheme) is not None


def _stripped(piece: Sequence[str]) -> Sequence[str]:
    start = 1 if piece and piece[0] == " " else 0
    stop = len(piece) - 1 if len(piece) > start and piece[-1] == " " else len(piece)
    return piece[start:stop]
