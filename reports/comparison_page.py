"""A small HTML page of a comparison: its tables, and the prompts that changed most with both pictures.

It opens from disk; pictures are small copies beside it, linked to the originals. There is no script in it.
"""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.comparison.result import ChangedPrompt, Comparison, PicturePair
from bench.digest import short
from bench.files import write_whole
from metrics.table import HEADLINE
from reports.comparison import metric_table, slice_table, slices_not_shown
from reports.differences import format_signed
from reports.formats import format_count
from reports.text_tables import TextTable
from reports.thumbnails import shrink
from reports.visible_text import visible

_TEMPLATES = Path(__file__).with_name("templates")
_STYLES = ("page.css", "comparison.css")


def write_comparison_page(comparison: Comparison, folder: Path) -> Path:
    """Write the page of a comparison into `folder` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    style = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in _STYLES)
    directions = [
        (title, [_changed(prompt, folder) for prompt in prompts])
        for title, prompts in (("Lost most", comparison.losses), ("Gained most", comparison.gains))
        if prompts
    ]
    page = folder / "index.html"
    write_whole(
        page,
        _environment()
        .get_template("comparison.html.j2")
        .render(
            comparison=comparison,
            counts=f"{format_count(comparison.prompts, 'prompt')} × {format_count(comparison.seeds, 'seed')}",
            metrics=metric_table(comparison),
            slices=slice_table(comparison) if comparison.slices else None,
            slices_left=slices_not_shown(comparison),
            directions=directions,
            headline=HEADLINE,
            style=Markup(style),
            style_hash=Markup(b64encode(hashlib.sha256(style.encode()).digest()).decode()),
            table=_table,
        ),
    )
    return page


def _changed(prompt: ChangedPrompt, folder: Path) -> dict[str, Any]:
    change = prompt.candidate - prompt.base
    return {
        "prompt": prompt.prompt,
        "target": prompt.target,
        "lang": prompt.language if prompt.language in {"zh", "en"} else "zh",
        "base": f"{prompt.base:.3f}",
        "candidate": f"{prompt.candidate:.3f}",
        "change": format_signed(change, 3),
        "kind": "gain" if change > 0 else "loss",
        "pairs": [_pair(prompt.prompt, pair, folder) for pair in prompt.pictures],
    }


def _pair(prompt: str, pair: PicturePair, folder: Path) -> dict[str, Any]:
    seed = str(pair.seed) if pair.seed == pair.candidate_seed else f"{pair.seed} and {pair.candidate_seed}"
    sides = (
        ("base", pair.base, pair.base_file, pair.base_read, pair.seed),
        ("candidate", pair.candidate, pair.candidate_file, pair.candidate_read, pair.candidate_seed),
    )
    return {
        "seed": seed,
        "sides": [
            {
                "label": label,
                "score": "—" if score is None else f"{score:.3f}",
                "read": read,
                **_picture(file, folder, f"{label}/{prompt}/{number}"),
            }
            for label, score, file, read, number in sides
        ],
    }


def _picture(file: str | None, folder: Path, name: str) -> dict[str, Any]:
    """Return where the small copy and the original of a picture are, as URLs relative to the page."""
    absent: dict[str, Any] = {"thumb": None, "image": None, "width": None, "height": None}
    if file is None:
        return absent
    try:
        small = shrink(Path(file))
    except (OSError, ValueError, SyntaxError):  # what Pillow raises for a file that is no picture
        return absent
    target = Path("thumbs", f"{name}.{short(hashlib.sha256(small).hexdigest())}.webp")
    (folder / target).parent.mkdir(parents=True, exist_ok=True)
    write_whole(folder / target, small)
    width, height = _size(folder / target)
    image = os.path.relpath(Path(file).resolve(), folder.resolve())
    return {
        "thumb": quote(target.as_posix()),
        "image": quote(Path(image).as_posix()),
        "width": width,
        "height": height,
    }


def _size(path: Path) -> tuple[int, int]:
    from PIL import Image

    with Image.open(path) as image:
        return image.size


def _table(table: TextTable, label: str) -> Markup:
    """Return a text table as HTML, everything in it escaped, in a box that scrolls and is called `label`."""
    head = Markup("").join(_cell("th", cell, at in table.left) for at, cell in enumerate(table.header))
    body = Markup("").join(_row(row, table) for row in table.rows)
    table_of = Markup('<table class="plain"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>')
    box = Markup('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>')
    return box.format(label, table_of.format(head, body))


def _row(row: Sequence[str], table: TextTable) -> Markup:
    cells = Markup("").join(_cell("td", cell, at in table.left) for at, cell in enumerate(row))
    return Markup("<tr>{}</tr>").format(cells)


def _cell(tag: str, text: str, is_left: bool) -> Markup:
    mark = Markup(' class="left"') if is_left else Markup("")
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), mark, visible(text))


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


def _shown(value: object) -> object:
    """Return what the template puts out for a value: nothing from outside reaches the page unseen."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
