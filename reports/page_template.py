"""The HTML of a page: what the templates are given, and the policy that keeps everything else out."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import formats, words
from reports.gallery_files import ENTRIES_IN_DETAILS
from reports.page_view import page_view
from reports.visible_text import describe_characters, script_json, visible

_TEMPLATES = Path(__file__).with_name("templates")
_STYLES = ("page.css", "sections.css", "gallery.css", "layout.css", "heatmap.css")
_SCRIPTS = (
    "words.js",
    "store.js",
    "choosing.js",
    "alignment.js",
    "overlay.js",
    "layout.js",
    "heatmap.js",
    "card.js",
    "viewer.js",
    "gallery.js",
    "keys.js",
)


def render(heads: Sequence[Mapping[str, Any]], glance: Mapping[str, Any], gallery: Mapping[str, Any]) -> str:
    """Return a page.

    Args:
        heads: What `data.json` has of each run, but for the samples.
        glance: Rows of the worst and best pictures, shown at the top.
        gallery: `parts`, the names of the data's scripts; `pictures`, how many entries they have; in a single file
            `inline`, the JSON of each part by its name, and `single`, what it has room for.
    """
    view = page_view(heads)
    style, script = _joined(_STYLES), f'(() => {{\n"use strict";\n{_joined(_SCRIPTS)}}})();\n'
    start = {
        "words": words.script_words(),
        "parts": gallery["parts"],
        "runs": [{"label": run["label"], "base": run["base"]} for run in view["runs"]],
        "pictures": gallery["pictures"],
        "inDetails": ENTRIES_IN_DETAILS,
    }
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            **view,
            glance=glance,
            single=gallery.get("single"),
            inline=gallery.get("inline", {}),
            start=script_json(start),
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals |= {
        name: getattr(formats, name)
        for name in (
            "format_brief",
            "format_count",
            "format_estimate",
            "format_percent",
            "format_value",
            "reason_without_interval",
        )
    }
    environment.globals |= {"t": words.say, "t_or": words.say_or, "attr": words.attribute, "sample_hash": _sample_hash}
    environment.filters["code_points"] = describe_characters
    environment.filters["bdi"] = _isolated
    return environment


def _isolated(text: str) -> Markup:
    """Return text from outside as an element that keeps its direction to itself."""
    return Markup("<bdi>{}</bdi>").format(visible(text))


def _sample_hash(sample: Mapping[str, Any]) -> str:
    """Return the part of the page's address that opens a picture, as the scripts write it."""
    name = quote(str(sample["prompt"]), safe="!*'()")
    return f"#{name}/{sample['seed']}"


def _shown(value: object) -> object:
    """Return what a template puts out for a value: nothing from outside reaches the page unseen."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _joined(names: tuple[str, ...]) -> str:
    return "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def _policy(style: str, script: str) -> str:
    """Return a content security policy that lets in this very style, this very script, pictures, and nothing else.

    The gallery's data are scripts, because browsers let a page from disk load nothing else. `strict-dynamic` lets in
    those that our own script, known by its hash, adds as elements of its own making, and no script that stands in the
    page or is written into it as HTML. Hashes of the files would not do: browsers check them only over the network.
    """
    allowed = {
        "default-src": "'none'",
        "img-src": "'self' file: data:",
        "style-src": _hash(style),
        "script-src": f"{_hash(script)} 'strict-dynamic'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{directive} {source}" for directive, source in allowed.items())


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
