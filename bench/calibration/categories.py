"""The categories of pictures that calibration and the speed benchmark share: texts, and how they are typeset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from bench.calibration import sentences as s
from bench.calibration.sentences import language_of
from prompts.errors import UnknownNameError
from prompts.levels import characters_of
from prompts.suite import Orientation, Prompt, Region, Size

SQUARE = Size(1024, 1024)

_RARE_SEED = 20130605
_RARE_LENGTH, _RARE_TEXTS = 6, 24


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of picture.

    Attributes:
        name: As tables write it.
        meaning: What is difficult about it.
        spec: The typesetter that draws it, as `--model` takes it.
        texts: For each picture, the text of each of its regions.
        orientation: Of every region; None leaves it open.
        size: Of the pictures.
    """

    name: str
    meaning: str
    spec: str
    texts: tuple[tuple[str, ...], ...]
    orientation: Orientation | None = None
    size: Size = SQUARE

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """One prompt for each picture, called `<category>-<number>`; each is a group of its own."""
        return tuple(
            Prompt(
                id=(name := f"{self.name.replace(' ', '-')}-{number:02}"),
                text=f"{self.name}: {' / '.join(texts)}",
                language=language_of("".join(texts)),
                group=name,
                size=self.size,
                regions=tuple(Region(text, orientation=self.orientation) for text in texts),
                tags=(self.name,),
            )
            for number, texts in enumerate(self.texts)
        )


@cache
def categories() -> dict[str, Category]:
    """Return all categories by name."""
    zh, en = s.clauses(s.ZH, 5, 12), s.clauses(s.EN, 12, 32)
    both = _single(zh[:12] + en[:12])
    table = (
        Category("line zh", "one line of Chinese", "typeset", _single(zh[:32])),
        Category("line en", "one line of English", "typeset", _single(en[:32])),
        Category("punctuation zh", "sentences with their marks", "typeset", _single(s.ZH)),
        Category("punctuation en", "sentences with their marks", "typeset", _single(s.EN)),
        Category("long zh", "200 characters and more", "typeset", _single(s.paragraphs(s.ZH, 200, 12, ""))),
        Category("long en", "200 characters and more", "typeset", _single(s.paragraphs(s.EN, 200, 12, " "))),
        Category("regions", "three texts in one picture", "typeset", _regions()),
        Category("mixed", "both scripts in one line", "typeset", _single(s.MIXED)),
        Category("vertical", "columns from the right", "typeset", _single(zh[4:28]), "vertical"),
        Category("rotated", "turned by up to 40 degrees", "typeset?angle=-40..40", both),
        Category("traditional", "traditional characters", "typeset", _single(s.TRADITIONAL)),
        Category("rare", "characters of level 3 of the standard list", "typeset", _single(_rare())),
        Category("digits", "prices, dates, times, numbers", "typeset", _single(_digits())),
        Category("tiny", "10 to 20 pixels to the em", "typeset?em=10..20", both),
        Category("arc up", "along the upper side of a circle", "typeset?curve=arc-up", both),
        Category("arc down", "along the lower side of a circle", "typeset?curve=arc-down", both),
        Category("wave", "along a wave", "typeset?curve=wave", both),
        Category("circle", "around a full circle", "typeset?curve=circle", both),
        Category("perspective", "seen at a slant", "typeset?slant=0.2..0.5", both),
        Category("light on dark", "light lettering on a dark ground", "typeset?ground=dark", both),
        Category("hard", "small, faint, turned, blurred or on a busy ground", "typeset?strength=hard", both),
    )
    return {category.name: category for category in table}


def find_category(name: str) -> Category:
    """Return the category called `name`; raises `UnknownNameError` with near matches."""
    table = categories()
    if name not in table:
        raise UnknownNameError("category", name, table)
    return table[name]


def _single(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple((text,) for text in texts)


def _regions() -> tuple[tuple[str, ...], ...]:
    """Return a Chinese text, an English one and a short one for each picture."""
    zh, en = s.clauses(s.ZH, 4, 9), s.clauses(s.EN, 8, 24)
    short = [text for pair in zip(s.SHORT_ZH, s.SHORT_EN, strict=True) for text in pair]
    return tuple((zh[i], en[i], short[i]) for i in range(24))


def _rare() -> tuple[str, ...]:
    """Return lines of characters of level 3, drawn without replacement."""
    rng = np.random.default_rng(_RARE_SEED)
    drawn = rng.choice(characters_of(3), size=(_RARE_TEXTS, _RARE_LENGTH), replace=False)
    return tuple("".join(row) for row in drawn.tolist())


def _digits() -> tuple[str, ...]:
    """Return numbers in the shapes that signs have, half of them in Chinese surroundings."""
    rng = np.random.default_rng(_RARE_SEED)
    made = []
    for number in range(4):
        day, hour, price, tail = (int(v) for v in rng.integers([1, 6, 10, 1000], [29, 23, 999, 9999]))
        made += [
            f"¥{price}.{tail % 100:02}",
            f"{2024 + number}年{1 + day % 12}月{day}日",
            f"{hour:02}:{tail % 60:02} – {hour + 1:02}:{day:02}",
            f"400-{tail}-{price:03}",
            f"满{price}减{day}元",
            f"No. {tail}/{price}",
        ]
    return tuple(made)
