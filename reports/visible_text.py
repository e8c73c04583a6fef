"""Text from outside made safe to look at: what would be invisible or would turn its surroundings round is spelt out.

Escaping for HTML is another matter, and the template's. This is about characters that mean no harm to a parser but
mislead a reader: controls, bidirectional overrides, zero-width marks.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import regex
from markupsafe import Markup

_UNSEEN = regex.compile(r"[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\n\t\u200c\u200d]]", regex.VERSION1)
"""Controls, formats, lone surrogates and separators, but for line break and tab, which show, and the joiners, which
shape emoji and Indic letters."""

_UNSAFE_IN_SCRIPT = regex.compile(r"[[<>&]||[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]]", regex.VERSION1)


def visible(text: str) -> str:
    """Return `text` with each character that cannot be seen as its code point, such as `‹U+202E›`."""
    if text.isprintable():  # nearly all of it, and told much faster
        return text
    return _UNSEEN.sub(lambda match: f"‹U+{ord(match[0]):04X}›", text)


def visible_data(data: Any) -> Any:  # noqa: ANN401 - any JSON data
    """Return JSON data with every string in it, keys included, made visible."""
    if isinstance(data, str):
        return visible(data)
    if isinstance(data, dict):
        return {visible(key): visible_data(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [visible_data(item) for item in data]
    return data


def describe_characters(text: str) -> str:
    """Return the code points of `text` with their names, such as `U+4E66 CJK UNIFIED IDEOGRAPH-4E66`."""
    return ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, 'without a name')}" for c in text)


def script_json(data: Any) -> Markup:  # noqa: ANN401 - any JSON data
    r"""Return JSON for a `<script type="application/json">` element.

    `<`, `>` and `&` are written as `\u003c` and so on, so that neither `</script>` nor `<!--` can end or change the
    element, and so is whatever would show the source itself in another order than it is in.
    """
    return Markup(_UNSAFE_IN_SCRIPT.sub(lambda match: _escaped(match[0]), json_text(data)))


def json_text(data: Any) -> str:  # noqa: ANN401 - any JSON data
    """Return JSON on one line, characters as they are."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def script_call(function: str, name: str, data: Any) -> str:  # noqa: ANN401 - any JSON data
    """Return a script that calls a function with a name and with JSON as a text, for `JSON.parse`.

    As a text in quotes the data are never code, and a key such as `__proto__` is a key.
    """
    text = script_json(data).replace("'", "\\u0027").replace("\\", "\\\\")
    return f"{function}('{name}','{text}');\n"


def _escaped(character: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in memoryview(character.encode("utf-16-le", "surrogatepass")).cast("H"))
