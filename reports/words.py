"""The words of the page in English and Chinese: one table, `words.toml`, for the templates and for the scripts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reports.formats import format_count
from reports.visible_text import visible

LANGUAGES = {"en": "en", "zh": "zh-Hans"}
"""Of the interface, with the tags that HTML has for them; the first one where nothing else is wanted."""

IN_SCRIPTS = "script"
"""The section of the table whose words the scripts need."""


class Count(int):
    """A number of things: `{n}` writes 1,200, `{n:picture}` writes 1,200 pictures."""

    def __format__(self, noun: str) -> str:
        return format_count(int(self), noun) if noun else f"{int(self):,}"


@cache
def words() -> dict[str, dict[str, str]]:
    """Return the words by key, such as `scores.title`, and language. They may hold HTML: they are ours."""
    table = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    return {f"{section}.{key}": both for section, keys in table.items() for key, both in keys.items()}


def script_words() -> dict[str, dict[str, str]]:
    """Return the words that the scripts need, by key without its section."""
    prefix = f"{IN_SCRIPTS}."
    return {key.removeprefix(prefix): both for key, both in words().items() if key.startswith(prefix)}


def say(key: str, **values: object) -> Markup:
    """Return the words of a key in every language, of which the page shows one; values are escaped and made visible."""
    both = words()[key]
    spans = (
        Markup('<span class="in-{}" lang="{}">{}</span>').format(language, tag, _filled(both[language], values))
        for language, tag in LANGUAGES.items()
    )
    return Markup("").join(spans)


def say_or(key: str, otherwise: str) -> Markup | str:
    """Return the words of a key, or `otherwise` where there are none: for what others may add to."""
    return say(key) if key in words() else otherwise


def attribute(name: str, key: str, **values: object) -> Markup:
    """Return an attribute in English that the page's switch knows the Chinese of."""
    english, chinese = (_filled(words()[key][language], values) for language in LANGUAGES)
    return Markup('{}="{}" data-zh-{}="{}"').format(name, english, name, chinese)


def _filled(text: str, values: Mapping[str, Any]) -> Markup:
    shown = {
        name: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        for name, value in values.items()
    }
    return Markup(text).format(**{name: _counted(value) for name, value in shown.items()})


def _counted(value: object) -> object:
    return Count(value) if isinstance(value, int) and not isinstance(value, bool) else value
